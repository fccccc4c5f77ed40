import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/base/logger.ts'
import { Call, type CallRecord } from '../../src/bridge/call.ts'
import type { Transfer } from '../../src/bridge/leg.ts'
import { FakeLeg } from './fakes.ts'

function setUp() {
  const caller = new FakeLeg('sip')
  const callee = new FakeLeg('whatsapp')
  let nowMs = 1000
  const call = new Call(
    { correlationId: 'c1', direction: 'outbound', account: 'main', from: '100', to: '4917012345678' },
    { caller, callee },
    silentLogger,
    () => nowMs++,
  )
  const states: CallRecord[] = []
  call.changed.on((record) => states.push(record))
  return { caller, callee, call, states }
}

describe('Call', () => {
  it('rings, answers and joins the audio both ways', () => {
    const { caller, callee, call, states } = setUp()
    callee.events.emit({ type: 'ringing' })
    expect(caller.done).toEqual(['ring'])
    expect(caller.heard).toBeUndefined()
    callee.events.emit({ type: 'answered' })
    expect(caller.done).toEqual(['ring', 'answer'])
    expect(caller.heard).toBe(callee.audio)
    expect(callee.heard).toBe(caller.audio)
    expect(states.map((record) => record.state)).toEqual(['ringing', 'up'])
    expect(call.record.answeredAtMs).toBeGreaterThan(call.record.ringingAtMs ?? 0)
  })

  it('may be answered without ringing first', () => {
    const { caller, callee, call } = setUp()
    callee.events.emit({ type: 'answered' })
    expect(caller.done).toEqual(['answer'])
    expect(call.record.state).toBe('up')
  })

  it.each(['dialling', 'ringing', 'up'] as const)('ends both legs once from %s, whoever ends it', async (state) => {
    for (const side of ['caller', 'callee'] as const) {
      const legs = setUp()
      if (state !== 'dialling') legs.callee.events.emit({ type: 'ringing' })
      if (state === 'up') legs.callee.events.emit({ type: 'answered' })
      legs[side].events.emit({ type: 'ended', cause: 'declined' })
      legs.caller.events.emit({ type: 'ended', cause: 'normal' })
      legs.callee.events.emit({ type: 'answered' })
      await legs.call.end('shutting-down')
      expect(legs.caller.done.filter((what) => what.startsWith('end'))).toEqual(['end declined'])
      expect(legs.callee.done.filter((what) => what.startsWith('end'))).toEqual(['end declined'])
      expect(legs.call.record).toMatchObject({ state: 'ended', cause: 'declined', endedBy: side })
      expect(legs.states.at(-1)?.state).toBe('ended')
    }
  })

  it.each(['ring', 'answer'] as const)(
    'a leg that fails as it is told to %s ends the call, and nothing follows',
    (verb) => {
      const { caller, callee, call, states } = setUp()
      caller[verb] = () => caller.events.emit({ type: 'ended', cause: 'internal-error' })
      callee.events.emit({ type: verb === 'ring' ? 'ringing' : 'answered' })
      expect(states.map(({ state }) => state)).toEqual(['ended'])
      expect(call.record).toMatchObject({ state: 'ended', cause: 'internal-error' })
    },
  )

  it('passes hold and DTMF across only while up', () => {
    const { caller, callee } = setUp()
    caller.events.emit({ type: 'held', held: true })
    caller.events.emit({ type: 'dtmf', digit: '5', durationMs: 160 })
    expect(callee.done).toEqual([])
    callee.events.emit({ type: 'answered' })
    caller.events.emit({ type: 'held', held: true })
    caller.events.emit({ type: 'dtmf', digit: '5', durationMs: 160 })
    caller.events.emit({ type: 'held', held: false })
    expect(callee.done).toEqual(['hold', 'dtmf 5 160', 'resume'])
  })

  it('ignores ringing and answer from the caller, and a second answer', () => {
    const { caller, callee, call } = setUp()
    caller.events.emit({ type: 'answered' })
    expect(call.record.state).toBe('dialling')
    callee.events.emit({ type: 'answered' })
    callee.events.emit({ type: 'answered' })
    callee.events.emit({ type: 'ringing' })
    expect(caller.done).toEqual(['answer'])
  })
})

describe('transfer', () => {
  /** A call that is up, and a party that `side` wants in its place. */
  function transferring(side: 'caller' | 'callee', hasCalled = false, isUp = true) {
    const legs = setUp()
    if (isUp) legs.callee.events.emit({ type: 'answered' })
    const other = side === 'caller' ? legs.callee : legs.caller
    const old = legs[side]
    const party = new FakeLeg(old.side)
    const told: string[] = []
    const transfer: Transfer = {
      hasCalled,
      begin: () => {
        told.push('begin')
        return party
      },
      ringing: () => told.push('ringing'),
      done: () => told.push('done'),
      failed: (cause) => told.push(`failed ${cause}`),
    }
    old.done.length = 0
    old.events.emit({ type: 'transfer', transfer })
    return { ...legs, old, other, party, told, transfer }
  }

  it.each(['caller', 'callee'] as const)('the new party takes the place of the %s', (side) => {
    const { old, other, party, told, call } = transferring(side)
    party.events.emit({ type: 'ringing' })
    expect(other.heard).toBe(old.audio)
    party.events.emit({ type: 'answered' })
    expect(told).toEqual(['begin', 'ringing', 'done'])
    expect(old.done).toEqual(['end normal'])
    expect([other.heard, party.heard]).toEqual([party.audio, other.audio])
    old.events.emit({ type: 'ended', cause: 'normal' })
    expect(call.record.state).toBe('up')
    party.events.emit({ type: 'dtmf', digit: '7', durationMs: 100 })
    expect(other.done.at(-1)).toBe('dtmf 7 100')
    party.events.emit({ type: 'ended', cause: 'normal' })
    expect(call.record).toMatchObject({ state: 'ended', cause: 'normal', endedBy: side })
  })

  it('a held call is resumed by the new party', () => {
    const { old, other, party } = transferring('caller')
    old.events.emit({ type: 'held', held: true })
    party.events.emit({ type: 'answered' })
    expect(other.done).toEqual(['hold', 'resume'])
  })

  it('a new party that gives up leaves the call as it was', () => {
    const { old, other, party, told, call } = transferring('caller')
    party.events.emit({ type: 'ended', cause: 'extension-busy' })
    expect(told).toEqual(['begin', 'failed extension-busy'])
    expect([old.done, party.done]).toEqual([[], ['end extension-busy']])
    expect(other.heard).toBe(old.audio)
    old.events.emit({ type: 'ended', cause: 'normal' })
    expect(call.record.state).toBe('ended')
  })

  it('a leg that hangs up right after asking leaves the new party time to answer', () => {
    const { old, other, party, call } = transferring('caller')
    old.events.emit({ type: 'ended', cause: 'normal' })
    expect(call.record.state).toBe('up')
    party.events.emit({ type: 'answered' })
    expect(other.heard).toBe(party.audio)
  })

  it('what is meant for a leg that has left reaches nobody', () => {
    const { old, other } = transferring('caller')
    old.events.emit({ type: 'ended', cause: 'normal' })
    other.events.emit({ type: 'dtmf', digit: '5', durationMs: 100 })
    other.events.emit({ type: 'held', held: true })
    expect(old.done).toEqual([])
  })

  it('when it then gives up, the call ends with its cause', () => {
    const { old, other, party, call } = transferring('caller')
    old.events.emit({ type: 'ended', cause: 'normal' })
    party.events.emit({ type: 'ended', cause: 'extension-no-answer' })
    expect(call.record).toMatchObject({ state: 'ended', cause: 'extension-no-answer' })
    expect(other.done.at(-1)).toBe('end extension-no-answer')
  })

  it('the other side hangs up meanwhile: everybody is told', async () => {
    const { other, party, told, call } = transferring('caller')
    other.events.emit({ type: 'ended', cause: 'normal' })
    await call.end('normal')
    expect([party.done, told]).toEqual([['end normal'], ['begin', 'failed normal']])
  })

  it('one transfer at a time, and none before the answer', () => {
    const { old, told, transfer } = transferring('caller')
    old.events.emit({ type: 'transfer', transfer })
    expect(told).toEqual(['begin', 'failed refused-by-policy'])
    expect(transferring('caller', false, false).told).toEqual(['failed refused-by-policy'])
    expect(transferring('caller', true, false).told).toEqual(['failed refused-by-policy'])
  })

  it('a party that is not there yet is not given away, and who asks for it hears so', () => {
    const { other, party, told, transfer } = transferring('caller')
    party.events.emit({ type: 'transfer', transfer: { ...transfer, hasCalled: true } })
    expect(told).toEqual(['begin', 'failed refused-by-policy'])
    party.events.emit({ type: 'answered' })
    expect(told.at(-1)).toBe('done')
    expect(other.heard).toBe(party.audio)
  })

  it('a party that has called is answered at once, and has the call when it is up', () => {
    const { old, other, party, told } = transferring('callee', true)
    expect([party.done, old.done, told]).toEqual([['answer'], [], ['begin']])
    expect(other.heard).toBe(old.audio)
    party.events.emit({ type: 'answered' })
    expect([old.done, told]).toEqual([['end normal'], ['begin', 'done']])
    expect(other.heard).toBe(party.audio)
  })

  it.each([true, false])('a party that has called and whose media is no good takes nobody’s call (up: %s)', (isUp) => {
    const { old, party, told, call } = transferring('callee', true, isUp)
    const before = call.record.state
    party.events.emit({ type: 'ended', cause: 'no-common-codec' })
    expect([old.done, told]).toEqual([[], ['begin', 'failed no-common-codec']])
    expect(call.record.state).toBe(before)
  })

  it('the one who asks is told before its call ends', () => {
    const { old, party, told } = transferring('caller')
    let toldAtEnd: string[] = []
    old.end = () => {
      toldAtEnd = [...told]
      return Promise.resolve()
    }
    party.events.emit({ type: 'answered' })
    expect(toldAtEnd).toEqual(['begin', 'done'])
  })

  it('a ringing callee is picked up by another phone', () => {
    const { caller, old, party, call, states } = transferring('callee', true, false)
    expect([caller.done, party.done]).toEqual([[], ['answer']])
    party.events.emit({ type: 'answered' })
    expect(caller.done).toEqual(['answer', 'resume'])
    expect([party.done, old.done]).toEqual([['answer'], ['end answered-elsewhere']])
    expect(caller.heard).toBe(party.audio)
    expect(states.map((record) => record.state)).toEqual(['up'])
    expect(call.record.answeredAtMs).toBeDefined()
  })
})
