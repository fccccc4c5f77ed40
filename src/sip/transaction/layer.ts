import type { Clock } from '../../base/clock.ts'
import { ParseError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { type Random, randomHex } from '../../base/random.ts'
import { splitOutsideQuotes } from '../message/grammar.ts'
import {
  type OutgoingRequest,
  type OutgoingResponse,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  tagOf,
} from '../message/message.ts'
import { interpretMessage, looksLikeRequest, type RawMessage, splitMessage } from '../message/parser.ts'
import { echoedHeaders, reasonPhrase, responseTo } from '../message/response.ts'
import { serialize } from '../message/serializer.ts'
import { formatVia, MAGIC_COOKIE, responsePort, stampVia, type Via } from '../message/via.ts'
import type { Flow } from '../transport/transport.ts'
import type { ClientTransaction, ClientTransactionUser } from './client-transaction.ts'
import { cancelFor, InviteClientTransaction } from './invite-client.ts'
import { InviteServerTransaction } from './invite-server.ts'
import { NonInviteClientTransaction } from './non-invite-client.ts'
import { NonInviteServerTransaction } from './non-invite-server.ts'
import type { ServerTransaction } from './server-transaction.ts'
import type { TimerSettings } from './timers.ts'

/** The transaction user of RFC 3261 §17: what comes up from below. */
export interface TransactionUser {
  onRequest(transaction: ServerTransaction): void
  /** An ACK that belongs to no transaction: that of a 2xx. */
  onAck(ack: SipRequest): void
  /** The CANCEL itself is already answered 200. */
  onCancel(invite: InviteServerTransaction, cancel: SipRequest): void
}

export interface TransactionLayerOptions {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly timers: TimerSettings
  readonly maxTransactions: number
  readonly maxMessageBytes: number
}

/** Seconds that a peer is asked to wait when there is no room for its request. */
const OVERLOAD_RETRY_AFTER_S = 5

/** RFC 3261 §17 and §18: matches messages to transactions, refuses what cannot be one. */
export class TransactionLayer {
  readonly #options: TransactionLayerOptions
  readonly #user: TransactionUser
  readonly #clients = new Map<string, ClientTransaction>()
  readonly #servers = new Map<string, ServerTransaction>()
  /** §8.2.2.2: Call-ID, CSeq and From tag of every server transaction, to its key. */
  readonly #merged = new Map<string, string>()
  #onAnswered: (() => void) | undefined
  readonly #counters = { parseErrors: 0, overloadRefusals: 0 }

  constructor(options: TransactionLayerOptions, user: TransactionUser) {
    this.#options = options
    this.#user = user
  }

  get counters(): Readonly<{ parseErrors: number; overloadRefusals: number }> {
    return this.#counters
  }

  get clientCount(): number {
    return this.#clients.size
  }

  get serverCount(): number {
    return this.#servers.size
  }

  /** Bytes of one message, from any transport. Never throws. */
  receive(bytes: Uint8Array, flow: Flow): void {
    try {
      const message = this.#parse(bytes, flow)
      if (message?.kind === 'request') this.#receiveRequest(message, flow)
      else if (message?.kind === 'response') this.#receiveResponse(message)
    } catch (error) {
      // A mistake of ours in one call must not end the others.
      this.#options.logger.error({ error: String(error), stack: (error as Error).stack }, 'SIP message not handled')
    }
  }

  /** §17.1: `request` has no Via yet; `sentBy` is `host:port` as the peer should see it. */
  request(request: OutgoingRequest, flow: Flow, sentBy: string, user: ClientTransactionUser): ClientTransaction {
    const branch = MAGIC_COOKIE + randomHex(12, this.#options.random)
    const headers = request.headers.clone()
    headers.prepend('Via', viaLine(flow, sentBy, branch))
    return this.#startClient({ ...request, headers }, flow, branch, user)
  }

  /** §13.2.2.4: an ACK of a 2xx is its own transaction without an answer. Returns its bytes, to send again. */
  acknowledge(ack: OutgoingRequest, flow: Flow, sentBy: string): Uint8Array {
    const headers = ack.headers.clone()
    headers.prepend('Via', viaLine(flow, sentBy, MAGIC_COOKIE + randomHex(12, this.#options.random)))
    const bytes = serialize({ ...ack, headers })
    flow.send(bytes)
    return bytes
  }

  /** §9.1. Nobody waits for the CANCEL's answer: what counts is the INVITE's. */
  cancel(invite: ClientTransaction, reason: Iterable<readonly [string, string]>): void {
    const branch = branchOf(invite.request)
    const user = { onResponse: () => {}, onFailure: () => {} }
    this.#startClient(cancelFor(invite.request, reason), invite.flow, branch, user)
    if (invite instanceof InviteClientTransaction) invite.giveUpAfterCancel()
  }

  /** Resolves when every request of ours has its final answer, or after `timeoutMs`. */
  whenAnswered(timeoutMs: number): Promise<void> {
    if (!this.#isAnyPending()) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(timeoutMs, () => this.#onAnswered?.())
      this.#onAnswered = () => {
        timer.cancel()
        this.#onAnswered = undefined
        resolve()
      }
    })
  }

  #isAnyPending(): boolean {
    return [...this.#clients.values()].some((transaction) => transaction.isPending)
  }

  /** Ends every transaction at once, silently. */
  close(): void {
    for (const transaction of [...this.#clients.values(), ...this.#servers.values()]) transaction.abandon()
  }

  #startClient(request: OutgoingRequest, flow: Flow, branch: string, user: ClientTransactionUser): ClientTransaction {
    const key = clientKey(branch, request.method)
    const { clock, timers } = this.#options
    const context = { clock, timers, terminated: () => void this.#clients.delete(key) }
    const transaction =
      request.method === 'INVITE'
        ? new InviteClientTransaction(request, flow, user, context)
        : new NonInviteClientTransaction(request, flow, user, context)
    this.#clients.set(key, transaction)
    transaction.start()
    return transaction
  }

  #parse(bytes: Uint8Array, flow: Flow): SipMessage | undefined {
    let raw: RawMessage | undefined
    try {
      raw = splitMessage(bytes)
      this.#checkLength(raw, bytes.length)
      return interpretMessage(raw)
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
      this.#counters.parseErrors++
      this.#options.logger.debug(
        { remote: flow.remote.address, code: error.code, why: error.message },
        'SIP message refused',
      )
      if (raw) this.#refuse(raw, flow, error)
      return undefined
    }
  }

  /** A stream hands over no more than the head of a message whose Content-Length is beyond the limit. */
  #checkLength({ headers }: RawMessage, length: number): void {
    const { maxMessageBytes } = this.#options
    const declared = headers.get('Content-Length') ?? ''
    if (length <= maxMessageBytes && !(/^[0-9]{1,9}$/.test(declared) && Number(declared) > maxMessageBytes)) return
    throw new ParseError('parse.sip-too-large', `${length} bytes and more, ${maxMessageBytes} allowed`)
  }

  /** §18.1.2 and RFC 4475: a bad request that names its sender is answered 400 (505, 513), without state. */
  #refuse(raw: RawMessage, flow: Flow, { code }: ParseError): void {
    if (!looksLikeRequest(raw) || raw.startLine.startsWith('ACK ') || !raw.headers.has('Via')) return
    const isOurVersion = / SIP\/2\.0\s*$/i.test(raw.startLine)
    const status = code === 'parse.sip-too-large' ? 513 : isOurVersion ? 400 : 505
    const headers = echoedHeaders(raw.headers, raw.headers.get('To'))
    flow.send(serialize({ startLine: `SIP/2.0 ${status} ${reasonPhrase(status)}`, headers }))
  }

  /** §17.1.3: the branch of the top Via and the method in CSeq. §8.1.3.3: a second Via means it went astray. */
  #receiveResponse(response: SipResponse): void {
    if (response.headers.list('Via').length > 1) return
    this.#clients.get(clientKey(response.via.branch, response.cseq.method))?.receive(response)
    if (this.#onAnswered && !this.#isAnyPending()) this.#onAnswered()
  }

  /** §17.2.3 */
  #receiveRequest(received: SipRequest, source: Flow) {
    const request = stamped(received, source)
    const from = source.answering(answerPort(received.via, source))
    const key = serverKey(request)
    const known = this.#servers.get(key)
    if (request.method === 'ACK') {
      return this.#receiveAck(request, from, known)
    }
    if (known) return known.receiveAgain()
    if (this.#isFull(request)) return this.#refuseOverload(request, from)
    const transaction = this.#startServer(request, from, key)
    if (!transaction) return
    if (request.method === 'CANCEL') this.#receiveCancel(transaction)
    else this.#user.onRequest(transaction)
  }

  /** RFC 6026 §7.1: once a 2xx was given, every ACK goes up, even one that wrongly has the INVITE's branch. */
  #receiveAck(ack: SipRequest, from: Flow, known: ServerTransaction | undefined): void {
    if (!(known instanceof InviteServerTransaction) || known.isAccepted) this.#user.onAck(ack)
    else if (known.flow.remote.address === from.remote.address) known.receiveAck()
  }

  /** New business is refused first; what ends or changes a call in progress has as much room again. */
  #isFull(request: SipRequest): boolean {
    const isNew = tagOf(request.to) === '' && request.method !== 'CANCEL'
    return this.#servers.size >= this.#options.maxTransactions * (isNew ? 1 : 2)
  }

  #startServer(request: SipRequest, flow: Flow, key: string): ServerTransaction | undefined {
    const mergeKey = mergedKey(request)
    const other = this.#merged.get(mergeKey)
    const { clock, timers } = this.#options
    const terminated = () => {
      this.#servers.delete(key)
      if (this.#merged.get(mergeKey) === key) this.#merged.delete(mergeKey)
    }
    const context = { clock, timers, terminated }
    const transaction =
      request.method === 'INVITE'
        ? new InviteServerTransaction(request, flow, context)
        : new NonInviteServerTransaction(request, flow, context)
    this.#servers.set(key, transaction)
    if (other === undefined) this.#merged.set(mergeKey, key)
    else if (tagOf(request.to) === '') {
      transaction.respond(this.#withTag(request, 482))
      return undefined
    }
    return transaction
  }

  /** §9.2 */
  #receiveCancel(transaction: ServerTransaction) {
    const cancel = transaction.request
    const invite = this.#servers.get(serverKey(cancel, 'INVITE'))
    if (!(invite instanceof InviteServerTransaction)) return transaction.respond(this.#withTag(cancel, 481))
    transaction.respond(this.#withTag(cancel, 200))
    if (!invite.isAnswered) this.#user.onCancel(invite, cancel)
  }

  #refuseOverload(request: SipRequest, flow: Flow): void {
    this.#counters.overloadRefusals++
    const response = responseTo(request, 503, { headers: [['Retry-After', String(OVERLOAD_RETRY_AFTER_S)]] })
    flow.send(serialize(response))
  }

  #withTag(request: SipRequest, status: number): OutgoingResponse {
    return responseTo(request, status, { toTag: randomHex(8, this.#options.random) })
  }
}

function viaLine(flow: Flow, sentBy: string, branch: string): string {
  // RFC 5923 §4: a peer that honours it sends its requests over this connection, too.
  const alias = flow.reliable ? ';alias' : ''
  return `SIP/2.0/${flow.transport.toUpperCase()} ${sentBy};branch=${branch};rport${alias}`
}

/** RFC 3581 is for datagrams; what replaces a broken connection goes to the sent-by port (RFC 3261 §18.2.2). */
function answerPort(via: Via, source: Flow): number {
  return source.reliable ? (via.port ?? 5060) : responsePort(via, source.remote)
}

function stamped(request: SipRequest, flow: Flow): SipRequest {
  const via = stampVia(request.via, flow.remote)
  if (via === request.via) return request
  const [, ...others] = splitOutsideQuotes(request.headers.get('Via')!, ',')
  request.headers.replaceFirst('Via', [formatVia(via), ...others].join(', '))
  return { ...request, via }
}

function branchOf(request: OutgoingRequest): string {
  return /;branch=([^;]+)/.exec(request.headers.get('Via')!)![1]!
}

const clientKey = (branch: string, method: string) => `${branch} ${method}`

/** §17.2.3: branch, sent-by and method; for RFC 2543 peers what their requests have in common. */
function serverKey(request: SipRequest, asMethod = request.method === 'ACK' ? 'INVITE' : request.method): string {
  const { via } = request
  const sentBy = `${via.host.toLowerCase()}:${via.port ?? ''}`
  if (via.branch.startsWith(MAGIC_COOKIE) && via.branch.length > MAGIC_COOKIE.length) {
    return `${via.branch} ${sentBy} ${asMethod}`
  }
  return `2543 ${request.requestUri} ${tagOf(request.from)} ${request.callId} ${request.cseq.number} ${sentBy} ${asMethod}`
}

function mergedKey(request: SipRequest): string {
  return `${request.callId} ${request.cseq.number} ${request.cseq.method} ${tagOf(request.from)}`
}
