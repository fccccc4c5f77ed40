import { describe, expect, it } from 'vitest'
import type { AudioSource } from '../../../src/media/audio-source.ts'
import { DigitTones } from '../../../src/media/dtmf/digit-tones.ts'
import { heard, throughMlow } from './hearing-digits.ts'

const FRAME = 960
const MS = 16

/** Not silence, and no digit. */
const hum: AudioSource = { pull: (out) => void out.fill(0.01) }

function pulled(tones: DigitTones, ms: number): Float32Array {
  const pcm = new Float32Array(Math.ceil((ms * MS) / FRAME) * FRAME)
  for (let at = 0; at < pcm.length; at += FRAME) tones.pull(pcm.subarray(at, at + FRAME))
  return pcm
}

describe('digits as tones', () => {
  const ALL = '0123456789*#ABCD'

  it('are heard as what they are, also through MLow, one after the other', () => {
    const tones = new DigitTones(hum)
    for (const digit of ALL) expect(tones.play(digit, 100)).toBe(true)
    const pcm = pulled(tones, ALL.length * 180 + 200)
    expect(heard(pcm).digits).toBe(ALL)
    expect(heard(throughMlow(pcm)).digits).toBe(ALL)
  })

  it('last as long as the key was held, within bounds', () => {
    const tones = new DigitTones(hum)
    for (const durationMs of [1, 300, 60_000]) tones.play('5', durationMs)
    const { durationsMs } = heard(pulled(tones, 3_000))
    expect(durationsMs).toHaveLength(3)
    for (const [index, durationMs] of [100, 300, 2_000].entries()) {
      expect(Math.abs(durationsMs[index]! - durationMs)).toBeLessThanOrEqual(20)
    }
  })

  it('take the place of the audio, which goes on afterwards as if it had been heard', () => {
    let sample = 0
    const ramp: AudioSource = {
      pull: (out) => {
        for (let i = 0; i < out.length; i++) out[i] = ++sample / 1e6
      },
    }
    const tones = new DigitTones(ramp)
    tones.play('1', 100)
    const pcm = pulled(tones, 300)
    expect(pcm.slice(100 * MS, 180 * MS).every((value) => value === 0)).toBe(true)
    for (let i = 180 * MS; i < pcm.length; i++) expect(pcm[i]).toBeCloseTo((i + 1) / 1e6, 7)
  })

  it('are nothing for what is no digit, and no more than wait', () => {
    const tones = new DigitTones(hum)
    for (const no of ['', '10', 'E', 'é', ' ']) expect(tones.play(no, 100)).toBe(false)
    expect(pulled(tones, 60).every((value) => value === Math.fround(0.01))).toBe(true)
    const taken = Array.from({ length: 100 }, () => tones.play('1', 100)).filter(Boolean)
    expect(taken).toHaveLength(64)
  })
})
