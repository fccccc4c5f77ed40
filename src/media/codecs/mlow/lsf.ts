/**
 * From LSF symbols to LSF vectors, in single precision: every operation is rounded as the original rounds it,
 * because the conversion to LPC that follows rounds to integers (see lsf-tables.ts).
 */
import {
  LSF_CENTROIDS,
  LSF_ORDER,
  laroiaRoots,
  lsfConditionalRotation,
  lsfHalfCentroid,
  lsfStage2Level,
  lsfStage2LevelStart,
  lsfStage2List,
  lsfSynthesisMatrix,
} from './lsf-tables.ts'
import { lsfConditionalRegression, lsfMean, lsfMinSpacing } from './tables/lsf.ts'

const { fround } = Math
const PI = fround(Math.PI)
const GAPS = LSF_ORDER + 1
/** Rounds of the spacing step, and what each asks for beyond the one before, in radians. */
const MAX_SPACING_ROUNDS = 1000
const SPACING_MARGIN = 1e-6

const residual = new Float32Array(LSF_ORDER)
const roots = new Float32Array(LSF_ORDER)
const gaps = new Float32Array(GAPS)

/**
 * LSF vector in radians of the symbols `stage2` with `centroid`; `previous` is the vector of the internal frame
 * before, which the conditional centroid (16) refers to. Not yet spaced.
 */
export function dequantiseLsf(
  voiced: number,
  lowRate: number,
  centroid: number,
  stage2: Uint8Array,
  previous: Float32Array,
  out: Float32Array,
): void {
  const list = lsfStage2List(voiced, lowRate, centroid)
  for (let k = 0; k < LSF_ORDER; k++) residual[k] = lsfStage2Level[lsfStage2LevelStart[list + k] + stage2[k]]
  if (centroid < LSF_CENTROIDS) {
    const row = (voiced * LSF_CENTROIDS + centroid) * LSF_ORDER
    multiplyTransposed(lsfSynthesisMatrix, row * LSF_ORDER, out)
    for (let i = 0; i < LSF_ORDER; i++) out[i] += 2 * lsfHalfCentroid[row + i]
    return
  }
  conditionalCentroid(voiced, previous, conditional)
  laroiaRoots(conditional, 0, roots)
  const rotation = (voiced * 2 + lowRate) * LSF_ORDER * LSF_ORDER
  for (let i = 0; i < LSF_ORDER; i++) {
    const inverse = fround(1 / roots[i])
    let sum = 0
    for (let j = 0; j < LSF_ORDER; j++) {
      const weighted = fround(lsfConditionalRotation[rotation + j * LSF_ORDER + i] * inverse)
      sum = fround(sum + fround(weighted * residual[j]))
    }
    out[i] = conditional[i] + sum
  }
}

const conditional = new Float32Array(LSF_ORDER)

/** The conditional centroid: the previous vector, pulled towards the mean. */
export function conditionalCentroid(voiced: number, previous: Float32Array, out: Float32Array): void {
  const pull = lsfConditionalRegression[voiced]
  for (let i = 0; i < LSF_ORDER; i++) {
    const distance = fround(lsfMean[voiced * LSF_ORDER + i] - previous[i])
    out[i] = previous[i] + fround(pull * distance)
  }
}

function multiplyTransposed(matrix: Float32Array, from: number, out: Float32Array): void {
  for (let i = 0; i < LSF_ORDER; i++) {
    let sum = 0
    for (let j = 0; j < LSF_ORDER; j++) {
      sum = fround(sum + fround(matrix[from + j * LSF_ORDER + i] * residual[j]))
    }
    out[i] = sum
  }
}

/** Moves neighbours apart until every gap has at least its minimum; leaves a vector alone that keeps them all. */
export function spaceLsf(voiced: number, lsf: Float32Array): void {
  const row = voiced * GAPS
  let before = 0
  for (let i = 0; i < GAPS; i++) {
    const here = i < LSF_ORDER ? lsf[i] : PI
    gaps[i] = fround(here - before) - lsfMinSpacing[row + i]
    before = here
  }
  let smallest = smallestGap()
  if (gaps[smallest] > 0) return
  for (let round = 0; round <= MAX_SPACING_ROUNDS && gaps[smallest] < 0; round++) {
    const delta = fround(fround(SPACING_MARGIN * round) - gaps[smallest])
    gaps[smallest] += delta
    if (smallest === 0) gaps[1] -= delta
    else if (smallest === LSF_ORDER) gaps[LSF_ORDER - 1] -= delta
    else {
      gaps[smallest - 1] -= fround(delta * 0.5)
      gaps[smallest + 1] -= fround(delta * 0.5)
    }
    smallest = smallestGap()
  }
  let sum = 0
  for (let i = 0; i < LSF_ORDER; i++) {
    sum = fround(sum + fround(gaps[i] + lsfMinSpacing[row + i]))
    lsf[i] = sum
  }
}

function smallestGap(): number {
  let smallest = 0
  for (let i = 1; i < GAPS; i++) if (gaps[i] < gaps[smallest]) smallest = i
  return smallest
}

/** `from` moved towards `to` by `weights[at]`; exactly `to` at weight 1. */
export function interpolateLsf(
  from: Float32Array,
  to: Float32Array,
  weights: Float32Array,
  at: number,
  out: Float32Array,
): void {
  const weight = weights[at]
  if (weight === 1) {
    out.set(to)
    return
  }
  const rest = fround(1 - weight)
  for (let i = 0; i < LSF_ORDER; i++) out[i] = fround(from[i] * rest) + fround(to[i] * weight)
}
