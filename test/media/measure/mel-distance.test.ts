import { describe, expect, it } from 'vitest'
import { melDistance } from '../../../src/media/measure/mel-distance.ts'

const RATE_HZ = 16000

function tone(hz: number, seconds = 1): Float32Array {
  return Float32Array.from({ length: seconds * RATE_HZ }, (_, n) => 0.5 * Math.sin((2 * Math.PI * hz * n) / RATE_HZ))
}

/** White noise of a fixed seed. */
function noise(seed: number): Float32Array {
  let state = seed
  return Float32Array.from({ length: RATE_HZ }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0
    return 0.2 * (state / 2 ** 31 - 1)
  })
}

describe('melDistance', () => {
  it('is 0 for equal signals and for a silent reference', () => {
    expect(melDistance(noise(1), noise(1), RATE_HZ)).toBe(0)
    expect(melDistance(new Float32Array(RATE_HZ), noise(1), RATE_HZ)).toBe(0)
  })

  it('is the level difference where only the level differs', () => {
    const clean = noise(1)
    expect(
      melDistance(
        clean,
        clean.map((x) => x / 2),
        RATE_HZ,
      ),
    ).toBeCloseTo(20 * Math.log10(2), 4)
  })

  it('grows with the distance of two tones', () => {
    const near = melDistance(tone(1000), tone(1050), RATE_HZ)
    const far = melDistance(tone(1000), tone(2000), RATE_HZ)
    expect(near).toBeGreaterThan(1)
    expect(far).toBeGreaterThan(near)
  })

  it('does not count pauses of the reference', () => {
    const speech = new Float32Array(2 * RATE_HZ)
    speech.set(noise(1))
    const hissing = new Float32Array(2 * RATE_HZ)
    hissing.set(noise(1))
    hissing.set(noise(2).subarray(512), RATE_HZ + 512)
    expect(melDistance(speech, hissing, RATE_HZ)).toBeLessThan(1e-6)
  })
})
