import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TimeStretch } from '../../../src/media/jitter/time-stretch.ts'

const RATE_HZ = 16_000
const MIN_LAG = 40
const MAX_LAG = 160
const tone = (hz: number, samples: number) =>
  Float32Array.from({ length: samples + MAX_LAG }, (_, n) =>
    n < samples ? Math.sin((2 * Math.PI * hz * n) / RATE_HZ) : 0,
  )

/** The largest step from one sample to the next. */
const roughness = (pcm: Float32Array, samples: number) => {
  let most = 0
  for (let n = 1; n < samples; n++) most = Math.max(most, Math.abs(pcm[n] - pcm[n - 1]))
  return most
}

describe('TimeStretch', () => {
  it.each([110, 150, 200, 333])('takes out or repeats whole periods of a voice of %i Hz, without a click', (hz) => {
    const stretch = new TimeStretch(RATE_HZ)
    const smooth = roughness(tone(hz, 320), 320)
    const shorter = tone(hz, 320)
    const left = stretch.shorten(shorter, 320, MAX_LAG)
    const periods = ((320 - left) * hz) / RATE_HZ
    expect(left).toBeLessThan(320)
    expect(Math.abs(periods - Math.round(periods))).toBeLessThan(0.02)
    expect(roughness(shorter, left)).toBeLessThan(1.1 * smooth)
    const longer = tone(hz, 320)
    const length = stretch.lengthen(longer, 320)
    expect(length).toBeGreaterThan(320)
    expect(roughness(longer, length)).toBeLessThan(1.1 * smooth)
  })

  it('changes silence by as much as it may', () => {
    const stretch = new TimeStretch(RATE_HZ)
    expect(stretch.shorten(new Float32Array(320), 320, 100)).toBe(220)
    expect(stretch.lengthen(new Float32Array(480), 320)).toBe(480)
  })

  it('keeps within its bounds for any signal and leaves the rest of it as it was', () => {
    const stretch = new TimeStretch(RATE_HZ)
    const pcm = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 400 })
    fc.assert(
      fc.property(pcm, fc.integer({ min: 0, max: 200 }), (values, most) => {
        const samples = values.length
        const shorter = new Float32Array(samples + MAX_LAG)
        shorter.set(values)
        const longer = shorter.slice()
        const left = stretch.shorten(shorter, samples, most)
        const removed = samples - left
        expect(removed === 0 || (removed >= MIN_LAG && removed <= Math.min(most, MAX_LAG))).toBe(true)
        expect(Array.from(shorter.subarray(removed === 0 ? 0 : MIN_LAG, left))).toEqual(
          Array.from(Float32Array.from(values).subarray(removed === 0 ? 0 : MIN_LAG + removed)),
        )
        const added = stretch.lengthen(longer, samples) - samples
        expect(added === 0 || (added >= MIN_LAG && added <= MAX_LAG)).toBe(true)
        expect(Array.from(longer.subarray(samples + added - 1, samples + added))).toEqual([
          Math.fround(values[samples - 1]),
        ])
      }),
    )
  })
})
