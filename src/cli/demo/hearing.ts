import { estimateDelay } from '../../media/measure/align.ts'
import { alignPieces } from '../../media/measure/align-pieces.ts'
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
  /** From a sample's being said to its being heard, where it took longest. */
  readonly oneWayMs: number
}

const LONGEST_DELAY_MS = 3000
/** The delay may change between pieces of this length, by at most this much. */
const PIECE_MS = 1000
const SEARCH_MS = 200

/** How well and how late `said` was heard. */
export function measureHearing(said: TimedSound, heard: TimedSound): Hearing {
  const reference = atPhoneRate(said)
  const recorded = atPhoneRate(heard)
  const delay = estimateDelay(reference, recorded, samples(LONGEST_DELAY_MS))
  const { aligned, delays } = alignPieces(reference, recorded, {
    delay,
    pieceSamples: samples(PIECE_MS),
    searchSamples: samples(SEARCH_MS),
  })
  const longestMs = (Math.max(delay, ...delays) * 1000) / PHONE_RATE_HZ
  return {
    stoi: stoi(reference, aligned, PHONE_RATE_HZ),
    oneWayMs: heard.startedAtMs + longestMs - said.startedAtMs,
  }
}

const samples = (ms: number) => (ms * PHONE_RATE_HZ) / 1000

function atPhoneRate({ pcm, sampleRateHz }: TimedSound): Float32Array {
  return sampleRateHz === PHONE_RATE_HZ ? pcm : Float32Array.from(resampleWhole(pcm, sampleRateHz, PHONE_RATE_HZ))
}
