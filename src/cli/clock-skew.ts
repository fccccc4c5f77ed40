/** A local clock that is ahead by more makes every call from WhatsApp one that is too old to ring. */
const MOST_SKEW_MS = 10_000

export interface ClockCheck {
  readonly ok: boolean
  readonly detail: string
}

/**
 * Compares our clock with the Date header (RFC 9110 section 6.6.1, whole seconds) of an answer that came between
 * `beforeMs` and `afterMs` of our time.
 */
export function checkClock(date: string | null, beforeMs: number, afterMs: number): ClockCheck {
  const theirMs = date === null ? Number.NaN : Date.parse(date)
  if (Number.isNaN(theirMs)) return { ok: true, detail: 'not checked: the answer had no date' }
  // Their second has begun at some time between our request and our receipt of the answer, and less than one before.
  const aheadMs = beforeMs - (theirMs + 1000)
  const behindMs = theirMs - afterMs
  const skewMs = Math.max(0, aheadMs, behindMs)
  if (skewMs <= MOST_SKEW_MS) return { ok: true, detail: `within ${Math.ceil(skewMs / 1000) + 1} s of WhatsApp’s` }
  const seconds = Math.round(skewMs / 1000)
  const detail =
    aheadMs > 0
      ? `${seconds} s ahead: calls from WhatsApp will be taken for old ones and not ring; set up NTP`
      : `${seconds} s behind; set up NTP`
  return { ok: false, detail }
}
