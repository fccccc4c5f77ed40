import type { Clock } from '../../base/clock.ts'
import type { OutgoingResponse, SipRequest } from '../message/message.ts'
import { serialize } from '../message/serializer.ts'
import type { Flow } from '../transport/transport.ts'
import type { ServerTransaction } from './server-transaction.ts'
import { TimerSet } from './timer-set.ts'
import { giveUpMs, type TimerSettings } from './timers.ts'

type Event = { readonly type: 'respond'; readonly response: OutgoingResponse } | { readonly type: 'request' | 'J' }

/**
 * RFC 3261 §17.2.2; Trying and Proceeding differ only in whether there is an answer to repeat.
 *
 *   Trying/Proceeding ──200-699──▶ Completed ──J──▶ Terminated
 */
export class NonInviteServerTransaction implements ServerTransaction {
  readonly request: SipRequest
  readonly flow: Flow
  readonly #settings: TimerSettings
  readonly #timers: TimerSet<'J'>
  readonly #terminated: () => void
  #state: (event: Event) => void
  #last: Uint8Array | undefined

  constructor(
    request: SipRequest,
    flow: Flow,
    context: { readonly clock: Clock; readonly timers: TimerSettings; readonly terminated: () => void },
  ) {
    this.request = request
    this.flow = flow
    this.#settings = context.timers
    this.#timers = new TimerSet(context.clock)
    this.#terminated = context.terminated
    this.#state = this.#trying
  }

  get isAnswered(): boolean {
    return this.#state !== this.#trying
  }

  respond(response: OutgoingResponse): void {
    this.#state({ type: 'respond', response })
  }

  receiveAgain(): void {
    this.#state({ type: 'request' })
  }

  abandon(): void {
    this.#terminate()
  }

  /** §17.2.2 */
  #trying(event: Event) {
    if (event.type === 'request' && this.#last) return this.flow.send(this.#last)
    if (event.type !== 'respond') return
    this.#last = serialize(event.response)
    this.flow.send(this.#last)
    if (event.response.status < 200) return
    this.#state = this.#completed
    if (this.flow.reliable) this.#terminate()
    else this.#timers.start('J', giveUpMs(this.#settings), () => this.#state({ type: 'J' }))
  }

  /** §17.2.2: a retransmitted request gets the final answer again. */
  #completed(event: Event): void {
    if (event.type === 'request') this.flow.send(this.#last!)
    else if (event.type === 'J') this.#terminate()
  }

  #dead(): void {}

  #terminate(): void {
    if (this.#state === this.#dead) return
    this.#state = this.#dead
    this.#timers.stopAll()
    this.#terminated()
  }
}
