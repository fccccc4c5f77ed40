import type { FrameSymbols } from './frame-symbols.ts'
import { kernelFloats, kernels } from './kernels.ts'
import { conditionalCentroid, dequantiseLsf, spaceLsf } from './lsf.ts'
import {
  LSF_CENTROIDS,
  LSF_ORDER,
  laroiaRoots,
  lsfAnalysisMatrix,
  lsfCentroidTimesInverseCovariance,
  lsfConditionalRotation,
  lsfHalfCentroid,
  lsfInverseCovariance,
  lsfStage2Cdf,
  lsfStage2CdfStart,
  lsfStage2Level,
  lsfStage2LevelStart,
  lsfStage2List,
  lsfSynthesisMatrix,
  stage2Step,
} from './lsf-tables.ts'
import { symbolCosts } from './symbol-cost.ts'
import { lsfCentroidCdf, lsfCentroidConditionalCdf, lsfStage2MaxIndex, lsfStage2MinIndex } from './tables/lsf.ts'

/** Centroids that a thorough search examines. */
export const MOST_CANDIDATES = 6
/** Smallest distance from a decision threshold, in steps, at which the other side is still tried. */
const LEAST_MARGIN = 0.25
const DISTORTION_WEIGHT = 8
/** Bit rate at which a bit costs as much as the weight above says. */
const REFERENCE_BIT_RATE = 14000
const MATRIX = LSF_ORDER * LSF_ORDER
const CONDITIONAL = LSF_CENTROIDS

/** Bits of each second-stage level, laid out as `lsfStage2Level`. */
const levelCost = new Float64Array(lsfStage2Level.length)
const centroidCost: readonly Float64Array[] = [0, 1].map((v) => symbolCosts(lsfCentroidCdf, v * 17, 17))
const conditionalCentroidCost: readonly Float64Array[] = [0, 1].map((v) =>
  symbolCosts(lsfCentroidConditionalCdf, v * 18, 18),
)

// Copies in double precision: the search runs in it, and a conversion per use costs more than the memory.
const synthesisMatrix = Float64Array.from(lsfSynthesisMatrix)
const conditionalRotation = Float64Array.from(lsfConditionalRotation)
// The same in the kernels' memory, each output's factors in one row: analysis [voiced][centroid][level][lsf],
// synthesis [voiced][centroid][lsf][level], and both for the conditional centroid, [voiced][lowRate][..][..].
const analysisRows = transposed(lsfAnalysisMatrix)
const synthesisRows = transposed(lsfSynthesisMatrix)
const conditionalAnalysisRows = kernelFloats(lsfConditionalRotation.length)
conditionalAnalysisRows.set(lsfConditionalRotation)
const conditionalSynthesisRows = transposed(lsfConditionalRotation)
const input = kernelFloats(LSF_ORDER)
const output = kernelFloats(LSF_ORDER)
const halfCentroid = Float64Array.from(lsfHalfCentroid)
const centroidTimesInverseCovariance = Float64Array.from(lsfCentroidTimesInverseCovariance)
const inverseCovariance = Float64Array.from(lsfInverseCovariance)

/** By voicing, low rate and centroid. */
const inverseSteps = Float64Array.from({ length: 2 * 2 * (LSF_CENTROIDS + 1) }, (_, i) => 1 / stage2Step(i * LSF_ORDER))

function transposed(matrices: Float32Array): Float64Array {
  const out = kernelFloats(matrices.length)
  for (let m = 0; m < matrices.length; m += MATRIX) {
    for (let i = 0; i < LSF_ORDER; i++) {
      for (let j = 0; j < LSF_ORDER; j++) out[m + i * LSF_ORDER + j] = matrices[m + j * LSF_ORDER + i]
    }
  }
  return out
}

/** `output` = matrix at `from` times `input`. */
function multiply(matrices: Float64Array, from: number): void {
  const pointer = matrices.byteOffset + 8 * from
  kernels.multiplyRows(pointer, LSF_ORDER, LSF_ORDER, input.byteOffset, output.byteOffset, 1)
}

for (let list = 0; list + 1 < lsfStage2CdfStart.length; list++) {
  const first = lsfStage2CdfStart[list]
  levelCost.set(symbolCosts(lsfStage2Cdf, first, lsfStage2CdfStart[list + 1] - first), lsfStage2LevelStart[list])
}

/**
 * Chooses centroid and second-stage symbols of an LSF vector. The candidates are the centroids nearest in
 * covariance; around each, single symbols are moved to the other side of their closest threshold, and the choice
 * falls on the least of weighted distortion (logarithmic) plus bits.
 */
export class LsfQuantizer {
  readonly #distortionWeight: number
  readonly #candidates: number

  readonly #target = new Float64Array(LSF_ORDER)
  readonly #weights = new Float64Array(LSF_ORDER)
  readonly #candidate = new Int32Array(MOST_CANDIDATES)
  readonly #candidateScore = new Float64Array(MOST_CANDIDATES)
  readonly #base = new Float32Array(LSF_ORDER)
  readonly #baseRoots = new Float32Array(LSF_ORDER)
  readonly #inverseBaseRoots = new Float64Array(LSF_ORDER)
  readonly #centre = new Float64Array(LSF_ORDER)
  readonly #index = new Int32Array(LSF_ORDER)
  readonly #direction = new Int32Array(LSF_ORDER)
  readonly #margin = new Float64Array(LSF_ORDER)
  readonly #vector = new Float64Array(LSF_ORDER)
  readonly #spaced = new Float32Array(LSF_ORDER)
  readonly #moved = new Float64Array(LSF_ORDER)
  // Numbers that methods hand to each other: as fields they need no box for each call.
  #bestCost = 0
  /** Likelihood of the candidate that is entered next. */
  #score = 0
  /** Bits of centroid and nearest levels. */
  #nearestBits = 0
  /** What moving one level changes in its value and in its bits. */
  #moveChange = 0
  #moveBits = 0

  /** `bitRate` in bit/s sets the price of bits; up to 6 `candidates` are examined. */
  constructor(bitRate: number, candidates: number) {
    this.#distortionWeight = DISTORTION_WEIGHT * Math.sqrt(bitRate / REFERENCE_BIT_RATE)
    this.#candidates = candidates
  }

  /**
   * Quantises `lsf` (radians) of the polynomial `a` (17 coefficients) with the tables of the voicing of `frame`,
   * where the symbols go; `quantised` becomes what a decoder makes of them. With `conditional` the vector `previous`
   * of the internal frame before may be referred to.
   */
  quantise(
    a: Float64Array,
    lsf: Float64Array,
    conditional: boolean,
    previous: Float32Array,
    frame: FrameSymbols,
    quantised: Float32Array,
  ): void {
    const { voiced } = frame
    this.#target.set(lsf)
    spectralWeights(a, lsf, this.#weights)
    if (conditional) {
      conditionalCentroid(voiced, previous, this.#base)
      laroiaRoots(this.#base, 0, this.#baseRoots)
      for (let k = 0; k < LSF_ORDER; k++) this.#inverseBaseRoots[k] = 1 / this.#baseRoots[k]
    }
    this.#selectCandidates(voiced, conditional)
    this.#bestCost = Number.POSITIVE_INFINITY
    const costs = conditional ? conditionalCentroidCost[voiced] : centroidCost[voiced]
    for (let rank = 0; rank < this.#candidates; rank++) {
      const centroid = this.#candidate[rank]
      this.#nearestBits = costs[centroid]
      this.#tryCentroid(centroid, MOST_CANDIDATES - rank, frame)
    }
    dequantiseLsf(voiced, 0, frame.centroid, frame.stage2, previous, quantised)
    spaceLsf(voiced, quantised)
  }

  /** The centroids with the least Mahalanobis distance, nearest first. */
  #selectCandidates(voiced: number, conditional: boolean): void {
    let count = 0
    for (let centroid = 0; centroid < LSF_CENTROIDS; centroid++) {
      const row = (voiced * LSF_CENTROIDS + centroid) * LSF_ORDER
      let score = 0
      for (let k = 0; k < LSF_ORDER; k++) {
        score += (this.#target[k] - halfCentroid[row + k]) * centroidTimesInverseCovariance[row + k]
      }
      this.#score = score
      count = this.#enterCandidate(centroid, count)
    }
    if (!conditional) return
    this.#scoreConditional(voiced)
    this.#enterCandidate(CONDITIONAL, count)
  }

  #scoreConditional(voiced: number): void {
    const base = this.#base
    let score = 0
    for (let k = 0; k < LSF_ORDER; k++) {
      const row = (voiced * LSF_ORDER + k) * LSF_ORDER
      let sum = 0
      for (let j = 0; j < LSF_ORDER; j++) sum += inverseCovariance[row + j] * base[j]
      score += (this.#target[k] - 0.5 * base[k]) * sum
    }
    this.#score = score
  }

  #enterCandidate(centroid: number, count: number): number {
    const score = this.#score
    const scores = this.#candidateScore
    const full = count === MOST_CANDIDATES
    if (full && score <= scores[MOST_CANDIDATES - 1]) return count
    let at = full ? MOST_CANDIDATES - 1 : count
    for (; at > 0 && score > scores[at - 1]; at--) {
      scores[at] = scores[at - 1]
      this.#candidate[at] = this.#candidate[at - 1]
    }
    scores[at] = score
    this.#candidate[at] = centroid
    return full ? count : count + 1
  }

  /** Tries a centroid with its nearest symbols and up to `trials` - 1 vectors that differ from them in one symbol. */
  #tryCentroid(centroid: number, trials: number, frame: FrameSymbols): void {
    const list = lsfStage2List(frame.voiced, 0, centroid)
    this.#setCentre(frame.voiced, centroid)
    this.#roundToLevels(frame.voiced, centroid, list)
    this.#synthesise(frame.voiced, centroid, list)
    this.#judge(frame, centroid, list, -1)
    for (let trial = 1; trial < trials; trial++) {
      let widest = 0
      for (let k = 1; k < LSF_ORDER; k++) if (this.#margin[k] > this.#margin[widest]) widest = k
      if (this.#margin[widest] < LEAST_MARGIN) return
      this.#margin[widest] = -1
      const level = lsfStage2LevelStart[list + widest] + this.#index[widest] - lsfStage2MinIndex[list + widest]
      const moved = level + this.#direction[widest]
      this.#moveChange = lsfStage2Level[moved] - lsfStage2Level[level]
      this.#moveBits = levelCost[moved] - levelCost[level]
      this.#judge(frame, centroid, list, widest)
    }
  }

  #setCentre(voiced: number, centroid: number): void {
    const row = (voiced * LSF_CENTROIDS + centroid) * LSF_ORDER
    for (let k = 0; k < LSF_ORDER; k++) {
      this.#centre[k] = centroid === CONDITIONAL ? this.#base[k] : 2 * halfCentroid[row + k]
    }
  }

  /** Nearest level index of each rotated coefficient, and how far from its threshold the coefficient lies. */
  #roundToLevels(voiced: number, centroid: number, list: number): void {
    const inverseStep = inverseSteps[list / LSF_ORDER]
    const isConditional = centroid === CONDITIONAL
    for (let j = 0; j < LSF_ORDER; j++) {
      const distance = (this.#target[j] - this.#centre[j]) * inverseStep
      input[j] = isConditional ? distance * this.#baseRoots[j] : distance
    }
    if (isConditional) multiply(conditionalAnalysisRows, voiced * 2 * MATRIX)
    else multiply(analysisRows, (voiced * LSF_CENTROIDS + centroid) * MATRIX)
    const scaled = output
    for (let k = 0; k < LSF_ORDER; k++) {
      const least = lsfStage2MinIndex[list + k]
      const most = lsfStage2MaxIndex[list + k]
      const index = Math.min(Math.max(Math.round(scaled[k]), least), most)
      const rest = scaled[k] - index
      const direction = rest < 0 ? -1 : 1
      const other = index + direction
      this.#index[k] = index
      this.#direction[k] = direction
      this.#margin[k] = other < least || other > most ? -1 : Math.abs(rest)
    }
  }

  /** Makes the vector of the nearest levels and adds up the bits of its symbols. */
  #synthesise(voiced: number, centroid: number, list: number): void {
    const vector = this.#vector
    const centre = this.#centre
    let bits = this.#nearestBits
    for (let k = 0; k < LSF_ORDER; k++) {
      const level = lsfStage2LevelStart[list + k] + this.#index[k] - lsfStage2MinIndex[list + k]
      bits += levelCost[level]
      input[k] = lsfStage2Level[level]
    }
    if (centroid === CONDITIONAL) {
      multiply(conditionalSynthesisRows, voiced * 2 * MATRIX)
      for (let k = 0; k < LSF_ORDER; k++) vector[k] = centre[k] + output[k] * this.#inverseBaseRoots[k]
    } else {
      multiply(synthesisRows, (voiced * LSF_CENTROIDS + centroid) * MATRIX)
      for (let k = 0; k < LSF_ORDER; k++) vector[k] = centre[k] + output[k]
    }
    this.#nearestBits = bits
  }

  /** Compares the vector, with the level of `moved` changed where that is not -1, with the best so far. */
  #judge(frame: FrameSymbols, centroid: number, list: number, moved: number): void {
    const vector = this.#moved
    vector.set(this.#vector)
    let bits = this.#nearestBits
    if (moved >= 0) {
      bits += this.#moveBits
      addRow(frame.voiced, centroid, moved, this.#moveChange, this.#inverseBaseRoots, vector)
    }
    const spaced = this.#spaced
    spaced.set(vector)
    spaceLsf(frame.voiced, spaced)
    let distortion = 0
    for (let k = 0; k < LSF_ORDER; k++) {
      const difference = this.#target[k] - spaced[k]
      distortion += this.#weights[k] * difference * difference
    }
    const cost = this.#distortionWeight * Math.log2(distortion) + bits
    if (!(cost < this.#bestCost)) return
    this.#bestCost = cost
    frame.centroid = centroid
    for (let k = 0; k < LSF_ORDER; k++) frame.stage2[k] = this.#index[k] - lsfStage2MinIndex[list + k]
    if (moved >= 0) frame.stage2[moved] += this.#direction[moved]
  }
}

/** Adds `level` times row `k` of the synthesis matrix of a centroid. */
function addRow(
  voiced: number,
  centroid: number,
  k: number,
  level: number,
  inverseBaseRoots: Float64Array,
  vector: Float64Array,
): void {
  if (centroid === CONDITIONAL) {
    const row = voiced * 2 * MATRIX + k * LSF_ORDER
    for (let i = 0; i < LSF_ORDER; i++) vector[i] += conditionalRotation[row + i] * inverseBaseRoots[i] * level
  } else {
    const row = (voiced * LSF_CENTROIDS + centroid) * MATRIX + k * LSF_ORDER
    for (let i = 0; i < LSF_ORDER; i++) vector[i] += synthesisMatrix[row + i] * level
  }
}

/** Weight of each LSF: the spectral envelope there, relative to the highest among them. */
function spectralWeights(a: Float64Array, lsf: Float64Array, weights: Float64Array): void {
  let least = Number.POSITIVE_INFINITY
  for (let k = 0; k < LSF_ORDER; k++) {
    const cos = Math.cos(lsf[k])
    const sin = Math.sin(lsf[k])
    let re = a[LSF_ORDER]
    let im = 0
    for (let i = LSF_ORDER - 1; i >= 0; i--) {
      const turned = re * cos + im * sin
      im = im * cos - re * sin
      re = turned + a[i]
    }
    const power = re * re + im * im
    weights[k] = power
    if (power < least) least = power
  }
  for (let k = 0; k < LSF_ORDER; k++) weights[k] = Math.sqrt(least / weights[k])
}
