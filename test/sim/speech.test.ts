import { describe, expect, it } from 'vitest'
import { speech } from '../../src/sim/speech.ts'

const frame = 800

function frames(): { levelDb: number; crossings: number }[] {
  const pcm = speech()
  return Array.from({ length: Math.floor(pcm.length / frame) }, (_, index) => {
    const part = pcm.subarray(index * frame, (index + 1) * frame)
    const energy = part.reduce((sum, value) => sum + value * value, 0)
    const crossings = part.reduce((count, value, i) => count + (i > 0 && value * part[i - 1]! < 0 ? 1 : 0), 0)
    return { levelDb: 10 * Math.log10(energy / frame + 1e-12), crossings }
  })
}

describe('test speech', () => {
  it('lasts six to nine seconds without clipping, at an ordinary level', () => {
    const pcm = speech()
    expect(pcm.length / 16_000).toBeGreaterThan(6)
    expect(pcm.length / 16_000).toBeLessThan(9)
    expect(pcm.every((value) => Math.abs(value) <= 0.6001)).toBe(true)
    const rms = Math.sqrt(pcm.reduce((sum, value) => sum + value * value, 0) / pcm.length)
    expect(20 * Math.log10(rms)).toBeGreaterThan(-26)
  })

  it('has voiced sounds, hisses and pauses', () => {
    const all = frames()
    const loud = all.filter(({ levelDb }) => levelDb > -35)
    expect(loud.filter(({ crossings }) => crossings < 100).length / all.length).toBeGreaterThan(0.4)
    expect(loud.filter(({ crossings }) => crossings > 300).length / all.length).toBeGreaterThan(0.05)
    expect(all.filter(({ levelDb }) => levelDb < -45).length / all.length).toBeGreaterThan(0.06)
  })

  it('is the same at every call and in every process', () => {
    expect(speech()).toBe(speech())
    const sum = speech().reduce((total, value, index) => total + value * ((index % 97) - 48), 0)
    expect(Number(sum.toFixed(3))).toMatchInlineSnapshot(`-37.5`)
  })
})
