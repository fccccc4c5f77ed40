import type { IncomingSession } from '../sip/sip-engine.ts'
import type { CallCause } from './cause.ts'
import { endReason, retryAfterS, sipCause } from './mapping/causes.ts'

/** Why a call is not made, and after how many seconds another try may fare better. */
export interface Refusal {
  readonly cause: CallCause
  /** Undefined: what the cause itself says (`mapping/causes.ts`). */
  readonly retryAfterS?: number | undefined
}

/** Refuses a call from the PBX that has not been answered. */
export function refuse(session: Pick<IncomingSession, 'reject'>, refusal: Refusal): void {
  const { cause, retryAfterS: seconds = retryAfterS(cause) } = refusal
  const reason = endReason(cause)
  session.reject(sipCause(cause).status, seconds === undefined ? reason : { ...reason, retryAfterS: seconds })
}
