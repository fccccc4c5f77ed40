import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/base/clock.ts'
import type { AudioEncoder } from '../../../src/media/codecs/codec.ts'
import { PacedEncoder } from '../../../src/media/pacing/paced-encoder.ts'
import { BusyLoop } from '../busy-loop.ts'

/** Writes the first sample of each frame, in tenths. */
class FirstSampleEncoder implements AudioEncoder {
  readonly sampleRateHz = 16_000
  readonly frameSamples = 960
  readonly maxPayloadBytes = 1
  encode(pcm: Float32Array, out: Uint8Array): number {
    out[0] = Math.round(pcm[0] * 10)
    return 1
  }
  reset(): void {}
}

function bench(instead?: (timestamp: number) => boolean) {
  const clock = new VirtualClock()
  const sent: { atMs: number; value: number; timestamp: number; marker: boolean }[] = []
  const sender = new PacedEncoder({
    clock,
    encoder: new FirstSampleEncoder(),
    resampler: undefined,
    clockRateHz: 16_000,
    firstTimestamp: 0xffff_ffff - 960,
    onPayload: ([value], timestamp, marker) => sent.push({ atMs: clock.nowMs(), value, timestamp, marker }),
    instead,
  })
  return { clock, sent, sender }
}

/** A frame of 60 ms each, while the process stands still from 90 ms on. */
function stalledFor(durationMs: number) {
  const clock = new BusyLoop([{ fromMs: 90, durationMs }])
  const pulledForMs: number[] = []
  const sent: { timestamp: number; marker: boolean }[] = []
  const sender = new PacedEncoder({
    clock,
    encoder: new FirstSampleEncoder(),
    resampler: undefined,
    clockRateHz: 16_000,
    firstTimestamp: 0,
    onPayload: (_, timestamp, marker) => sent.push({ timestamp, marker }),
  })
  sender.listenTo({ pull: (_, lateMs = 0) => void pulledForMs.push(clock.nowMs() - lateMs) })
  sender.start()
  clock.run(durationMs + 1000)
  sender.stop()
  return { sender, pulledForMs, sent }
}

describe('PacedEncoder', () => {
  it('pulls the last second of what a stall of ten minutes has left out, and no more', () => {
    const { sender, pulledForMs, sent } = stalledFor(600_000)
    expect(sender.skippedFrames).toBeGreaterThan(9_000)
    const leftOut = pulledForMs.length - sent.length
    expect(leftOut).toBe(17)
    // One after the other, up to the frames that are sent late.
    const resumed = pulledForMs.findIndex((forMs) => forMs > 120)
    const late = pulledForMs.slice(resumed)
    for (const [i, forMs] of late.entries()) expect(forMs - late[0]).toBeCloseTo(i * 60, 6)
    const after = sent.filter(({ timestamp }) => timestamp > 2 * 960)
    expect(after[0]).toEqual({ timestamp: (2 + sender.skippedFrames) * 960, marker: true })
  })

  it('pulls all that a stall of a second has left out', () => {
    const { sender, pulledForMs, sent } = stalledFor(1000)
    expect(sender.skippedFrames).toBeGreaterThan(10)
    expect(pulledForMs.length - sent.length).toBe(sender.skippedFrames)
  })

  it('sends silence from the start, then what it listens to, and never stops', async () => {
    const { clock, sent, sender } = bench()
    sender.start()
    await clock.advance(90)
    sender.listenTo({ pull: (out) => void out.fill(0.5) })
    await clock.advance(90)
    sender.listenTo({ pull: (out) => void out.fill(0) })
    await clock.advance(90)
    sender.stop()
    expect(sent.map(({ value }) => value)).toEqual([0, 0, 5, 5, 0])
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 60, 120, 180, 240])
    expect(clock.pendingTimers).toBe(0)
  })

  it('counts timestamps on across the wrap, and marks the first frame only', async () => {
    const { clock, sent, sender } = bench()
    sender.start()
    await clock.advance(130)
    sender.stop()
    expect(sent.map(({ timestamp }) => timestamp)).toEqual([0xffff_ffff - 960, 0xffff_ffff, 959])
    expect(sent.map(({ marker }) => marker)).toEqual([true, false, false])
  })

  it('leaves frames out for something else, pulls all the same, and marks the audio after it', async () => {
    let frame = 0
    const { clock, sent, sender } = bench(() => ++frame === 2 || frame === 3)
    let pulled = 0
    sender.listenTo({ pull: () => void pulled++ })
    sender.start()
    await clock.advance(250)
    sender.stop()
    expect(pulled).toBe(5)
    expect(sent.map(({ atMs, marker }) => [atMs, marker])).toEqual([
      [0, true],
      [180, true],
      [240, false],
    ])
  })
})
