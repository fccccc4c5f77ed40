import type { SipRequest } from '../message/message.ts'
import { tagOf } from '../message/message.ts'
import type { IncomingSession, Session } from '../sip-engine.ts'
import type { ServerTransaction } from '../transaction/server-transaction.ts'

/** Who takes the requests of a dialog: a session, whose dialogs (forks of one INVITE) share Call-ID and local tag. */
export interface DialogOwner extends Session {
  receiveRequest(transaction: ServerTransaction): void
  receiveAck(ack: SipRequest): void
  /** Whether another call may take this one's place (RFC 3891 §3). */
  readonly isReplaceable: boolean
  /** Of the dialog with that remote tag. */
  dialogState(remoteTag: string): 'none' | 'early' | 'confirmed'
  /** RFC 3891 §3: an INVITE named this call. */
  replacedBy(session: IncomingSession): void
}

/** RFC 3261 §12.2.2: requests find their dialog by Call-ID and tags, never by where they come from. */
export class DialogTable {
  readonly #owners = new Map<string, DialogOwner>()

  get size(): number {
    return this.#owners.size
  }

  add(callId: string, localTag: string, owner: DialogOwner): void {
    this.#owners.set(key(callId, localTag), owner)
  }

  remove(callId: string, localTag: string): void {
    this.#owners.delete(key(callId, localTag))
  }

  find(callId: string, localTag: string): DialogOwner | undefined {
    return this.#owners.get(key(callId, localTag))
  }

  ownerOf(request: SipRequest): DialogOwner | undefined {
    return this.find(request.callId, tagOf(request.to))
  }
}

const key = (callId: string, localTag: string) => `${callId} ${localTag}`
