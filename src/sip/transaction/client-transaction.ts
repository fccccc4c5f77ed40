import type { OutgoingRequest, SipResponse } from '../message/message.ts'
import type { Flow } from '../transport/transport.ts'

/** What a client transaction tells its user (RFC 3261 §17.1). */
export interface ClientTransactionUser {
  /** Provisional answers, the final one, and for INVITE every further 2xx (retransmitted or from another fork). */
  onResponse(response: SipResponse): void
  /** Timer B or F ran out, or the flow broke, before a final answer. Nothing follows. */
  onFailure(why: TransactionFailure): void
}

export type TransactionFailure = 'timeout' | 'transport'

export interface ClientTransaction {
  readonly request: OutgoingRequest
  readonly flow: Flow
  /** No final answer yet. */
  readonly isPending: boolean
  receive(response: SipResponse): void
  /** Stops without telling anyone: the user agent is closing. */
  abandon(): void
}
