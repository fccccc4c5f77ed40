import type { Clock, Timer } from '../base/clock.ts'
import { TandemError } from '../base/errors.ts'
import { Signal } from '../base/events.ts'
import type { CallTraceEvent } from '../base/tracer.ts'
import { type AudioSource, silence } from '../media/audio-source.ts'
import { Ringback } from '../media/ringback.ts'
import type { RingbackCadence } from '../media/ringback-tones.ts'
import type { ExtraHeader, Party, Session, SessionEnd, SessionEvent, SessionOffer } from '../sip/sip-engine.ts'
import type { CallCause } from './cause.ts'
import type { Leg, LegEvent, LegQuality, Transfer } from './leg.ts'
import type { LegContext } from './leg-factory.ts'
import { callHeaders } from './mapping/call-headers.ts'
import { MutedTime } from './muted-time.ts'
import { QualityTrace } from './quality-trace.ts'
import { SipAudio, type SipAudioSettings } from './sip-audio.ts'
import { type TransferLegs, transferBetween, transferBy, transferTo } from './sip-transfer.ts'

export interface SipLegOptions {
  readonly clock: Clock
  readonly audio: SipAudioSettings
  /** An answered call whose far end sends neither RTP nor RTCP for this long is ended. */
  readonly mediaTimeoutMs: number
  /** How long an extension may ring. */
  readonly answerTimeoutMs: number
  /** The ring tone of early media; undefined: the PBX makes its own. */
  readonly ringback?: RingbackCadence | undefined
  readonly transfers: TransferLegs
  /** How the leg of a call is told of a transfer that another call of the same peer asked for. */
  readonly transferAsked: WeakMap<Session, (transfer: Transfer) => void>
}

const WATCH_MS = 1000

/**
 * A SIP call as a leg: what incoming and outgoing calls have in common. One owner for its sockets and timers, one way
 * out (`finish`), and one `ended`.
 */
export abstract class SipLeg implements Leg {
  readonly side = 'sip'
  readonly events = new Signal<LegEvent>()
  readonly audio: AudioSource = { pull: (out, lateMs) => (this.#audio ?? silence).pull(out, lateMs) }
  protected readonly options: SipLegOptions
  protected readonly context: LegContext
  readonly #qualityTrace: QualityTrace
  #audio: SipAudio | undefined
  #opening: Promise<unknown> | undefined
  #source: AudioSource = silence
  #watch: Timer | undefined
  readonly #held: MutedTime
  #ended: Promise<void> | undefined

  constructor(options: SipLegOptions, context: LegContext) {
    this.options = options
    this.context = context
    this.#qualityTrace = new QualityTrace(context.tracer, () => this.#traceEvents())
    this.#held = new MutedTime(options.clock)
  }

  abstract ring(): void
  abstract answer(): void
  /** Tells the far end, if it does not know yet. */
  protected abstract tellFarEnd(cause: CallCause, retryAfterS?: number): void

  listenTo(source: AudioSource): void {
    this.#source = source
    this.#audio?.listenTo(source)
  }

  /** The other side has no hold that a PBX could be told of. */
  hold(): void {}

  dtmf(digit: string, durationMs: number): void {
    if (!this.#audio?.sendDigit(digit, durationMs)) this.context.log.debug({}, 'a digit was not sent')
  }

  quality(): LegQuality | undefined {
    const stats = this.#audio?.stats()
    if (!stats) return undefined
    const { received, lost, late, recovered, concealedMs, jitterMs: exactMs } = stats.playout
    const { sentPackets: sent, rejected: faults } = stats.session
    const forged = stats.srtp ? stats.srtp.malformed + stats.srtp.forged + stats.srtp.replayed : 0
    const rejected = forged + faults.malformed + faults.unknownPayloadType + faults.looped + faults.foreign
    const jitterMs = Math.round(exactMs)
    const mutedMs = this.#held.totalMs()
    return { received, sent, lost, late, rejected, recovered, concealedMs, jitterMs, mutedMs }
  }

  #traceEvents(): readonly CallTraceEvent[] {
    const quality = this.quality()
    return quality ? [{ what: 'media', side: 'sip', figures: { ...quality } }] : []
  }

  end(cause: CallCause, retryAfterS?: number): Promise<void> {
    if (this.#ended === undefined) {
      this.#close()
      this.tellFarEnd(cause, retryAfterS)
    }
    return this.#ended ?? Promise.resolve()
  }

  protected get isOver(): boolean {
    return this.#ended !== undefined
  }

  protected headersFor(isTrunk: boolean): readonly ExtraHeader[] {
    return isTrunk ? callHeaders(this.context) : []
  }

  /** Opens the sockets. Undefined when the leg has ended in the meantime, or ends because of it. */
  protected openAudio(): Promise<SipAudio | undefined> {
    const opening = this.#openAudio()
    this.#opening = opening
    return opening
  }

  async #openAudio(): Promise<SipAudio | undefined> {
    try {
      const onDigit = (digit: string, durationMs: number) => this.events.emit({ type: 'dtmf', digit, durationMs })
      const audio = await SipAudio.open(this.options.audio, onDigit)
      if (this.isOver) {
        await audio.close()
        return undefined
      }
      this.#audio = audio
      audio.listenTo(this.#source)
      return audio
    } catch (error) {
      this.fail(error)
      return undefined
    }
  }

  /** Runs a step that SDP or sockets may spoil; the leg then ends with the cause that fits. */
  protected async attempt(step: () => Promise<void>): Promise<void> {
    try {
      await step()
    } catch (error) {
      this.fail(error)
    }
  }

  protected fail(error: unknown): void {
    const { log } = this.context
    if (error instanceof TandemError) log.warn({ code: error.code, reason: error.message }, 'SIP leg failed')
    else log.error({ error }, 'SIP leg failed')
    this.endLocally(causeOfFailure(error))
  }

  /** Ends the leg from here, telling both the far end and the bridge. */
  protected endLocally(cause: CallCause): void {
    if (this.isOver) return
    this.finish(cause)
    this.tellFarEnd(cause)
  }

  /** The far end has ended the call, or is about to be told. */
  protected finish(cause: CallCause): void {
    if (this.isOver) return
    this.#close()
    this.events.emit({ type: 'ended', cause })
    this.events.clear()
  }

  /** The far end hears a ring tone of ours. */
  protected beginRinging(tone: RingbackCadence): void {
    this.#audio?.listenTo(new Ringback(tone))
    this.#audio?.start()
  }

  /** Sound both ways from now on. */
  protected beginTalking(): void {
    this.#audio?.listenTo(this.#source)
    this.#audio?.start()
    this.#watchMedia()
  }

  protected onSessionEvent(event: SessionEvent): void {
    if (event.type === 'dtmf') {
      this.events.emit({ type: 'dtmf', digit: event.digit, durationMs: event.durationMs })
    } else if (event.type === 'answer') {
      void this.attempt(() => this.follow(event.sdp))
    } else if (event.type === 'ended') {
      const { by, status, q850 } = event.end
      this.context.log.info({ by, status, q850 }, 'SIP call ended')
      this.finish(this.causeOf(event.end))
    }
  }

  protected abstract causeOf(end: SessionEnd): CallCause

  /** Hold, resume, another address, another codec. */
  protected takeOffersOf(session: Session): void {
    session.onOffer((offer) => this.#answerOffer(session, offer))
    const { transferAsked } = this.options
    const emit = (transfer: Transfer) => this.events.emit({ type: 'transfer', transfer })
    transferAsked.set(session, emit)
    session.onTransfer((request) => {
      const { joins } = request
      if (joins) return emit(transferBetween(request, (transfer) => transferAsked.get(joins)?.(transfer)))
      const transfer = transferTo(request, session.peer, this.otherParty, this.context, this.options.transfers)
      if (transfer) emit(transfer)
    })
    session.onReplaced((by) => emit(transferBy(by, this.context, this.options.transfers)))
  }

  /** Whom the far end talks to. */
  protected abstract get otherParty(): Party

  #answerOffer(session: Session, offer: SessionOffer): void {
    const audio = this.#audio
    if (!audio) return offer.reject(491)
    if (offer.sdp === undefined) return offer.accept(audio.offer(session))
    try {
      const { sdp, audio: agreed } = audio.answer(session, offer.sdp)
      void this.attempt(() => audio.use(agreed))
      offer.accept(sdp)
      this.#noteHold()
    } catch (error) {
      if (!(error instanceof TandemError)) throw error
      this.context.log.warn({ code: error.code, reason: error.message }, 'offer refused')
      offer.reject(488)
    }
  }

  protected async follow(answer: string): Promise<void> {
    const audio = this.#audio
    if (!audio) return
    await audio.use(audio.readAnswer(answer))
    this.#noteHold()
  }

  /** A far end that sends nothing holds us; one that sends its music does not count. */
  #noteHold(): void {
    const isHeld = !this.#audio?.direction.includes('recv')
    if (isHeld === this.#held.isMuted) return
    this.#held.set(isHeld)
    this.events.emit({ type: 'held', held: isHeld })
  }

  #watchMedia(): void {
    this.#watch = this.options.clock.after(WATCH_MS, () => {
      this.#qualityTrace.look()
      const silentMs = this.#audio?.silentMs() ?? 0
      if (silentMs < this.options.mediaTimeoutMs) return this.#watchMedia()
      this.context.log.warn({ silentMs }, 'no RTP and no RTCP from the PBX')
      this.endLocally('media-timeout')
    })
  }

  #close(): void {
    this.#qualityTrace.record()
    this.#watch?.cancel()
    this.onClose()
    this.#ended = this.#closeAudio()
  }

  /** Sockets that are still being opened are closed as soon as they are there. */
  async #closeAudio(): Promise<void> {
    if (this.#audio) await this.#audio.close()
    else await this.#opening
  }

  /** Timers of the kind of call. */
  protected onClose(): void {}
}

const CAUSE_OF_CODE: Readonly<Record<string, CallCause>> = {
  'sdp.no-common-codec': 'no-common-codec',
  'parse.sdp': 'no-common-codec',
  'media.no-port': 'overload',
}

function causeOfFailure(error: unknown): CallCause {
  if (!(error instanceof TandemError)) return 'internal-error'
  return CAUSE_OF_CODE[error.code] ?? 'internal-error'
}
