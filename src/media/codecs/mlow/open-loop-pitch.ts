import { kernels } from './kernels.ts'
import { contourBlocks, contourLengths, contourSegments, LAG_BLOCKS, MAX_SEGMENTS } from './pitch-contours.ts'
import { FINE_LAGS, LAG_BLOCK_SAMPLES, LAG_POSITIONS, PitchCorrelation } from './pitch-correlation.ts'
import { addContourBits, addFirstLagBits, addLagDeltaBits, NO_LAG, pitchBits } from './pitch-cost.ts'
import { pitchTrackContours } from './tables/pitch.ts'
import type { VoicingMeasure } from './voicing.ts'

const TRACKS = pitchTrackContours.length / 2
/** Tracks of lag blocks that a thorough search follows. */
export const MOST_TRACKS = 24
/** Cost of a step of one half-sample lag index. */
const STEP_COST = 0.1439 / 64
const HARMONICITY_WEIGHT = 2.5
const BIT_COST = 0.022
const SHORT_LAG_WEIGHT = 0.04
const TRACK_STEP_SHARE = 0.7
const CONTINUITY_RANGE = 0.15
const CONTINUITY_WEIGHT = 0.7981
/** In samples: also the lag with index 0. */
const UNVOICED_LAG = 32
/** Harmonicity is measured once for lags whose rounded ratio of 1024 to them is the same. */
const HARMONICITY_CLASSES = 33
const MAX_SEGMENT_LENGTH = 4
/** Start of the row of zeros behind the positions' rows of merits. */
const ZERO_ROW = LAG_POSITIONS * FINE_LAGS

/** Where a track's lag block at each position is found in arrays of [8][9]: [187][8]. */
const trackCells = new Uint8Array(TRACKS * LAG_POSITIONS)
/** What a track's merit gains for short lags and loses for steps. */
const trackBias = new Float64Array(TRACKS)

function expandTracks(): void {
  for (let track = 0; track < TRACKS; track++) {
    const contour = pitchTrackContours[2 * track]
    let position = 0
    let steps = 0
    let sum = 0
    for (let s = 0; s < contourSegments[contour]; s++) {
      const segment = contour * MAX_SEGMENTS + s
      if (s > 0) steps += Math.abs(contourBlocks[segment] - contourBlocks[segment - 1])
      for (const end = position + contourLengths[segment]; position < end; position++) {
        trackCells[track * LAG_POSITIONS + position] = position * LAG_BLOCKS + contourBlocks[segment]
        sum += contourBlocks[segment]
      }
    }
    const meanLag = (sum / LAG_POSITIONS + 1.5) * LAG_BLOCK_SAMPLES
    trackBias[track] = SHORT_LAG_WEIGHT * (320 / meanLag - 1) - TRACK_STEP_SHARE * LAG_BLOCK_SAMPLES * STEP_COST * steps
  }
}

expandTracks()

/**
 * Finds the lag contour of a 20 ms frame in weighted speech: lag blocks at half rate first, then half-sample lags
 * along the contours that run through the best blocks.
 */
export class OpenLoopPitch {
  /** Lags in samples, one per 40. */
  readonly lags = new Float64Array(LAG_POSITIONS)
  /** Index of the chosen contour. */
  contour = 0
  /** Lags as half samples above 32, one per 40 samples. */
  readonly lagIndex = new Int16Array(LAG_POSITIONS)
  /** Highest normalised correlation of any candidate. */
  correlation = 0
  /** Lag at the position with the most energy. */
  averageLag = UNVOICED_LAG
  /** Harmonicity at the average lag. */
  harmonicity = 0

  readonly #correlation = new PitchCorrelation()
  readonly #blockMerit = new Float64Array(LAG_POSITIONS * LAG_BLOCKS)
  readonly #blockUsed = new Uint8Array(LAG_POSITIONS * LAG_BLOCKS)
  readonly #kept = new Int32Array(MOST_TRACKS)
  readonly #keptMerit = new Float64Array(MOST_TRACKS)
  /** Best lag index of a segment by start, length and block, -1 when not yet known. */
  readonly #segmentBest = new Int32Array(LAG_POSITIONS * MAX_SEGMENT_LENGTH * LAG_BLOCKS)
  readonly #harmonicityCache = new Float64Array(HARMONICITY_CLASSES)
  readonly #candidate = new Int32Array(MAX_SEGMENTS)
  readonly #best = new Int32Array(MAX_SEGMENTS)
  readonly #tracks: number
  #loudestPosition = 0
  #bestMerit = 0
  #lastLag = 0
  #lastCorrelation = 0
  #lastBlock = NO_LAG
  #lastIndex = NO_LAG

  /** The search follows the best `tracks` tracks, at most MOST_TRACKS. */
  constructor(tracks: number) {
    this.#tracks = tracks
  }

  reset(): void {
    this.#lastLag = 0
    this.#lastCorrelation = 0
    this.forgetPredictor()
  }

  /** The next frame's lag will be coded without reference to this one's. */
  forgetPredictor(): void {
    this.#lastBlock = NO_LAG
    this.#lastIndex = NO_LAG
  }

  /** The next frame's lag will be coded relative to lag index `index` in block `block`. */
  setPredictor(block: number, index: number): void {
    this.#lastBlock = block
    this.#lastIndex = index
  }

  /** Result for a frame that is not searched. */
  skip(): void {
    this.reset()
    this.lags.fill(UNVOICED_LAG)
    this.correlation = 0
    this.averageLag = UNVOICED_LAG
    this.harmonicity = 0
  }

  /** Searches a frame's 659 samples of weighted speech; `voicing` has the frame's spectrum. */
  search(weighted: Float64Array, voicing: VoicingMeasure): void {
    this.#correlation.analyse(weighted)
    this.#findLoudestPosition()
    this.#keepBestTracks()
    this.#refineUsedBlocks()
    this.#segmentBest.fill(-1)
    this.#harmonicityCache.fill(Number.NaN)
    this.correlation = Number.NEGATIVE_INFINITY
    this.#bestMerit = Number.NEGATIVE_INFINITY
    for (let k = 0; k < this.#tracks; k++) {
      const track = this.#kept[k]
      const first = pitchTrackContours[2 * track]
      const end = first + pitchTrackContours[2 * track + 1]
      for (let contour = first; contour < end; contour++) this.#tryContour(contour, voicing)
    }
    this.#finish(voicing)
  }

  #findLoudestPosition(): void {
    const energy = this.#correlation.positionEnergy
    const peak = this.#correlation.blockPeak
    let total = 0
    let loudest = 0
    for (let i = 0; i < LAG_POSITIONS; i++) {
      total += energy[i]
      if (energy[i] > energy[loudest]) loudest = i
    }
    this.#loudestPosition = loudest
    for (let i = 0; i < LAG_POSITIONS; i++) {
      const weight = energy[i] / total
      for (let b = i * LAG_BLOCKS; b < (i + 1) * LAG_BLOCKS; b++) this.#blockMerit[b] = weight * peak[b]
    }
  }

  /** Fills `#kept` with the best tracks, best first, the earlier of equals before the later. */
  #keepBestTracks(): void {
    const merits = this.#keptMerit
    const kept = this.#kept
    const blockMerit = this.#blockMerit
    let count = 0
    for (let track = 0; track < TRACKS; track++) {
      const t = track * LAG_POSITIONS
      const sum =
        blockMerit[trackCells[t]] +
        blockMerit[trackCells[t + 1]] +
        (blockMerit[trackCells[t + 2]] + blockMerit[trackCells[t + 3]]) +
        (blockMerit[trackCells[t + 4]] +
          blockMerit[trackCells[t + 5]] +
          (blockMerit[trackCells[t + 6]] + blockMerit[trackCells[t + 7]]))
      const merit = 1 / (1.1 - sum) + trackBias[track]
      if (count === this.#tracks && merit <= merits[this.#tracks - 1]) continue
      let at = count < this.#tracks ? count++ : this.#tracks - 1
      for (; at > 0 && merit > merits[at - 1]; at--) {
        merits[at] = merits[at - 1]
        kept[at] = kept[at - 1]
      }
      merits[at] = merit
      kept[at] = track
    }
  }

  #refineUsedBlocks(): void {
    const used = this.#blockUsed
    used.fill(0)
    for (let k = 0; k < this.#tracks; k++) {
      const t = this.#kept[k] * LAG_POSITIONS
      for (let i = 0; i < LAG_POSITIONS; i++) used[trackCells[t + i]] = 1
    }
    for (let i = 0; i < LAG_POSITIONS; i++) {
      const row = i * LAG_BLOCKS
      // Downwards: a block also sets the energy of the first lag above it, which that lag's own block still compares.
      for (let block = LAG_BLOCKS - 1; block >= 0; block--) {
        if (used[row + block]) this.#correlation.refine(i, block)
      }
      for (let block = 0; block < LAG_BLOCKS; block++) {
        if (used[row + block]) this.#correlation.interpolateFine(i, block)
      }
    }
  }

  #tryContour(contour: number, voicing: VoicingMeasure): void {
    const candidate = this.#candidate
    const { fineCorrelation, fineEnergy } = this.#correlation
    const segments = contourSegments[contour]
    let correlation = 0
    let energy = 0
    let steps = 0
    let position = 0
    let loudestIndex = 0
    for (let s = 0; s < segments; s++) {
      const segment = contour * MAX_SEGMENTS + s
      const length = contourLengths[segment]
      const index = this.#bestLagIndex(position, length, contourBlocks[segment])
      candidate[s] = index
      if (s > 0) steps += Math.abs(index - candidate[s - 1])
      for (const end = position + length; position < end; position++) {
        correlation += fineCorrelation[position * FINE_LAGS + index]
        energy += fineEnergy[position * FINE_LAGS + index]
        if (position === this.#loudestPosition) loudestIndex = index
      }
    }
    const normalised = correlation / energy
    if (normalised > this.correlation) this.correlation = normalised
    this.#countBits(contour, segments)
    const harmonicityClass = this.#measureHarmonicity(loudestIndex, voicing)
    const merit =
      1 / (1.1 - normalised) -
      STEP_COST * steps +
      HARMONICITY_WEIGHT * this.#harmonicityCache[harmonicityClass] +
      this.#continuity(candidate[0]) -
      BIT_COST * pitchBits[0]
    if (merit > this.#bestMerit) {
      this.#bestMerit = merit
      this.contour = contour
      this.#best.set(candidate)
    }
  }

  /** Lag index of a segment with the largest sum of weighted correlations over its positions. */
  #bestLagIndex(start: number, length: number, block: number): number {
    const key = (start * MAX_SEGMENT_LENGTH + length - 1) * LAG_BLOCKS + block
    const known = this.#segmentBest[key]
    if (known >= 0) return known
    const first = 2 * LAG_BLOCK_SAMPLES * block
    const origin = this.#correlation.fineMerit.byteOffset
    const row0 = origin + 8 * (start * FINE_LAGS + first)
    const zeros = origin + 8 * (ZERO_ROW + first)
    const row1 = length > 1 ? row0 + 8 * FINE_LAGS : zeros
    const row2 = length > 2 ? row0 + 16 * FINE_LAGS : zeros
    const row3 = length > 3 ? row0 + 24 * FINE_LAGS : zeros
    const best = first + kernels.bestSum(row0, row1, row2, row3, 2 * LAG_BLOCK_SAMPLES)
    this.#segmentBest[key] = best
    return best
  }

  /** Sees to it that the harmonicity of the lag with index `index` is in the cache; returns where. */
  #measureHarmonicity(index: number, voicing: VoicingMeasure): number {
    const halfSamples = 2 * UNVOICED_LAG + index
    const key = Math.round(2048 / halfSamples)
    if (Number.isNaN(this.#harmonicityCache[key])) voicing.harmonicity(halfSamples, this.#harmonicityCache, key)
    return key
  }

  /** Reward for starting near the last frame's lag. */
  #continuity(firstIndex: number): number {
    const distance = Math.abs(UNVOICED_LAG + 0.5 * firstIndex - this.#lastLag)
    const range = CONTINUITY_RANGE * this.#lastLag
    return distance < range ? this.#lastCorrelation * (1 - distance / range) * CONTINUITY_WEIGHT : 0
  }

  /** Leaves the bits of the candidate in `pitchBits`. */
  #countBits(contour: number, segments: number): void {
    const first = contour * MAX_SEGMENTS
    const candidate = this.#candidate
    pitchBits[0] = 0
    addContourBits(contour, this.#lastBlock)
    addFirstLagBits(candidate[0], this.#lastBlock, this.#lastIndex)
    for (let s = 1; s < segments; s++) addLagDeltaBits(contourBlocks[first + s], candidate[s - 1], candidate[s])
  }

  #finish(voicing: VoicingMeasure): void {
    const first = this.contour * MAX_SEGMENTS
    let position = 0
    for (let s = 0; s < contourSegments[this.contour]; s++) {
      const index = this.#best[s]
      for (const end = position + contourLengths[first + s]; position < end; position++) {
        this.lagIndex[position] = index
        this.lags[position] = UNVOICED_LAG + 0.5 * index
      }
    }
    this.averageLag = this.lags[this.#loudestPosition]
    const averageIndex = this.lagIndex[this.#loudestPosition]
    this.harmonicity = this.#harmonicityCache[this.#measureHarmonicity(averageIndex, voicing)]
    this.#lastLag = this.lags[LAG_POSITIONS - 1]
    this.#lastCorrelation = this.correlation
  }
}
