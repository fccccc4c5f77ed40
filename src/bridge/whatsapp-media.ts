import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { Random } from '../base/random.ts'
import type { CallTracer } from '../base/tracer.ts'
import type { AudioSource } from '../media/audio-source.ts'
import type { AudioDecoder } from '../media/codecs/codec.ts'
import type { MlowOrOpusDecoder } from '../media/codecs/mlow-or-opus.ts'
import type { MlowOrOpusEncoder } from '../media/codecs/mlow-or-opus-encoder.ts'
import type { PacedEncoder } from '../media/pacing/paced-encoder.ts'
import { fromWhatsapp, toWhatsapp } from '../media/pipeline.ts'
import type { RedundancyPolicy } from '../media/rtp/redundancy-control.ts'
import { ReportBlockSource } from '../media/rtp/report-block.ts'
import { WarpReporter } from '../media/rtp/warp-reporter.ts'
import type { PlayoutStats, RtpPlayout } from '../media/rtp-playout.ts'
import { AUDIO_SLOT, deriveSsrc, deriveSsrcs } from '../media/srtp/call-keys.ts'
import { warpProfile } from '../media/srtp/srtp-profile.ts'
import { WarpReceiver, type WarpReceiverStats } from '../media/warp-receiver.ts'
import { type PauseHeader, WarpSender } from '../media/warp-sender.ts'
import { relayCandidates } from '../relay/candidates.ts'
import { RelaySet, type RelaySetEvent, type RelaySetOptions, type RelayStats } from '../relay/relay-set.ts'
import type { RelayBlock } from '../whatsapp/stanza/relay-block.ts'
import type { RelayLatency } from '../whatsapp/stanza/relaylatency.ts'
import type { Jid } from '../whatsapp/wa-client.ts'

type VoiceDecoder = AudioDecoder & Pick<MlowOrOpusDecoder, 'close' | 'unsupportedFrames'>

export interface WhatsAppMediaSettings {
  readonly clock: Clock
  readonly random: Random
  readonly relay: Pick<RelaySetOptions, 'connect' | 'portPolicy' | 'addressFamily' | 'maxRelays' | 'connectTimeoutMs'>
  readonly newEncoder: () => MlowOrOpusEncoder
  readonly newDecoder: () => VoiceDecoder
  readonly pauseHeader: PauseHeader
}

export interface WhatsAppMediaRequest {
  readonly callId: string
  readonly callKey: Uint8Array
  /** Our own LID device JID: keys and SSRC of what we send derive from it. */
  readonly self: Jid
  readonly relays: RelayBlock
  readonly redundancy: RedundancyPolicy
  readonly log: Logger
  readonly tracer: CallTracer
  /** A relay took our registration. */
  readonly onRelayBound: (relay: RelayLatency) => void
  /** A relay that had been lost is open again: once for an outage, however many it hit. */
  readonly onRelayRedialled: () => void
}

export type OpenWhatsAppMedia = (request: WhatsAppMediaRequest) => WhatsAppMedia

export interface WhatsAppMediaStats {
  readonly playout: PlayoutStats
  readonly srtp: WarpReceiverStats
  readonly relays: readonly RelayStats[]
  readonly sentPackets: number
  /** Of the peer, silent because they are of a kind that is not decoded. */
  readonly unsupportedFrames: number
}

/**
 * All media of one WhatsApp call: relays, SRTP, RTP, RTCP and the two codec directions. Dials when made; sends silence
 * from the moment the first relay is open, because the relay learns our stream from it.
 */
export class WhatsAppMedia implements AudioSource {
  readonly #settings: WhatsAppMediaSettings
  readonly #request: WhatsAppMediaRequest
  readonly #relays: RelaySet
  readonly #voice: MlowOrOpusEncoder
  readonly #encoder: PacedEncoder
  readonly #decoder: VoiceDecoder
  readonly #playout: RtpPlayout
  readonly #reporter: WarpReporter
  readonly #sender: WarpSender
  readonly #receiver: WarpReceiver
  #callKey: Uint8Array
  #peer: Jid | undefined
  #peerSsrc: number
  #isSending = false

  constructor(request: WhatsAppMediaRequest, settings: WhatsAppMediaSettings) {
    const { callId, callKey, self, relays, redundancy } = request
    const { clock, random, pauseHeader } = settings
    this.#request = request
    this.#settings = settings
    this.#callKey = callKey
    this.#peerSsrc = deriveSsrc(callId, likelyPeer(relays) ?? self, AUDIO_SLOT)
    const profile = warpProfile(relays.warpMiTagLength)
    const onPacket = (packet: Uint8Array) => void this.#relays.send(packet)
    this.#sender = new WarpSender({ callId, callKey, self, profile, pauseHeader, redundancy, onPacket })
    this.#decoder = settings.newDecoder()
    this.#playout = fromWhatsapp(clock, this.#decoder)
    this.#voice = settings.newEncoder()
    this.#encoder = toWhatsapp(clock, this.#voice, 0, (payload, timestamp, marker) =>
      this.#sender.send(payload, timestamp, marker),
    )
    const blocks = new ReportBlockSource(this.#playout.reception)
    this.#receiver = new WarpReceiver({
      callId,
      self,
      profile,
      hbhKey: relays.hbhKey,
      playout: this.#playout,
      blocks,
      nowMs: () => clock.nowMs(),
      onLoss: (fractionLost, nowMs) => this.#sender.noteLoss(fractionLost, nowMs),
    })
    this.#reporter = new WarpReporter({
      clock,
      random,
      sent: this.#sender.sent,
      remoteSsrc: () => this.#peerSsrc,
      blocks,
      send: (compound) => void this.#relays.send(this.#sender.protectRtcp(compound)),
    })
    this.#relays = this.#openRelays()
  }

  /** When the last authentic packet came, on the clock's monotonic time. */
  get lastHeardMs(): number | undefined {
    return this.#receiver.lastHeardMs
  }

  get openRelays(): number {
    return this.#relays.openRelays
  }

  pull(out: Float32Array, lateMs?: number): void {
    this.#playout.pull(out, lateMs)
  }

  listenTo(source: AudioSource): void {
    this.#encoder.listenTo(source)
  }

  /** The device whose media we take: the caller, or the device that answered. */
  setPeer(device: Jid): void {
    const { relays } = this.#request
    this.#peer = device
    this.#peerSsrc = this.#receiver.setPeer(device, this.#callKey)
    const peerPid = relays.participants.find(({ jid }) => jid === device)?.pid ?? relays.peerPid ?? 0
    this.#relays.changePeer({ peerPid, peerSsrc: this.#peerSsrc })
  }

  /** The answering device brought another call key. */
  setKey(callKey: Uint8Array): void {
    this.#callKey = callKey
    this.#sender.useKey(callKey)
    if (this.#peer !== undefined) this.setPeer(this.#peer)
  }

  /** The peer has answered and said what it reads. */
  useRedundancy(policy: RedundancyPolicy): void {
    this.#sender.useRedundancy(policy)
  }

  /** The peer does not use MLow: ordinary Opus to it from now on. Resolves when the next packet will be Opus. */
  async speakOpus(): Promise<void> {
    await this.#voice.speakOpus()
    this.#sender.speakOpus()
  }

  stats(): WhatsAppMediaStats {
    return {
      playout: this.#playout.stats(),
      srtp: this.#receiver.stats,
      relays: this.#relays.stats(),
      sentPackets: this.#sender.sent.packets,
      unsupportedFrames: this.#decoder.unsupportedFrames,
    }
  }

  async close(): Promise<void> {
    this.#encoder.stop()
    this.#reporter.stop()
    await this.#relays.close()
    this.#decoder.close()
    this.#voice.close()
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
      (message) => this.#receiver.receiveRtp(message),
      (message) => this.#receiver.receiveRtcp(message),
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
        break
      case 'registered':
        log.info({ relay: event.relayName, rttMs: Math.round(event.rttMs) }, 'relay bound')
        onRelayBound(event)
        break
      case 'refused':
        log.warn({ relay: event.relayName, code: event.code }, 'relay refused us')
        break
      case 'lost':
        log.warn({ relay: event.relayName, reason: event.reason }, 'relay lost')
        break
      case 'unreachable':
        log.warn({ relay: event.relayName, reason: event.reason }, 'relay cannot be reached')
        break
      case 'recovered':
        onRelayRedialled()
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
}

/** The first device of the peer, until one has answered. */
function likelyPeer({ participants, peerPid }: RelayBlock): Jid | undefined {
  return participants.find(({ pid }) => pid === peerPid)?.jid
}
