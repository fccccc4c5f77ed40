import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'

describe('VirtualClock', () => {
  it('fires timers in order of time, then of creation', async () => {
    const clock = new VirtualClock()
    const fired: string[] = []
    clock.after(20, () => fired.push('b'))
    clock.after(10, () => fired.push('a'))
    clock.after(20, () => fired.push('c'))
    await clock.advance(15)
    expect(fired).toEqual(['a'])
    expect(clock.nowMs()).toBe(15)
    await clock.advance(5)
    expect(fired).toEqual(['a', 'b', 'c'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('runs a timer that another timer made, when it falls due in the same step', async () => {
    const clock = new VirtualClock()
    const at: number[] = []
    const again = () => {
      at.push(clock.nowMs())
      if (at.length < 4) clock.after(10, again)
    }
    clock.after(10, again)
    await clock.advance(35)
    expect(at).toEqual([10, 20, 30])
  })

  it('forgets a cancelled timer', async () => {
    const clock = new VirtualClock()
    const timer = clock.after(10, () => expect.unreachable('cancelled'))
    timer.cancel()
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(100)
  })
})
