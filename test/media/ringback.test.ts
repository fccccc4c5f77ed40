import { describe, expect, it } from 'vitest'
import { schema } from '../../src/config/schema.ts'
import { BRIDGE_RATE_HZ } from '../../src/media/audio-source.ts'
import { Ringback } from '../../src/media/ringback.ts'
import { RINGBACK_TONES, type RingbackCountry } from '../../src/media/ringback-tones.ts'

const COUNTRIES = Object.keys(RINGBACK_TONES) as RingbackCountry[]

function heard(country: RingbackCountry, ms: number): Float32Array {
  const out = new Float32Array((ms * BRIDGE_RATE_HZ) / 1000)
  const tone = new Ringback(RINGBACK_TONES[country])
  for (let at = 0; at < out.length; at += 320) tone.pull(out.subarray(at, at + 320))
  return out
}

/** Energy at a frequency (Goertzel), relative to a sine of amplitude 1. */
function amplitudeAt(samples: Float32Array, frequencyHz: number): number {
  let [re, im] = [0, 0]
  for (const [i, sample] of samples.entries()) {
    re += sample * Math.cos((2 * Math.PI * frequencyHz * i) / BRIDGE_RATE_HZ)
    im += sample * Math.sin((2 * Math.PI * frequencyHz * i) / BRIDGE_RATE_HZ)
  }
  return (2 * Math.hypot(re, im)) / samples.length
}

const msOf = (samples: Float32Array, fromMs: number, toMs: number) =>
  samples.subarray((fromMs * BRIDGE_RATE_HZ) / 1000, (toMs * BRIDGE_RATE_HZ) / 1000)

describe.each(COUNTRIES)('%s', (country) => {
  const { frequenciesHz, cadenceMs } = RINGBACK_TONES[country]

  it('has its frequencies, on and off as it should, twice', () => {
    const periodMs = cadenceMs.reduce((sum: number, ms) => sum + ms, 0)
    const samples = heard(country, 2 * periodMs)
    for (const startMs of [0, periodMs]) {
      let atMs = startMs
      for (const [i, lengthMs] of cadenceMs.entries()) {
        const part = msOf(samples, atMs + 10, atMs + lengthMs - 10)
        if (i % 2 === 1) expect(part.every((sample) => sample === 0)).toBe(true)
        else for (const hz of frequenciesHz) expect(amplitudeAt(part, hz)).toBeCloseTo(0.16 / frequenciesHz.length, 1)
        atMs += lengthMs
      }
    }
  })

  it('makes no click and does not clip', () => {
    const samples = heard(country, 3000)
    const steps = samples.map((sample, i) => Math.abs(sample - (samples[i - 1] ?? 0)))
    expect(Math.max(...steps)).toBeLessThan(0.05)
    expect(Math.max(...samples.map(Math.abs))).toBeLessThan(0.2)
  })
})

it('the configuration knows exactly these countries', () => {
  for (const country of COUNTRIES)
    expect(schema.parse({ sip: { ringbackTone: country } }).sip.ringbackTone).toBe(country)
  expect(() => schema.parse({ sip: { ringbackTone: 'XX' } })).toThrow()
})
