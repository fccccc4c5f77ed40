import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { type Account, Accounts } from '../../src/bridge/accounts.ts'
import { DialLedger } from '../../src/bridge/dialler/dial-ledger.ts'
import { Dialler } from '../../src/bridge/dialler/dialler.ts'
import type { WaState } from '../../src/whatsapp/wa-client.ts'

const NUMBER = '4915112345678'
const FRIEND = '4915187654321'

interface Plan {
  readonly state?: WaState
  readonly liveCalls?: number
  readonly maxCalls?: number
  readonly retryAfterS?: number
}

function setUp(plans: Readonly<Record<string, Plan>>, perMinute = 10) {
  const clock = new VirtualClock()
  const limits = {
    deny: [],
    allow: [],
    allowPremium: false,
    quietHours: undefined,
    perMinute,
    perHour: 100,
    perDay: 100,
    strangersPerDay: 100,
    breaker: { restrictions: 3, pauseMs: 600_000, longestPauseMs: 600_000 },
  }
  const dialler = new Dialler(limits, new DialLedger(':memory:'), clock, silentLogger)
  // Of client and calls the selection asks for nothing else.
  const accounts = Object.entries(plans).map(
    ([name, { state = 'open', liveCalls = 0, maxCalls = 1, retryAfterS }]) =>
      ({ name, maxCalls, client: { state, retryAfterS }, calls: { liveCalls } }) as Account,
  )
  const group = new Accounts(accounts, dialler)
  const chosen = (name?: string) => {
    const caller = {}
    const choice = group.choose(NUMBER, name, caller)
    group.release(caller)
    return 'account' in choice ? choice.account.name : choice.refused
  }
  return { group, dialler, clock, chosen }
}

describe('which account makes a call', () => {
  it('the first', () => {
    expect(setUp({ a: {}, b: {} }).chosen()).toBe('a')
  })

  it('the first with room', () => {
    expect(setUp({ a: { liveCalls: 1 }, b: {} }).chosen()).toBe('b')
    expect(setUp({ a: { liveCalls: 1, maxCalls: 2 }, b: {} }).chosen()).toBe('a')
  })

  it('the first with room for those, too, whose number is looked up', () => {
    const { group, chosen } = setUp({ a: { maxCalls: 2, liveCalls: 1 }, b: {} })
    const caller = {}
    expect(group.choose(FRIEND, undefined, caller)).toMatchObject({ account: { name: 'a' } })
    expect(chosen()).toBe('b')
    group.release(caller)
    expect(chosen()).toBe('a')
  })

  it.each<WaState>(['closed', 'connecting', 'pairing', 'logged-out', 'replaced', 'banned'])(
    'none that is %s',
    (state) => {
      expect(setUp({ a: { state }, b: {} }).chosen()).toBe('b')
    },
  )

  it('the first whose dialler lets it', () => {
    const { chosen } = setUp({ a: {}, b: {} }, 1)
    expect([chosen(), chosen(), chosen()]).toEqual(['a', 'b', { cause: 'dial-limit', retryAfterS: 60 }])
  })

  it('the one that the peer is tied to, and no other', () => {
    expect(setUp({ a: {}, b: {} }).chosen('b')).toBe('b')
    expect(setUp({ a: {}, b: { liveCalls: 1 } }).chosen('b')).toEqual({ cause: 'account-busy' })
    expect(setUp({ a: {}, b: { state: 'banned' } }).chosen('b')).toEqual({ cause: 'account-banned' })
  })

  it('one that is not restricted', () => {
    const { dialler, chosen } = setUp({ a: {}, b: {} })
    dialler.noteRestricted('a', NUMBER)
    expect(chosen()).toBe('b')
    dialler.noteRestricted('b', NUMBER)
    expect(chosen()).toEqual({ cause: 'stranger-restricted', retryAfterS: 600 })
  })
})

describe('why none does', () => {
  it('what passes soonest is said', () => {
    expect(setUp({ a: { state: 'banned' }, b: { liveCalls: 1 } }).chosen()).toEqual({ cause: 'account-busy' })
    expect(setUp({ a: { state: 'logged-out' }, b: { state: 'connecting' } }).chosen()).toEqual({
      cause: 'account-offline',
    })
    const { dialler, chosen } = setUp({ a: {}, b: {} })
    dialler.noteRestricted('a', NUMBER)
    dialler.noteRestricted('b', NUMBER)
    dialler.noteRestricted('b', NUMBER)
    expect(chosen()).toMatchObject({ cause: 'stranger-restricted' })
  })

  it.each<[string, Plan, Plan, object]>([
    [
      'of two that come back the one that is not known to be late',
      { state: 'closed', retryAfterS: 900 },
      { state: 'connecting' },
      { cause: 'account-offline' },
    ],
    [
      'a ban that has an end before what an administrator must end',
      { state: 'logged-out' },
      { state: 'banned', retryAfterS: 21_600 },
      { cause: 'account-banned', retryAfterS: 21_600 },
    ],
    [
      'a connection that comes back before a ban that has an end',
      { state: 'banned', retryAfterS: 21_600 },
      { state: 'connecting' },
      { cause: 'account-offline' },
    ],
    [
      'a ban that is nearly over before a connection that is known to be late',
      { state: 'closed', retryAfterS: 900 },
      { state: 'banned', retryAfterS: 60 },
      { cause: 'account-banned', retryAfterS: 60 },
    ],
  ])('%s', (_, a, b, refusal) => {
    expect(setUp({ a, b }).chosen()).toEqual(refusal)
    expect(setUp({ b, a }).group.unavailability()).toEqual(refusal)
  })

  it('a connection that comes back is sooner than a pause of the dialler', () => {
    const { dialler, chosen } = setUp({ a: {}, b: { state: 'connecting' } })
    dialler.noteRestricted('a', NUMBER)
    expect(chosen()).toEqual({ cause: 'account-offline' })
  })

  it.each<[WaState, string]>([
    ['closed', 'account-offline'],
    ['connecting', 'account-offline'],
    ['pairing', 'account-logged-out'],
    ['logged-out', 'account-logged-out'],
    ['replaced', 'account-replaced'],
    ['banned', 'account-banned'],
  ])('an account that is %s is %s', (state, cause) => {
    expect(setUp({ a: { state } }).group.unavailability()).toEqual({ cause })
  })

  it('a ban that has an end says when', () => {
    const group = setUp({ a: { state: 'banned', retryAfterS: 21_600 } }).group
    expect(group.unavailability()).toEqual({ cause: 'account-banned', retryAfterS: 21_600 })
  })

  it('an account in a call still takes part: OPTIONS stay 200', () => {
    expect(setUp({ a: { liveCalls: 1 } }).group.unavailability()).toBeUndefined()
  })

  it('strangers being out of reach is no unavailability; everyone is', () => {
    const { dialler, group } = setUp({ a: {} })
    dialler.noteContact('a', FRIEND)
    dialler.noteRestricted('a', NUMBER)
    expect(group.unavailability()).toBeUndefined()
    dialler.noteRestricted('a', FRIEND)
    expect(group.unavailability()).toEqual({ cause: 'account-restricted', retryAfterS: 600 })
  })
})
