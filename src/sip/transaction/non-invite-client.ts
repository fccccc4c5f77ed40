import type { Clock } from '../../base/clock.ts'
import type { OutgoingRequest, SipResponse } from '../message/message.ts'
import { serialize } from '../message/serializer.ts'
import type { Flow } from '../transport/transport.ts'
import type { ClientTransaction, ClientTransactionUser, TransactionFailure } from './client-transaction.ts'
import { TimerSet } from './timer-set.ts'
import { giveUpMs, type TimerSettings } from './timers.ts'

type Event =
  | { readonly type: 'response'; readonly response: SipResponse }
  | { readonly type: 'E' | 'F' | 'K' | 'flow-failed' }

/**
 * RFC 3261 §17.1.2.
 *
 *   Trying ──1xx──▶ Proceeding ──200-699──▶ Completed ──K──▶ Terminated
 */
export class NonInviteClientTransaction implements ClientTransaction {
  readonly request: OutgoingRequest
  readonly flow: Flow
  readonly #user: ClientTransactionUser
  readonly #settings: TimerSettings
  readonly #timers: TimerSet<'E' | 'F' | 'K'>
  readonly #bytes: Uint8Array
  readonly #terminated: () => void
  readonly #stopWatchingFlow: () => void
  #state: (event: Event) => void
  #timerEMs: number

  constructor(
    request: OutgoingRequest,
    flow: Flow,
    user: ClientTransactionUser,
    context: { readonly clock: Clock; readonly timers: TimerSettings; readonly terminated: () => void },
  ) {
    this.request = request
    this.flow = flow
    this.#user = user
    this.#settings = context.timers
    this.#timers = new TimerSet(context.clock)
    this.#terminated = context.terminated
    this.#bytes = serialize(request)
    this.#timerEMs = context.timers.t1Ms
    this.#state = this.#trying
    this.#stopWatchingFlow = flow.onFailure(() => this.#state({ type: 'flow-failed' }))
  }

  /** §17.1.2.2: sends and starts timers E and F. */
  start(): void {
    if (!this.flow.reliable) this.#startTimer('E', this.#timerEMs)
    this.#startTimer('F', giveUpMs(this.#settings))
    this.flow.send(this.#bytes)
  }

  receive(response: SipResponse): void {
    this.#state({ type: 'response', response })
  }

  get isPending(): boolean {
    return this.#state === this.#trying || this.#state === this.#proceeding
  }

  abandon(): void {
    this.#terminate()
  }

  /** §17.1.2.2: E doubles up to T2. */
  #trying(event: Event) {
    if (event.type === 'E') return this.#retransmit(Math.min(this.#timerEMs * 2, this.#settings.t2Ms))
    this.#unanswered(event)
  }

  /** §17.1.2.2: after a provisional answer E stays at T2. */
  #proceeding(event: Event) {
    if (event.type === 'E') return this.#retransmit(this.#settings.t2Ms)
    this.#unanswered(event)
  }

  #unanswered(event: Event) {
    if (event.type === 'F') return this.#fail('timeout')
    if (event.type === 'flow-failed') return this.#fail('transport')
    if (event.type !== 'response') return
    if (event.response.status < 200) this.#state = this.#proceeding
    else this.#complete()
    this.#user.onResponse(event.response)
  }

  #complete(): void {
    this.#timers.stopAll()
    this.#state = this.#completed
    if (this.flow.reliable) this.#terminate()
    else this.#startTimer('K', this.#settings.t4Ms)
  }

  /** §17.1.2.2: absorbs retransmitted answers. */
  #completed(event: Event): void {
    if (event.type === 'K' || event.type === 'flow-failed') this.#terminate()
  }

  #dead(): void {}

  #retransmit(nextMs: number): void {
    this.#timerEMs = nextMs
    this.#startTimer('E', nextMs)
    this.flow.send(this.#bytes)
  }

  #fail(why: TransactionFailure): void {
    this.#terminate()
    this.#user.onFailure(why)
  }

  #terminate(): void {
    if (this.#state === this.#dead) return
    this.#state = this.#dead
    this.#timers.stopAll()
    this.#stopWatchingFlow()
    this.#terminated()
  }

  #startTimer(type: 'E' | 'F' | 'K', delayMs: number): void {
    this.#timers.start(type, delayMs, () => this.#state({ type }))
  }
}
