import type { OutgoingResponse, SipRequest } from '../message/message.ts'
import type { Flow } from '../transport/transport.ts'

/** RFC 3261 §17.2. `respond` after the final answer does nothing, except a 2xx sent again to an INVITE. */
export interface ServerTransaction {
  readonly request: SipRequest
  readonly flow: Flow
  /** True once a final answer was given. */
  readonly isAnswered: boolean
  respond(response: OutgoingResponse): void
  /** The request came again. */
  receiveAgain(): void
  /** Stops without telling anyone: the user agent is closing. */
  abandon(): void
}
