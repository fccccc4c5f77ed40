import type { Clock, Timer } from '../base/clock.ts'
import { Signal } from '../base/events.ts'
import type { CallTraceEvent } from '../base/tracer.ts'
import { type AudioSource, silence } from '../media/audio-source.ts'
import { DigitTones } from '../media/dtmf/digit-tones.ts'
import { agreedRedundancy, type RedundancyPolicy, type RedundancySetting } from '../media/rtp/redundancy-control.ts'
import type { CallEvent } from '../whatsapp/calls/call-event.ts'
import type { IncomingCall } from '../whatsapp/calls/incoming-call.ts'
import type { OutgoingCall } from '../whatsapp/calls/outgoing-call.ts'
import { parseJid } from '../whatsapp/jid.ts'
import type { RelayBlock } from '../whatsapp/stanza/relay-block.ts'
import type { Jid } from '../whatsapp/wa-client.ts'
import type { CallCause } from './cause.ts'
import type { Leg, LegEvent, LegQuality } from './leg.ts'
import type { LegContext } from './leg-factory.ts'
import { causeOfCallEnd } from './mapping/call-ends.ts'
import { unansweredEnding } from './mapping/causes.ts'
import { MutedTime } from './muted-time.ts'
import { QualityTrace } from './quality-trace.ts'
import { mediaSummary, mediaTrace, qualityOf } from './whatsapp-figures.ts'
import type { OpenWhatsAppMedia, WhatsAppMedia } from './whatsapp-media.ts'

export interface WhatsAppLegOptions {
  readonly clock: Clock
  readonly openMedia: OpenWhatsAppMedia
  /** How long an answered call may go without one authentic packet from the peer. */
  readonly mediaTimeoutMs: number
  /** Ordinary Opus to everybody; otherwise only to a peer that says it has no MLow. */
  readonly speaksOpus: boolean
  readonly redundancy: RedundancySetting
  /** Of a call to us: the SIP side decides for all devices of the account. */
  readonly isExclusive?: boolean
}

/** How often an answered call is looked at for media. */
const WATCH_MS = 1000

/**
 * A WhatsApp call as a leg. Its media opens with the relays, while the phone still rings, so that sound is there when
 * it is answered.
 */
export class WhatsAppLeg implements Leg {
  readonly side = 'whatsapp'
  readonly events = new Signal<LegEvent>()
  readonly audio: AudioSource = { pull: (out, lateMs) => (this.#media ?? silence).pull(out, lateMs) }
  readonly #call: OutgoingCall | IncomingCall
  readonly #options: WhatsAppLegOptions
  readonly #context: LegContext
  readonly #unsubscribe: () => void
  readonly #qualityTrace: QualityTrace
  readonly #muted: MutedTime
  #media: WhatsAppMedia | undefined
  #source: AudioSource = silence
  /** In the source's place since the first digit. */
  #tones: DigitTones | undefined
  #peerDevice: Jid | undefined
  #peerSpeaksMlow: boolean | undefined
  #peerUsesCopies: boolean | undefined
  #watch: Timer | undefined
  #answeredAtMs: number | undefined
  #ended: Promise<void> | undefined

  constructor(call: OutgoingCall | IncomingCall, options: WhatsAppLegOptions, context: LegContext) {
    this.#call = call
    this.#options = options
    this.#context = context
    this.#qualityTrace = new QualityTrace(context.tracer, () => this.#traceEvents())
    this.#muted = new MutedTime(options.clock)
    this.#unsubscribe = call.events.on((event) => this.#onCall(event))
    if (call.direction === 'incoming') context.whatsApp.device = deviceOf(call.caller)
  }

  /** The caller hears ringing since the preaccept, which goes out with the offer's key. */
  ring(): void {}

  answer(): void {
    if (this.#call.direction === 'incoming') this.#call.accept()
  }

  listenTo(source: AudioSource): void {
    this.#source = source
    this.#tones = undefined
    this.#media?.listenTo(source)
  }

  /** WhatsApp has no hold: the peer hears what the SIP side gives, silence or its music. */
  hold(held: boolean): void {
    this.#call.mute(held)
  }

  /** WhatsApp carries no digits: the peer hears them. */
  dtmf(digit: string, durationMs: number): void {
    if (!this.#media) return
    if (this.#tones === undefined) {
      this.#tones = new DigitTones(this.#source)
      this.#media.listenTo(this.#tones)
    }
    if (!this.#tones.play(digit, durationMs)) this.#context.log.debug({}, 'a digit was not played')
  }

  quality(): LegQuality | undefined {
    return this.#media && qualityOf(this.#media.stats(), this.#muted.totalMs())
  }

  end(cause: CallCause): Promise<void> {
    if (this.#ended === undefined) {
      this.#close()
      this.#tellPeer(cause)
    }
    return this.#ended ?? Promise.resolve()
  }

  #tellPeer(cause: CallCause): void {
    const call = this.#call
    if (this.#answeredAtMs !== undefined || call.direction === 'outgoing') return call.terminate()
    const ending = unansweredEnding(cause, this.#options.isExclusive)
    if (ending === 'silent') call.leave()
    else call.reject(ending === 'reject-busy' ? 'busy' : undefined)
  }

  #onCall(event: CallEvent): void {
    switch (event.type) {
      case 'relays':
        return this.#tryMedia(event.relays)
      case 'ringing':
        return this.events.emit({ type: 'ringing' })
      case 'answered':
        return this.#onAnswered(event)
      case 'keyChanged':
        return this.#media?.setKey(event.callKey)
      case 'muted':
        this.#muted.set(event.muted)
        return this.#context.log.info({ muted: event.muted }, 'peer muted or unmuted itself')
      case 'ended':
        this.#context.log.info({ end: event.cause, reason: event.reason, code: event.code }, 'WhatsApp call ended')
        return this.#finish(causeOfCallEnd(event.cause))
    }
  }

  /** Without media the call would stay up in silence. */
  #tryMedia(relays: RelayBlock): void {
    try {
      this.#openMedia(relays)
    } catch (error) {
      this.#context.log.error({ error }, 'media could not be opened')
      this.#finish('internal-error')
      this.#tellPeer('internal-error')
    }
  }

  #openMedia(relays: RelayBlock): void {
    if (this.#media || this.#ended !== undefined) return
    const { callId, callKey, self, voipSettings } = this.#call
    this.#media = this.#options.openMedia({
      callId,
      callKey,
      self,
      relays,
      redundancy: this.#redundancy(),
      log: this.#context.log,
      tracer: this.#context.tracer,
      onRelayBound: (relay) => this.#call.relayLatency([relay]),
      onRelayRedialled: () => this.#onRelayRedialled(),
    })
    this.#media.listenTo(this.#source)
    if (voipSettings?.use48kHzRtpClock) this.#context.log.info({}, 'RTP at 48 kHz is asked for, and not understood')
    const isMlowRefused = voipSettings?.useMlow === false || this.#peerSpeaksMlow === false
    if (this.#options.speaksOpus || isMlowRefused) this.#speakOpus()
    if (this.#call.direction === 'incoming') this.#media.setPeer(this.#call.caller)
    else if (this.#peerDevice !== undefined) this.#media.setPeer(this.#peerDevice)
  }

  #redundancy(): RedundancyPolicy {
    return agreedRedundancy(this.#options.redundancy, this.#call.voipSettings?.redundancyLevel, this.#peerUsesCopies)
  }

  #speakOpus(): void {
    this.#media?.speakOpus().then(
      () => this.#context.log.info({}, 'Opus to WhatsApp'),
      (error) => this.#context.log.error({ error: String(error) }, 'no Opus encoder'),
    )
  }

  /** The peer looks for us anew; before the answer it has not begun to. */
  #onRelayRedialled(): void {
    if (this.#answeredAtMs !== undefined) this.#call.renewTransport()
  }

  #onAnswered({ device, peerSpeaksMlow, peerUsesCopies }: CallEvent & { readonly type: 'answered' }): void {
    this.#peerSpeaksMlow = peerSpeaksMlow
    this.#peerUsesCopies = peerUsesCopies
    this.#media?.useRedundancy(this.#redundancy())
    if (peerSpeaksMlow === false) this.#speakOpus()
    this.#peerDevice = device
    this.#context.whatsApp.device = deviceOf(device)
    this.#answeredAtMs = this.#options.clock.nowMs()
    this.#media?.setPeer(device)
    this.#watchMedia()
    this.events.emit({ type: 'answered' })
  }

  #watchMedia(): void {
    this.#watch = this.#options.clock.after(WATCH_MS, () => {
      this.#qualityTrace.look()
      const lastHeardMs = this.#media?.lastHeardMs ?? this.#answeredAtMs ?? 0
      const silentMs = this.#options.clock.nowMs() - Math.max(lastHeardMs, this.#answeredAtMs ?? 0)
      if (silentMs < this.#options.mediaTimeoutMs) return this.#watchMedia()
      const cause = this.#media && this.#media.openRelays > 0 ? 'media-timeout' : 'relay-lost'
      this.#context.log.warn({ silentMs, cause }, 'no media from WhatsApp')
      this.#finish(cause)
      this.#tellPeer(cause)
    })
  }

  #finish(cause: CallCause): void {
    if (this.#ended !== undefined) return
    this.#close()
    this.events.emit({ type: 'ended', cause })
    this.events.clear()
  }

  #traceEvents(): readonly CallTraceEvent[] {
    return this.#media ? mediaTrace(this.#media.stats(), this.#muted.totalMs()) : []
  }

  #close(): void {
    this.#qualityTrace.record()
    if (this.#media) this.#context.log.info(mediaSummary(this.#media.stats(), this.#muted.totalMs()), 'WhatsApp media')
    this.#unsubscribe()
    this.#watch?.cancel()
    this.#ended = this.#media?.close() ?? Promise.resolve()
  }
}

const deviceOf = (jid: Jid) => parseJid(jid).device
