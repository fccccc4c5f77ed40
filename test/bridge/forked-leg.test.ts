import { describe, expect, it } from 'vitest'
import type { CallCause } from '../../src/bridge/cause.ts'
import { ForkedLeg } from '../../src/bridge/forked-leg.ts'
import type { LegEvent } from '../../src/bridge/leg.ts'
import type { AudioSource } from '../../src/media/audio-source.ts'
import { FakeLeg } from './fakes.ts'

function setUp() {
  const desk = new FakeLeg('sip', 0.25)
  const mobile = new FakeLeg('sip', 0.5)
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
    ['signalling-timeout', 'extension-no-answer', 'extension-no-answer'],
    ['signalling-timeout', 'internal-error', 'extension-unreachable'],
  ])('ends when the last phone has given up: %s, then %s gives %s', (first, second, cause) => {
    const { desk, mobile, events } = setUp()
    desk.events.emit({ type: 'ended', cause: first })
    expect(events).toEqual([])
    mobile.events.emit({ type: 'ended', cause: second })
    expect(events).toEqual([{ type: 'ended', cause }])
  })

  it('a phone that was told to stop has no say: what it asks for is refused, and it is not told again', () => {
    const { desk, mobile, events } = setUp()
    mobile.events.emit({ type: 'answered' })
    const told: string[] = []
    const failed = (cause: CallCause) => void told.push(cause)
    const transfer = { hasCalled: true, begin: () => desk, ringing: () => {}, done: () => {}, failed }
    desk.events.emit({ type: 'transfer', transfer })
    desk.events.emit({ type: 'ended', cause: 'normal' })
    expect(told).toEqual(['refused-by-policy'])
    expect(events).toEqual([{ type: 'answered' }])
    expect(desk.done).toEqual(['end answered-elsewhere'])
  })

  it('is gone when every phone is, also those that gave up by themselves', async () => {
    const { desk, mobile, fork } = setUp()
    let free = () => {}
    desk.closed = new Promise((resolve) => {
      free = resolve
    })
    desk.events.emit({ type: 'ended', cause: 'extension-busy' })
    mobile.events.emit({ type: 'ended', cause: 'extension-no-answer' })
    let isGone = false
    const gone = fork.end('extension-busy').then(() => {
      isGone = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(isGone).toBe(false)
    free()
    await gone
  })

  it('ends every phone when the caller gives up', async () => {
    const { desk, mobile, fork, events } = setUp()
    await fork.end('cancelled')
    expect([...desk.done, ...mobile.done]).toEqual(['end cancelled', 'end cancelled'])
    desk.events.emit({ type: 'ended', cause: 'cancelled' })
    expect(events).toEqual([])
  })
})
