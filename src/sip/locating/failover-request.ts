import type { Timer } from '../../base/clock.ts'
import { TandemError } from '../../base/errors.ts'
import { AuthenticatedRequest, type AuthenticatedRequestOptions } from '../auth/authenticated-request.ts'
import type { SipCore } from '../core.ts'
import type { OutgoingRequest, SipResponse } from '../message/message.ts'
import type { ClientTransaction, ClientTransactionUser, TransactionFailure } from '../transaction/client-transaction.ts'
import type { Flow } from '../transport/transport.ts'
import type { Target } from './target.ts'

export interface FailoverRequestOptions extends AuthenticatedRequestOptions {
  /** In the order in which they are tried. */
  readonly targets: readonly Target[]
  /** Made anew for every target: Contact and SDP depend on the way. undefined: it cannot be made, and nobody is told. */
  readonly build: (flow: Flow) => OutgoingRequest | undefined
}

/** A server that has not said even 100 by then is not there; timer B would let the caller wait for 32 s. */
const SILENCE_MS = 4000

/** RFC 3263 §4.3: a request that goes to the next server when one is silent, unreachable or answers 503. */
export class FailoverRequest implements ClientTransactionUser {
  readonly #core: SipCore
  readonly #user: ClientTransactionUser
  readonly #options: FailoverRequestOptions
  #next = 0
  #target: Target | undefined
  #flow: Flow | undefined
  #request: AuthenticatedRequest | undefined
  #silence: Timer | undefined

  constructor(core: SipCore, user: ClientTransactionUser, options: FailoverRequestOptions) {
    this.#core = core
    this.#user = user
    this.#options = options
  }

  /** Sends to the first target that a transport leads to. */
  start(): void {
    this.#tryNext()
  }

  /** The attempt under way; undefined when there was no way to any target. */
  get transaction(): ClientTransaction | undefined {
    return this.#request?.transaction
  }

  onResponse(response: SipResponse): void {
    this.#silence?.cancel()
    if (response.status === 503) {
      this.#core.locator.reachability.failed(this.#target!)
      if (this.#hasMore) return this.#tryNext()
    } else {
      this.#core.locator.reachability.answered(this.#target!)
    }
    this.#user.onResponse(response)
  }

  onFailure(why: TransactionFailure): void {
    this.#silence?.cancel()
    this.#core.locator.reachability.failed(this.#target!)
    if (this.#hasMore && this.#isUnheard()) this.#tryNext()
    else this.#user.onFailure(why)
  }

  /** Another form of the request to the same target: a refusal said what was wrong with the first. */
  sendAgain(request: OutgoingRequest): void {
    this.#request = new AuthenticatedRequest(this.#core, request, this.#flow!, this, this.#options)
  }

  /** The attempts that are left are not made: the user has lost interest. */
  stop(): void {
    this.#next = this.#options.targets.length
    this.#silence?.cancel()
  }

  get #hasMore(): boolean {
    return this.#next < this.#options.targets.length
  }

  #isUnheard(): boolean {
    return !this.#request?.hasAnswer
  }

  #tryNext(): void {
    while (this.#hasMore) {
      const target = this.#options.targets[this.#next++]!
      const flow = this.#core.locator.flow(target)
      if (flow instanceof TandemError) continue
      const request = this.#options.build(flow)
      if (!request) return
      this.#target = target
      this.#flow = flow
      if (this.#hasMore) this.#silence = this.#core.clock.after(SILENCE_MS, () => this.#giveUp())
      this.#request = new AuthenticatedRequest(this.#core, request, flow, this, this.#options)
      return
    }
    this.#user.onFailure('transport')
  }

  #giveUp(): void {
    this.#request?.transaction.abandon()
    this.onFailure('timeout')
  }
}
