import { estimateDelay } from '../../src/media/measure/align.ts'
import { alignPieces } from '../../src/media/measure/align-pieces.ts'
import { resampleWhole } from '../../src/media/measure/rational-resample.ts'
import { stoi } from '../../src/media/measure/stoi.ts'
import { speech } from '../../src/sim/speech.ts'

export const RATE_HZ = 16_000
/** All that a call over G.711 can carry. */
const NARROW_HZ = 8000
/** The delay is found anew for each piece of this length. */
const PIECE_S = 1
const SEARCH_S = 0.2
const LONGEST_DELAY_S = 1

/** What came out at one end of a call, sample n at `startedAtMs` + n / 16 on a clock that is `earPpm` fast. */
export interface Heard {
  readonly pcm: Float32Array
  readonly startedAtMs: number
  /** When the first sample was spoken, on a clock that is `voicePpm` fast. */
  readonly spokenFromMs: number
  readonly voicePpm: number
  readonly earPpm: number
  /** Of the whole time, in both jitter buffers on the way. */
  readonly concealedShare: number
  /** Packets that were lost and of which a copy came. */
  readonly recovered: number
}

export interface Quality {
  readonly stoi: number
  /** Per cent of the time. */
  readonly concealedPercent: number
  readonly recovered: number
  /** From a sample's being spoken to its being played; each second's delay counts once. */
  readonly delayMedianMs: number
  readonly delayP95Ms: number
  /** Second by second. */
  readonly delaysMs: readonly number[]
}

const words = Float32Array.from(resampleWhole(speech(), RATE_HZ, NARROW_HZ))

/** Everything was said over and over; the last second, of which not all can have been heard, does not count. */
export function qualityOf(heard: Heard): Quality {
  const pcm = Float32Array.from(resampleWhole(heard.pcm, RATE_HZ, NARROW_HZ))
  const rounds = Math.floor((pcm.length - LONGEST_DELAY_S * NARROW_HZ) / words.length)
  const reference = Float32Array.from({ length: rounds * words.length }, (_, i) => words[i % words.length]!)
  const searchSamples = SEARCH_S * NARROW_HZ
  // One round is enough to find where it all begins, and two could be taken for each other.
  const opening = reference.subarray(0, words.length)
  const delay = estimateDelay(opening, pcm.subarray(0, words.length), LONGEST_DELAY_S * NARROW_HZ)
  const { aligned, delays } = alignPieces(reference, pcm, { delay, pieceSamples: PIECE_S * NARROW_HZ, searchSamples })
  const delaysMs = delays.map((lag, piece) => delayMs(heard, piece * PIECE_S, lag / NARROW_HZ))
  const sorted = [...delaysMs].sort((a, b) => a - b)
  const quantile = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN
  return {
    stoi: stoi(reference, aligned, NARROW_HZ),
    concealedPercent: 100 * heard.concealedShare,
    recovered: heard.recovered,
    delayMedianMs: quantile(0.5),
    delayP95Ms: quantile(0.95),
    delaysMs,
  }
}

/** Of what was said `atS` into the speech and lies `lagS` later in the recording. */
function delayMs({ startedAtMs, spokenFromMs, voicePpm, earPpm }: Heard, atS: number, lagS: number): number {
  const spokenMs = spokenFromMs + (1000 * atS) / (1 + voicePpm / 1e6)
  const heardMs = startedAtMs + (1000 * (atS + lagS)) / (1 + earPpm / 1e6)
  return heardMs - spokenMs
}
