import { type SipCore, sentBy } from '../core.ts'
import type { OutgoingRequest, SipResponse } from '../message/message.ts'
import type { ClientTransaction, ClientTransactionUser, TransactionFailure } from '../transaction/client-transaction.ts'
import type { Flow } from '../transport/transport.ts'
import { authorization, type Challenge, type Credentials, challengesOf } from './credentials.ts'

export interface AuthenticatedRequestOptions {
  /** Without them a challenge is an answer like any other. */
  readonly credentials?: Credentials | undefined
  /** The CSeq of the next attempt (RFC 3261 §22.2: a challenged request goes out again with a higher one). */
  readonly nextSequence: () => number
}

/** Proxies and the far end may each challenge once, and each may find the first nonce too old. */
const MAX_ATTEMPTS = 7

/** RFC 3261 §18.1.1: a datagram longer than this may be cut into fragments, which many networks lose. */
const MAX_DATAGRAM_BYTES = 1300
/** What the Via that is still to come takes at most. */
const VIA_BYTES = 160

/** A request that answers challenges on its way; its user sees only the last answer. */
export class AuthenticatedRequest implements ClientTransactionUser {
  readonly #core: SipCore
  readonly #flow: Flow
  readonly #user: ClientTransactionUser
  readonly #options: AuthenticatedRequestOptions
  /** By header and realm, with the uses of the nonce. */
  readonly #challenges = new Map<string, { readonly challenge: Challenge; uses: number }>()
  #request: OutgoingRequest
  #attempts = 0
  #hasAnswer = false
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

  /** Somebody has answered, be it provisionally. */
  get hasAnswer(): boolean {
    return this.#hasAnswer
  }

  onResponse(response: SipResponse): void {
    this.#hasAnswer = true
    if ((response.status === 401 || response.status === 407) && this.#retry(response)) return
    this.#user.onResponse(response)
  }

  /** §18.1.1: who does not take TCP gets the datagram after all. */
  onFailure(why: TransactionFailure): void {
    const { flow } = this.#transaction
    if (why === 'transport' && flow.transport !== this.#flow.transport && !this.#hasAnswer) {
      this.#core.locator.reachability.refusedTcp(flow.remote.address)
      this.#transaction = this.#send()
    } else {
      this.#user.onFailure(why)
    }
  }

  /** A second challenge of the same realm, not for staleness, means that the password is wrong: no further try. */
  #retry(response: SipResponse): boolean {
    const { credentials } = this.#options
    const challenges = challengesOf(response)
    if (!credentials || this.#attempts >= MAX_ATTEMPTS || challenges.length === 0) return false
    if (challenges.some((challenge) => !challenge.stale && this.#challenges.has(keyOf(challenge)))) return false
    for (const challenge of challenges) this.#challenges.set(keyOf(challenge), { challenge, uses: 0 })
    this.#request = this.#authorized(credentials)
    this.#transaction = this.#send()
    return true
  }

  /** RFC 3261 §22.3: the credentials of every realm that has asked on the way, each time with a fresh count. */
  #authorized(credentials: Credentials): OutgoingRequest {
    const headers = this.#request.headers.clone().remove('Authorization').remove('Proxy-Authorization')
    for (const known of this.#challenges.values()) {
      const { challenge } = known
      known.uses++
      headers.append(
        challenge.header,
        authorization(challenge, this.#request, credentials, known.uses, this.#core.random),
      )
    }
    headers.replaceFirst('CSeq', `${this.#options.nextSequence()} ${this.#request.method}`)
    return { ...this.#request, headers }
  }

  #send(): ClientTransaction {
    this.#attempts++
    const flow = this.#flowFor(this.#request)
    return this.#core.transactions.request(this.#request, flow, sentBy(this.#core, flow), this)
  }

  #flowFor({ startLine, headers, body = '' }: OutgoingRequest): Flow {
    if (this.#flow.transport !== 'udp' || !this.#core.locator.hasTcp) return this.#flow
    const bytes = startLine.length + Buffer.byteLength(headers.format()) + Buffer.byteLength(body) + VIA_BYTES
    if (bytes <= MAX_DATAGRAM_BYTES) return this.#flow
    return this.#core.locator.tcpInsteadOf(this.#flow) ?? this.#flow
  }
}

const keyOf = ({ header, realm }: Challenge) => `${header} ${realm}`
