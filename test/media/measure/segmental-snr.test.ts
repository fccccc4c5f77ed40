import { describe, expect, it } from 'vitest'
import { segmentalSnr } from '../../../src/media/measure/segmental-snr.ts'

const RATE_HZ = 16000

function tone(amplitude: number): Float32Array {
  return Float32Array.from({ length: RATE_HZ }, (_, n) => amplitude * Math.sin((2 * Math.PI * 500 * n) / RATE_HZ))
}

describe('segmentalSnr', () => {
  it('is the ratio of reference to error where that is the same everywhere', () => {
    const clean = tone(0.5)
    expect(
      segmentalSnr(
        clean,
        clean.map((x) => 0.9 * x),
        RATE_HZ,
      ),
    ).toBeCloseTo(20, 4)
  })

  it('stays between -10 and 35 dB', () => {
    expect(segmentalSnr(tone(0.5), tone(0.5), RATE_HZ)).toBe(35)
    expect(segmentalSnr(tone(0.001), tone(0.9), RATE_HZ)).toBe(-10)
  })

  it('leaves out the pauses of the reference', () => {
    const clean = tone(0.5)
    clean.fill(0, RATE_HZ / 2)
    const degraded = clean.map((x, n) => (n < RATE_HZ / 2 ? 0.9 * x : 0.3))
    expect(segmentalSnr(clean, degraded, RATE_HZ)).toBeCloseTo(20, 4)
  })
})
