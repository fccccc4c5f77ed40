import type { Timer } from '../base/clock.ts'
import type {
  CallTarget,
  ExtraHeader,
  OutgoingSession,
  Party,
  SessionEnd,
  SessionEvent,
  SipEngine,
} from '../sip/sip-engine.ts'
import type { CallCause } from './cause.ts'
import type { LegContext } from './leg-factory.ts'
import { causeOfSipEnd, endReason } from './mapping/causes.ts'
import type { SipAudio } from './sip-audio.ts'
import { SipLeg, type SipLegOptions } from './sip-leg.ts'

export interface OutgoingSipCall {
  readonly target: CallTarget
  readonly caller: Party
  readonly headers?: readonly ExtraHeader[]
}

/** A call to an extension, on behalf of a WhatsApp caller. */
export class OutgoingSipLeg extends SipLeg {
  #session: OutgoingSession | undefined
  readonly #caller: Party
  #ringTimer: Timer | undefined
  #isEstablished = false

  constructor(sip: Pick<SipEngine, 'invite'>, call: OutgoingSipCall, options: SipLegOptions, context: LegContext) {
    super(options, context)
    this.#caller = call.caller
    this.#ringTimer = options.clock.after(options.answerTimeoutMs, () => this.endLocally('extension-no-answer'))
    void this.attempt(() => this.#dial(sip, call))
  }

  ring(): void {}

  answer(): void {}

  async #dial(sip: Pick<SipEngine, 'invite'>, { target, caller, headers = [] }: OutgoingSipCall): Promise<void> {
    const audio = await this.openAudio()
    if (!audio) return
    const session = sip.invite(target, {
      caller,
      offer: (localAddress, isSecure) => audio.firstOffer({ localAddress, isSecure }),
      headers: [...this.headersFor(target.kind === 'trunk'), ...headers],
    })
    this.#session = session
    this.context.tracer.record({ what: 'leg', side: 'sip', callId: session.callId })
    session.events.on((event) => this.#onEvent(event, audio))
    this.takeOffersOf(session)
  }

  #onEvent(event: SessionEvent, audio: SipAudio): void {
    switch (event.type) {
      case 'progress':
        if (!this.isOver) this.events.emit({ type: 'ringing' })
        break
      case 'established':
        void this.attempt(() => this.#onEstablished(event.sdp, audio))
        break
      default:
        this.onSessionEvent(event)
    }
  }

  /** Without an answer an offer of the far end's is in force, which has been followed. */
  async #onEstablished(answer: string | undefined, audio: SipAudio): Promise<void> {
    this.#isEstablished = true
    this.#ringTimer?.cancel()
    if (answer !== undefined) await audio.use(audio.readAnswer(answer))
    if (this.isOver) return
    this.beginTalking()
    this.events.emit({ type: 'answered' })
  }

  protected get otherParty(): Party {
    return this.#caller
  }

  protected causeOf(end: SessionEnd): CallCause {
    if (this.#isEstablished) return end.by === 'remote' ? 'normal' : 'signalling-timeout'
    const hasSpoken = end.by !== 'transport' && end.by !== 'timeout'
    return hasSpoken ? causeOfSipEnd(end.status, end.q850) : 'signalling-timeout'
  }

  protected tellFarEnd(cause: CallCause): void {
    const sip = cause === 'answered-elsewhere' ? { sip: 200 } : {}
    this.#session?.end({ ...endReason(cause), ...sip })
  }

  protected override onClose(): void {
    this.#ringTimer?.cancel()
  }
}
