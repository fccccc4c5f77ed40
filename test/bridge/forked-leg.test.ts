import { describe, expect, it } from 'vitest'
import { Signal } from '../../src/base/events.ts'
import type { CallCause } from '../../src/bridge/cause.ts'
import { ForkedLeg } from '../../src/bridge/forked-leg.ts'
import type { Leg, LegEvent } from '../../src/bridge/leg.ts'
import type { AudioSource } from '../../src/media/audio-source.ts'

class FakePhone implements Leg {
  readonly side = 'sip'
  readonly events = new Signal<LegEvent>()
  readonly audio: AudioSource
  readonly done: string[] = []
  heard: AudioSource | undefined

  constructor(sample: number) {
    this.audio = { pull: (out) => out.fill(sample) }
  }

  ring() {}
  answer() {}
  listenTo(source: AudioSource) {
    this.heard = source
  }
  hold(held: boolean) {
    this.done.push(held ? 'hold' : 'resume')
  }
  dtmf(digit: string) {
    this.done.push(digit)
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
  const desk = new FakePhone(0.25)
  const mobile = new FakePhone(0.5)
  const fork = new ForkedLeg([desk, mobile])
  const events: LegEvent[] = []
  fork.events.on((event) => events.push(event))
  return { desk, mobile, fork, events }
}

describe('ForkedLeg', () => {
  it('gives the call to the first phone that answers', () => {
    const { desk, mobile, fork, events } = setUp()
    const source: AudioSource = { pull: (out) => out.fill(0) }
    fork.listenTo(source)
    desk.events.emit({ type: 'ringing' })
    mobile.events.emit({ type: 'answered' })
    expect(desk.done).toEqual(['end answered-elsewhere'])
    expect(mobile.done).toEqual([])
    expect(mobile.heard).toBe(source)
    const heard = new Float32Array(1)
    fork.audio.pull(heard)
    expect(heard[0]).toBe(0.5)
    desk.events.emit({ type: 'ended', cause: 'extension-no-answer' })
    desk.events.emit({ type: 'answered' })
    expect(events).toEqual([{ type: 'ringing' }, { type: 'answered' }])
  })

  it('passes on only what the phone with the call does', () => {
    const { desk, mobile, fork, events } = setUp()
    desk.events.emit({ type: 'answered' })
    desk.events.emit({ type: 'dtmf', digit: '5', durationMs: 100 })
    mobile.events.emit({ type: 'dtmf', digit: '6', durationMs: 100 })
    fork.hold(true)
    desk.events.emit({ type: 'ended', cause: 'normal' })
    expect(desk.done).toEqual(['hold'])
    expect(events.map((event) => event.type)).toEqual(['answered', 'dtmf', 'ended'])
  })

  it.each<[CallCause, CallCause, CallCause]>([
    ['extension-busy', 'extension-no-answer', 'extension-busy'],
    ['extension-no-answer', 'extension-declined', 'extension-declined'],
    ['extension-declined', 'extension-busy', 'extension-declined'],
    ['internal-error', 'internal-error', 'extension-no-answer'],
  ])('ends when the last phone has given up: %s, then %s gives %s', (first, second, cause) => {
    const { desk, mobile, events } = setUp()
    desk.events.emit({ type: 'ended', cause: first })
    expect(events).toEqual([])
    mobile.events.emit({ type: 'ended', cause: second })
    expect(events).toEqual([{ type: 'ended', cause }])
  })

  it('ends every phone when the caller gives up', async () => {
    const { desk, mobile, fork, events } = setUp()
    await fork.end('cancelled')
    expect([...desk.done, ...mobile.done]).toEqual(['end cancelled', 'end cancelled'])
    desk.events.emit({ type: 'ended', cause: 'cancelled' })
    expect(events).toEqual([])
  })
})
