import type { CallCause } from './cause.ts'

/** Why a call is not made, and after how many seconds another try may fare better. */
export interface Refusal {
  readonly cause: CallCause
  /** Undefined: what the cause itself says (`mapping/causes.ts`). */
  readonly retryAfterS?: number
}
