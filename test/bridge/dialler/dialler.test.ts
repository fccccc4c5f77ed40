import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/base/clock.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { DialLedger } from '../../../src/bridge/dialler/dial-ledger.ts'
import { Dialler, type DiallerLimits } from '../../../src/bridge/dialler/dialler.ts'

const LIMITS: DiallerLimits = {
  deny: [],
  allow: [],
  allowPremium: false,
  quietHours: undefined,
  perMinute: 3,
  perHour: 5,
  perDay: 8,
  strangersPerDay: 100,
  breaker: { restrictions: 3, pauseMs: 600_000, longestPauseMs: 1_800_000 },
}
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const ANNA = '4915112345678'
const BEN = '4915187654321'

function setUp(limits: Partial<DiallerLimits> = {}, ledger = new DialLedger(':memory:'), clock = new VirtualClock()) {
  const dialler = new Dialler({ ...LIMITS, ...limits }, ledger, clock, silentLogger)
  return { dialler, ledger, clock }
}

describe('caps', () => {
  it('per minute: the next call may come a minute after the first that counts', async () => {
    const { dialler, clock } = setUp()
    for (let n = 0; n < 3; n++) {
      expect(dialler.admit('main', ANNA)).toBeUndefined()
      await clock.advance(10_000)
    }
    expect(dialler.admit('main', ANNA)).toEqual({ cause: 'dial-limit', retryAfterS: 30 })
    await clock.advance(29_999)
    expect(dialler.admit('main', ANNA)).toEqual({ cause: 'dial-limit', retryAfterS: 1 })
    await clock.advance(1)
    expect(dialler.admit('main', ANNA)).toBeUndefined()
  })

  it('per hour and per day: the longest wait counts', async () => {
    const { dialler, clock } = setUp()
    for (let n = 0; n < 5; n++) {
      expect(dialler.admit('main', ANNA)).toBeUndefined()
      await clock.advance(MINUTE_MS)
    }
    expect(dialler.admit('main', ANNA)).toEqual({ cause: 'dial-limit', retryAfterS: 55 * 60 })
    await clock.advance(HOUR_MS)
    for (let n = 0; n < 3; n++) expect(dialler.admit('main', ANNA)).toBeUndefined()
    expect(dialler.admit('main', ANNA)).toEqual({ cause: 'dial-limit', retryAfterS: (24 * 60 - 65) * 60 })
  })

  it('are each account’s own', () => {
    const { dialler } = setUp({ perMinute: 1 })
    expect(dialler.admit('main', ANNA)).toBeUndefined()
    expect(dialler.admit('main', ANNA)).toMatchObject({ cause: 'dial-limit' })
    expect(dialler.admit('second', ANNA)).toBeUndefined()
  })

  it('a refused call does not count', async () => {
    const { dialler, clock } = setUp({ perMinute: 1, perHour: 2 })
    dialler.admit('main', ANNA)
    for (let n = 0; n < 10; n++) dialler.admit('main', ANNA)
    await clock.advance(MINUTE_MS)
    expect(dialler.admit('main', ANNA)).toBeUndefined()
  })

  it('survive a restart', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'tandem-')), 'dialler.sqlite')
    const before = setUp({ perMinute: 1 }, new DialLedger(path))
    before.dialler.admit('main', ANNA)
    before.dialler.noteContact('main', BEN)
    before.dialler.noteRestricted('second', ANNA)
    before.ledger.close()
    const { dialler, ledger } = setUp({ perMinute: 1 }, new DialLedger(path), before.clock)
    expect(dialler.admit('main', BEN)).toEqual({ cause: 'dial-limit', retryAfterS: 60 })
    expect(dialler.admit('second', ANNA)).toEqual({ cause: 'stranger-restricted', retryAfterS: 600 })
    expect(ledger.isContact('main', BEN)).toBe(true)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    ledger.close()
  })

  it('are forgotten when the ledger is closed, and nobody is dialled uncounted', () => {
    const { dialler, ledger } = setUp({ perMinute: 1 })
    dialler.admit('main', ANNA)
    ledger.close()
    ledger.close()
    dialler.noteContact('main', ANNA)
    dialler.noteRestricted('main', ANNA)
    dialler.noteRinging('main', ANNA)
    dialler.noteRestrictedUntil('main', 1e12)
    expect(() => dialler.admit('main', BEN)).toThrow()
    expect(dialler.restrictionOf('main')).toBeUndefined()
    expect(dialler.countsOf('main')).toEqual({ lastMinute: 0, lastHour: 0, lastDay: 0, strangersLastDay: 0 })
  })

  it('are shown', async () => {
    const { dialler, clock } = setUp()
    dialler.admit('main', ANNA)
    await clock.advance(2 * MINUTE_MS)
    dialler.noteContact('main', ANNA)
    dialler.admit('main', ANNA)
    dialler.admit('main', BEN)
    expect(dialler.countsOf('main')).toEqual({ lastMinute: 2, lastHour: 3, lastDay: 3, strangersLastDay: 2 })
    expect(dialler.countsOf('second')).toEqual({ lastMinute: 0, lastHour: 0, lastDay: 0, strangersLastDay: 0 })
  })
})

describe('strangers', () => {
  const open = { perMinute: 100, perHour: 100, perDay: 100, strangersPerDay: 2 }

  it('so many different ones a day; the same one again is free', async () => {
    const { dialler, clock } = setUp(open)
    expect(dialler.admit('main', '491511000001')).toBeUndefined()
    await clock.advance(HOUR_MS)
    expect(dialler.admit('main', '491511000002')).toBeUndefined()
    expect(dialler.admit('main', '491511000001')).toBeUndefined()
    expect(dialler.admit('main', '491511000003')).toEqual({ cause: 'stranger-limit', retryAfterS: 24 * 3600 })
    await clock.advance(24 * HOUR_MS)
    expect(dialler.admit('main', '491511000003')).toBeUndefined()
  })

  it('a number that called or answered is none', () => {
    const { dialler } = setUp({ ...open, strangersPerDay: 0 })
    expect(dialler.admit('main', ANNA)).toMatchObject({ cause: 'stranger-limit' })
    dialler.noteContact('main', ANNA)
    expect(dialler.admit('main', ANNA)).toBeUndefined()
    expect(dialler.admit('second', ANNA)).toMatchObject({ cause: 'stranger-limit' })
  })
})

describe('numbers', () => {
  it('deny wins over allow, and an allow list allows nothing else', () => {
    const { dialler } = setUp({ deny: ['49151'], allow: ['49', '43'] })
    expect(dialler.refusalOfNumber(ANNA)).toEqual({ cause: 'refused-by-policy' })
    expect(dialler.refusalOfNumber('4917012345678')).toBeUndefined()
    expect(dialler.refusalOfNumber('33612345678')).toEqual({ cause: 'refused-by-policy' })
  })

  it('premium numbers are refused unless allowed', () => {
    expect(setUp().dialler.refusalOfNumber('499001234567')).toEqual({ cause: 'premium-number' })
    expect(setUp({ allowPremium: true }).dialler.refusalOfNumber('499001234567')).toBeUndefined()
  })

  it('nobody is dialled in the quiet hours', async () => {
    const clock = new VirtualClock(Date.parse('2026-01-15T22:00:00Z'))
    const quietHours = { from: '21:00', to: '08:00', timeZone: 'UTC' }
    const { dialler } = setUp({ quietHours }, new DialLedger(':memory:'), clock)
    expect(dialler.refusalOfNumber(ANNA)).toEqual({ cause: 'quiet-hours', retryAfterS: 10 * 3600 })
    await clock.advance(10 * HOUR_MS)
    expect(dialler.refusalOfNumber(ANNA)).toBeUndefined()
  })
})

describe('breaker', () => {
  const PAUSE_S = LIMITS.breaker.pauseMs / 1000

  it('a stranger’s restriction keeps from strangers, not from contacts', async () => {
    const { dialler, clock } = setUp()
    dialler.noteContact('main', BEN)
    dialler.noteRestricted('main', ANNA)
    expect(dialler.admit('main', ANNA)).toEqual({ cause: 'stranger-restricted', retryAfterS: PAUSE_S })
    expect(dialler.admit('main', BEN)).toBeUndefined()
    expect(dialler.restrictionOf('main')).toBeUndefined()
    await clock.advance(LIMITS.breaker.pauseMs)
    expect(dialler.admit('main', ANNA)).toBeUndefined()
  })

  it('a contact’s restriction stops the account, and no other', () => {
    const { dialler } = setUp()
    dialler.noteContact('main', BEN)
    dialler.noteRestricted('main', BEN)
    expect(dialler.restrictionOf('main')).toEqual({ cause: 'account-restricted', retryAfterS: PAUSE_S })
    expect(dialler.admit('main', BEN)).toEqual({ cause: 'account-restricted', retryAfterS: PAUSE_S })
    expect(dialler.admit('second', BEN)).toBeUndefined()
  })

  it('the third in a row stops the account; each doubles the pause, up to the longest', async () => {
    const { dialler, clock } = setUp()
    dialler.noteRestricted('main', ANNA)
    await clock.advance(LIMITS.breaker.pauseMs)
    dialler.noteRestricted('main', ANNA)
    expect(dialler.restrictionOf('main')).toBeUndefined()
    expect(dialler.admit('main', ANNA)).toEqual({ cause: 'stranger-restricted', retryAfterS: 2 * PAUSE_S })
    await clock.advance(2 * LIMITS.breaker.pauseMs)
    dialler.noteRestricted('main', ANNA)
    expect(dialler.restrictionOf('main')).toEqual({ cause: 'account-restricted', retryAfterS: 3 * PAUSE_S })
  })

  it('a stranger’s call that rings after the pause closes it for good; one during it does not', async () => {
    const { dialler, clock, ledger } = setUp()
    dialler.noteRestricted('main', ANNA)
    dialler.noteRinging('main', ANNA)
    expect(dialler.admit('main', ANNA)).toMatchObject({ cause: 'stranger-restricted' })
    await clock.advance(LIMITS.breaker.pauseMs)
    dialler.noteRinging('main', ANNA)
    expect(ledger.breaker('main')).toBeUndefined()
    dialler.noteRestricted('main', ANNA)
    expect(dialler.admit('main', ANNA)).toEqual({ cause: 'stranger-restricted', retryAfterS: PAUSE_S })
  })

  it('calls that were on their way when the pause began neither lengthen it nor count', async () => {
    const { dialler, clock } = setUp()
    for (const number of [ANNA, BEN, ANNA, BEN])
      expect(dialler.noteRestricted('main', number)).toEqual({ cause: 'stranger-restricted', retryAfterS: PAUSE_S })
    expect(dialler.restrictionOf('main')).toBeUndefined()
    await clock.advance(LIMITS.breaker.pauseMs)
    expect(dialler.noteRestricted('main', ANNA)).toMatchObject({ retryAfterS: 2 * PAUSE_S })
  })

  it('contacts that ring meanwhile do not close it: strangers wait ever longer, and contacts are called all the time', async () => {
    const { dialler, clock } = setUp()
    dialler.noteContact('main', BEN)
    for (const pauses of [1, 2, 3, 3]) {
      dialler.noteRestricted('main', ANNA)
      dialler.noteRinging('main', BEN)
      expect(dialler.restrictionOf('main')).toBeUndefined()
      expect(dialler.admit('main', ANNA)).toEqual({ cause: 'stranger-restricted', retryAfterS: pauses * PAUSE_S })
      await clock.advance(pauses * LIMITS.breaker.pauseMs)
      dialler.noteRinging('main', BEN)
    }
  })

  it('a contact that rings opens it to contacts alone, and not before the pause is over', async () => {
    const { dialler, clock } = setUp()
    dialler.noteContact('main', BEN)
    dialler.noteRestricted('main', BEN)
    dialler.noteRinging('main', BEN)
    expect(dialler.restrictionOf('main')).toEqual({ cause: 'account-restricted', retryAfterS: PAUSE_S })
    await clock.advance(LIMITS.breaker.pauseMs)
    dialler.noteRinging('main', BEN)
    dialler.noteRestricted('main', ANNA)
    expect(dialler.restrictionOf('main')).toBeUndefined()
    expect(dialler.admit('main', ANNA)).toEqual({ cause: 'stranger-restricted', retryAfterS: 2 * PAUSE_S })
  })
})

describe('a restriction that WhatsApp announces', () => {
  it('keeps from strangers until it is over, and from nobody else', async () => {
    const { dialler, clock } = setUp()
    dialler.noteContact('main', BEN)
    dialler.noteRestrictedUntil('main', clock.wallMs() + HOUR_MS)
    expect(dialler.admit('main', ANNA)).toEqual({ cause: 'stranger-restricted', retryAfterS: 3600 })
    expect(dialler.admit('main', BEN)).toBeUndefined()
    expect(dialler.admit('second', ANNA)).toBeUndefined()
    expect(dialler.restrictionOf('main')).toBeUndefined()
    await clock.advance(HOUR_MS)
    expect(dialler.admit('main', ANNA)).toBeUndefined()
  })

  it('is over when WhatsApp says so', () => {
    const { dialler, clock } = setUp()
    dialler.noteRestrictedUntil('main', clock.wallMs() + HOUR_MS)
    dialler.noteRestrictedUntil('main', undefined)
    expect(dialler.admit('main', ANNA)).toBeUndefined()
  })

  it.each([
    ['longer than the breaker’s', HOUR_MS, 3600],
    ['shorter than the breaker’s', MINUTE_MS, 600],
    ['none', undefined, 600],
  ])('%s: the longer pause counts', (_, announcedMs, retryAfterS) => {
    const { dialler, clock } = setUp()
    dialler.noteRestricted('main', ANNA)
    dialler.noteRestrictedUntil('main', announcedMs && clock.wallMs() + announcedMs)
    expect(dialler.admit('main', ANNA)).toEqual({ cause: 'stranger-restricted', retryAfterS })
  })

  it('longer than a breaker that stops everyone: strangers wait longer, contacts do not', () => {
    const { dialler, clock } = setUp()
    dialler.noteContact('main', BEN)
    dialler.noteRestricted('main', BEN)
    dialler.noteRestrictedUntil('main', clock.wallMs() + HOUR_MS)
    expect(dialler.admit('main', ANNA)).toEqual({ cause: 'account-restricted', retryAfterS: 3600 })
    expect(dialler.admit('main', BEN)).toEqual({ cause: 'account-restricted', retryAfterS: 600 })
  })

  it('survives a restart', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'tandem-')), 'dialler.sqlite')
    const before = setUp({}, new DialLedger(path))
    before.dialler.noteRestrictedUntil('main', before.clock.wallMs() + HOUR_MS)
    before.ledger.close()
    const { dialler, ledger } = setUp({}, new DialLedger(path), before.clock)
    expect(dialler.admit('main', ANNA)).toEqual({ cause: 'stranger-restricted', retryAfterS: 3600 })
    ledger.close()
  })
})

describe('ledger file', () => {
  const path = () => join(mkdtempSync(join(tmpdir(), 'tandem-')), 'dialler.sqlite')

  it('that is none is refused', () => {
    const file = path()
    writeFileSync(file, 'not a database, but long enough to be looked at as one')
    expect(() => new DialLedger(file)).toThrow('is not a dial ledger')
  })

  it('of a later version is refused', () => {
    const file = path()
    const later = new Database(file)
    later.pragma('user_version = 7')
    later.close()
    expect(() => new DialLedger(file)).toThrow('has schema version 7; this program knows 2')
  })

  it('of an earlier version keeps what it holds', () => {
    const file = path()
    const first = new DialLedger(file)
    first.addContact('main', ANNA)
    first.close()
    const earlier = new Database(file)
    earlier.exec('DROP TABLE announced_restrictions')
    earlier.pragma('user_version = 1')
    earlier.close()
    const ledger = new DialLedger(file)
    ledger.setRestrictedUntil('main', 1000)
    expect([ledger.isContact('main', ANNA), ledger.restrictedUntil('main')]).toEqual([true, 1000])
    ledger.close()
  })
})
