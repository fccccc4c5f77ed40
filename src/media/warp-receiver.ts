import { ParseError } from '../base/errors.ts'
import { ByteViews } from './byte-views.ts'
import type { ReportBlockSource } from './rtp/report-block.ts'
import { parseRtcp, type RtcpPacket } from './rtp/rtcp-packet.ts'
import { newRtpHeader, type RtpHeader, readRtpPacket } from './rtp/rtp-packet.ts'
import type { RtpPlayout } from './rtp-playout.ts'
import { AUDIO_SLOT, deriveSenderKeys, deriveSsrc } from './srtp/call-keys.ts'
import { deriveHopKeys } from './srtp/hop-keys.ts'
import { SframeReceiver } from './srtp/sframe.ts'
import type { SrtpProfile } from './srtp/srtp-profile.ts'
import { SrtpReceiver, type SrtpReceiverStats } from './srtp/srtp-receiver.ts'

export interface WarpReceiverOptions {
  readonly callId: string
  /** Our own LID device JID. */
  readonly self: string
  readonly profile: SrtpProfile
  /** The relay block's `<hbh_key>`. */
  readonly hbhKey: Uint8Array | undefined
  readonly playout: RtpPlayout
  readonly blocks: ReportBlockSource
  readonly nowMs: () => number
  /** The peer misses this share of what we send, in 256ths. */
  readonly onLoss: (fractionLost: number, nowMs: number) => void
}

export interface WarpReceiverStats extends Readonly<SrtpReceiverStats> {
  /** Speech that was wrapped as SFrame within SRTP. */
  readonly sframes: number
  /** RTCP under the relay's own keys. */
  readonly hopRtcp: number
  /** RTCP that authenticates and is none. */
  readonly malformedRtcp: number
  /** RTP that authenticates, of another stream of the peer than its speech. */
  readonly otherSsrc: number
  /** Speech in a payload type that nobody plays, and the last such type. */
  readonly unplayed: number
  readonly unplayedType: number
}

const MAX_PACKET_BYTES = 1500
const NOTHING: Readonly<SrtpReceiverStats> = { accepted: 0, malformed: 0, forged: 0, replayed: 0 }

/** SRTP of the peer → SFrame, if any → RTP → playout; and its reports. The same packet may come over several relays. */
export class WarpReceiver {
  readonly #options: WarpReceiverOptions
  readonly #header = newRtpHeader()
  readonly #clear = new ByteViews(MAX_PACKET_BYTES)
  readonly #ownSsrc: number
  readonly #hop: SrtpReceiver | undefined
  readonly #counts = { sframes: 0, hopRtcp: 0, malformedRtcp: 0, otherSsrc: 0, unplayed: 0, unplayedType: 0 }
  #peer: { readonly srtp: SrtpReceiver; readonly sframe: SframeReceiver; readonly ssrc: number } | undefined
  #lastHeardMs: number | undefined

  constructor(options: WarpReceiverOptions) {
    this.#options = options
    const { callId, self, hbhKey, profile } = options
    this.#ownSsrc = deriveSsrc(callId, self, AUDIO_SLOT)
    this.#hop = hbhKey && new SrtpReceiver(deriveHopKeys(hbhKey, 'downlink'), profile)
  }

  /** When the last authentic packet of the peer came, on the clock's monotonic time. */
  get lastHeardMs(): number | undefined {
    return this.#lastHeardMs
  }

  get stats(): WarpReceiverStats {
    return { ...(this.#peer?.srtp.stats ?? NOTHING), ...this.#counts }
  }

  /** The device that is heard, from now on and alone. Returns the SSRC of its speech. */
  setPeer(device: string, callKey: Uint8Array): number {
    const { callId, self, profile } = this.#options
    const ssrc = deriveSsrc(callId, device, AUDIO_SLOT)
    const srtp = new SrtpReceiver(deriveSenderKeys(callKey, device), profile)
    this.#peer = { srtp, sframe: new SframeReceiver(callKey, self), ssrc }
    return ssrc
  }

  receiveRtp(message: Uint8Array): void {
    const peer = this.#peer
    if (!peer || message.length > MAX_PACKET_BYTES) return
    const { bytes } = this.#clear
    const length = peer.srtp.unprotect(message, bytes)
    if (length === 0) return
    const header = this.#header
    const packet = this.#clear.first(length)
    if (!readRtpPacket(packet, header)) return
    if (header.ssrc !== peer.ssrc) {
      this.#counts.otherSsrc += 1
      return
    }
    this.#lastHeardMs = this.#options.nowMs()
    this.#play(packet, header, peer.sframe)
  }

  #play(packet: Uint8Array, header: RtpHeader, sframe: SframeReceiver): void {
    const { playout } = this.#options
    if (!playout.plays(header.payloadType)) {
      this.#counts.unplayed += 1
      this.#counts.unplayedType = header.payloadType
      return
    }
    const { payloadStart, payloadEnd } = header
    const wrapped = packet.subarray(payloadStart, payloadEnd)
    const opened = sframe.open(wrapped, wrapped)
    if (opened > 0) {
      this.#counts.sframes += 1
      header.payloadEnd = payloadStart + opened
    }
    playout.push(header, packet)
  }

  receiveRtcp(message: Uint8Array): void {
    if (message.length > MAX_PACKET_BYTES) return
    // The relay's keys first: with the peer's, its packets would count as forged.
    if (this.#hop && this.#isOfRelay(message, this.#hop)) return
    const compound = this.#peer?.srtp.unprotectRtcp(message)
    if (compound) this.#read(compound)
  }

  /** Also when it came before, over another relay. */
  #isOfRelay(message: Uint8Array, hop: SrtpReceiver): boolean {
    const { replayed } = hop.stats
    const isNew = hop.unprotectRtcp(message) !== undefined
    if (isNew) this.#counts.hopRtcp += 1
    return isNew || hop.stats.replayed > replayed
  }

  #read(compound: Uint8Array): void {
    const nowMs = this.#options.nowMs()
    this.#lastHeardMs = nowMs
    try {
      for (const packet of parseRtcp(compound)) this.#take(packet, nowMs)
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
      this.#counts.malformedRtcp += 1
    }
  }

  #take(packet: RtcpPacket, nowMs: number): void {
    if (packet.type !== 'sender-report' && packet.type !== 'receiver-report') return
    const { blocks, onLoss } = this.#options
    if (packet.type === 'sender-report') blocks.noteSenderReport(packet, nowMs)
    const about = packet.blocks.find(({ ssrc }) => ssrc === this.#ownSsrc)
    if (about) onLoss(about.fractionLost, nowMs)
  }
}
