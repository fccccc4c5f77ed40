import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/base/random.ts'
import { alignTo, estimateDelay } from '../../../src/media/measure/align.ts'
import { Fft } from '../../../src/media/measure/fft.ts'

const random = seededRandom(5)
const noise = Float32Array.from({ length: 4000 }, () => random.below(2001) / 1000 - 1)

describe('estimateDelay', () => {
  it.each([0, 1, 37, 1600, -250])('finds a shift of %i samples through gain and noise', (delay) => {
    const recorded = Float32Array.from(
      { length: 6000 },
      (_, i) => 0.3 * (noise[i - delay] ?? 0) + random.below(100) / 1000,
    )
    expect(estimateDelay(noise, recorded, 2000)).toBe(delay)
    expect(alignTo(noise, recorded, delay)).toHaveLength(noise.length)
  })

  it('looks no further than asked', () => {
    const recorded = Float32Array.from({ length: 6000 }, (_, i) => noise[i - 1500] ?? 0)
    expect(Math.abs(estimateDelay(noise, recorded, 1000))).toBeLessThanOrEqual(1000)
  })

  it('gives 0 for silence', () => {
    expect(estimateDelay(noise, new Float32Array(4000), 1000)).toBe(0)
  })
})

describe('Fft', () => {
  it('equals the sum that defines it', () => {
    const size = 16
    const real = Float64Array.from({ length: size }, () => random.below(1000))
    const imaginary = Float64Array.from({ length: size }, () => random.below(1000))
    const expected = Array.from({ length: size }, (_, k) => {
      let re = 0
      for (let n = 0; n < size; n++) {
        const angle = (-2 * Math.PI * k * n) / size
        re += real[n] * Math.cos(angle) - imaginary[n] * Math.sin(angle)
      }
      return re
    })
    new Fft(size).forward(real, imaginary)
    expected.forEach((value, k) => {
      expect(real[k]).toBeCloseTo(value, 8)
    })
  })

  it('refuses other sizes than powers of two', () => {
    expect(() => new Fft(12)).toThrow(RangeError)
  })
})
