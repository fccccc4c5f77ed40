import type { Timer } from '../../base/clock.ts'
import { CAPABILITIES, newTag, type SipCore } from '../core.ts'
import { Dialog } from '../dialog/dialog.ts'
import { type OutgoingResponse, type SipRequest, sdpOf } from '../message/message.ts'
import { q850Of, reasonHeaders, reasonText } from '../message/reason.ts'
import { responseTo } from '../message/response.ts'
import type {
  CallerIdentity,
  Diversion,
  EndReason,
  ExtraHeader,
  IncomingSession,
  Party,
  SessionEnd,
  SessionPeer,
} from '../sip-engine.ts'
import type { ServerTransaction } from '../transaction/server-transaction.ts'
import { isSecure } from '../transport/transport.ts'
import { AcceptedInvite } from './accepted-invite.ts'
import { CallSession } from './call-session.ts'
import { callerOf, diversionOf, partyOf } from './caller-identity.ts'
import { ReliableProvisionals, reliabilityOf } from './reliable-provisional.ts'

/** RFC 3261 §13.3.1.1: proxies give an INVITE up after three minutes without a provisional answer. */
const REPEAT_PROVISIONAL_MS = 60_000

/** An INVITE from outside: RFC 3261 §13.3. */
export class IncomingInviteSession extends CallSession implements IncomingSession {
  readonly offer: string | undefined
  readonly dialled: string
  readonly to: Party
  readonly caller: CallerIdentity
  readonly divertedBy: Diversion | undefined
  readonly #transaction: ServerTransaction
  readonly #provisionals: ReliableProvisionals
  /** The answer that has gone out in a reliable 183: the 200 has none then (RFC 3262 §5). */
  #reliableAnswer: string | undefined
  #accepted: AcceptedInvite | undefined
  #repeat: Timer | undefined
  /** In the 200 to an INVITE without one. */
  #ourOffer = ''
  /** Said goodbye before the ACK came: the BYE waits for it (§15). */
  #byeAfterAck: EndReason | undefined
  #isByeDue = false

  /** Throws `ParseError` when the Contact or a Record-Route cannot be read. */
  constructor(core: SipCore, transaction: ServerTransaction, peer: SessionPeer, onClosed: () => void) {
    const { request } = transaction
    const localTag = newTag(core)
    const dialog = Dialog.ofCallee(request, localTag)
    super({
      core,
      callId: request.callId,
      localTag,
      peer,
      remoteParty: partyOf(request.from),
      contactUser: request.uri.user ?? '',
      credentials: undefined,
      isCaller: false,
      onClosed,
    })
    this.#transaction = transaction
    this.#provisionals = new ReliableProvisionals(core, transaction, () => this.#onNoPrack())
    this.offer = sdpOf(request)
    this.dialled = request.uri.user ?? ''
    this.to = partyOf(request.to)
    this.caller = callerOf(request, peer.kind !== 'user')
    this.divertedBy = peer.kind === 'user' ? undefined : diversionOf(request)
    this.enterDialog(dialog, transaction.flow)
    this.noteAllowed(request.headers)
    transaction.respond(responseTo(request, 100))
  }

  get localAddress(): string {
    return this.core.advertised.toward(this.#transaction.flow)
  }

  get isSecure(): boolean {
    return isSecure(this.#transaction.flow)
  }

  /** §12.1.1 */
  protected override get isSips(): boolean {
    return super.isSips || this.#transaction.request.uri.scheme === 'sips'
  }

  get isAnswered(): boolean {
    return this.#transaction.isAnswered
  }

  header(name: string): string | undefined {
    return this.#transaction.request.headers.get(name)
  }

  ring(sdp?: string): void {
    if (this.#transaction.isAnswered) return
    const status = sdp === undefined ? 180 : 183
    const fields = [['Contact', this.#contact()] as const, ...CAPABILITIES]
    const reliability = reliabilityOf(this.#transaction.request)
    if (reliability === 'required' || (reliability === 'supported' && sdp !== undefined)) {
      this.#ringReliably(status, fields, sdp)
    } else this.#respond(status, fields, sdp)
    this.#repeat?.cancel()
    this.#repeat = this.core.clock.after(REPEAT_PROVISIONAL_MS, () =>
      this.ring(this.#reliableAnswer === undefined ? sdp : undefined),
    )
  }

  /** RFC 3262 §5: to an INVITE without an offer the first reliable answer would have to carry ours; it gets 100 alone. */
  #ringReliably(status: number, fields: readonly (readonly [string, string])[], sdp: string | undefined): void {
    const { offer } = this
    if (offer === undefined) return
    this.#provisionals.send(sdp !== undefined, (reliable) => {
      if (sdp !== undefined) {
        this.#reliableAnswer = sdp
        this.offers.settled(sdp, offer, true)
      }
      return this.#response(status, [...fields, ...reliable], sdp)
    })
  }

  accept(sdp: string, headers: readonly ExtraHeader[] = []): void {
    if (this.#transaction.isAnswered) return
    this.#repeat?.cancel()
    if (this.#provisionals.isSdpOpen) return this.#provisionals.afterAcknowledgement(() => this.accept(sdp, headers))
    this.#provisionals.stop()
    const { request } = this.#transaction
    const response = responseTo(request, 200, {
      toTag: this.localTag,
      headers: [
        ...request.headers.lines('Record-Route').map((value) => ['Record-Route', value] as const),
        ['Contact', this.#contact()],
        ...CAPABILITIES,
        ...this.sessionTimer.agree(request),
        ['Server', this.core.product],
        ...headers.map(({ name, value }) => [name, value] as const),
      ],
      body: this.#reliableAnswer === undefined ? sdp : undefined,
    })
    if (this.offer === undefined) this.#ourOffer = sdp
    else if (this.#reliableAnswer === undefined) this.offers.settled(sdp, this.offer, true)
    this.#accepted = new AcceptedInvite(this.core, this.#transaction, response, {
      onAck: (ack) => this.#onAck(ack),
      onGaveUp: () => this.#onNoAck(),
    })
  }

  reject(status: number, reason?: EndReason & { readonly retryAfterS?: number }): void {
    const headers = [...reasonHeaders(reason)]
    if (reason?.retryAfterS !== undefined) headers.push(['Retry-After', String(reason.retryAfterS)])
    this.#refuse(status, headers, { by: 'local', status, q850: reason?.q850, reason: reason?.text ?? 'rejected' })
  }

  end(reason?: EndReason) {
    if (this.hasEnded) return
    if (!this.#transaction.isAnswered) return this.reject(480, reason)
    this.#isByeDue = true
    this.#byeAfterAck = reason
    if (!this.#accepted?.isWaiting) this.sendBye(this.dialog, this.flow, reason)
    this.finish({ by: 'local', status: 200, q850: reason?.q850, reason: reason?.text ?? 'BYE' })
  }

  receiveAck(ack: SipRequest): void {
    this.#accepted?.acknowledge(ack)
    this.offers.receiveAck(ack)
  }

  protected get isEstablished(): boolean {
    return this.#accepted !== undefined && !this.hasEnded
  }

  /** RFC 3891 §3: a call that is ringing here was not begun by us. */
  get isReplaceable(): boolean {
    return this.isEstablished
  }

  /** §9.2: the transaction layer has answered the CANCEL. */
  receiveCancel(cancel: SipRequest): void {
    const end = {
      by: 'remote',
      status: 487,
      q850: q850Of(cancel.headers),
      reason: reasonText(cancel.headers) ?? 'CANCEL',
    } as const
    this.#refuse(487, [], end)
  }

  override abandon(): void {
    this.#repeat?.cancel()
    this.#provisionals.stop()
    this.#accepted?.stop()
    super.abandon()
  }

  /** RFC 3262 §3 and §5: once the INVITE's offer has its answer, a PRACK may bring another one. */
  protected override receivePrack(transaction: ServerTransaction): void {
    if (!this.#provisionals.acknowledge(transaction.request)) return this.answer(transaction, 481)
    if (sdpOf(transaction.request) === undefined) this.answer(transaction, 200)
    else if (this.#reliableAnswer === undefined) this.answer(transaction, 488)
    else super.receiveOffer(transaction)
  }

  /** §15.1.2: a BYE while still ringing answers the INVITE with 487. */
  protected override endedByPeer(end: SessionEnd): void {
    if (this.#transaction.isAnswered) {
      this.#accepted?.stop()
      this.finish(end)
    } else {
      this.#refuse(487, [], { ...end, status: 487 })
    }
  }

  /** RFC 3311 §5.2: an offer while the INVITE's own is not answered yet. RFC 3261 §14.2: another INVITE before our 2xx. */
  protected override receiveOffer(transaction: ServerTransaction): void {
    const { request } = transaction
    const isOfferOpen = this.#reliableAnswer === undefined && sdpOf(request) !== undefined
    if (!this.#transaction.isAnswered && (isOfferOpen || request.method === 'INVITE'))
      this.answer(transaction, 500, [['Retry-After', '1']])
    else super.receiveOffer(transaction)
  }

  protected override mustStayReachable(): boolean {
    return this.#isByeDue && this.#accepted?.isWaiting === true
  }

  #onAck(ack: SipRequest) {
    if (this.#isByeDue) {
      this.sendBye(this.dialog, this.flow, this.#byeAfterAck)
      this.leave()
      return
    }
    const sdp = this.offer === undefined ? sdpOf(ack) : undefined
    if (this.offer === undefined && sdp === undefined) return this.#hangUpWithoutAnswer()
    if (sdp !== undefined) this.offers.settled(this.#ourOffer, sdp, false)
    this.events.emit({ type: 'established', sdp })
  }

  /** §13.2.2.4: when the offer was ours, in the 2xx, the ACK must have the answer. */
  #hangUpWithoutAnswer(): void {
    const reason = 'the ACK has no SDP answer'
    this.sendBye(this.dialog, this.flow, { text: reason })
    this.finish({ by: 'local', status: 488, q850: undefined, reason })
  }

  /** §13.3.1.4: no ACK within 64 × T1: the call is over, with a BYE. */
  #onNoAck(): void {
    this.sendBye(this.dialog, this.flow, this.#byeAfterAck)
    if (this.hasEnded) this.leave()
    this.finish({ by: 'timeout', status: 408, q850: undefined, reason: 'no ACK' })
  }

  /** RFC 3262 §3: no PRACK within 64 × T1: a 5xx. */
  #onNoPrack(): void {
    this.#refuse(504, [], { by: 'timeout', status: 504, q850: undefined, reason: 'no PRACK' })
  }

  #refuse(status: number, headers: Iterable<readonly [string, string]>, end: SessionEnd): void {
    if (this.#transaction.isAnswered) return
    this.#repeat?.cancel()
    this.#provisionals.stop()
    this.#respond(status, headers)
    this.finish(end)
  }

  #respond(status: number, headers: Iterable<readonly [string, string]>, body?: string): void {
    this.#transaction.respond(this.#response(status, headers, body))
  }

  #response(status: number, headers: Iterable<readonly [string, string]>, body?: string): OutgoingResponse {
    const { request } = this.#transaction
    const routes = status < 200 ? request.headers.lines('Record-Route') : []
    const fields = [...routes.map((value) => ['Record-Route', value] as const), ...headers]
    return responseTo(request, status, { toTag: this.localTag, headers: fields, body })
  }

  #contact(): string {
    return this.contactOn(this.#transaction.flow)
  }
}
