import type { Clock } from '../../base/clock.ts'
import { Headers } from '../message/headers.ts'
import { request as makeRequest, type OutgoingRequest, type SipResponse } from '../message/message.ts'
import { serialize } from '../message/serializer.ts'
import type { Flow } from '../transport/transport.ts'
import type { ClientTransaction, ClientTransactionUser, TransactionFailure } from './client-transaction.ts'
import { TimerSet } from './timer-set.ts'
import { giveUpMs, type TimerSettings, waitForStrayFinalMs } from './timers.ts'

/** `cancel`: §9.1's 64 × T1 after a CANCEL. */
type TimerName = 'A' | 'B' | 'D' | 'M' | 'cancel'

type Event =
  | { readonly type: 'response'; readonly response: SipResponse }
  | { readonly type: TimerName | 'flow-failed' }

/**
 * RFC 3261 §17.1.1 with RFC 6026 §8.4.
 *
 *   Calling ──1xx──▶ Proceeding ──300-699──▶ Completed ──D──▶ Terminated
 *      └──────2xx───────┴─────────2xx──────▶ Accepted ───M──▶ Terminated
 */
export class InviteClientTransaction implements ClientTransaction {
  readonly request: OutgoingRequest
  readonly flow: Flow
  readonly #user: ClientTransactionUser
  readonly #settings: TimerSettings
  readonly #timers: TimerSet<TimerName>
  readonly #bytes: Uint8Array
  readonly #terminated: () => void
  readonly #stopWatchingFlow: () => void
  #state: (event: Event) => void
  #timerAMs: number
  #ack: Uint8Array | undefined

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
    this.#timerAMs = context.timers.t1Ms
    this.#state = this.#calling
    this.#stopWatchingFlow = flow.onFailure(() => this.#state({ type: 'flow-failed' }))
  }

  /** §17.1.1.2: sends and starts timers A and B. */
  start(): void {
    if (!this.flow.reliable) this.#startTimer('A', this.#timerAMs)
    this.#startTimer('B', giveUpMs(this.#settings))
    this.flow.send(this.#bytes)
  }

  receive(response: SipResponse): void {
    this.#state({ type: 'response', response })
  }

  /** True from the first provisional answer to the final one: when a CANCEL may be sent (§9.1). */
  get isProceeding(): boolean {
    return this.#state === this.#proceeding
  }

  /** §9.1: a CANCEL went out; without a final answer in 64 × T1 the transaction counts as cancelled. */
  giveUpAfterCancel(): void {
    this.#startTimer('cancel', giveUpMs(this.#settings))
  }

  get isPending(): boolean {
    return this.#state === this.#calling || this.#state === this.#proceeding
  }

  abandon(): void {
    this.#terminate()
  }

  /** §17.1.1.2 */
  #calling(event: Event) {
    switch (event.type) {
      case 'A':
        this.#timerAMs *= 2
        this.#startTimer('A', this.#timerAMs)
        this.flow.send(this.#bytes)
        return
      case 'B':
        return this.#fail('timeout')
      case 'flow-failed':
        return this.#fail('transport')
      case 'response':
        this.#timers.stop('A')
        this.#timers.stop('B')
        this.#state = this.#proceeding
        return this.#proceeding(event)
    }
  }

  /** §17.1.1.2; timer C belongs to proxies, the user decides how long it lets ring. */
  #proceeding(event: Event) {
    if (event.type === 'flow-failed') return this.#fail('transport')
    if (event.type === 'cancel') return this.#fail('timeout')
    if (event.type !== 'response') return
    const { response } = event
    if (response.status >= 200) this.#timers.stop('cancel')
    if (response.status >= 300) {
      this.#state = this.#completed
      this.#ack = serialize(ackFor(this.request, response))
      this.flow.send(this.#ack)
      if (this.flow.reliable) this.#terminate()
      else this.#startTimer('D', waitForStrayFinalMs(this.#settings))
    } else if (response.status >= 200) {
      this.#state = this.#accepted
      this.#startTimer('M', giveUpMs(this.#settings))
    }
    this.#user.onResponse(response)
  }

  /** §17.1.1.2: a final answer that comes again means that our ACK was lost. */
  #completed(event: Event) {
    if (event.type === 'D' || event.type === 'flow-failed') return this.#terminate()
    if (event.type === 'response' && event.response.status >= 300) this.flow.send(this.#ack!)
  }

  /** RFC 6026 §7.2: every 2xx goes up; the user ACKs each. */
  #accepted(event: Event) {
    if (event.type === 'M' || event.type === 'flow-failed') return this.#terminate()
    if (event.type === 'response' && event.response.status >= 200 && event.response.status < 300) {
      this.#user.onResponse(event.response)
    }
  }

  #dead(): void {}

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

  #startTimer(type: TimerName, delayMs: number): void {
    this.#timers.start(type, delayMs, () => this.#state({ type }))
  }
}

/** §17.1.1.3: the ACK of a 300 to 699 answer belongs to the transaction and has its branch. */
function ackFor(invite: OutgoingRequest, response: SipResponse): OutgoingRequest {
  const headers = new Headers()
    .append('Via', invite.headers.get('Via')!)
    .copyFrom(invite.headers, 'Route')
    .copyFrom(invite.headers, 'Max-Forwards')
    .copyFrom(invite.headers, 'From')
    .copyFrom(response.headers, 'To')
    .copyFrom(invite.headers, 'Call-ID')
    .append('CSeq', `${response.cseq.number} ACK`)
  return makeRequest('ACK', invite.requestUri, headers)
}

/** §9.1: a CANCEL repeats the INVITE's URI, top Via, Route, From, To, Call-ID and CSeq number. */
export function cancelFor(invite: OutgoingRequest, reason: Iterable<readonly [string, string]>): OutgoingRequest {
  const headers = new Headers()
    .append('Via', invite.headers.get('Via')!)
    .copyFrom(invite.headers, 'Route')
    .append('Max-Forwards', '70')
    .copyFrom(invite.headers, 'From')
    .copyFrom(invite.headers, 'To')
    .copyFrom(invite.headers, 'Call-ID')
    .append('CSeq', `${Number.parseInt(invite.headers.get('CSeq')!, 10)} CANCEL`)
  for (const [name, value] of reason) headers.append(name, value)
  return makeRequest('CANCEL', invite.requestUri, headers)
}
