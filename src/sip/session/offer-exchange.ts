import type { Timer } from '../../base/clock.ts'
import { ProtocolError } from '../../base/errors.ts'
import { AuthenticatedRequest } from '../auth/authenticated-request.ts'
import type { Credentials } from '../auth/credentials.ts'
import { CAPABILITIES, type SipCore, sentBy } from '../core.ts'
import type { Dialog } from '../dialog/dialog.ts'
import type { Headers } from '../message/headers.ts'
import { type OutgoingRequest, type SipRequest, type SipResponse, sdpOf } from '../message/message.ts'
import { responseTo } from '../message/response.ts'
import type { SessionOffer } from '../sip-engine.ts'
import type { ServerTransaction } from '../transaction/server-transaction.ts'
import type { Flow } from '../transport/transport.ts'
import { AcceptedInvite } from './accepted-invite.ts'
import { isIntervalTooSmall, MIN_SESSION_EXPIRES_S, type SessionTimer } from './session-timer.ts'

/** What the exchange needs of its session. */
export interface OfferExchangeOwner {
  readonly core: SipCore
  readonly dialog: Dialog
  readonly flow: Flow
  readonly contact: string
  readonly credentials: Credentials | undefined
  /** We sent the call's first INVITE: decides who waits longer after glare (RFC 3261 §14.1). */
  readonly isCaller: boolean
  readonly sessionTimer: SessionTimer
  /** Nothing more is to be sent or begun. */
  readonly isOver: boolean
  refreshTarget(headers: Headers): void
  offered(offer: SessionOffer): void
  /** The answer in the ACK to an offer in our 2xx, or a new one to an offer that only refreshed the call. */
  answered(sdp: string): void
  /** 481, 408 or silence: the far end has forgotten the call (§12.2.1.2). */
  dialogGone(why: string): void
}

interface PendingReoffer {
  readonly sdp: string
  readonly resolve: (answer: string) => void
  readonly reject: (error: ProtocolError) => void
}

/** RFC 3264 offers inside a call: re-INVITE (RFC 3261 §14), UPDATE (RFC 3311) and PRACK (RFC 3262 §5), one at a time. */
export class OfferExchange {
  readonly #owner: OfferExchangeOwner
  readonly #accepted = new Set<AcceptedInvite>()
  /** The descriptions in force. */
  #local = ''
  #remote = ''
  /** Whether `#local` answered `#remote`. */
  #isAnswer = false
  #incoming: ServerTransaction | undefined
  #outgoing: PendingReoffer | undefined
  #glareWait: Timer | undefined

  constructor(owner: OfferExchangeOwner) {
    this.#owner = owner
  }

  receive(transaction: ServerTransaction) {
    const { request } = transaction
    const sdp = sdpOf(request)
    if (isIntervalTooSmall(request)) return this.#answer(transaction, 422, [['Min-SE', String(MIN_SESSION_EXPIRES_S)]])
    if (request.method === 'UPDATE' && sdp === undefined) return this.#acceptRefresh(transaction)
    // RFC 3261 §14.2, RFC 3311 §5.2: our own offer is open: 491; theirs is: 500, try again soon.
    if (this.#outgoing) return this.#answer(transaction, 491)
    if (this.#incoming)
      return this.#answer(transaction, 500, [['Retry-After', String(this.#owner.core.random.below(11))]])
    this.#incoming = transaction
    if (request.method === 'INVITE') transaction.respond(responseTo(request, 100))
    // RFC 3264 §8: nothing new: a session refresh or a connected line's new name; media go on as they are.
    if (this.#isAnswer && sdp === this.#remote) return this.#accept(transaction, this.#local)
    this.#owner.offered(this.#offer(transaction, sdp))
  }

  /** What the call's first offer and answer, or a later one, came to. */
  settled(local: string, remote: string, isAnswer: boolean): void {
    this.#local = local
    this.#remote = remote
    this.#isAnswer = isAnswer
  }

  /** RFC 4028 §7.4 by re-INVITE, for a far end that knows no UPDATE: the description that is in force, offered again. */
  async refresh(): Promise<void> {
    const before = this.#remote
    const answer = await this.reoffer(this.#local)
    if (answer !== before) this.#owner.answered(answer)
  }

  receiveAck(ack: SipRequest): void {
    for (const accepted of this.#accepted) accepted.acknowledge(ack)
  }

  /** Sends a re-INVITE with our offer; resolves with the answer. */
  reoffer(sdp: string): Promise<string> {
    if (this.#outgoing || this.#incoming) {
      return Promise.reject(new ProtocolError('sip.offer-pending', 'another offer is not answered yet'))
    }
    return new Promise((resolve, reject) => {
      this.#outgoing = { sdp, resolve, reject }
      this.#sendReinvite(this.#outgoing)
    })
  }

  /** The call is over: open business is refused, timers end. */
  close(): void {
    this.#glareWait?.cancel()
    for (const accepted of this.#accepted) accepted.stop()
    this.#accepted.clear()
    if (this.#incoming) this.#answer(this.#incoming, 487)
    this.#incoming = undefined
    this.#outgoing?.reject(new ProtocolError('sip.call-ended', 'the call ended before the offer was answered'))
    this.#outgoing = undefined
  }

  #offer(transaction: ServerTransaction, sdp: string | undefined): SessionOffer {
    const once = (run: () => void) => {
      if (this.#incoming !== transaction) return
      this.#incoming = undefined
      run()
    }
    return {
      sdp,
      accept: (answer) => {
        if (this.#incoming === transaction) this.settled(answer, sdp ?? this.#remote, sdp !== undefined)
        this.#accept(transaction, answer)
      },
      reject: (status) => once(() => this.#answer(transaction, status)),
    }
  }

  #accept(transaction: ServerTransaction, sdp: string) {
    if (this.#incoming !== transaction) return
    this.#incoming = undefined
    const { request } = transaction
    if (request.method === 'PRACK') return transaction.respond(responseTo(request, 200, { body: sdp }))
    this.#owner.refreshTarget(request.headers)
    const { core, contact, sessionTimer } = this.#owner
    const headers = [['Contact', contact] as const, ...CAPABILITIES, ...sessionTimer.agree(request)]
    const response = responseTo(request, 200, { headers, body: sdp })
    if (request.method === 'UPDATE') return transaction.respond(response)
    const accepted = new AcceptedInvite(core, transaction, response, {
      onAck: (ack) => {
        this.#accepted.delete(accepted)
        const answer = sdpOf(ack)
        if (sdpOf(request) === undefined && answer !== undefined) {
          this.settled(sdp, answer, false)
          this.#owner.answered(answer)
        }
      },
      onGaveUp: () => this.#owner.dialogGone('no ACK'),
    })
    this.#accepted.add(accepted)
  }

  /** RFC 3311 §5.2: an UPDATE without an offer refreshes the target (and, for a PBX, the connected line). */
  #acceptRefresh(transaction: ServerTransaction): void {
    const { request } = transaction
    this.#owner.refreshTarget(request.headers)
    const { contact, sessionTimer } = this.#owner
    this.#answer(transaction, 200, [['Contact', contact], ...sessionTimer.agree(request)])
  }

  #answer(transaction: ServerTransaction, status: number, headers: Iterable<readonly [string, string]> = []): void {
    transaction.respond(responseTo(transaction.request, status, { headers }))
  }

  #sendReinvite(pending: PendingReoffer): void {
    const { core, dialog, flow, contact, credentials, sessionTimer } = this.#owner
    const fields = [
      ['Contact', contact],
      ...CAPABILITIES,
      ...sessionTimer.requestFields(),
      ['User-Agent', core.product],
      ['Content-Type', 'application/sdp'],
    ] as const
    const user = {
      onResponse: (response: SipResponse) => this.#onResponse(pending, response, invite.transaction.request),
      onFailure: () => {
        this.#settle(pending, (p) => p.reject(new ProtocolError('sip.no-answer', 'the re-INVITE was not answered')))
        this.#owner.dialogGone('no answer to a re-INVITE')
      },
    }
    const options = { credentials, nextSequence: () => dialog.nextSequence() }
    const request = dialog.request('INVITE', fields, pending.sdp)
    const invite = new AuthenticatedRequest(core, request, flow, user, options)
  }

  #onResponse(pending: PendingReoffer, response: SipResponse, invite: OutgoingRequest): void {
    const { core, dialog, flow } = this.#owner
    const { status } = response
    if (status < 200) return
    if (status < 300) {
      // §14.1 through §13.2.2.4: every 2xx, the first and each repeated one, gets an ACK.
      this.#owner.refreshTarget(response.headers)
      core.transactions.acknowledge(dialog.ack(response.cseq.number, invite), flow, sentBy(core, flow))
      const answer = sdpOf(response)
      this.#settle(pending, (p) => {
        this.#owner.sessionTimer.agreed(response)
        if (answer === undefined) return p.reject(refused(status, 'without an SDP answer'))
        this.settled(pending.sdp, answer, false)
        p.resolve(answer)
      })
    } else if (status === 422 && this.#outgoing === pending && this.#owner.sessionTimer.raise(response)) {
      this.#sendReinvite(pending)
    } else if (status === 491 && this.#outgoing === pending) {
      this.#glareWait = core.clock.after(this.#glareWaitMs(), () => this.#sendReinvite(pending))
    } else {
      this.#settle(pending, (p) => p.reject(refused(status, response.reason)))
      if (status === 481 || status === 408) this.#owner.dialogGone(`re-INVITE answered ${status}`)
    }
  }

  /** §14.1: 2.1 to 4 s in steps of 10 ms for the caller, up to 2 s for the callee. */
  #glareWaitMs(): number {
    const { core, isCaller } = this.#owner
    return isCaller ? 2100 + core.random.below(191) * 10 : core.random.below(201) * 10
  }

  #settle(pending: PendingReoffer, run: (pending: PendingReoffer) => void): void {
    if (this.#outgoing !== pending) return
    this.#outgoing = undefined
    run(pending)
  }
}

function refused(status: number, reason: string): ProtocolError {
  return new ProtocolError('sip.offer-refused', `the re-INVITE was answered ${status} ${reason}`, { status })
}
