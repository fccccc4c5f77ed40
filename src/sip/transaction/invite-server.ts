import type { Clock } from '../../base/clock.ts'
import type { OutgoingResponse, SipRequest } from '../message/message.ts'
import { serialize } from '../message/serializer.ts'
import type { Flow } from '../transport/transport.ts'
import type { ServerTransaction } from './server-transaction.ts'
import { TimerSet } from './timer-set.ts'
import { giveUpMs, type TimerSettings } from './timers.ts'

type Event =
  | { readonly type: 'respond'; readonly response: OutgoingResponse }
  | { readonly type: 'request' | 'ack' | 'G' | 'H' | 'I' | 'L' }

/**
 * RFC 3261 §17.2.1 with RFC 6026 §8.5.
 *
 *   Proceeding ──300-699──▶ Completed ──ACK──▶ Confirmed ──I──▶ Terminated
 *        │                      └──H: no ACK came──────────────────▲
 *        └────2xx────▶ Accepted ──L────────────────────────────────┘
 */
export class InviteServerTransaction implements ServerTransaction {
  readonly request: SipRequest
  readonly flow: Flow
  readonly #settings: TimerSettings
  readonly #timers: TimerSet<'G' | 'H' | 'I' | 'L'>
  readonly #terminated: () => void
  #state: (event: Event) => void
  #timerGMs: number
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
    this.#timerGMs = context.timers.t1Ms
    this.#state = this.#proceeding
  }

  get isAnswered(): boolean {
    return this.#state !== this.#proceeding
  }

  /** A 2xx was given and timer L is running. */
  get isAccepted(): boolean {
    return this.#state === this.#accepted
  }

  respond(response: OutgoingResponse): void {
    this.#state({ type: 'respond', response })
  }

  receiveAgain(): void {
    this.#state({ type: 'request' })
  }

  receiveAck(): void {
    this.#state({ type: 'ack' })
  }

  abandon(): void {
    this.#terminate()
  }

  /** §17.2.1: a retransmitted INVITE gets the last provisional answer again. */
  #proceeding(event: Event) {
    if (event.type === 'request' && this.#last) return this.flow.send(this.#last)
    if (event.type !== 'respond') return
    const { status } = event.response
    this.#last = serialize(event.response)
    this.flow.send(this.#last)
    if (status >= 300) {
      this.#state = this.#completed
      if (!this.flow.reliable) this.#startTimer('G', this.#timerGMs)
      this.#startTimer('H', giveUpMs(this.#settings))
    } else if (status >= 200) {
      this.#state = this.#accepted
      this.#startTimer('L', giveUpMs(this.#settings))
    }
  }

  /** §17.2.1: the final answer is repeated until its ACK comes or H gives up. */
  #completed(event: Event) {
    switch (event.type) {
      case 'G':
        this.#timerGMs = Math.min(this.#timerGMs * 2, this.#settings.t2Ms)
        this.#startTimer('G', this.#timerGMs)
        this.flow.send(this.#last!)
        return
      case 'request':
        return this.flow.send(this.#last!)
      case 'H':
        return this.#terminate()
      case 'ack':
        this.#timers.stopAll()
        this.#state = this.#confirmed
        if (this.flow.reliable) this.#terminate()
        else this.#startTimer('I', this.#settings.t4Ms)
    }
  }

  /** §17.2.1: absorbs further ACKs. */
  #confirmed(event: Event): void {
    if (event.type === 'I') this.#terminate()
  }

  /** RFC 6026 §7.1: retransmitted INVITEs are absorbed; the user repeats its 2xx until the ACK, which is no business of ours. */
  #accepted(event: Event): void {
    if (event.type === 'L') this.#terminate()
    else if (event.type === 'respond' && event.response.status >= 200 && event.response.status < 300) {
      this.flow.send(serialize(event.response))
    }
  }

  #dead(): void {}

  #terminate(): void {
    if (this.#state === this.#dead) return
    this.#state = this.#dead
    this.#timers.stopAll()
    this.#terminated()
  }

  #startTimer(type: 'G' | 'H' | 'I' | 'L', delayMs: number): void {
    this.#timers.start(type, delayMs, () => this.#state({ type }))
  }
}
