import { describe, expect, it } from 'vitest'
import { stoi } from '../../../src/media/measure/stoi.ts'

/** Uniform noise of a linear congruential generator: the same numbers in any language. */
function noise(seed: number, length: number): Float64Array {
  let state = seed
  return Float64Array.from({ length }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

/** Noise in syllables of 3 Hz, with a pause every two seconds. */
function speechLike(rateHz: number): Float32Array {
  return Float32Array.from(noise(1, 4 * rateHz), (value, n) => {
    const t = n / rateHz
    return Math.floor(t * 2) % 4 === 3 ? 0 : 0.3 * value * Math.sin(2 * Math.PI * 3 * t) ** 2
  })
}

function withNoise(clean: Float32Array, gain: number): Float32Array {
  const added = noise(2, clean.length)
  return clean.map((value, n) => value + Math.fround(gain) * added[n])
}

describe('stoi', () => {
  it('is 1 for identity and does not care about the level', () => {
    const clean = speechLike(16000)
    expect(stoi(clean, clean, 16000)).toBeCloseTo(1, 6)
    expect(
      stoi(
        clean,
        clean.map((value) => value * 0.1),
        16000,
      ),
    ).toBeCloseTo(1, 6)
  })

  it('falls as noise rises, and is lowest for noise alone', () => {
    const clean = speechLike(16000)
    const scores = [0.001, 0.01, 0.03, 0.1, 0.3, 1].map((gain) => stoi(clean, withNoise(clean, gain), 16000))
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    expect(stoi(clean, Float32Array.from(noise(7, clean.length)), 16000)).toBeLessThan(scores[5])
  })

  // pystoi 0.4.1 (numpy 2.4) on these very signals. It keeps one frame less at the end, and other rates than 10 kHz pass
  // another resampling filter, hence the tolerance.
  it.each([
    [10000, 0.01, 0.9992],
    [10000, 0.1, 0.9263],
    [10000, 0.3, 0.6379],
    [16000, 0.01, 0.9992],
    [16000, 0.1, 0.9319],
    [16000, 0.3, 0.645],
    [8000, 0.01, 0.9992],
    [8000, 0.1, 0.9341],
    [8000, 0.3, 0.6698],
  ])('at %i Hz with noise %f scores as an independent implementation does', (rateHz, gain, expected) => {
    const clean = speechLike(rateHz)
    expect(Math.abs(stoi(clean, withNoise(clean, gain), rateHz) - expected)).toBeLessThan(0.002)
  })

  it('scores unrelated noise as that implementation does', () => {
    const clean = speechLike(16000)
    const unrelated = Float32Array.from(noise(7, clean.length))
    expect(Math.abs(stoi(clean, unrelated, 16000) - 0.3398)).toBeLessThan(0.002)
  })

  it('refuses a signal without 384 ms of speech', () => {
    expect(() => stoi(new Float32Array(3000), new Float32Array(3000), 16000)).toThrow(RangeError)
  })
})
