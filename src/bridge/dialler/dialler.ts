import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { isPremiumNumber } from '../../whatsapp/numbers/premium-numbers.ts'
import type { Refusal } from '../refusal.ts'
import type { DialLedger, TrippedBreaker } from './dial-ledger.ts'
import { type QuietHours, quietForS } from './quiet-hours.ts'

export interface DiallerLimits {
  /** E.164 prefixes (digits) that are refused. */
  readonly deny: readonly string[]
  /** When not empty, only these prefixes may be dialled. `deny` wins over it. */
  readonly allow: readonly string[]
  readonly allowPremium: boolean
  readonly quietHours: QuietHours | undefined
  /** Calls of one account in any 60 seconds, 60 minutes, 24 hours. */
  readonly perMinute: number
  readonly perHour: number
  readonly perDay: number
  /** Different numbers never talked to that one account may dial in any 24 hours. */
  readonly strangersPerDay: number
  readonly breaker: {
    /** So many restrictions without a call that rang stop the account, not only its calls to strangers. */
    readonly restrictions: number
    /** The first pause; each further restriction doubles it. */
    readonly pauseMs: number
    readonly longestPauseMs: number
  }
}

/** What an account has dialled of late, for health checks and metrics. */
export interface DialCounts {
  readonly lastMinute: number
  readonly lastHour: number
  readonly lastDay: number
  readonly strangersLastDay: number
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/**
 * Keeps the accounts from being dialled into a ban, and the people called from being called at night or by mistake.
 * Everything is counted when a call is admitted, before its number is looked up, because look-ups in bulk are noticed too.
 */
export class Dialler {
  readonly #limits: DiallerLimits
  readonly #ledger: DialLedger
  readonly #clock: Pick<Clock, 'wallMs'>
  readonly #log: Logger

  constructor(limits: DiallerLimits, ledger: DialLedger, clock: Pick<Clock, 'wallMs'>, log: Logger) {
    this.#limits = limits
    this.#ledger = ledger
    this.#clock = clock
    this.#log = log
  }

  /** What speaks against a number whichever account dials it; undefined when nothing does. */
  refusalOfNumber(digits: string): Refusal | undefined {
    const { deny, allow, allowPremium, quietHours } = this.#limits
    const startsWith = (prefix: string) => digits.startsWith(prefix)
    if (deny.some(startsWith)) return { cause: 'refused-by-policy' }
    if (allow.length > 0 && !allow.some(startsWith)) return { cause: 'refused-by-policy' }
    if (!allowPremium && isPremiumNumber(digits)) return { cause: 'premium-number' }
    const waitS = quietHours && quietForS(quietHours, this.#clock.wallMs())
    return waitS === undefined ? undefined : { cause: 'quiet-hours', retryAfterS: waitS }
  }

  /** Lets the account dial the number, and counts it; or says why not. */
  admit(account: string, digits: string): Refusal | undefined {
    const isStranger = !this.#ledger.isContact(account, digits)
    const refusal =
      this.restrictionOf(account, isStranger ? 'strangers' : 'everyone') ??
      this.#overCap(account) ??
      (isStranger ? this.#tooManyStrangers(account, digits) : undefined)
    if (!refusal) this.#ledger.noteDial(account, digits, this.#clock.wallMs(), isStranger)
    return refusal
  }

  /** Why the account may not dial strangers, or may dial nobody at all. */
  restrictionOf(account: string, whom: TrippedBreaker['scope'] = 'everyone'): Refusal | undefined {
    const breaker = this.#ledger.breaker(account)
    const pauseS = breaker ? this.#secondsUntil(breaker.openUntilMs) : 0
    const isForEveryone = breaker?.scope === 'everyone' && pauseS > 0
    if (whom === 'everyone') return isForEveryone ? { cause: 'account-restricted', retryAfterS: pauseS } : undefined
    const waitS = Math.max(pauseS, this.#secondsUntil(this.#ledger.restrictedUntil(account) ?? 0))
    if (waitS === 0) return undefined
    return { cause: isForEveryone ? 'account-restricted' : 'stranger-restricted', retryAfterS: waitS }
  }

  /** The number called the account, or answered it: it is a contact from now on. */
  noteContact(account: string, digits: string): void {
    this.#ledger.addContact(account, digits)
  }

  /**
   * WhatsApp let a call of the account to the number ring. After the pause a stranger's closes the breaker for good. A
   * contact's shows only that contacts may be called: the next restriction to a stranger still doubles the pause.
   */
  noteRinging(account: string, digits: string): void {
    const breaker = this.#ledger.breaker(account)
    if (!breaker) return
    const isPausing = breaker.openUntilMs > this.#clock.wallMs()
    if (this.#ledger.isContact(account, digits)) {
      if (isPausing && breaker.scope === 'everyone') return
      this.#ledger.setBreaker(account, { ...breaker, scope: 'strangers', restrictions: 0 })
    } else if (!isPausing) {
      this.#ledger.setBreaker(account, undefined)
      this.#log.info({ account }, 'calls to strangers ring again: restriction over')
    }
  }

  /**
   * WhatsApp refused a call to the number as restricted; what its caller is told. Calls that were on their way when the
   * pause began say nothing new.
   */
  noteRestricted(account: string, digits: string): Refusal {
    const { restrictions: limit, pauseMs: firstPauseMs, longestPauseMs } = this.#limits.breaker
    const whom = this.#ledger.isContact(account, digits) ? 'everyone' : 'strangers'
    const before = this.#ledger.breaker(account)
    const nowMs = this.#clock.wallMs()
    const isKnown = before && before.openUntilMs > nowMs && (before.scope === 'everyone' || whom === 'strangers')
    if (!isKnown) {
      const restrictions = (before?.restrictions ?? 0) + 1
      const scope = restrictions >= limit || before?.scope === 'everyone' ? 'everyone' : whom
      const pauseMs = Math.min(before ? before.pauseMs * 2 : firstPauseMs, longestPauseMs)
      this.#ledger.setBreaker(account, { scope, restrictions, pauseMs, openUntilMs: nowMs + pauseMs })
      this.#log.warn({ account, scope, restrictions, pauseS: pauseMs / 1000 }, 'WhatsApp restricts calls: pausing')
    }
    return this.restrictionOf(account, whom) ?? { cause: 'account-restricted' }
  }

  /**
   * WhatsApp's own word: until then (milliseconds since the Unix epoch) the account may not turn to people it has never
   * talked to; undefined: it may. It makes the pause of the breaker longer, never shorter, as 463 has other reasons too.
   */
  noteRestrictedUntil(account: string, untilMs: number | undefined): void {
    if (untilMs === this.#ledger.restrictedUntil(account)) return
    this.#ledger.setRestrictedUntil(account, untilMs)
    if (untilMs === undefined) this.#log.info({ account }, 'WhatsApp restricts the account no longer')
    else this.#log.warn({ account, forS: this.#secondsUntil(untilMs) }, 'WhatsApp restricts the account')
  }

  countsOf(account: string): DialCounts {
    const nowMs = this.#clock.wallMs()
    const dials = this.#ledger.dialsSince(account, nowMs - DAY_MS)
    const within = (windowMs: number) => dials.filter((atMs) => atMs > nowMs - windowMs).length
    return {
      lastMinute: within(MINUTE_MS),
      lastHour: within(HOUR_MS),
      lastDay: dials.length,
      strangersLastDay: this.#ledger.strangersSince(account, nowMs - DAY_MS, '').length,
    }
  }

  #secondsUntil(wallMs: number): number {
    return Math.max(0, secondsOf(wallMs - this.#clock.wallMs()))
  }

  #overCap(account: string): Refusal | undefined {
    const { perMinute, perHour, perDay } = this.#limits
    const nowMs = this.#clock.wallMs()
    const dials = this.#ledger.dialsSince(account, nowMs - DAY_MS)
    const waits = [
      waitFor(dials, perMinute, MINUTE_MS, nowMs),
      waitFor(dials, perHour, HOUR_MS, nowMs),
      waitFor(dials, perDay, DAY_MS, nowMs),
    ]
    const waitMs = Math.max(...waits)
    return waitMs > 0 ? { cause: 'dial-limit', retryAfterS: secondsOf(waitMs) } : undefined
  }

  #tooManyStrangers(account: string, digits: string): Refusal | undefined {
    const nowMs = this.#clock.wallMs()
    const dials = this.#ledger.strangersSince(account, nowMs - DAY_MS, digits)
    const waitMs = waitFor(dials, this.#limits.strangersPerDay, DAY_MS, nowMs)
    return waitMs > 0 ? { cause: 'stranger-limit', retryAfterS: secondsOf(waitMs) } : undefined
  }
}

/** Milliseconds until fewer than `most` of `times` (oldest first) lie within the window; 0 when it is so now. */
function waitFor(times: readonly number[], most: number, windowMs: number, nowMs: number): number {
  if (most === 0) return windowMs
  const last = times[times.length - most]
  return last === undefined ? 0 : Math.max(0, last + windowMs - nowMs)
}

const secondsOf = (ms: number) => Math.ceil(ms / 1000)
