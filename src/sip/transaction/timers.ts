/** RFC 3261 §17.1.1.1 and table 4; RFC 6026 §7 for L and M. */
export interface TimerSettings {
  /** Round-trip estimate. */
  readonly t1Ms: number
  /** Longest wait between retransmissions of a non-INVITE request or of an INVITE's final answer. */
  readonly t2Ms: number
  /** How long a message may stay in the network. */
  readonly t4Ms: number
}

export const RFC_TIMERS: TimerSettings = { t1Ms: 500, t2Ms: 4000, t4Ms: 5000 }

/** Timers B, F, H, J, L, M: 64 × T1. */
export function giveUpMs(timers: TimerSettings): number {
  return 64 * timers.t1Ms
}

/** Timer D, "greater than 32 seconds for unreliable transports". */
export function waitForStrayFinalMs(timers: TimerSettings): number {
  return Math.max(giveUpMs(timers), 32_000)
}
