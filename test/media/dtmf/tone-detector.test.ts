import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/base/random.ts'
import { ListeningSource } from '../../../src/media/dtmf/listening-source.ts'
import { speech } from '../../../src/sim/speech.ts'
import { voice } from '../voice-signal.ts'
import { heard, throughMlow } from './hearing-digits.ts'

const ALL = '123A456B789C*0#D'
const LOW_HZ = [697, 770, 852, 941]
const HIGH_HZ = [1209, 1336, 1477, 1633]

interface Tone {
  readonly ms?: number
  readonly pauseMs?: number
  readonly detune?: number
  /** How much louder the higher tone is. */
  readonly twistDb?: number
  readonly level?: number
}

function tones(
  digits: string,
  { ms = 80, pauseMs = 80, detune = 1, twistDb = 0, level = 0.2 }: Tone = {},
): Float32Array {
  const each = (ms + pauseMs) * 16
  const pcm = new Float32Array((digits.length + 1) * each)
  for (const [d, digit] of [...digits].entries()) {
    const key = ALL.indexOf(digit)
    for (let i = 0; i < ms * 16; i++) {
      const at = (2 * Math.PI * detune * i) / 16_000
      const high = 10 ** (twistDb / 20) * Math.sin(at * HIGH_HZ[key & 3])
      pcm[d * each + i] = level * (Math.sin(at * LOW_HZ[key >> 2]) + high)
    }
  }
  return pcm
}

const noisy = (pcm: Float32Array, level: number) => {
  const random = seededRandom(5)
  return pcm.map((value) => value + (level * (random.below(20_001) - 10_000)) / 10_000)
}

describe('ToneDetector', () => {
  it('hears all sixteen, once each, whatever the blocks', () => {
    for (const blockSamples of [1, 160, 320, 960]) expect(heard(tones(ALL), blockSamples).digits).toBe(ALL)
  })

  it('tells how long each one was', () => {
    for (const ms of [60, 120, 400]) {
      for (const durationMs of heard(tones('159D', { ms })).durationsMs) {
        expect(Math.abs(durationMs - ms)).toBeLessThanOrEqual(20)
      }
    }
  })

  it('hears them through MLow, as they come from WhatsApp', () => {
    expect(heard(throughMlow(tones(ALL, { ms: 60, pauseMs: 60 }))).digits).toBe(ALL)
    expect(heard(throughMlow(noisy(tones(ALL, { ms: 100, level: 0.05 }), 0.01))).digits).toBe(ALL)
  })

  it.each([
    ['tones of 50 ms', { ms: 50, pauseMs: 50 }],
    ['1 % too high', { detune: 1.01 }],
    ['1 % too low', { detune: 0.99 }],
    ['a high tone 4 dB up', { twistDb: 4 }],
    ['a high tone 8 dB down', { twistDb: -8 }],
    ['soft', { level: 0.005 }],
    ['loud', { level: 0.5 }],
  ])('hears %s', (_, tone) => {
    expect(heard(tones(ALL, tone)).digits).toBe(ALL)
  })

  it.each([
    ['shorter than 23 ms (Q.24)', { ms: 22 }],
    ['3.5 % off (Q.24)', { detune: 1.035 }],
    ['of which one is missing', { twistDb: -40 }],
    ['too soft to be meant', { level: 0.001 }],
  ])('does not hear tones %s', (_, tone) => {
    expect(heard(tones(ALL, tone)).digits).toBe('')
  })

  it('bridges a hole of one frame, and separates two presses of a key', () => {
    const pcm = tones('5', { ms: 200 })
    pcm.fill(0, 1600, 1600 + 160)
    expect(heard(pcm).digits).toBe('5')
    expect(heard(tones('55', { pauseMs: 50 })).digits).toBe('55')
  })

  it('takes no voice for a digit, nor noise, nor silence', () => {
    const spoken = speech()
    for (const gain of [1, 0.3, 0.05]) {
      expect(heard(spoken.map((value) => gain * value)).digits).toBe('')
      expect(heard(voice(16_000, 30).map((value) => gain * value)).digits).toBe('')
    }
    expect(heard(throughMlow(spoken)).digits).toBe('')
    expect(heard(noisy(new Float32Array(10 * 16_000), 0.3)).digits).toBe('')
    expect(heard(new Float32Array(16_000)).digits).toBe('')
  })

  it('hears a digit that is louder than the voice beside it', () => {
    const spoken = speech()
    const dialled = tones('2580', { ms: 150, level: 0.3 })
    expect(heard(dialled.map((value, i) => value + 0.15 * (spoken[i + 16_000] ?? 0))).digits).toBe('2580')
  })
})

describe('ListeningSource', () => {
  it('passes the sound on unchanged', () => {
    const pcm = tones('7')
    let at = 0
    let digits = ''
    const tape = {
      pull: (out: Float32Array) => {
        out.set(pcm.subarray(at, at + out.length))
        at += out.length
      },
    }
    const source = new ListeningSource(tape, (digit) => {
      digits += digit
    })
    const out = new Float32Array(320)
    for (let block = 0; block < pcm.length; block += 320) {
      source.pull(out)
      expect(out).toEqual(pcm.slice(block, block + 320))
    }
    expect(digits).toBe('7')
  })
})
