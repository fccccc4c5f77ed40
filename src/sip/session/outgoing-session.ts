import { ProtocolError, TandemError } from '../../base/errors.ts'
import type { Credentials } from '../auth/credentials.ts'
import { newCallId, newTag, type SipCore, sentBy } from '../core.ts'
import type { Dialog } from '../dialog/dialog.ts'
import { FailoverRequest } from '../locating/failover-request.ts'
import { isTargets, type Located } from '../locating/locator.ts'
import type { Target } from '../locating/target.ts'
import { type OutgoingRequest, type SipRequest, type SipResponse, sdpOf, tagOf } from '../message/message.ts'
import { q850Of, reasonHeaders } from '../message/reason.ts'
import type { EndReason, OutgoingSession, Party, SessionEnd, SessionPeer } from '../sip-engine.ts'
import type { TransactionFailure } from '../transaction/client-transaction.ts'
import { InviteClientTransaction } from '../transaction/invite-client.ts'
import type { ServerTransaction } from '../transaction/server-transaction.ts'
import { type Flow, isSecure } from '../transport/transport.ts'
import { CallSession, refusal } from './call-session.ts'
import { type EarlyFork, EarlyForks, readDialog } from './early-forks.ts'
import { redirectedTo } from './redirect.ts'

/** What differs between a phone, a trunk and a bare URI. */
export interface OutgoingCall {
  readonly peer: SessionPeer
  readonly remoteParty: Party
  readonly contactUser: string
  /** To a SIPS URI, or by way of one. */
  readonly isSips: boolean
  readonly credentials: Credentials | undefined
  /** Calls back once, perhaps at once, with the ways to the next hop. */
  readonly locate: (found: (result: Located) => void) => void
  /** The call that a 3xx asks for; undefined when nobody there may be dialled. */
  readonly redirect: (user: string) => OutgoingCall | undefined
  readonly buildInvite: (flow: Flow, callId: string, localTag: string) => OutgoingRequest
}

/** Forks whose 2xx nobody wanted, remembered so that a repeated one does not repeat the BYE. */
const MAX_RELEASED = 32

/** Redirections that one call follows; Asterisk and most phones stop at fewer. */
const MAX_REDIRECTS = 5

type Phase = 'locating' | 'calling' | 'established' | 'over'

/** An INVITE of ours: RFC 3261 §13.2. */
export class OutgoingInviteSession extends CallSession implements OutgoingSession {
  #call: OutgoingCall
  readonly #early = new EarlyForks()
  /** Remote tags of forks that were sent a BYE. */
  readonly #released = new Set<string>()
  /** Whom the call has been for: none of them is dialled again. */
  readonly #dialled = new Set<string>()
  #phase: Phase = 'locating'
  #flow: Flow | undefined
  #invite: OutgoingRequest | undefined
  #request: FailoverRequest | undefined
  #sequence = 1
  /** Set by `end` before the final answer: CANCEL as soon as one may be sent (§9.1). */
  #cancel: EndReason | undefined
  #hasSentCancel = false

  constructor(core: SipCore, call: OutgoingCall, onClosed: () => void) {
    super({
      core,
      callId: newCallId(core),
      localTag: newTag(core),
      peer: call.peer,
      remoteParty: call.remoteParty,
      contactUser: call.contactUser,
      credentials: call.credentials,
      isCaller: true,
      onClosed,
    })
    this.#call = call
    this.#dialled.add(call.remoteParty.user)
  }

  get localAddress(): string {
    return this.#flow === undefined ? '' : this.core.advertised.toward(this.#flow)
  }

  get isSecure(): boolean {
    return this.#flow !== undefined && isSecure(this.#flow)
  }

  start(): void {
    this.#call.locate((result) => {
      if (this.#phase !== 'locating') return
      if (isTargets(result)) this.#send(result)
      else this.#fail(result.message)
    })
  }

  reoffer(sdp: string): Promise<string> {
    if (this.#phase !== 'established') {
      return Promise.reject(new ProtocolError('sip.not-established', 'the call is not established'))
    }
    return this.offers.reoffer(sdp)
  }

  end(reason: EndReason = {}): void {
    if (this.hasEnded) return
    const wasEstablished = this.#phase === 'established'
    if (wasEstablished) this.sendBye(this.dialog, this.flow, reason)
    else if (this.#phase === 'calling') this.#requestCancel(reason)
    this.#phase = 'over'
    const text = reason.text ?? (wasEstablished ? 'BYE' : 'CANCEL')
    this.finish({ by: 'local', status: wasEstablished ? 200 : 487, q850: reason.q850, reason: text })
  }

  /** We are the caller: the only ACKs are for offers that came to us. */
  receiveAck(ack: SipRequest): void {
    this.offers.receiveAck(ack)
  }

  /** §8.1.1.8 */
  protected override get isSips(): boolean {
    return super.isSips || this.#call.isSips
  }

  protected get isEstablished(): boolean {
    return this.#phase === 'established'
  }

  /** RFC 3891 §3: our own early dialogs too: a call that rings there is picked up. */
  get isReplaceable(): boolean {
    return this.#phase === 'established' || this.#phase === 'calling'
  }

  protected override dialogWith(remoteTag: string): Dialog | undefined {
    return super.dialogWith(remoteTag) ?? this.#early.get(remoteTag)?.dialog
  }

  /** RFC 3311 §5.2: before its 2xx a fork may refresh its target (connected line), and offer once it has answered reliably. */
  protected override receiveOffer(transaction: ServerTransaction) {
    if (this.#phase === 'established') return super.receiveOffer(transaction)
    const { request } = transaction
    const sdp = sdpOf(request)
    const fork = this.#early.get(tagOf(request.from))
    if (request.method !== 'UPDATE' || !fork || (sdp !== undefined && !fork.isAnswered)) {
      return this.answer(transaction, 491)
    }
    if (sdp === undefined) return this.#acceptEarly(transaction, fork)
    this.offered({
      sdp,
      accept: (answer) => {
        fork.agreed = { local: answer, remote: sdp }
        this.#acceptEarly(transaction, fork, answer)
      },
      reject: (status) => this.answer(transaction, status),
    })
  }

  #acceptEarly(transaction: ServerTransaction, { dialog }: EarlyFork, body?: string): void {
    dialog.refreshTarget(transaction.request.headers)
    this.answer(transaction, 200, [['Contact', this.contactOn(this.#flow!)]], body)
  }

  /** §15: the callee has no business hanging up before it has answered, but if it does, the INVITE is to end too. */
  protected override endedByPeer(end: SessionEnd): void {
    if (this.#phase === 'calling') this.#requestCancel({})
    this.#phase = 'over'
    this.finish(end)
  }

  #send(targets: readonly Target[]): void {
    this.#phase = 'calling'
    const user = {
      onResponse: (response: SipResponse) => this.#onResponse(response),
      onFailure: (why: TransactionFailure) => this.#onFailure(why),
    }
    this.#request = new FailoverRequest(this.core, user, {
      targets,
      build: (flow) => this.#inviteOn(flow),
      credentials: this.credentials,
      nextSequence: () => ++this.#sequence,
    })
    this.#request.start()
  }

  #inviteOn(flow: Flow): OutgoingRequest | undefined {
    const invite = this.#buildInvite(flow)
    if (!invite) return undefined
    if (this.#flow) this.#sequence++
    this.#flow = flow
    return this.#numbered(invite)
  }

  #numbered(bare: OutgoingRequest): OutgoingRequest {
    const headers = bare.headers.clone().replaceFirst('CSeq', `${this.#sequence} INVITE`)
    for (const [name, value] of this.sessionTimer.requestFields()) headers.replaceFirst(name, value)
    this.#invite = { ...bare, headers }
    return this.#invite
  }

  /** The bridge makes the offer here, which may fail. */
  #buildInvite(flow: Flow): OutgoingRequest | undefined {
    try {
      return this.#call.buildInvite(flow, this.callId, this.localTag)
    } catch (error) {
      if (!(error instanceof TandemError)) throw error
      this.#fail(error.message)
      return undefined
    }
  }

  #onResponse(response: SipResponse): void {
    if (response.status < 200) this.#onProvisional(response)
    else if (response.status < 300) this.#onAccepted(response)
    else this.#onRefused(response)
  }

  /** §13.2.2.1 */
  #onProvisional(response: SipResponse) {
    if (this.#cancel) return this.#sendCancel(this.#cancel)
    if (response.status === 100) return
    const receipt = this.#early.note(this.#invite!, response)
    if (receipt === 'ignored') return
    if (receipt !== 'unreliable') this.#acknowledgeProvisional(receipt.dialog, receipt.rack)
    this.noteAllowed(response.headers)
    this.events.emit({ type: 'progress', status: response.status, sdp: sdpOf(response) })
  }

  /** RFC 3262 §4 */
  #acknowledgeProvisional(dialog: Dialog, rack: string): void {
    this.#toward(dialog, (flow) => this.sendInDialog(dialog, flow, 'PRACK', [['RAck', rack]]))
  }

  /** §13.2.2.4: the first 2xx makes the call; a repeated one gets its ACK again; that of another fork, ACK and BYE. */
  #onAccepted(response: SipResponse) {
    const remoteTag = tagOf(response.to)
    const isOurs = this.#phase === 'established' && this.dialog.remoteTag === remoteTag
    const dialog = isOurs ? this.dialog : readDialog(this.#invite!, response)
    if (!dialog) return this.#fail('the 2xx has no usable Contact')
    this.#acknowledge(dialog, response)
    if (isOurs) return
    if (this.#phase !== 'calling') return this.#release(dialog, response)
    const early = this.#early.get(remoteTag)
    this.#phase = 'established'
    this.#early.clear()
    this.enterDialog(dialog, this.#flow!)
    if (early) dialog.continueSequenceOf(early.dialog)
    const sdp = sdpOf(response) ?? early?.sdp
    if (sdp === undefined) return this.#hangUpWithoutAnswer()
    this.noteAllowed(response.headers)
    this.sessionTimer.agreed(response)
    const agreed = early?.agreed
    if (agreed) this.offers.settled(agreed.local, agreed.remote, true)
    else this.offers.settled(this.#invite!.body ?? '', sdp, false)
    this.events.emit({ type: 'established', sdp: agreed ? undefined : sdp })
  }

  /** §13.2.1: the answer must be in the 2xx (or, unreliably, before it). */
  #hangUpWithoutAnswer(): void {
    const reason = 'the 2xx has no SDP answer'
    this.sendBye(this.dialog, this.flow, { text: reason })
    this.#phase = 'over'
    this.finish({ by: 'local', status: 488, q850: undefined, reason })
  }

  /** The path may need a name to be looked up; a repeated 2xx asks again if this ACK is lost. */
  #acknowledge(dialog: Dialog, response: SipResponse): void {
    const ack = dialog.ack(response.cseq.number, this.#request!.transaction!.request)
    this.#toward(dialog, (flow) => void this.core.transactions.acknowledge(ack, flow, sentBy(this.core, flow)))
  }

  /** A 2xx that nobody wants: cancelled too late, or another fork was first. Repeated ones do not repeat the BYE. */
  #release(dialog: Dialog, response: SipResponse): void {
    const remoteTag = tagOf(response.to)
    if (this.#released.has(remoteTag) || this.#released.size >= MAX_RELEASED) return
    this.#released.add(remoteTag)
    this.#toward(dialog, (flow) => this.sendBye(dialog, flow, this.#cancel))
  }

  #toward(dialog: Dialog, run: (flow: Flow) => void) {
    if (this.peer.kind === 'user' && !dialog.hasRoutes) return run(this.#flow!)
    this.core.locator.locate(dialog.nextHop(), (result) => run(result instanceof TandemError ? this.#flow! : result))
  }

  #onRefused(response: SipResponse): void {
    // RFC 4028 §7.3: the same INVITE again, with a longer interval.
    if (response.status === 422 && this.#phase === 'calling' && this.sessionTimer.raise(response)) {
      this.#sequence++
      return this.#request!.sendAgain(this.#numbered(this.#invite!))
    }
    if (this.#phase === 'calling' && this.#follow(response)) return
    this.#phase = 'over'
    const retryAfter = /^\s*([0-9]{1,6})/.exec(response.headers.get('Retry-After') ?? '')?.[1]
    const retryAfterS = retryAfter === undefined ? undefined : Number(retryAfter)
    this.finish(refusal(response.status, response.reason, q850Of(response.headers), retryAfterS))
  }

  /** §8.1.3.4: the same call, to somebody else at the same peer; nobody twice. */
  #follow(response: SipResponse): boolean {
    for (const user of redirectedTo(response)) {
      if (this.#dialled.size > MAX_REDIRECTS || this.#dialled.has(user)) continue
      this.#dialled.add(user)
      const call = this.#call.redirect(user)
      if (!call) continue
      this.core.logger.info({ callId: this.callId, status: response.status }, 'call redirected')
      this.#call = call
      this.nowWith(call.peer)
      this.#early.clear()
      this.#phase = 'locating'
      this.start()
      return true
    }
    return false
  }

  #onFailure(why: TransactionFailure): void {
    this.#phase = 'over'
    if (why === 'timeout') this.finish({ by: 'timeout', status: 408, q850: undefined, reason: 'no answer to INVITE' })
    else this.#fail('the connection broke')
  }

  #fail(reason: string): void {
    this.#phase = 'over'
    this.finish({ by: 'transport', status: 503, q850: undefined, reason })
  }

  /** §9.1: not before a provisional answer; without any, timer B ends the INVITE. */
  #requestCancel(reason: EndReason): void {
    this.#cancel = reason
    this.#request?.stop()
    const invite = this.#request?.transaction
    if (invite instanceof InviteClientTransaction && invite.isProceeding) this.#sendCancel(reason)
  }

  #sendCancel(reason: EndReason): void {
    if (this.#hasSentCancel) return
    this.#hasSentCancel = true
    this.core.transactions.cancel(this.#request!.transaction!, reasonHeaders(reason))
  }
}
