import { Signal } from '../../base/events.ts'
import { AuthenticatedRequest } from '../auth/authenticated-request.ts'
import type { Credentials } from '../auth/credentials.ts'
import { ALLOW, CAPABILITIES, contactOn, type SipCore } from '../core.ts'
import type { Dialog } from '../dialog/dialog.ts'
import { DialogPath } from '../dialog/dialog-path.ts'
import type { DialogOwner } from '../dialog/dialog-table.ts'
import type { Headers } from '../message/headers.ts'
import { type SipRequest, tagOf } from '../message/message.ts'
import { q850Of, reasonHeaders, reasonText } from '../message/reason.ts'
import { reasonPhrase, responseTo } from '../message/response.ts'
import type {
  EndReason,
  IncomingSession,
  Party,
  Session,
  SessionEnd,
  SessionEvent,
  SessionOffer,
  SessionPeer,
  TransferRequest,
} from '../sip-engine.ts'
import type { ServerTransaction } from '../transaction/server-transaction.ts'
import type { Flow } from '../transport/transport.ts'
import { dtmfOf } from './info-dtmf.ts'
import { OfferExchange, type OfferExchangeOwner } from './offer-exchange.ts'
import { joinedCall } from './replacement.ts'
import { SessionRefresh } from './session-refresh.ts'
import { SessionTimer } from './session-timer.ts'
import { Transfers } from './transfer.ts'

export interface CallSessionOptions {
  readonly core: SipCore
  readonly callId: string
  readonly localTag: string
  readonly peer: SessionPeer
  readonly remoteParty: Party
  readonly contactUser: string
  readonly credentials: Credentials | undefined
  readonly isCaller: boolean
  /** Called once, when nothing of the session is left in the tables. */
  readonly onClosed: () => void
}

/** ITU-T Q.850, cause 102. */
const RECOVERY_ON_TIMER_EXPIRY = 102

/** What both directions share: a dialog once there is one, mid-call offers, BYE, and exactly one `ended`. */
export abstract class CallSession implements Session, DialogOwner, OfferExchangeOwner {
  readonly core: SipCore
  readonly callId: string
  readonly remoteParty: Party
  readonly contactUser: string
  readonly credentials: Credentials | undefined
  readonly isCaller: boolean
  readonly events = new Signal<SessionEvent>()
  readonly sessionTimer: SessionTimer
  protected readonly localTag: string
  protected readonly offers = new OfferExchange(this)
  protected hasEnded = false
  readonly #refresh: SessionRefresh
  readonly #onClosed: () => void
  #replacedHandler: ((by: IncomingSession) => void) | undefined
  readonly #transfers: Transfers
  #peer: SessionPeer
  #offerHandler: ((offer: SessionOffer) => void) | undefined
  #dialog: Dialog | undefined
  #path: DialogPath | undefined

  constructor(options: CallSessionOptions) {
    this.core = options.core
    this.callId = options.callId
    this.localTag = options.localTag
    this.#peer = options.peer
    this.remoteParty = options.remoteParty
    this.contactUser = options.contactUser
    this.credentials = options.credentials
    this.isCaller = options.isCaller
    this.#onClosed = options.onClosed
    this.#transfers = new Transfers({
      joined: (replaces) => joinedCall(this.core.dialogs, replaces, this),
      answer: (refer, status, fields = []) => this.answer(refer, status, [['Contact', this.contact], ...fields]),
      notify: (fields, body) => {
        this.sendInDialog(this.dialog, this.flow, 'NOTIFY', [['Contact', this.contact], ...fields], body)
      },
    })
    this.#refresh = new SessionRefresh(this, () => this.offers.refresh())
    this.sessionTimer = new SessionTimer(this.core.clock, this.core.sessionExpiresS, {
      refresh: () => this.#refresh.start(),
      expired: () => this.dialogGone('session timer expired'),
    })
    this.core.dialogs.add(this.callId, this.localTag, this)
  }

  abstract get localAddress(): string

  abstract get isSecure(): boolean

  abstract end(reason?: EndReason): void

  /** The call has been answered and goes on. */
  protected abstract get isEstablished(): boolean

  abstract get isReplaceable(): boolean

  get peer(): SessionPeer {
    return this.#peer
  }

  get isOver(): boolean {
    return this.hasEnded
  }

  /** Of the established call, or of the incoming one still ringing. */
  get dialog(): Dialog {
    return this.#dialog!
  }

  get flow(): Flow {
    return this.#path!.flowFor(this.dialog)
  }

  /** Of our requests and answers within the dialog. */
  get contact(): string {
    return this.contactOn(this.flow)
  }

  protected contactOn(flow: Flow): string {
    return contactOn(this.core, flow, this.contactUser, this.isSips)
  }

  /** Our Contact must be a SIPS URI. */
  protected get isSips(): boolean {
    return this.#dialog?.isSips === true
  }

  onOffer(handler: (offer: SessionOffer) => void): void {
    this.#offerHandler = handler
  }

  onTransfer(handler: (transfer: TransferRequest) => void): void {
    this.#transfers.onTransfer(handler)
  }

  onReplaced(handler: (by: IncomingSession) => void): void {
    this.#replacedHandler = handler
  }

  replacedBy(session: IncomingSession): void {
    if (this.#replacedHandler) this.#replacedHandler(session)
    else session.reject(603)
  }

  dialogState(remoteTag: string): 'none' | 'early' | 'confirmed' {
    if (!this.dialogWith(remoteTag)) return 'none'
    return this.isEstablished ? 'confirmed' : 'early'
  }

  receiveRequest(transaction: ServerTransaction) {
    const { request } = transaction
    const dialog = this.dialogWith(tagOf(request.from))
    if (!dialog) return this.answer(transaction, 481)
    if (!dialog.takeSequence(request)) return this.answer(transaction, 500)
    if (this.#dialog === dialog) this.#path?.heard(dialog, transaction.flow)
    this.noteAllowed(request.headers)
    switch (request.method) {
      case 'BYE':
        return this.#receiveBye(transaction)
      case 'INVITE':
      case 'UPDATE':
        return this.receiveOffer(transaction)
      case 'PRACK':
        return this.receivePrack(transaction)
      case 'REFER':
        return this.isEstablished ? this.#transfers.receive(transaction) : this.answer(transaction, 403)
      case 'INFO':
        return this.#receiveInfo(transaction)
      case 'OPTIONS':
        return this.answer(transaction, 200, CAPABILITIES)
      default:
        return this.answer(transaction, 405, [['Allow', ALLOW]])
    }
  }

  abstract receiveAck(ack: SipRequest): void

  /** RFC 3262 §3: one that fits no provisional answer of ours. */
  protected receivePrack(transaction: ServerTransaction): void {
    this.answer(transaction, 481)
  }

  /** §20.5: decides how we refresh the session. */
  protected noteAllowed(headers: Headers): void {
    this.#refresh.noteAllowed(headers)
  }

  /** §12.2: a target refresh by the far end's request or answer. */
  refreshTarget(headers: Headers): void {
    this.dialog.refreshTarget(headers)
    this.#path?.follow(this.dialog)
  }

  offered(offer: SessionOffer): void {
    if (this.#offerHandler) this.#offerHandler(offer)
    else offer.reject(488)
  }

  answered(sdp: string): void {
    this.events.emit({ type: 'answer', sdp })
  }

  /** §12.2.1.2: the far end has forgotten the call. A BYE does no harm, in case it has not. */
  dialogGone(why: string): void {
    if (this.hasEnded) return
    this.sendBye(this.dialog, this.flow, { q850: RECOVERY_ON_TIMER_EXPIRY, text: why })
    this.finish({ by: 'timeout', status: 408, q850: undefined, reason: why })
  }

  /** The user agent is closing: stops every timer, says nothing. */
  abandon(): void {
    this.hasEnded = true
    this.sessionTimer.stop()
    this.offers.close()
    this.events.clear()
  }

  /** The dialog whose remote tag that is; undefined: the request is not of this call. */
  protected dialogWith(remoteTag: string): Dialog | undefined {
    return this.#dialog?.remoteTag === remoteTag ? this.#dialog : undefined
  }

  /** The call was sent on to somebody else. */
  protected nowWith(peer: SessionPeer): void {
    this.#peer = peer
  }

  protected receiveOffer(transaction: ServerTransaction): void {
    this.offers.receive(transaction)
  }

  protected enterDialog(dialog: Dialog, heardOn: Flow): void {
    this.#dialog = dialog
    this.#path = new DialogPath(this.core.locator, heardOn, this.peer.kind === 'user')
    this.#path.follow(dialog)
  }

  /** §15.1.1; its answer changes nothing. */
  protected sendBye(dialog: Dialog, flow: Flow, reason?: EndReason): void {
    this.sendInDialog(dialog, flow, 'BYE', reasonHeaders(reason))
  }

  /** A request whose answer changes nothing. */
  protected sendInDialog(
    dialog: Dialog,
    flow: Flow,
    method: string,
    fields: Iterable<readonly [string, string]>,
    body?: string,
  ): void {
    const request = dialog.request(method, [['User-Agent', this.core.product], ...fields], body)
    const user = { onResponse: () => {}, onFailure: () => {} }
    const options = { credentials: this.credentials, nextSequence: () => dialog.nextSequence() }
    new AuthenticatedRequest(this.core, request, flow, user, options)
  }

  /** Everything that ends a call passes here, and only the first one counts. */
  protected finish(end: SessionEnd): void {
    if (this.hasEnded) return
    this.hasEnded = true
    this.sessionTimer.stop()
    this.offers.close()
    if (!this.mustStayReachable()) this.leave()
    this.events.emit({ type: 'ended', end })
    this.events.clear()
  }

  /** True when an ACK is still to come before our BYE may go out. */
  protected mustStayReachable(): boolean {
    return false
  }

  /** Out of the tables. */
  protected leave(): void {
    this.core.dialogs.remove(this.callId, this.localTag)
    this.#onClosed()
  }

  protected answer(
    transaction: ServerTransaction,
    status: number,
    headers: Iterable<readonly [string, string]> = [],
    body?: string,
  ): void {
    transaction.respond(responseTo(transaction.request, status, { headers, toTag: this.localTag, body }))
  }

  /** §15.1.2 */
  #receiveBye(transaction: ServerTransaction): void {
    this.answer(transaction, 200)
    const { headers } = transaction.request
    this.endedByPeer({
      by: 'remote',
      status: 200,
      q850: q850Of(headers),
      reason: reasonText(headers) ?? 'BYE',
    })
  }

  protected endedByPeer(end: SessionEnd): void {
    this.finish(end)
  }

  /** RFC 6086 §4.2.2: an INFO without a body is a sign of life, one that nobody understands gets 415. */
  #receiveInfo(transaction: ServerTransaction): void {
    const { request } = transaction
    const digit = dtmfOf(request)
    const isUnderstood = digit !== undefined || request.body.length === 0
    this.answer(transaction, isUnderstood ? 200 : 415)
    if (digit) this.events.emit({ type: 'dtmf', ...digit })
  }
}

/** The end of a call that the far end refused with a final answer. */
export function refusal(status: number, reason: string, q850: number | undefined, retryAfterS?: number): SessionEnd {
  return { by: 'remote', status, q850, reason: reason === '' ? reasonPhrase(status) : reason, retryAfterS }
}
