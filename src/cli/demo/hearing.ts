import { intelligibility } from '../../media/measure/intelligibility.ts'
import { resampleWhole } from '../../media/measure/rational-resample.ts'
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
  /** From a sample's being said to its being heard, where it took longest. */
  readonly oneWayMs: number
}

/** How well and how late `said` was heard. */
export function measureHearing(said: TimedSound, heard: TimedSound): Hearing {
  const { stoi, longestDelay } = intelligibility(atPhoneRate(said), atPhoneRate(heard), PHONE_RATE_HZ)
  return { stoi, oneWayMs: heard.startedAtMs + (longestDelay * 1000) / PHONE_RATE_HZ - said.startedAtMs }
}

function atPhoneRate({ pcm, sampleRateHz }: TimedSound): Float32Array {
  return sampleRateHz === PHONE_RATE_HZ ? pcm : Float32Array.from(resampleWhole(pcm, sampleRateHz, PHONE_RATE_HZ))
}
