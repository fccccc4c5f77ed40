import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ComfortNoiseDecoder } from '../../../src/media/codecs/comfort-noise/comfort-noise.ts'

function noise(payload: readonly number[], samples = 16_000): Float32Array {
  const decoder = new ComfortNoiseDecoder()
  decoder.decode(Uint8Array.from(payload), new Float32Array(decoder.maxSamples))
  const out = new Float32Array(samples)
  decoder.conceal(samples, out)
  return out
}

const levelDb = (pcm: Float32Array) => 10 * Math.log10(pcm.reduce((sum, x) => sum + x * x, 0) / pcm.length)

/** The correlation of neighbours: positive for dull noise, negative for bright. */
function colour(pcm: Float32Array): number {
  let [dot, energy] = [0, 0]
  for (let i = 1; i < pcm.length; i++) {
    dot += pcm[i] * pcm[i - 1]
    energy += pcm[i] * pcm[i]
  }
  return dot / energy
}

describe('ComfortNoiseDecoder', () => {
  it.each([40, 55, 70])('has the level of −%i dBov', (level) => {
    expect(Math.abs(levelDb(noise([level])) + level)).toBeLessThan(0.5)
    // The level is that of the output, whatever the filter.
    expect(Math.abs(levelDb(noise([level, 60, 200, 100])) + level)).toBeLessThan(1)
  })

  it('has the colour that the first reflection coefficient says', () => {
    // Of a filter of order one, the correlation of neighbours is −k1.
    expect(colour(noise([40, 127]))).toBeCloseTo(0, 1)
    expect(colour(noise([40, 127 + 64]))).toBeCloseTo(-0.5, 1)
    expect(colour(noise([40, 127 - 64]))).toBeCloseTo(0.5, 1)
  })

  it('is never loud', () => {
    expect(levelDb(noise([0]))).toBeLessThan(-29)
  })

  it('is silent before the first description', () => {
    const out = new Float32Array(80).fill(1)
    expect(new ComfortNoiseDecoder().conceal(80, out)).toBe(80)
    expect(out.every((value) => value === 0)).toBe(true)
  })

  it('takes any bytes', () => {
    const decoder = new ComfortNoiseDecoder()
    const out = new Float32Array(decoder.maxSamples)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (payload) => {
        const samples = decoder.decode(payload, out)
        expect(samples).toBe(payload.length === 0 ? 0 : 160)
        expect(out.every((value) => Math.abs(value) < 2)).toBe(true)
      }),
    )
  })
})
