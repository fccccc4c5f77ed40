import { estimateDelay } from './align.ts'
import { alignPieces } from './align-pieces.ts'
import { stoi } from './stoi.ts'

export interface Intelligibility {
  /** STOI of the recording, aligned piece by piece. */
  readonly stoi: number
  /** Where in the recording the reference begins, samples. */
  readonly delay: number
  /** The longest delay of any piece, samples. */
  readonly longestDelay: number
}

const LONGEST_DELAY_S = 4
/** The delay may change between pieces of this length, by at most this much. */
const PIECE_S = 1
const SEARCH_S = 0.2

/** How well `reference` is understood in a recording that holds it somewhere. Both at `sampleRateHz`. */
export function intelligibility(
  reference: Float32Array,
  recorded: Float32Array,
  sampleRateHz: number,
): Intelligibility {
  const delay = estimateDelay(reference, recorded, LONGEST_DELAY_S * sampleRateHz)
  const { aligned, delays } = alignPieces(reference, recorded, {
    delay,
    pieceSamples: PIECE_S * sampleRateHz,
    searchSamples: SEARCH_S * sampleRateHz,
  })
  return {
    stoi: stoi(reference, aligned, sampleRateHz),
    delay,
    longestDelay: delays.reduce((longest, each) => Math.max(longest, each), delay),
  }
}
