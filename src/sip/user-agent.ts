import { ParseError, TandemError } from '../base/errors.ts'
import { Signal } from '../base/events.ts'
import { noTracer } from '../base/tracer.ts'
import { CAPABILITIES, type SipCore, type SipEnvironment } from './core.ts'
import { type DialogOwner, DialogTable } from './dialog/dialog-table.ts'
import { CallLimits, limitsOfPeers } from './limits/call-limits.ts'
import { Locator } from './locating/locator.ts'
import { type OutgoingResponse, type SipRequest, tagOf } from './message/message.ts'
import { maxForwards } from './message/parser.ts'
import { responseTo } from './message/response.ts'
import { Answers } from './session/answers.ts'
import { impossibleCall, outgoingCall } from './session/call-targets.ts'
import { IncomingInviteSession } from './session/incoming-session.ts'
import { OpenSessions } from './session/open-sessions.ts'
import { OutgoingInviteSession } from './session/outgoing-session.ts'
import { Peers } from './session/peers.ts'
import { replacedCall } from './session/replacement.ts'
import { refusalOfInvite, refusalOfRequest } from './session/request-form.ts'
import type {
  Availability,
  CallTarget,
  IncomingSession,
  InviteOptions,
  Listening,
  OutgoingSession,
  RegisteredContact,
  SessionPeer,
  SipEngine,
  SipLimits,
  SipStats,
  SipTlsOptions,
  SipUserAgentOptions,
  TrunkRegistration,
  TrunkStatus,
} from './sip-engine.ts'
import type { InviteServerTransaction } from './transaction/invite-server.ts'
import { TransactionLayer, type TransactionUser } from './transaction/layer.ts'
import type { ServerTransaction } from './transaction/server-transaction.ts'
import { RFC_TIMERS } from './transaction/timers.ts'
import { AdvertisedAddress } from './transport/advertised-address.ts'
import { newTransport } from './transport/listener.ts'
import { TracedTransport } from './transport/traced-transport.ts'
import type { OnMessage, SipTransport } from './transport/transport.ts'

const DEFAULT_LIMITS: SipLimits = {
  maxSessions: 1000,
  maxTransactions: 20_000,
  maxMessageBytes: 65_535,
  maxConnections: 2000,
}
/** How long `stop` waits for the answers to its BYEs and CANCELs. */
const GOODBYE_TIMEOUT_MS = 2000
const OVERLOAD_RETRY_AFTER_S = 5
/** RFC 4028 §7.1 recommends half an hour. */
const DEFAULT_SESSION_EXPIRES_S = 1800

/** The room's face: wires transports, transactions, dialogs, registrar and sessions, and sorts what comes in. */
export class SipUserAgent implements SipEngine, TransactionUser {
  readonly contactsChanged = new Signal<{ readonly username: string; readonly contacts: number }>()
  readonly #limits: SipLimits
  readonly #answers: Answers
  readonly #core: SipCore
  readonly #transports: readonly SipTransport[]
  readonly #checkTls: (tls: SipTlsOptions) => void
  readonly #peers: Peers
  readonly #callLimits: CallLimits
  readonly #sessions: OpenSessions
  readonly #ringing = new Map<ServerTransaction, IncomingInviteSession>()
  #inviteHandler: ((session: IncomingSession) => void) | undefined
  #availability: (peer: SessionPeer | undefined) => Availability = () => ({ available: true })
  #overloadRefusals = 0
  #isStopping = false

  /** Throws `ConfigError` for values that are not addresses or networks. */
  constructor(options: SipUserAgentOptions, environment: SipEnvironment) {
    const { clock, random, logger, network, timers = RFC_TIMERS, tracer = noTracer } = environment
    this.#answers = new Answers({ clock, random })
    this.#checkTls = (tls) => network.checkTls(tls)
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits }
    const receive: OnMessage = (bytes, flow) => {
      if (this.#peers.guard.mayEnter(flow.remote.address)) this.#core.transactions.receive(bytes, flow)
    }
    this.#transports = options.listeners.map(
      (listener) =>
        new TracedTransport(tracer, receive, (onMessage) =>
          newTransport(listener, { ...options, ...this.#limits }, environment, onMessage),
        ),
    )
    this.#core = {
      clock,
      random,
      logger,
      timers,
      transactions: new TransactionLayer({ clock, random, logger, timers, ...this.#limits }, this),
      dialogs: new DialogTable(),
      locator: new Locator(environment, this.#transports),
      advertised: new AdvertisedAddress(network, options),
      product: options.product,
      sessionExpiresS: options.sessionExpiresS ?? DEFAULT_SESSION_EXPIRES_S,
    }
    this.#peers = new Peers(this.#core, options, (change) => this.contactsChanged.emit(change))
    const { maxSessions: maxCalls, callsPerSecond } = this.#limits
    this.#callLimits = new CallLimits(clock, { maxCalls, callsPerSecond }, limitsOfPeers(options))
    this.#sessions = new OpenSessions(this.#callLimits)
  }

  async start(): Promise<void> {
    for (const transport of this.#transports) await transport.open()
    this.#peers.start()
  }

  async stop(): Promise<void> {
    if (this.#isStopping) return
    this.#isStopping = true
    for (const session of this.#sessions.all()) session.end({ text: 'shutting down' })
    await Promise.all([this.#sessions.whenLeft(this.#core.clock, GOODBYE_TIMEOUT_MS), this.#peers.stop()])
    await this.#core.transactions.whenAnswered(GOODBYE_TIMEOUT_MS)
    for (const session of this.#sessions.all()) session.abandon()
    this.#answers.close()
    this.#core.transactions.close()
    this.#peers.close()
    this.contactsChanged.clear()
    await Promise.all(this.#transports.map((transport) => transport.close()))
  }

  get listening(): readonly Listening[] {
    return this.#transports.map(({ name, local }) => ({ transport: name, ...local }))
  }

  onInvite(handler: (session: IncomingSession) => void): void {
    this.#inviteHandler = handler
  }

  onAvailability(decide: (peer: SessionPeer | undefined) => Availability): void {
    this.#availability = decide
  }

  invite(target: CallTarget, options: InviteOptions): OutgoingSession {
    const session: OutgoingInviteSession = new OutgoingInviteSession(this.#core, this.#plan(target, options), () =>
      this.#sessions.closed(session),
    )
    this.#sessions.opened(session)
    // Not before the caller has subscribed to the session's events.
    queueMicrotask(() => session.start())
    return session
  }

  contactsOf(username: string): readonly RegisteredContact[] {
    return this.#peers.contactsOf(username)
  }

  get registrations(): readonly TrunkRegistration[] {
    return [...this.#peers.trunks.registrations.values()]
  }

  renewTls(tls: SipTlsOptions): void {
    this.#checkTls(tls)
    for (const transport of this.#transports) transport.renewTls(tls)
  }

  get trunks(): readonly TrunkStatus[] {
    return this.#peers.status
  }

  stats(): SipStats {
    const { transactions, dialogs } = this.#core
    return {
      sessions: this.#sessions.size,
      dialogs: dialogs.size,
      clientTransactions: transactions.clientCount,
      serverTransactions: transactions.serverCount,
      contacts: this.#peers.contacts,
      messagesIn: this.#transports.reduce((sum, transport) => sum + transport.messagesIn, 0),
      messagesOut: this.#transports.reduce((sum, transport) => sum + transport.messagesOut, 0),
      parseErrors: transactions.counters.parseErrors,
      authFailures: this.#peers.gatekeeper.failures,
      overloadRefusals: transactions.counters.overloadRefusals + this.#overloadRefusals,
      floodDrops: this.#peers.guard.dropped,
    }
  }

  /** RFC 3261 §8.2: method, header fields, then the request itself. */
  onRequest(transaction: ServerTransaction) {
    const { request } = transaction
    const refusal = refusalOfRequest(request)
    if (refusal) return this.#answers.refuse(transaction, refusal)
    if (tagOf(request.to) !== '') {
      const owner = this.#core.dialogs.ownerOf(request)
      if (owner) owner.receiveRequest(transaction)
      else this.#answers.refuse(transaction, responseTo(request, 481))
      return
    }
    switch (request.method) {
      case 'INVITE':
        return this.#onInvite(transaction)
      case 'OPTIONS':
        return this.#onOptions(transaction)
      case 'REGISTER':
        return this.#onRegister(transaction)
      default:
        this.#answers.refuse(transaction, responseTo(request, 481))
    }
  }

  onAck(ack: SipRequest): void {
    this.#core.dialogs.ownerOf(ack)?.receiveAck(ack)
  }

  onCancel(invite: InviteServerTransaction, cancel: SipRequest): void {
    this.#ringing.get(invite)?.receiveCancel(cancel)
  }

  #plan(target: CallTarget, options: InviteOptions) {
    try {
      if (this.#isStopping) throw new TandemError('sip.stopping', 'the user agent is stopping')
      const call = outgoingCall(this.#core, this.#peers.trunks, target, options)
      if (!this.#callLimits.mayBegin(call.peer)) throw new TandemError('sip.full', 'too many calls')
      return call
    } catch (error) {
      if (error instanceof TandemError) return impossibleCall(error)
      throw error
    }
  }

  #onInvite(transaction: ServerTransaction) {
    const { request } = transaction
    // RFC 7332 §5: a back-to-back user agent takes part in counting hops; a mere endpoint would not.
    if (maxForwards(request.headers) === 0) return this.#answers.refuse(transaction, responseTo(request, 483))
    if (this.#isStopping || this.#callLimits.isFull) return this.#answers.refuse(transaction, this.#overload(request))
    const verdict = this.#peers.gatekeeper.admit(transaction)
    if (verdict.refusal) return this.#answers.refuseLater(transaction, verdict.refusal)
    if (!this.#callLimits.mayBegin(verdict.peer)) return this.#answers.refuse(transaction, this.#overload(request))
    const malformed = refusalOfInvite(request)
    if (malformed) return this.#answers.respond(transaction, malformed)
    const replaced = replacedCall(this.#core.dialogs, request, verdict.peer)
    if (typeof replaced === 'number') return this.#answers.respond(transaction, responseTo(request, replaced))
    this.#announce(transaction, verdict.peer, replaced)
  }

  #announce(transaction: ServerTransaction, peer: IncomingSession['peer'], replaced: DialogOwner | undefined): void {
    try {
      const session: IncomingInviteSession = new IncomingInviteSession(this.#core, transaction, peer, () => {
        this.#sessions.closed(session)
        this.#ringing.delete(transaction)
      })
      this.#sessions.opened(session)
      this.#ringing.set(transaction, session)
      this.#handOver(session, replaced)
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
      this.#answers.refuse(transaction, responseTo(transaction.request, 400))
    }
  }

  /** A mistake in the handler costs this call, with 500, and no other. */
  #handOver(session: IncomingInviteSession, replaced: DialogOwner | undefined): void {
    try {
      if (replaced) replaced.replacedBy(session)
      else if (this.#inviteHandler) this.#inviteHandler(session)
      else session.reject(480)
    } catch (error) {
      this.#core.logger.error({ callId: session.callId, error: String(error) }, 'the handler of a call failed')
      session.reject(500)
    }
  }

  /** §11.2: an OPTIONS is answered as an INVITE would be, which the handler refuses for the same reason. */
  #onOptions(transaction: ServerTransaction): void {
    const { request } = transaction
    const headers = [...CAPABILITIES, ['Accept', 'application/sdp'], ['Server', this.#core.product]] as const
    this.#answers.refuse(transaction, this.#unavailable(transaction) ?? responseTo(request, 200, { headers }))
  }

  #onRegister(transaction: ServerTransaction) {
    const result = this.#peers.gatekeeper.authenticate(transaction)
    if (result.refusal) return this.#answers.refuseLater(transaction, result.refusal)
    const { request, flow } = transaction
    this.#answers.respond(transaction, this.#peers.registrar.register(request, result.username, flow))
  }

  #unavailable({ request, flow }: ServerTransaction): OutgoingResponse | undefined {
    const state: Availability = this.#isStopping
      ? { available: false, retryAfterS: OVERLOAD_RETRY_AFTER_S, reason: 'stopping' }
      : this.#availability(this.#peers.at(flow.remote))
    if (!state.available) return responseTo(request, 503, { headers: [['Retry-After', String(state.retryAfterS)]] })
    return this.#callLimits.isFull ? this.#overload(request) : undefined
  }

  #overload(request: SipRequest): OutgoingResponse {
    this.#overloadRefusals++
    return responseTo(request, 503, { headers: [['Retry-After', String(OVERLOAD_RETRY_AFTER_S)]] })
  }
}
