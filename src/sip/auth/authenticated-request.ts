import { type SipCore, sentBy } from '../core.ts'
import type { OutgoingRequest, SipResponse } from '../message/message.ts'
import type { ClientTransaction, ClientTransactionUser, TransactionFailure } from '../transaction/client-transaction.ts'
import type { Flow } from '../transport/transport.ts'
import { answerChallenge, type Credentials } from './credentials.ts'

export interface AuthenticatedRequestOptions {
  /** Without them a challenge is an answer like any other. */
  readonly credentials?: Credentials | undefined
  /** The CSeq of the next attempt (RFC 3261 §22.2: a challenged request goes out again with a higher one). */
  readonly nextSequence: () => number
}

/** A proxy and the far end may each challenge once, and each may find the first nonce too old. */
const MAX_ATTEMPTS = 5

/** A request that answers challenges on its way; its user sees only the last answer. */
export class AuthenticatedRequest implements ClientTransactionUser {
  readonly #core: SipCore
  readonly #flow: Flow
  readonly #user: ClientTransactionUser
  readonly #options: AuthenticatedRequestOptions
  readonly #answered = new Set<string>()
  #request: OutgoingRequest
  #attempts = 0
  #transaction: ClientTransaction

  /** Sends at once. */
  constructor(
    core: SipCore,
    request: OutgoingRequest,
    flow: Flow,
    user: ClientTransactionUser,
    options: AuthenticatedRequestOptions,
  ) {
    this.#core = core
    this.#flow = flow
    this.#user = user
    this.#options = options
    this.#request = request
    this.#transaction = this.#send()
  }

  /** The attempt under way. */
  get transaction(): ClientTransaction {
    return this.#transaction
  }

  onResponse(response: SipResponse): void {
    if ((response.status === 401 || response.status === 407) && this.#retry(response)) return
    this.#user.onResponse(response)
  }

  onFailure(why: TransactionFailure): void {
    this.#user.onFailure(why)
  }

  /** A second challenge for the same header, not for staleness, means that the password is wrong: no further try. */
  #retry(response: SipResponse): boolean {
    const { credentials } = this.#options
    if (!credentials || this.#attempts >= MAX_ATTEMPTS) return false
    const answer = answerChallenge(this.#request, response, credentials, this.#core.random)
    if (!answer || (this.#answered.has(answer.header) && !answer.stale)) return false
    this.#answered.add(answer.header)
    const headers = this.#request.headers.clone()
    headers.replaceFirst(answer.header, answer.value)
    headers.replaceFirst('CSeq', `${this.#options.nextSequence()} ${this.#request.method}`)
    this.#request = { ...this.#request, headers }
    this.#transaction = this.#send()
    return true
  }

  #send(): ClientTransaction {
    this.#attempts++
    return this.#core.transactions.request(this.#request, this.#flow, sentBy(this.#core, this.#flow), this)
  }
}
