import { expect, it } from 'vitest'
import { HoldTone } from '../../src/media/hold-tone.ts'

it('beeps twice at once and every ten seconds, softly and without clicks', () => {
  const tone = new HoldTone()
  const pcm = new Float32Array(21 * 16_000)
  for (let at = 0; at < pcm.length; at += 320) tone.pull(pcm.subarray(at, at + 320))
  const loudMs = (fromS: number, toS: number) => {
    let blocks = 0
    for (let at = fromS * 16_000; at < toS * 16_000; at += 160) {
      if (pcm.subarray(at, at + 160).some((value) => Math.abs(value) > 0.03)) blocks++
    }
    return blocks * 10
  }
  expect(loudMs(0, 1)).toBeGreaterThan(380)
  expect(loudMs(0, 1)).toBeLessThanOrEqual(400)
  expect(loudMs(1, 10)).toBe(0)
  expect(loudMs(10, 11)).toBe(loudMs(0, 1))
  expect(pcm.every((value) => Math.abs(value) < 0.1)).toBe(true)
  expect(pcm.every((value, i) => Math.abs(value - (pcm[i - 1] ?? 0)) < 0.02)).toBe(true)
})
