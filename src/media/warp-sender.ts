import { ByteViews } from './byte-views.ts'
import { MAX_REDUNDANCY_BYTES, SplitRedWriter } from './codecs/mlow/split-red-writer.ts'
import { frameKind } from './codecs/mlow/toc.ts'
import { RedundancyControl, type RedundancyPolicy } from './rtp/redundancy-control.ts'
import {
  newRtpHeader,
  WARP_AUDIO_PAYLOAD_TYPE,
  WARP_DTX_EXTENSION,
  WARP_REDUNDANT_PAYLOAD_TYPE,
  WARP_SPEECH_EXTENSION,
  writeRtpHeader,
} from './rtp/rtp-packet.ts'
import { AUDIO_SLOT, deriveSenderKeys, deriveSsrc } from './srtp/call-keys.ts'
import type { SrtpProfile } from './srtp/srtp-profile.ts'
import { SrtpSender } from './srtp/srtp-sender.ts'

/** How packets without speech are marked: with the one-word extension of WhatsApp's own clients, or not at all. */
export type PauseHeader = 'long' | 'short'

export interface WarpSenderOptions {
  readonly callId: string
  readonly callKey: Uint8Array
  /** Our own LID device JID. */
  readonly self: string
  readonly profile: SrtpProfile
  readonly pauseHeader: PauseHeader
  readonly redundancy: RedundancyPolicy
  /** One protected RTP packet; valid during the call only. */
  readonly onPacket: (packet: Uint8Array) => void
}

const MAX_PACKET_BYTES = 1500
const FIXED_HEADER_BYTES = 12
const FIRST_SEQUENCE = 1
/** No speech fits into one or two bytes, of MLow or of Opus (RFC 6716, section 2.1.9). */
const MOST_PAUSE_BYTES = 2

/** Payloads of our speech → copies under loss → RTP → SRTP. */
export class WarpSender {
  readonly #options: WarpSenderOptions
  readonly #sent: { ssrc: number; packets: number; octets: number; timestamp: number }
  readonly #header = newRtpHeader()
  readonly #packet = new ByteViews(MAX_PACKET_BYTES)
  #redundancy: RedundancyControl
  #isOpus = false
  readonly #copies = new SplitRedWriter()
  readonly #payload = new Uint8Array(MAX_PACKET_BYTES)
  #srtp: SrtpSender

  constructor(options: WarpSenderOptions) {
    const { callId, callKey, self, profile, redundancy } = options
    this.#options = options
    this.#srtp = new SrtpSender(deriveSenderKeys(callKey, self), profile)
    this.#redundancy = new RedundancyControl(redundancy)
    this.#sent = { ssrc: deriveSsrc(callId, self, AUDIO_SLOT), packets: 0, octets: 0, timestamp: 0 }
    this.#header.ssrc = this.#sent.ssrc
    this.#header.sequence = FIRST_SEQUENCE
  }

  /** What the sender reports say. */
  get sent(): Readonly<{ ssrc: number; packets: number; octets: number; timestamp: number }> {
    return this.#sent
  }

  /** One payload of an encoder; longer ones than a packet holds are dropped. */
  send(payload: Uint8Array, timestamp: number, marker: boolean): void {
    const isLong = this.#options.pauseHeader === 'long' && this.#isPause(payload)
    const extension = isLong ? WARP_DTX_EXTENSION : WARP_SPEECH_EXTENSION
    const start = FIXED_HEADER_BYTES + extension.length
    if (start + payload.length + MAX_REDUNDANCY_BYTES + this.#options.profile.rtpTagBytes > MAX_PACKET_BYTES) return
    const payloadBytes = this.#write(payload, start)
    const header = this.#header
    header.payloadType = this.#redundancy.isOn ? WARP_REDUNDANT_PAYLOAD_TYPE : WARP_AUDIO_PAYLOAD_TYPE
    header.timestamp = timestamp
    header.marker = marker
    writeRtpHeader(header, extension, this.#packet.bytes)
    const length = this.#srtp.protect(this.#packet.first(start + payloadBytes), this.#packet.bytes)
    this.#options.onPacket(this.#packet.first(length))
    header.sequence = (header.sequence + 1) & 0xffff
    this.#sent.packets += 1
    this.#sent.octets += payloadBytes
    this.#sent.timestamp = timestamp
  }

  protectRtcp(compound: Uint8Array): Uint8Array {
    return this.#srtp.protectRtcp(compound)
  }

  /** The peer reports that it misses this share of our packets, in 256ths. */
  noteLoss(fractionLost: number, nowMs: number): void {
    this.#redundancy.note(fractionLost, nowMs)
  }

  /** From now on, as the peer has turned out to be. */
  useRedundancy(policy: RedundancyPolicy): void {
    if (!this.#isOpus) this.#redundancy = new RedundancyControl(policy)
  }

  /** The payloads are ordinary Opus from now on, which has redundancy of its own inside. */
  speakOpus(): void {
    this.#isOpus = true
    this.#redundancy = new RedundancyControl('off')
  }

  /** Everything from now on is under another call key. */
  useKey(callKey: Uint8Array): void {
    this.#srtp = new SrtpSender(deriveSenderKeys(callKey, this.#options.self), this.#options.profile)
  }

  #isPause(payload: Uint8Array): boolean {
    if (payload.length <= MOST_PAUSE_BYTES) return true
    const kind = this.#isOpus ? 'opus' : frameKind(payload[0]!)
    return kind === 'comfort-noise' || kind === 'no-data'
  }

  /** Puts the payload, with its copies when they are on, behind the header. Returns its length. */
  #write(payload: Uint8Array, start: number): number {
    const { bytes } = this.#packet
    if (!this.#redundancy.isOn) {
      this.#copies.remember(payload, 0, payload.length)
      bytes.set(payload, start)
      return payload.length
    }
    this.#payload.set(payload)
    const length = this.#copies.wrap(this.#payload, payload.length)
    for (let i = 0; i < length; i++) bytes[start + i] = this.#payload[i]!
    return length
  }
}
