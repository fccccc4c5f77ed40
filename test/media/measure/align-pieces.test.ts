import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/base/random.ts'
import { alignPieces } from '../../../src/media/measure/align-pieces.ts'

const RATE = 8000
const random = seededRandom(5)
const noise = Float32Array.from({ length: 4 * RATE }, () => (random.below(2001) - 1000) / 2000)

describe('alignPieces', () => {
  it('follows a delay that changes on the way', () => {
    const recorded = new Float32Array(5 * RATE)
    recorded.set(noise.subarray(0, 2 * RATE), 400)
    recorded.set(noise.subarray(2 * RATE), 2 * RATE + 900)
    const { aligned, delays } = alignPieces(noise, recorded, { delay: 600, pieceSamples: RATE, searchSamples: 1000 })
    expect(delays).toEqual([400, 400, 900, 900])
    expect(aligned.subarray(0, 2 * RATE)).toEqual(noise.subarray(0, 2 * RATE))
    expect(aligned.subarray(2 * RATE)).toEqual(noise.subarray(2 * RATE))
  })

  it('leaves a hole where nothing was recorded', () => {
    const recorded = noise.slice()
    recorded.fill(0, 1000, 3000)
    const { aligned } = alignPieces(noise, recorded, { delay: 0, pieceSamples: RATE, searchSamples: 500 })
    expect(aligned.subarray(1000, 3000).every((sample) => sample === 0)).toBe(true)
  })

  it('keeps the last delay through a pause', () => {
    const reference = noise.slice()
    reference.fill(0, RATE, 2 * RATE)
    const recorded = new Float32Array(5 * RATE)
    recorded.set(reference, 300)
    const { delays } = alignPieces(reference, recorded, { delay: 0, pieceSamples: RATE, searchSamples: 500 })
    expect(delays).toEqual([300, 300, 300])
  })
})
