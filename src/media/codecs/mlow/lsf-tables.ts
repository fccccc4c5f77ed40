/**
 * LSF tables unpacked in single precision: the conversion to LPC rounds LSFs to integers, and near a resonance
 * one such step is audible, so every operation is rounded as the original rounds it.
 */
import { expandRootFrequencies } from './cdf.ts'
import {
  lsfCentroid16,
  lsfCentroidMin,
  lsfCentroidRotation8,
  lsfCentroidRotationMin,
  lsfCentroidRotationScale,
  lsfCentroidScale,
  lsfConditionalRotation8,
  lsfConditionalRotationMin,
  lsfConditionalRotationScale,
  lsfConditionalStepFactor,
  lsfInverseCovariance16,
  lsfInverseCovarianceMin,
  lsfInverseCovarianceScale,
  lsfMean,
  lsfStage2LevelOffset8,
  lsfStage2LevelOffsetMin,
  lsfStage2LevelOffsetScale,
  lsfStage2MaxIndex,
  lsfStage2MinIndex,
  lsfStage2RootFreq8,
  lsfStage2Step,
} from './tables/lsf.ts'

/** LSFs in a vector, order of the prediction filter. */
export const LSF_ORDER = 16
/** Centroids with a table of their own; the number itself stands for the conditional centroid. */
export const LSF_CENTROIDS = 16
/** Square gaps below this count as this in the Laroia weights. */
const MIN_WEIGHT_GAP = Math.fround(1e-3)
const PI = Math.fround(Math.PI)
const { fround, sqrt } = Math

/** Half of each centroid: [voiced][16][16]. */
export const lsfHalfCentroid = new Float32Array(2 * LSF_CENTROIDS * LSF_ORDER)
/** From second-stage levels to LSFs: [voiced][centroid][level][lsf]. */
export const lsfSynthesisMatrix = new Float32Array(2 * LSF_CENTROIDS * LSF_ORDER * LSF_ORDER)
/** From LSFs to second-stage levels, the inverse: [voiced][centroid][lsf][level]. */
export const lsfAnalysisMatrix = new Float32Array(2 * LSF_CENTROIDS * LSF_ORDER * LSF_ORDER)
/** Rotation of the conditional centroid, not yet weighted: [voiced][lowRate][level][lsf]. */
export const lsfConditionalRotation = new Float32Array(2 * 2 * LSF_ORDER * LSF_ORDER)
/** Inverse covariance of the LSF vector: [voiced][16][16]. */
export const lsfInverseCovariance = new Float32Array(2 * LSF_ORDER * LSF_ORDER)
/** Inverse covariance times centroid: [voiced][centroid][16]. */
export const lsfCentroidTimesInverseCovariance = new Float32Array(2 * LSF_CENTROIDS * LSF_ORDER)

const LISTS = 2 * 2 * (LSF_CENTROIDS + 1) * LSF_ORDER
/** First entry of each list in `lsfStage2Cdf`: see `lsfStage2List`. */
export const lsfStage2CdfStart = new Int32Array(LISTS + 1)
/** First level of each list in `lsfStage2Level`. */
export const lsfStage2LevelStart = new Int32Array(LISTS + 1)
export const lsfStage2Cdf = new Uint16Array(lsfStage2RootFreq8.length + LISTS)
/** Values of the second-stage symbols in radians, before rotation. */
export const lsfStage2Level = new Float32Array(lsfStage2RootFreq8.length)

/** Number of the list for coefficient 0 of a centroid; those of the other coefficients follow. */
export function lsfStage2List(voiced: number, lowRate: number, centroid: number): number {
  return ((voiced * 2 + lowRate) * (LSF_CENTROIDS + 1) + centroid) * LSF_ORDER
}

/** Square roots of the Laroia weights of the vector `lsf[from .. from + 15]`: large where two LSFs are close. */
export function laroiaRoots(lsf: Float32Array, from: number, out: Float32Array): void {
  let before = 0
  let inverseBefore = 0
  for (let k = 0; k <= LSF_ORDER; k++) {
    const here = k < LSF_ORDER ? lsf[from + k] : PI
    const gap = Math.max(fround(here - before), MIN_WEIGHT_GAP)
    const inverse = fround(1 / gap)
    if (k > 0) out[k - 1] = sqrt(fround(inverseBefore + inverse))
    before = here
    inverseBefore = inverse
  }
}

function unpackCentroids(): void {
  const centroid = new Float32Array(LSF_ORDER)
  const root = new Float32Array(LSF_ORDER)
  for (let voiced = 0; voiced < 2; voiced++) {
    for (let c = 0; c < LSF_CENTROIDS; c++) {
      const row = (voiced * LSF_CENTROIDS + c) * LSF_ORDER
      for (let k = 0; k < LSF_ORDER; k++) {
        const deviation = fround(lsfCentroidMin[voiced] + fround(lsfCentroid16[row + k] * lsfCentroidScale[voiced]))
        centroid[k] = deviation + lsfMean[voiced * LSF_ORDER + k]
        lsfHalfCentroid[row + k] = centroid[k] * 0.5
      }
      laroiaRoots(centroid, 0, root)
      unpackRotation(voiced, row * LSF_ORDER, root)
    }
  }
}

function unpackRotation(voiced: number, matrix: number, root: Float32Array): void {
  for (let i = 0; i < LSF_ORDER; i++) {
    for (let j = 0; j < LSF_ORDER; j++) {
      const scaled = fround(lsfCentroidRotation8[matrix + i * LSF_ORDER + j] * lsfCentroidRotationScale[voiced])
      const rotation = fround(lsfCentroidRotationMin[voiced] + scaled)
      lsfSynthesisMatrix[matrix + i * LSF_ORDER + j] = rotation * fround(1 / root[j])
      lsfAnalysisMatrix[matrix + j * LSF_ORDER + i] = rotation * root[j]
    }
  }
}

function unpackConditionalRotation(): void {
  const perVoicing = lsfConditionalRotation.length / 2
  for (let i = 0; i < lsfConditionalRotation.length; i++) {
    const voiced = i < perVoicing ? 0 : 1
    const scaled = fround(lsfConditionalRotation8[i] * lsfConditionalRotationScale[voiced])
    lsfConditionalRotation[i] = lsfConditionalRotationMin[voiced] + scaled
  }
}

function unpackInverseCovariance(): void {
  let packed = 0
  for (let voiced = 0; voiced < 2; voiced++) {
    const matrix = voiced * LSF_ORDER * LSF_ORDER
    for (let i = 0; i < LSF_ORDER; i++) {
      for (let j = 0; j <= i; j++) {
        const scaled = fround(lsfInverseCovariance16[packed++] * lsfInverseCovarianceScale[voiced])
        const value = lsfInverseCovarianceMin[voiced] + scaled
        lsfInverseCovariance[matrix + i * LSF_ORDER + j] = value
        lsfInverseCovariance[matrix + j * LSF_ORDER + i] = value
      }
    }
    for (let c = 0; c < LSF_CENTROIDS; c++) multiplyCentroid(matrix, (voiced * LSF_CENTROIDS + c) * LSF_ORDER)
  }
}

function multiplyCentroid(matrix: number, row: number): void {
  for (let i = 0; i < LSF_ORDER; i++) {
    let sum = 0
    for (let j = 0; j < LSF_ORDER; j++) {
      sum = fround(sum + fround(lsfInverseCovariance[matrix + i * LSF_ORDER + j] * 2 * lsfHalfCentroid[row + j]))
    }
    lsfCentroidTimesInverseCovariance[row + i] = sum
  }
}

function unpackStage2(): void {
  let level = 0
  for (let list = 0; list < LISTS; list++) {
    const count = lsfStage2MaxIndex[list] - lsfStage2MinIndex[list] + 1
    lsfStage2CdfStart[list] = level + list
    lsfStage2LevelStart[list] = level
    expandRootFrequencies(lsfStage2RootFreq8, level, count, lsfStage2Cdf, level + list)
    const step = stage2Step(list)
    for (let i = 0; i < count; i++, level++) {
      const offset = fround(
        lsfStage2LevelOffsetMin[0] + fround(lsfStage2LevelOffset8[level] * lsfStage2LevelOffsetScale[0]),
      )
      lsfStage2Level[level] = fround(fround(offset + i) + lsfStage2MinIndex[list]) * step
    }
  }
  lsfStage2CdfStart[LISTS] = level + LISTS
  lsfStage2LevelStart[LISTS] = level
}

/** Step of a second-stage list in radians. */
export function stage2Step(list: number): number {
  const centroid = Math.floor(list / LSF_ORDER) % (LSF_CENTROIDS + 1)
  const step = lsfStage2Step[Math.floor(list / ((LSF_CENTROIDS + 1) * LSF_ORDER))]
  return centroid === LSF_CENTROIDS ? fround(step * lsfConditionalStepFactor[0]) : step
}

unpackCentroids()
unpackConditionalRotation()
unpackInverseCovariance()
unpackStage2()
