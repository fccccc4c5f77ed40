import { alignTo, estimateDelay } from '../../media/measure/align.ts'
import { resampleWhole } from '../../media/measure/rational-resample.ts'
import { stoi } from '../../media/measure/stoi.ts'
import { PHONE_RATE_HZ } from './phone-media.ts'

/** Sound and when its first sample was said or heard, monotonic milliseconds. */
export interface TimedSound {
  readonly pcm: Float32Array
  readonly sampleRateHz: number
  readonly startedAtMs: number
}

export interface Hearing {
  /** Against the source limited to 8 kHz sampling, which is all that a G.711 call can carry. */
  readonly stoi: number
  /** From a sample's being said to its being heard. */
  readonly oneWayMs: number
}

const LONGEST_DELAY_MS = 3000

/** How well and how late `said` was heard. */
export function measureHearing(said: TimedSound, heard: TimedSound): Hearing {
  const reference = atPhoneRate(said)
  const recorded = atPhoneRate(heard)
  const maxDelay = (LONGEST_DELAY_MS * PHONE_RATE_HZ) / 1000
  const delay = estimateDelay(reference, recorded, maxDelay)
  const oneWayMs = heard.startedAtMs + (delay * 1000) / PHONE_RATE_HZ - said.startedAtMs
  return { stoi: stoi(reference, alignTo(reference, recorded, delay), PHONE_RATE_HZ), oneWayMs }
}

function atPhoneRate({ pcm, sampleRateHz }: TimedSound): Float32Array {
  return sampleRateHz === PHONE_RATE_HZ ? pcm : Float32Array.from(resampleWhole(pcm, sampleRateHz, PHONE_RATE_HZ))
}
