import type { Timer } from '../../base/clock.ts'
import type { SipCore } from '../core.ts'
import type { OutgoingResponse, SipRequest } from '../message/message.ts'
import type { ServerTransaction } from '../transaction/server-transaction.ts'
import { giveUpMs } from '../transaction/timers.ts'

/**
 * RFC 3261 §13.3.1.4: a 2xx to an INVITE goes out again and again, over any transport, until its ACK comes or
 * 64 × T1 have passed. Exactly one of `onAck` and `onGaveUp` is called, unless `stop` comes first.
 */
export class AcceptedInvite {
  readonly #core: SipCore
  readonly #transaction: ServerTransaction
  readonly #response: OutgoingResponse
  readonly #onAck: (ack: SipRequest) => void
  readonly #onGaveUp: () => void
  #resend: Timer
  #giveUp: Timer
  #intervalMs: number
  #isWaiting = true

  constructor(
    core: SipCore,
    transaction: ServerTransaction,
    response: OutgoingResponse,
    handlers: { readonly onAck: (ack: SipRequest) => void; readonly onGaveUp: () => void },
  ) {
    this.#core = core
    this.#transaction = transaction
    this.#response = response
    this.#onAck = handlers.onAck
    this.#onGaveUp = handlers.onGaveUp
    this.#intervalMs = core.timers.t1Ms
    transaction.respond(response)
    this.#resend = core.clock.after(this.#intervalMs, () => this.#sendAgain())
    this.#giveUp = core.clock.after(giveUpMs(core.timers), () => {
      this.stop()
      this.#onGaveUp()
    })
  }

  /** Takes the ACK if it is this INVITE's. */
  acknowledge(ack: SipRequest): void {
    if (!this.#isWaiting || ack.cseq.number !== this.#transaction.request.cseq.number) return
    this.stop()
    this.#onAck(ack)
  }

  get isWaiting(): boolean {
    return this.#isWaiting
  }

  stop(): void {
    this.#isWaiting = false
    this.#resend.cancel()
    this.#giveUp.cancel()
  }

  #sendAgain(): void {
    this.#intervalMs = Math.min(this.#intervalMs * 2, this.#core.timers.t2Ms)
    this.#resend = this.#core.clock.after(this.#intervalMs, () => this.#sendAgain())
    this.#transaction.respond(this.#response)
  }
}
