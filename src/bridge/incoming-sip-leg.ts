import type { IncomingSession, Party, SessionEnd, SessionEvent } from '../sip/sip-engine.ts'
import type { CallCause } from './cause.ts'
import type { LegContext } from './leg-factory.ts'
import { endReason } from './mapping/causes.ts'
import { refuse } from './refusal.ts'
import { SipLeg, type SipLegOptions } from './sip-leg.ts'

/** A call from the PBX. Its offer is checked and its sockets are opened before anybody is rung. */
export class IncomingSipLeg extends SipLeg {
  readonly #session: IncomingSession
  readonly #isReady: Promise<string | undefined>
  #isAnswered = false

  constructor(session: IncomingSession, options: SipLegOptions, context: LegContext) {
    super(options, context)
    this.#session = session
    session.events.on((event) => this.#onEvent(event))
    this.takeOffersOf(session)
    this.#isReady = this.#prepare()
  }

  /** With early media 183 and a ring tone; not after an INVITE without SDP, which has nowhere to send one. */
  ring(): void {
    if (this.isOver) return
    const { ringback } = this.options
    if (ringback === undefined || this.#session.offer === undefined) return this.#session.ring()
    void this.attempt(async () => {
      const sdp = await this.#isReady
      if (sdp === undefined || this.isOver || this.#isAnswered) return
      this.#session.ring(sdp)
      this.beginRinging(ringback)
    })
  }

  answer(): void {
    if (this.#isAnswered) return
    this.#isAnswered = true
    void this.attempt(async () => {
      const sdp = await this.#isReady
      if (sdp === undefined || this.isOver) return
      this.#session.accept(sdp, this.headersFor(this.#session.peer.kind !== 'user'))
      this.beginTalking()
    })
  }

  /** The SDP of our 200: an answer, or an offer when the INVITE had none. Undefined when the leg could not be made. */
  async #prepare(): Promise<string | undefined> {
    let sdp: string | undefined
    await this.attempt(async () => {
      const audio = await this.openAudio()
      if (!audio) return
      const { offer } = this.#session
      if (offer === undefined) {
        sdp = audio.offer(this.#session)
        return
      }
      const answer = audio.answer(this.#session, offer)
      await audio.use(answer.audio)
      sdp = answer.sdp
    })
    return sdp
  }

  #onEvent(event: SessionEvent): void {
    if (event.type !== 'established') return this.onSessionEvent(event)
    const { sdp } = event
    void this.attempt(async () => {
      if (sdp !== undefined) await this.follow(sdp)
      if (!this.isOver) this.events.emit({ type: 'answered' })
    })
  }

  protected get otherParty(): Party {
    return { user: this.#session.dialled }
  }

  protected causeOf(end: SessionEnd): CallCause {
    if (end.by === 'timeout' || end.by === 'transport') return 'signalling-timeout'
    return this.#isAnswered && end.status === 200 ? 'normal' : 'cancelled'
  }

  protected tellFarEnd(cause: CallCause, retryAfterS?: number): void {
    if (this.#session.isAnswered) return this.#session.end(endReason(cause))
    refuse(this.#session, { cause, retryAfterS })
  }
}
