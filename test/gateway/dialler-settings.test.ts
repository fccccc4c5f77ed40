import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { DialLedger } from '../../src/bridge/dialler/dial-ledger.ts'
import { Dialler } from '../../src/bridge/dialler/dialler.ts'
import { configFrom } from '../../src/config/load.ts'
import { diallerLimits } from '../../src/gateway/dialler-settings.ts'

type Settings = Parameters<typeof configFrom>[0]

const ANNA = '4915112345678'
const BEN = '4915187654321'
/** Six in the morning, UTC. */
const MORNING_MS = Date.parse('2026-01-15T06:00:00Z')

function diallerOf(settings: Settings) {
  const clock = new VirtualClock(MORNING_MS)
  const limits = diallerLimits(configFrom(settings))
  return Object.assign(new Dialler(limits, new DialLedger(':memory:'), clock, silentLogger), { clock })
}

describe('what the configuration says of the dialler', () => {
  it.each<[string, Settings, object]>([
    ['dialing.deny', { dialing: { deny: ['49151'] } }, { cause: 'refused-by-policy' }],
    ['dialing.allow', { dialing: { allow: ['43'] } }, { cause: 'refused-by-policy' }],
    [
      'dialler.quietHours',
      { dialler: { quietHours: { from: '22:00', to: '08:00', timeZone: 'Europe/Berlin' } } },
      { cause: 'quiet-hours', retryAfterS: 3600 },
    ],
  ])('%s refuses a number', (_, settings, refusal) => {
    expect(diallerOf({}).refusalOfNumber(ANNA)).toBeUndefined()
    expect(diallerOf(settings).refusalOfNumber(ANNA)).toEqual(refusal)
  })

  it('dialler.premiumNumbers lets premium numbers be dialled', () => {
    const premium = '499001234567'
    expect(diallerOf({}).refusalOfNumber(premium)).toEqual({ cause: 'premium-number' })
    expect(diallerOf({ dialler: { premiumNumbers: 'allow' } }).refusalOfNumber(premium)).toBeUndefined()
  })

  it.each<[string, Settings, object]>([
    ['perMinute', { dialler: { perMinute: 1 } }, { cause: 'dial-limit', retryAfterS: 60 }],
    ['perHour', { dialler: { perHour: 1 } }, { cause: 'dial-limit', retryAfterS: 3600 }],
    ['perDay', { dialler: { perDay: 1 } }, { cause: 'dial-limit', retryAfterS: 86_400 }],
    ['strangersPerDay', { dialler: { strangersPerDay: 1 } }, { cause: 'stranger-limit', retryAfterS: 86_400 }],
  ])('dialler.%s bounds the calls of an account', (_, settings, refusal) => {
    const dialler = diallerOf(settings)
    expect(dialler.admit('main', ANNA)).toBeUndefined()
    expect(dialler.admit('main', BEN)).toEqual(refusal)
  })

  it('dialler.breaker: how many in a row, how long the first pause is, how long the longest', async () => {
    const dialler = diallerOf({ dialler: { breaker: { restrictions: 2, pauseS: 120, longestPauseS: 200 } } })
    expect(dialler.noteRestricted('main', ANNA)).toEqual({ cause: 'stranger-restricted', retryAfterS: 120 })
    await dialler.clock.advance(120_000)
    expect(dialler.noteRestricted('main', ANNA)).toEqual({ cause: 'account-restricted', retryAfterS: 200 })
  })

  it('without a word: 10 calls a minute, 60 an hour, 200 a day, 20 strangers a day, and a breaker of an hour', () => {
    expect(diallerLimits(configFrom({}))).toEqual({
      deny: [],
      allow: [],
      allowPremium: false,
      quietHours: undefined,
      perMinute: 10,
      perHour: 60,
      perDay: 200,
      strangersPerDay: 20,
      breaker: { restrictions: 3, pauseMs: 3_600_000, longestPauseMs: 86_400_000 },
    })
  })
})
