import { expect } from 'vitest'
import { intelligibility } from '../../src/media/measure/intelligibility.ts'
import { resampleWhole } from '../../src/media/measure/rational-resample.ts'
import { speech } from '../../src/sim/speech.ts'
import { report } from './report.ts'

const WIDE_RATE_HZ = 16_000
export const PHONE_RATE_HZ = 8_000

const LEAST_STOI = 0.9

/** What the talker says, limited to what a G.711 call can carry: 8 kHz. */
export const narrowSpeech = Float32Array.from(resampleWhole(speech(), WIDE_RATE_HZ, PHONE_RATE_HZ))

export const seconds = (count: number) => new Float32Array(count * PHONE_RATE_HZ)

export function joined(...parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export interface Recorded {
  readonly pcm: Float32Array
  readonly sampleRateHz: number
}

interface Heard {
  readonly stoi: number
  /** Where in the recording the speech begins. */
  readonly startMs: number
}

/** How well what was said (8 kHz) is understood in a recording that holds it somewhere near its start. */
export function hearSpeech({ pcm, sampleRateHz }: Recorded, said = narrowSpeech): Heard {
  const recorded =
    sampleRateHz === PHONE_RATE_HZ ? pcm : Float32Array.from(resampleWhole(pcm, sampleRateHz, PHONE_RATE_HZ))
  const { stoi, delay } = intelligibility(said, recorded, PHONE_RATE_HZ)
  return { stoi, startMs: (delay * 1000) / PHONE_RATE_HZ }
}

/** What was said is understood in this recording; the report of it is given the other figures too. */
export function expectUnderstood(what: string, recorded: Recorded, said = narrowSpeech, figures: object = {}): void {
  const heard = hearSpeech(recorded, said)
  report(what, { ...figures, ...heard })
  expect(heard.stoi, what).toBeGreaterThanOrEqual(LEAST_STOI)
}
