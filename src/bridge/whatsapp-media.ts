import type { Clock } from '../base/clock.ts'
import { ParseError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import type { Random } from '../base/random.ts'
import type { CallTracer } from '../base/tracer.ts'
import type { AudioSource } from '../media/audio-source.ts'
import { ByteViews } from '../media/byte-views.ts'
import type { AudioDecoder, AudioEncoder } from '../media/codecs/codec.ts'
import type { PacedEncoder } from '../media/pacing/paced-encoder.ts'
import { fromWhatsapp, toWhatsapp } from '../media/pipeline.ts'
import { ReportBlockSource } from '../media/rtp/report-block.ts'
import { parseRtcp } from '../media/rtp/rtcp-packet.ts'
import {
  newRtpHeader,
  readRtpPacket,
  WARP_AUDIO_PAYLOAD_TYPE,
  WARP_SPEECH_EXTENSION,
  writeRtpHeader,
} from '../media/rtp/rtp-packet.ts'
import { WarpReporter } from '../media/rtp/warp-reporter.ts'
import type { PlayoutStats, RtpPlayout } from '../media/rtp-playout.ts'
import { AUDIO_SLOT, deriveSenderKeys, deriveSsrc, deriveSsrcs } from '../media/srtp/call-keys.ts'
import { type SrtpProfile, warpProfile } from '../media/srtp/srtp-profile.ts'
import { SrtpReceiver, type SrtpReceiverStats } from '../media/srtp/srtp-receiver.ts'
import { SrtpSender } from '../media/srtp/srtp-sender.ts'
import { relayCandidates } from '../relay/candidates.ts'
import { RelaySet, type RelaySetEvent, type RelaySetOptions, type RelayStats } from '../relay/relay-set.ts'
import type { RelayBlock } from '../whatsapp/stanza/relay-block.ts'
import type { RelayLatency } from '../whatsapp/stanza/relaylatency.ts'
import type { Jid } from '../whatsapp/wa-client.ts'

export interface WhatsAppMediaSettings {
  readonly clock: Clock
  readonly random: Random
  readonly relay: Pick<RelaySetOptions, 'connect' | 'portPolicy' | 'addressFamily' | 'maxRelays' | 'connectTimeoutMs'>
  readonly newEncoder: () => AudioEncoder
  readonly newDecoder: () => AudioDecoder
}

export interface WhatsAppMediaRequest {
  readonly callId: string
  readonly callKey: Uint8Array
  /** Our own LID device JID: keys and SSRC of what we send derive from it. */
  readonly self: Jid
  readonly relays: RelayBlock
  readonly log: Logger
  readonly tracer: CallTracer
  /** A relay took our registration. */
  readonly onRelayBound: (relay: RelayLatency) => void
  /** A relay that had been lost is open again. */
  readonly onRelayRedialled: () => void
}

export type OpenWhatsAppMedia = (request: WhatsAppMediaRequest) => WhatsAppMedia

export interface WhatsAppMediaStats {
  readonly playout: PlayoutStats
  readonly srtp: Readonly<SrtpReceiverStats>
  readonly relays: readonly RelayStats[]
  readonly sentPackets: number
}

/** No RTP or RTCP packet of a call is longer. */
const MAX_PACKET_BYTES = 1500
const HEADER_BYTES = 12 + WARP_SPEECH_EXTENSION.length
const FIRST_SEQUENCE = 1

/**
 * All media of one WhatsApp call: relays, SRTP, RTP, RTCP and the two codec directions. Dials when made; sends silence
 * from the moment the first relay is open, because the relay learns our stream from it.
 */
export class WhatsAppMedia implements AudioSource {
  readonly #settings: WhatsAppMediaSettings
  readonly #request: WhatsAppMediaRequest
  readonly #profile: SrtpProfile
  readonly #relays: RelaySet
  readonly #encoder: PacedEncoder
  readonly #decoder: AudioDecoder
  readonly #playout: RtpPlayout
  readonly #reporter: WarpReporter
  readonly #blocks: ReportBlockSource
  readonly #sent = { ssrc: 0, packets: 0, octets: 0, timestamp: 0 }
  readonly #header = newRtpHeader()
  readonly #packet = new ByteViews(MAX_PACKET_BYTES)
  readonly #heardHeader = newRtpHeader()
  readonly #heard = new ByteViews(MAX_PACKET_BYTES)
  #sender: SrtpSender
  #receiver: SrtpReceiver | undefined
  #callKey: Uint8Array
  #peer: Jid | undefined
  #peerSsrc: number
  #lastHeardMs: number | undefined
  #isSending = false
  #hasLostRelay = false

  constructor(request: WhatsAppMediaRequest, settings: WhatsAppMediaSettings) {
    const { callId, callKey, self, relays } = request
    const { clock, random } = settings
    this.#request = request
    this.#settings = settings
    this.#profile = warpProfile(relays.warpMiTagLength)
    this.#callKey = callKey
    this.#sender = new SrtpSender(deriveSenderKeys(callKey, self), this.#profile)
    this.#sent.ssrc = deriveSsrc(callId, self, AUDIO_SLOT)
    this.#header.ssrc = this.#sent.ssrc
    this.#header.sequence = FIRST_SEQUENCE
    this.#header.payloadType = WARP_AUDIO_PAYLOAD_TYPE
    this.#peerSsrc = deriveSsrc(callId, likelyPeer(relays) ?? self, AUDIO_SLOT)
    this.#decoder = settings.newDecoder()
    this.#playout = fromWhatsapp(clock, this.#decoder)
    this.#encoder = toWhatsapp(clock, settings.newEncoder(), 0, (payload, timestamp, marker) =>
      this.#send(payload, timestamp, marker),
    )
    this.#blocks = new ReportBlockSource(this.#playout.reception)
    this.#reporter = new WarpReporter({
      clock,
      random,
      sent: this.#sent,
      remoteSsrc: () => this.#peerSsrc,
      blocks: this.#blocks,
      send: (compound) => void this.#relays.send(this.#sender.protectRtcp(compound)),
    })
    this.#relays = this.#openRelays()
  }

  /** When the last authentic packet came, on the clock's monotonic time. */
  get lastHeardMs(): number | undefined {
    return this.#lastHeardMs
  }

  get openRelays(): number {
    return this.#relays.openRelays
  }

  pull(out: Float32Array): void {
    this.#playout.pull(out)
  }

  listenTo(source: AudioSource): void {
    this.#encoder.listenTo(source)
  }

  /** The device whose media we take: the caller, or the device that answered. */
  setPeer(device: Jid): void {
    const { callId, relays } = this.#request
    this.#peer = device
    this.#peerSsrc = deriveSsrc(callId, device, AUDIO_SLOT)
    this.#receiver = new SrtpReceiver(deriveSenderKeys(this.#callKey, device), this.#profile)
    const peerPid = relays.participants.find(({ jid }) => jid === device)?.pid ?? relays.peerPid ?? 0
    this.#relays.changePeer({ peerPid, peerSsrc: this.#peerSsrc })
  }

  /** The answering device brought another call key. */
  setKey(callKey: Uint8Array): void {
    this.#callKey = callKey
    this.#sender = new SrtpSender(deriveSenderKeys(callKey, this.#request.self), this.#profile)
    if (this.#peer !== undefined) this.setPeer(this.#peer)
  }

  stats(): WhatsAppMediaStats {
    return {
      playout: this.#playout.stats(),
      srtp: this.#receiver?.stats ?? { accepted: 0, malformed: 0, forged: 0, replayed: 0 },
      relays: this.#relays.stats(),
      sentPackets: this.#sent.packets,
    }
  }

  async close(): Promise<void> {
    this.#encoder.stop()
    this.#reporter.stop()
    await this.#relays.close()
    this.#decoder.close?.()
  }

  #openRelays(): RelaySet {
    const { relays, log, tracer } = this.#request
    const set = new RelaySet({
      ...this.#settings.relay,
      candidates: relayCandidates(relays),
      parties: {
        selfPid: relays.selfPid ?? 0,
        peerPid: relays.peerPid ?? 0,
        selfSsrcs: deriveSsrcs(this.#request.callId, this.#request.self),
        peerSsrc: this.#peerSsrc,
      },
      clock: this.#settings.clock,
      random: this.#settings.random,
      logger: log,
      tracer,
    })
    set.events.on((event) => this.#onRelay(event))
    set.onMedia(
      (message) => this.#receiveRtp(message),
      (message) => this.#receiveRtcp(message),
    )
    set.dial()
    return set
  }

  #onRelay(event: RelaySetEvent): void {
    const { log, onRelayBound, onRelayRedialled } = this.#request
    switch (event.type) {
      case 'open':
        log.info({ relay: event.relayName }, 'relay open')
        this.#startSending()
        if (this.#hasLostRelay) onRelayRedialled()
        break
      case 'registered':
        log.info({ relay: event.relayName, rttMs: Math.round(event.rttMs) }, 'relay bound')
        onRelayBound(event)
        break
      case 'refused':
        log.warn({ relay: event.relayName, code: event.code }, 'relay refused us')
        break
      case 'lost':
        this.#hasLostRelay = true
        log.warn({ relay: event.relayName, reason: event.reason }, 'relay lost')
        break
      case 'all-lost':
        log.warn({}, 'all relays lost')
        break
    }
  }

  #startSending(): void {
    if (this.#isSending) return
    this.#isSending = true
    this.#encoder.start()
    this.#reporter.start()
  }

  #send(payload: Uint8Array, timestamp: number, marker: boolean): void {
    const header = this.#header
    header.timestamp = timestamp
    header.marker = marker
    const packet = this.#packet
    writeRtpHeader(header, WARP_SPEECH_EXTENSION, packet.bytes)
    packet.bytes.set(payload, HEADER_BYTES)
    const length = this.#sender.protect(packet.first(HEADER_BYTES + payload.length), packet.bytes)
    this.#relays.send(packet.first(length))
    header.sequence = (header.sequence + 1) & 0xffff
    this.#sent.packets += 1
    this.#sent.octets += payload.length
    this.#sent.timestamp = timestamp
  }

  #receiveRtp(message: Uint8Array): void {
    if (!this.#receiver || message.length > MAX_PACKET_BYTES) return
    const length = this.#receiver.unprotect(message, this.#heard.bytes)
    if (length === 0) return
    const clear = this.#heard.first(length)
    const header = this.#heardHeader
    if (!readRtpPacket(clear, header) || header.ssrc !== this.#peerSsrc) return
    this.#lastHeardMs = this.#settings.clock.nowMs()
    if (this.#playout.plays(header.payloadType)) this.#playout.push(header, clear)
  }

  #receiveRtcp(message: Uint8Array): void {
    const compound = message.length > MAX_PACKET_BYTES ? undefined : this.#receiver?.unprotectRtcp(message)
    if (!compound) return
    this.#lastHeardMs = this.#settings.clock.nowMs()
    try {
      for (const packet of parseRtcp(compound)) {
        if (packet.type === 'sender-report') this.#blocks.noteSenderReport(packet, this.#lastHeardMs)
      }
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
      this.#request.log.debug({ reason: error.message }, 'RTCP out of form')
    }
  }
}

/** The first device of the peer, until one has answered. */
function likelyPeer({ participants, peerPid }: RelayBlock): Jid | undefined {
  return participants.find(({ pid }) => pid === peerPid)?.jid
}
