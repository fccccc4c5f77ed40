import type { DiallerLimits } from '../bridge/dialler/dialler.ts'
import type { Config } from '../config/schema.ts'

/** The limits of the dialler in the units of the rooms. */
export function diallerLimits({ dialler, dialing }: Config): DiallerLimits {
  return {
    deny: dialing.deny,
    allow: dialing.allow,
    allowPremium: dialler.premiumNumbers === 'allow',
    quietHours: dialler.quietHours ?? undefined,
    perMinute: dialler.perMinute,
    perHour: dialler.perHour,
    perDay: dialler.perDay,
    strangersPerDay: dialler.strangersPerDay,
    breaker: {
      restrictions: dialler.breaker.restrictions,
      pauseMs: dialler.breaker.pauseS * 1000,
      longestPauseMs: dialler.breaker.longestPauseS * 1000,
    },
  }
}
