import { describe, expect, it } from 'vitest'
import { type Clock, VirtualClock } from '../../../src/base/clock.ts'
import { Pacer } from '../../../src/media/pacing/pacer.ts'

/** A clock whose timers come late, as those of a busy process do; `latenessOf` is given each timer's number. */
function lateClock(clock: VirtualClock, latenessOf: (turn: number) => number): Clock {
  let turn = 0
  return {
    nowMs: () => clock.nowMs(),
    wallMs: () => clock.wallMs(),
    after: (delayMs, run) => clock.after(delayMs + latenessOf(turn++), run),
  }
}

describe('Pacer', () => {
  it('keeps the rate of the clock however late each timer is', async () => {
    const clock = new VirtualClock()
    const atMs: number[] = []
    const pacer = new Pacer({
      clock: lateClock(clock, (turn) => [0, 3, 11, 1][turn % 4]),
      periodMs: 20,
      onFrame: () => atMs.push(clock.nowMs()),
    })
    pacer.start()
    await clock.advance(60_000)
    pacer.stop()
    expect(Math.abs(atMs.length - 3000)).toBeLessThanOrEqual(1)
    for (const [i, time] of atMs.entries()) {
      expect(time - i * 20).toBeGreaterThanOrEqual(-1)
      // A late tick waits half as long again, by a timer that may be late too.
      expect(time - i * 20).toBeLessThanOrEqual(11 + 5.5 + 1)
    }
    expect(clock.pendingTimers).toBe(0)
  })

  it('catches up after a short stall, and skips what a long one has made useless', async () => {
    const clock = new VirtualClock()
    const frames: { atMs: number; skipped: number }[] = []
    const stalls = [0, 0, 0, 65, 0, 0, 1000]
    const onFrame = (skipped: number) => frames.push({ atMs: clock.nowMs(), skipped })
    const pacer = new Pacer({ clock: lateClock(clock, (turn) => stalls[turn] ?? 0), periodMs: 20, onFrame })
    pacer.start()
    await clock.advance(2000)
    pacer.stop()
    const sentAt = (atMs: number) => frames.filter((frame) => frame.atMs === atMs)
    // The fourth timer, due at 60 ms, fires at 125 and waits 10 ms: frames 60, 80, 100 and 120.
    expect(sentAt(135)).toHaveLength(4)
    // Of a second and the wait, what is older than 240 ms.
    expect(pacer.skipped).toBe(38)
    const sentAndSkipped = frames.reduce((sum, { skipped }) => sum + 1 + skipped, 0)
    expect(Math.abs(sentAndSkipped - 100)).toBeLessThanOrEqual(1)
    expect(Math.max(...frames.map(({ atMs }) => sentAt(atMs).length))).toBeLessThanOrEqual(13)
  })

  it('can be stopped from within a frame, and started twice without doubling', async () => {
    const clock = new VirtualClock()
    let frames = 0
    const pacer: Pacer = new Pacer({
      clock,
      periodMs: 60,
      onFrame: () => {
        frames++
        if (frames === 3) pacer.stop()
      },
    })
    pacer.start()
    pacer.start()
    await clock.advance(1000)
    expect(frames).toBe(3)
    expect(clock.pendingTimers).toBe(0)
  })
})
