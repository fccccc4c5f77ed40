import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/base/clock.ts'
import type { AudioEncoder } from '../../../src/media/codecs/codec.ts'
import { PacedEncoder } from '../../../src/media/pacing/paced-encoder.ts'

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

describe('PacedEncoder', () => {
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
