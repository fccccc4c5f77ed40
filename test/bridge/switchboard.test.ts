import { describe, expect, it } from 'vitest'
import { Signal } from '../../src/base/events.ts'
import type { TraceEvent } from '../../src/base/tracer.ts'
import type { CallCause } from '../../src/bridge/cause.ts'
import type { MissedCall, MissedReason } from '../../src/whatsapp/calls/admission.ts'
import type { WaState } from '../../src/whatsapp/wa-client.ts'
import { type FakeSession, until } from './fakes.ts'
import { type FakeAccount, LID, NUMBER, type Plan, setUp } from './switchboard-setup.ts'

type Setting = ReturnType<typeof setUp>
const states = (state: WaState) => (setting: Setting) => {
  setting.main.state = state
  setting.second.state = state
}
const lookup = (find: FakeAccount['find'], state: WaState) => (setting: Setting) => {
  setting.main.find = () => {
    setting.main.state = state
    return find()
  }
}
const offline = async () => {
  throw new Error('no connection')
}
const nothing = () => {}
const diskFull = () => {
  throw new Error('disk full')
}
const newTracer = () => {
  const traced: TraceEvent[] = []
  return { traced, isOn: true, record: (event: TraceEvent) => void traced.push(event) }
}
const OTHER = '4915187654321'
const BREAKER = { restrictions: 3, pauseMs: 600_000, longestPauseMs: 3_600_000 }

describe('a call from SIP that is refused', () => {
  it.each<[CallCause, string, Plan, (setting: Setting) => unknown, Partial<FakeSession>]>([
    ['emergency-number', '', {}, nothing, { dialled: '112' }],
    ['invalid-number', '', {}, nothing, { dialled: 'desk' }],
    ['account-offline', '', {}, states('connecting'), {}],
    ['account-logged-out', '', {}, states('logged-out'), {}],
    ['account-replaced', '', {}, states('replaced'), {}],
    ['account-banned', '', {}, states('banned'), {}],
    ['refused-by-policy', '', { limits: { deny: ['49151'] } }, nothing, {}],
    ['refused-by-policy', '', { limits: { allow: ['43'] } }, nothing, {}],
    ['premium-number', '', {}, nothing, { dialled: '+49900123456' }],
    ['stranger-limit', ' 86400', { limits: { strangersPerDay: 0 } }, nothing, {}],
    ['dial-limit', ' 60', { limits: { perMinute: 0 } }, nothing, {}],
    [
      'stranger-restricted',
      ' 600',
      {},
      ({ dialler }) => ['main', 'second'].forEach((name) => void dialler.noteRestricted(name, NUMBER)),
      {},
    ],
    [
      'account-busy',
      '',
      {},
      ({ main, second }) => {
        main.liveCalls = 2
        second.liveCalls = 2
      },
      {},
    ],
    ['not-on-whatsapp', '', {}, lookup(async () => undefined, 'open'), {}],
    ['account-offline', '', {}, lookup(offline, 'closed'), {}],
    ['signalling-timeout', '', {}, lookup(offline, 'open'), {}],
  ])('%s%s', async (cause, retryAfter, plan, prepare, change) => {
    const setting = setUp(plan)
    await prepare(setting)
    const { records, legs, call } = setting
    const dialled = legs.toWhatsApp.length
    const caller = call(change)
    await until(() => caller.done.length > 0)
    expect(caller.done).toEqual([`end ${cause}${retryAfter}`])
    expect(records.at(-1)).toMatchObject({ state: 'ended', cause, endedBy: 'gateway', direction: 'outbound' })
    expect(legs.toWhatsApp).toHaveLength(dialled)
  })

  it.each<[CallCause, Plan, (setting: Setting) => unknown, string]>([
    ['shutting-down', {}, ({ board }) => board.drain(0), 'reject 503 q850=38 retryAfterS=30'],
    ['overload', { maxCalls: 1 }, ({ joined }) => joined(), 'reject 503 q850=42 retryAfterS=5'],
  ])('%s: before anything is opened for it', async (cause, plan, prepare, told) => {
    const tracer = newTracer()
    const setting = setUp({ ...plan, tracer })
    await prepare(setting)
    const { records, legs, offer } = setting
    const opened = legs.fromSip.length
    expect(offer().told).toEqual([told])
    const { correlationId } = records.at(-1)!
    expect(tracer.traced).toEqual([{ what: 'leg', correlationId, side: 'sip', callId: 'sip1' }])
    expect(records.at(-1)).toMatchObject({ state: 'ended', cause, endedBy: 'gateway', direction: 'outbound' })
    expect(legs.fromSip).toHaveLength(opened)
  })

  it('at night', async () => {
    // Midnight UTC: quiet for another six hours.
    const quietHours = { from: '22:00', to: '06:00', timeZone: 'UTC' }
    const { call } = setUp({ limits: { quietHours } })
    const caller = call()
    await until(() => caller.done.length > 0)
    expect(caller.done).toEqual(['end quiet-hours 21600'])
  })
})

describe('a call from SIP', () => {
  it('is a WhatsApp call to the number that was dialled, on the first account', async () => {
    const { joined, main, board, records, contexts } = setUp()
    const { callee } = await joined()
    expect(main.dialled).toEqual([{ lid: LID, pn: `${NUMBER}@s.whatsapp.net` }])
    expect(board.activeCalls).toBe(1)
    expect([board.activeCallsOf('main'), board.activeCallsOf('second')]).toEqual([1, 0])
    expect(records).toMatchObject([{ state: 'dialling', account: 'main', from: '100', to: `+${NUMBER}` }])
    expect(contexts.map(({ whatsApp }) => whatsApp)).toEqual(Array(2).fill({ account: 'main', callId: 'WA1' }))
    callee.events.emit({ type: 'ended', cause: 'declined' })
    expect(records.at(-1)).toMatchObject({ state: 'ended', cause: 'declined', endedBy: 'callee' })
    expect(board.activeCalls).toBe(0)
  })

  it('that is given up while its number is looked up dials nobody', async () => {
    const { call, main, legs, records } = setUp()
    let find: (lid: string) => void = () => {}
    main.find = () =>
      new Promise((resolve) => {
        find = resolve
      })
    const first = call()
    first.events.emit({ type: 'ended', cause: 'cancelled' })
    await until(() => first.done.length > 0)
    const second = call()
    second.events.emit({ type: 'ended', cause: 'signalling-timeout' })
    await until(() => second.done.length > 0)
    expect(records).toMatchObject([
      { state: 'ended', cause: 'cancelled', endedBy: 'caller' },
      { state: 'ended', cause: 'signalling-timeout' },
    ])
    find(LID)
    await Promise.resolve()
    expect(legs.toWhatsApp).toHaveLength(0)
    // Neither has kept its place.
    main.find = async () => LID
    main.maxCalls = 1
    call()
    await until(() => legs.toWhatsApp.length > 0)
    expect(main.dialled).toHaveLength(1)
  })

  it('that is given up as its number is found leaves nothing behind', async () => {
    for (let turns = 0; turns < 12; turns++) {
      const { call, board, records, main } = setUp()
      const found = new Signal<string>()
      main.find = () => new Promise((resolve) => found.on(resolve))
      const caller = call()
      found.emit(LID)
      for (let i = 0; i < turns; i++) await Promise.resolve()
      caller.events.emit({ type: 'ended', cause: 'cancelled' })
      await until(() => records.length > 0)
      expect(records.at(-1)).toMatchObject({ state: 'ended', cause: 'cancelled', endedBy: 'caller' })
      expect(board.activeCalls).toBe(0)
    }
  })

  it('whose number is found when the gateway has become full, or drains, is refused', async () => {
    const full = setUp({ maxCalls: 1 })
    const callers = [full.call(), full.call()]
    await until(() => callers[1].done.length > 0)
    expect(callers.map(({ done }) => done)).toEqual([[], ['end overload']])
    const drained = setUp()
    const caller = drained.call()
    await drained.board.drain(0)
    await until(() => caller.done.length > 0)
    expect(caller.done).toEqual(['end shutting-down'])
    expect(drained.main.dialled).toEqual([])
  })

  it('goes through another account when the number of the first one’s last call is still looked up', async () => {
    const { call, main, second, board } = setUp()
    main.maxCalls = 1
    call()
    call()
    await until(() => board.activeCalls === 2)
    expect([main.dialled.length, second.dialled.length]).toEqual([1, 1])
  })

  it.each<[string, Plan, Partial<FakeSession>, string]>([
    ['its peer is tied to', { accountOf: () => 'second' }, { headers: { 'X-WA-Account': 'main' } }, 'second'],
    ['its trunk names', {}, { headers: { 'X-WA-Account': 'second' } }, 'second'],
    ['comes first, when its trunk names none that exists', {}, { headers: { 'X-WA-Account': 'third' } }, 'main'],
    [
      'comes first, whatever a phone names',
      {},
      { peer: { kind: 'user', username: 'desk' }, headers: { 'X-WA-Account': 'second' } },
      'main',
    ],
  ])('goes through the account that %s', async (_, plan, change, account) => {
    const { joined, records } = setUp(plan)
    await joined(change)
    expect(records[0].account).toBe(account)
  })

  it('has the id that its trunk has given it, and hides a caller who does not want to be shown', async () => {
    const { joined, records } = setUp()
    const caller = { party: { user: '100' }, isPrivate: true }
    const divertedBy = { party: { user: '300' }, reason: 'unknown' }
    await joined({ headers: { 'X-Correlation-ID': 'abc-1' }, caller, divertedBy })
    expect(records[0]).toMatchObject({ correlationId: 'abc-1', from: '', divertedBy: '300' })
  })

  it('costs no other call when the ledger cannot be written', async () => {
    const { dialler, call, main } = setUp()
    dialler.admit = diskFull
    const told: string[] = []
    call({ told })
    await until(() => told.length > 0)
    expect(told).toEqual(['reject 500'])
    expect(main.dialled).toEqual([])
  })

  it('that WhatsApp restricts ends when the ledger cannot be written', async () => {
    const { dialler, joined, board, records } = setUp()
    const { caller, callee } = await joined()
    dialler.noteRestricted = diskFull
    callee.events.emit({ type: 'ended', cause: 'account-restricted' })
    expect([caller.done, callee.done]).toEqual([['end account-restricted'], ['end account-restricted']])
    expect(records.at(-1)).toMatchObject({ state: 'ended', cause: 'account-restricted', endedBy: 'callee' })
    expect(board.activeCalls).toBe(0)
  })

  it('rings, and is up, when the ledger cannot be written', async () => {
    const { dialler, joined, records } = setUp()
    const { caller, callee } = await joined()
    Object.assign(dialler, { noteRinging: diskFull, noteContact: diskFull })
    callee.events.emit({ type: 'ringing' })
    callee.events.emit({ type: 'answered' })
    expect(caller.done).toEqual(['ring', 'answer'])
    expect(records.map(({ state }) => state)).toEqual(['dialling', 'ringing', 'up'])
  })

  it('tells the dialler of its fate', async () => {
    const { joined, availability } = setUp()
    for (let i = 0; i < 2; i++) {
      const { caller, callee } = await joined({ headers: { 'X-WA-Account': i === 0 ? 'main' : 'second' } })
      // Somebody who has answered is no stranger: being restricted to a contact stops the account.
      callee.events.emit({ type: 'answered' })
      callee.events.emit({ type: 'ended', cause: 'account-restricted' })
      expect(caller.done.at(-1)).toBe('end account-restricted 600')
    }
    expect(availability()).toEqual({ available: false, retryAfterS: 600, reason: 'account-restricted' })
  })
})

describe('a call that WhatsApp restricts', () => {
  it('is not made to a stranger while WhatsApp says so, and is again when it takes that back', async () => {
    const { call, joined, main, clock } = setUp()
    const wish = { headers: { 'X-WA-Account': 'main' } }
    main.events.emit({ type: 'restricted', untilMs: clock.wallMs() + 90_000 })
    const caller = call(wish)
    await until(() => caller.done.length > 0)
    expect(caller.done).toEqual(['end stranger-restricted 90'])
    main.events.emit({ type: 'restricted', untilMs: undefined })
    await joined(wish)
    expect(main.dialled).toHaveLength(1)
  })

  it('may be announced when the ledger cannot be written', () => {
    const { dialler, main } = setUp()
    dialler.noteRestrictedUntil = diskFull
    expect(() => main.events.emit({ type: 'restricted', untilMs: 1 })).not.toThrow()
  })

  it('tells its caller how long the dialler pauses, and whom that concerns', async () => {
    const { joined, records, clock, availability } = setUp({ limits: { breaker: BREAKER } })
    for (const [cause, waitS] of [
      ['stranger-restricted', 600],
      ['stranger-restricted', 1200],
      ['account-restricted', 2400],
    ] as const) {
      const { caller, callee } = await joined({ headers: { 'X-WA-Account': 'main' } })
      callee.events.emit({ type: 'ended', cause: 'account-restricted' })
      expect([caller.done, callee.done]).toEqual([[`end ${cause} ${waitS}`], [`end ${cause}`]])
      expect(records.at(-1)).toMatchObject({ state: 'ended', cause, endedBy: 'callee' })
      await clock.advance(waitS * 1000)
    }
    expect(availability()).toEqual({ available: true })
  })
})

it('a stranger who answers without having rung ends the restriction', async () => {
  const { joined, clock, dialler } = setUp({ limits: { breaker: BREAKER } })
  dialler.noteRestricted('main', OTHER)
  await clock.advance(BREAKER.pauseMs)
  const { callee } = await joined()
  callee.events.emit({ type: 'answered' })
  expect(dialler.noteRestricted('main', OTHER)).toMatchObject({ retryAfterS: BREAKER.pauseMs / 1000 })
})

describe('a call from WhatsApp', () => {
  it('rings the user’s phone, and is answered there', async () => {
    const { ring, main, legs, targets, records, board } = setUp()
    const caller = ring(main, { callerPn: `${NUMBER}@s.whatsapp.net` })
    await until(() => legs.toSip.length > 0)
    expect(targets).toEqual([
      { target: { kind: 'contact', contact: { uri: 'sip:0' } }, caller: { user: NUMBER, displayName: 'Ada' } },
    ])
    expect(records[0]).toMatchObject({ direction: 'inbound', account: 'main', from: NUMBER, to: 'desk' })
    legs.toSip[0].events.emit({ type: 'answered' })
    expect(caller.done).toEqual(['answer'])
    expect(board.activeCallsOf('main')).toBe(1)
  })

  it('rings when the ledger cannot be written', async () => {
    const { dialler, ring, main, legs } = setUp()
    dialler.noteContact = diskFull
    ring(main, { callerPn: `${NUMBER}@s.whatsapp.net` })
    await until(() => legs.toSip.length > 0)
  })

  it('goes to the extension at a trunk; the number of a LID is looked up', async () => {
    const { ring, second, legs, targets, records } = setUp()
    second.callerNumber = '4366012345'
    ring(second)
    await until(() => legs.toSip.length > 0)
    expect(targets[0].target).toEqual({ kind: 'trunk', trunk: 'pbx', user: '200' })
    expect(records[0]).toMatchObject({ from: '4366012345', to: '200' })
  })

  it('names the caller by the number of an earlier call, when it comes with a LID alone', async () => {
    const { ring, main, legs, records } = setUp()
    ring(main, { callerPn: `${NUMBER}@s.whatsapp.net` })
    await until(() => legs.toSip.length === 1)
    ring(main)
    await until(() => legs.toSip.length === 2)
    expect(records.map(({ from }) => from)).toEqual([NUMBER, NUMBER])
  })

  it('is the PBX’s alone where the route says so', async () => {
    const { ring, main, second, exclusive, legs } = setUp()
    ring(main)
    ring(second)
    await until(() => legs.toSip.length === 2)
    expect(exclusive).toEqual([false, true])
  })

  it('rings all of the user’s phones; the first to answer has it', async () => {
    const { ring, main, legs, records } = setUp({ phones: 3 })
    ring(main)
    await until(() => legs.toSip.length === 3)
    legs.toSip[0].events.emit({ type: 'ended', cause: 'extension-busy' })
    legs.toSip[2].events.emit({ type: 'answered' })
    expect(legs.toSip[1].done).toEqual(['end answered-elsewhere'])
    expect(records.map(({ state }) => state)).toEqual(['dialling', 'up'])
    // Nobody knows the number behind this LID, and the LID itself is not shown.
    expect(records[0].from).toBe('')
  })

  it.each<[string, Plan, (setting: Setting) => void, CallCause]>([
    ['without a route', { routes: [] }, nothing, 'extension-unreachable'],
    ['for a user without a phone', { phones: 0 }, nothing, 'extension-unreachable'],
    ['while the gateway drains', {}, ({ board }) => void board.drain(0), 'shutting-down'],
    ['beyond the calls of the gateway', { maxCalls: 0 }, nothing, 'overload'],
  ])('%s is refused', async (_, plan, prepare, cause) => {
    const setting = setUp(plan)
    prepare(setting)
    const caller = setting.ring(setting.main)
    await until(() => caller.done.length > 0)
    expect(caller.done).toEqual([`end ${cause}`])
    expect(setting.records).toMatchObject([{ state: 'ended', cause, endedBy: 'gateway', direction: 'inbound' }])
    expect(setting.legs.toSip).toHaveLength(0)
  })

  it('that ends while its number is looked up rings nobody', async () => {
    const { ring, main, legs, records } = setUp()
    const caller = ring(main)
    caller.events.emit({ type: 'ended', cause: 'answered-elsewhere' })
    await until(() => records.length > 0)
    expect(records[0]).toMatchObject({ state: 'ended', cause: 'answered-elsewhere' })
    expect(legs.toSip).toHaveLength(0)
  })
})

describe('a call from WhatsApp that could not ring', () => {
  const missed = (change: Partial<MissedCall> = {}): MissedCall => ({
    callId: 'WA2',
    reason: 'offline',
    caller: '2:3@lid',
    callerPn: `${NUMBER}@s.whatsapp.net`,
    callerName: 'Ada',
    timestampS: undefined,
    ...change,
  })

  it.each<[MissedReason, CallCause]>([
    ['offline', 'account-offline'],
    ['too-old', 'account-offline'],
    ['not-ready', 'account-offline'],
    ['ended', 'cancelled'],
    ['no-key', 'whatsapp-error'],
    ['busy', 'account-busy'],
  ])('for %s: a record with %s, and its caller is no stranger', async (reason, cause) => {
    const { main, records, call } = setUp({ limits: { strangersPerDay: 0 } })
    main.missed.emit(missed({ reason }))
    await until(() => records.length > 0)
    const endedBy = cause === 'cancelled' ? 'caller' : 'gateway'
    expect(records).toMatchObject([
      { state: 'ended', direction: 'inbound', account: 'main', from: NUMBER, to: 'desk', cause, endedBy },
    ])
    call()
    await until(() => main.dialled.length > 0)
  })

  it('is known in a trace by its call-id', async () => {
    const tracer = newTracer()
    const { main, records } = setUp({ tracer })
    main.missed.emit(missed())
    await until(() => records.length > 0)
    const { correlationId } = records[0]
    expect(tracer.traced).toEqual([{ what: 'leg', correlationId, side: 'whatsapp', callId: 'WA2' }])
  })

  it('a record when the ledger cannot be written', async () => {
    const { dialler, main, records } = setUp()
    dialler.noteContact = diskFull
    main.missed.emit(missed())
    await until(() => records.length > 0)
    expect(records).toMatchObject([{ state: 'ended', from: NUMBER, cause: 'account-offline' }])
  })

  it('for being to a group: a record, and its caller is as strange as before', async () => {
    const { main, records, call } = setUp({ limits: { strangersPerDay: 0 } })
    main.missed.emit(missed({ reason: 'group' }))
    await until(() => records.length > 0)
    expect(records).toMatchObject([{ from: NUMBER, cause: 'refused-by-policy' }])
    const caller = call()
    await until(() => caller.done.length > 0)
    expect(caller.done).toEqual(['end stranger-limit 86400'])
  })

  it.each([
    ['said by the server', 1_700_000_000, 1_700_000_000_000],
    ['our own when the server says nothing', undefined, 1_700_000_100_000],
    ['our own when the server is ahead', 1_700_000_500, 1_700_000_100_000],
  ])('its time is %s; the number behind its LID is looked up', async (_, timestampS, atMs) => {
    const { main, records } = setUp({ wallMs: 1_700_000_100_000 })
    main.callerNumber = '4366012345'
    main.missed.emit(missed({ callerPn: undefined, timestampS }))
    await until(() => records.length > 0)
    expect(records).toMatchObject([{ from: '4366012345', startedAtMs: atMs, endedAtMs: atMs }])
  })
})

describe('the switchboard', () => {
  it.each<[string, Plan, (setting: Setting) => unknown, number]>([
    ['shutting-down', {}, ({ board }) => board.drain(0), 30],
    ['overload', { maxCalls: 1 }, ({ joined }) => joined(), 5],
    ['account-offline', {}, states('closed'), 10],
    ['account-logged-out', {}, states('pairing'), 300],
  ])('tells PBXs to stay away: %s', async (reason, plan, prepare, retryAfterS) => {
    const setting = setUp(plan)
    expect(setting.availability()).toEqual({ available: true })
    await prepare(setting)
    expect(setting.availability()).toEqual({ available: false, retryAfterS, reason })
  })

  it('tells a PBX that is tied to an account of that account alone', () => {
    const accountOf: Plan['accountOf'] = (peer) => (peer.kind === 'static-trunk' ? peer.name : undefined)
    const { main, second, availability } = setUp({ accountOf })
    const tiedTo = (name: string) => availability({ kind: 'static-trunk', name })
    const banned = { available: false, retryAfterS: 3600, reason: 'account-banned' }
    second.state = 'banned'
    expect([tiedTo('main'), tiedTo('second')]).toEqual([{ available: true }, banned])
    expect([availability({ kind: 'user', username: 'desk' }), availability()]).toEqual(
      Array(2).fill({ available: true }),
    )
    main.state = 'banned'
    expect([tiedTo('main'), availability()]).toEqual([banned, banned])
  })

  it('drains until the last call has ended', async () => {
    const { board, joined, clock } = setUp()
    const calls = [await joined(), await joined()]
    let isDrained = false
    const drain = board.drain(60_000).then(() => {
      isDrained = true
    })
    await clock.advance(1000)
    calls[0].caller.events.emit({ type: 'ended', cause: 'normal' })
    await clock.advance(1000)
    expect(isDrained).toBe(false)
    calls[1].callee.events.emit({ type: 'ended', cause: 'normal' })
    await drain
    expect(clock.pendingTimers).toBe(0)
  })

  it('that is asked to drain twice has drained for both', async () => {
    const { board, joined, clock } = setUp()
    const { callee } = await joined()
    const drains = [board.drain(60_000), board.drain(60_000)]
    callee.events.emit({ type: 'ended', cause: 'normal' })
    await Promise.all(drains)
    expect(clock.pendingTimers).toBe(0)
  })

  it('drains no longer than it may, and stops what is left', async () => {
    const { board, joined, clock, records } = setUp()
    const { caller, callee } = await joined()
    const drain = board.drain(5000)
    await clock.advance(5000)
    await drain
    expect(board.activeCalls).toBe(1)
    await board.stop()
    expect([caller.done, callee.done]).toEqual([['end shutting-down'], ['end shutting-down']])
    expect(records.at(-1)).toMatchObject({ cause: 'shutting-down', endedBy: 'gateway' })
    expect([board.activeCalls, clock.pendingTimers]).toEqual([0, 0])
  })
})
