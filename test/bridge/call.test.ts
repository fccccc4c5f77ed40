import { describe, expect, it } from 'vitest'
import { Signal } from '../../src/base/events.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { Call, type CallRecord } from '../../src/bridge/call.ts'
import type { CallCause } from '../../src/bridge/cause.ts'
import type { Leg, LegEvent } from '../../src/bridge/leg.ts'
import type { AudioSource } from '../../src/media/audio-source.ts'

class FakeLeg implements Leg {
  readonly events = new Signal<LegEvent>()
  readonly audio: AudioSource = { pull: (out) => out.fill(0) }
  readonly done: string[] = []
  heard: AudioSource | undefined
  readonly side: Leg['side']

  constructor(side: Leg['side']) {
    this.side = side
  }

  ring() {
    this.done.push('ring')
  }
  answer() {
    this.done.push('answer')
  }
  listenTo(source: AudioSource) {
    this.heard = source
  }
  hold(held: boolean) {
    this.done.push(held ? 'hold' : 'resume')
  }
  dtmf(digit: string, durationMs: number) {
    this.done.push(`dtmf ${digit} ${durationMs}`)
  }
  quality() {
    return undefined
  }
  end(cause: CallCause) {
    this.done.push(`end ${cause}`)
    return Promise.resolve()
  }
}

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
