import { kernelFloats, kernels } from './kernels.ts'
import { LAG_BLOCKS } from './pitch-contours.ts'
import { pitchCorrelationUpsampleFir, pitchDownsampleFir } from './tables/pitch.ts'
import { WEIGHTED_HISTORY, WEIGHTED_SAMPLES } from './weighted-speech.ts'

/** Stretches of 40 samples that have a lag each. */
export const LAG_POSITIONS = 8
/** Lags in a block, at 16 kHz. */
export const LAG_BLOCK_SAMPLES = 32
/** Half-sample lag indices in one row of the fine arrays. */
export const FINE_LAGS = 64 * LAG_BLOCKS

/** Values of a row of the coarse arrays: lags up to 335. */
const COARSE_ROW = 336
const POSITION_SAMPLES = 40
const HALF_RATE_POSITION = POSITION_SAMPLES / 2
const FULL_RATE_SAMPLES = WEIGHTED_SAMPLES - 7
const HALF_RATE_SAMPLES = FULL_RATE_SAMPLES / 2
const HALF_RATE_HISTORY = WEIGHTED_HISTORY / 2
const FIRST_HALF_LAG = 10
const LAST_HALF_LAG = 166
/** Lags that the kernel computes: a multiple of four. */
const HALF_RATE_LAGS = 160
/** Zeros in front of the half-rate signal for the lags that are too many. */
const FRONT_ZEROS = 4
/** Lags of which the interpolation reads three more on either side. */
const DOUBLED_FROM = FIRST_HALF_LAG + 3
const DOUBLED_LAGS = 150
const FIRST_LAG = 32
const LEAST_ENERGY = 1e-9
/** Correlation at half rate above which a lag deserves one at full rate. */
const REFINE_ABOVE = 0.25
const POLE = 0.96

const [s1, s3, s5, s7] = [1, 3, 5, 7].map((n) => pitchDownsampleFir[7 + n])
const DOWNSAMPLE_CENTRE = pitchDownsampleFir[7]

// Buffers of one frame, shared by all instances.
/** Interpolation kernel from its centre outwards. */
const upsample = kernelFloats(4)
upsample.set(pitchCorrelationUpsampleFir.subarray(4))
const filtered = kernelFloats(WEIGHTED_SAMPLES)
const halfRate = kernelFloats(FRONT_ZEROS + HALF_RATE_SAMPLES)
const halfRateRoots = kernelFloats(HALF_RATE_SAMPLES)
const fullRateRoots = kernelFloats(WEIGHTED_SAMPLES)
const halfRateCorrelation = kernelFloats(HALF_RATE_LAGS)
const halfRateEnergy = kernelFloats(HALF_RATE_LAGS)
const correlation = kernelFloats(LAG_POSITIONS * COARSE_ROW)
const energy = kernelFloats(LAG_POSITIONS * COARSE_ROW)
const normalised = kernelFloats(LAG_POSITIONS * COARSE_ROW)
const blockCorrelation = kernelFloats(LAG_BLOCK_SAMPLES)
const blockPeak = kernelFloats(LAG_POSITIONS * LAG_BLOCKS)
const fineCorrelation = kernelFloats(LAG_POSITIONS * FINE_LAGS)
const fineEnergy = kernelFloats(LAG_POSITIONS * FINE_LAGS)
const fineMerit = kernelFloats((LAG_POSITIONS + 1) * FINE_LAGS)

/**
 * Correlations of weighted speech with its past, first at half rate, then at double resolution where it is worth it.
 * The results hold until the next frame of any codec is analysed.
 */
export class PitchCorrelation {
  /** Energy of each position at half rate. */
  readonly positionEnergy = new Float64Array(LAG_POSITIONS)
  /** Highest normalised correlation per position and lag block: [8][9]. */
  readonly blockPeak = blockPeak
  /** Correlation per position and half-sample lag, valid in refined blocks: [8][576]. */
  readonly fineCorrelation = fineCorrelation
  /** The energy that belongs to it. */
  readonly fineEnergy = fineEnergy
  /** Normalised correlation times the position's energy at full rate; a row of zeros follows the eight. */
  readonly fineMerit = fineMerit

  /** Half-rate correlations of the 659 samples of weighted speech: fills `positionEnergy` and `blockPeak`. */
  analyse(weighted: Float64Array): void {
    flatten(weighted)
    downsample()
    const halfRateStart = halfRate.byteOffset + 8 * FRONT_ZEROS
    const halfRatePointer = halfRateRoots.byteOffset
    kernels.windowRoots(halfRateStart, HALF_RATE_SAMPLES, HALF_RATE_POSITION, LEAST_ENERGY, halfRatePointer)
    const fullRatePointer = fullRateRoots.byteOffset
    kernels.windowRoots(filtered.byteOffset, FULL_RATE_SAMPLES, POSITION_SAMPLES, LEAST_ENERGY, fullRatePointer)
    for (let position = 0; position < LAG_POSITIONS; position++) this.#analysePosition(position)
  }

  /** Full-rate correlations of one block at one position, and the energy at the first lag behind it. */
  refine(position: number, block: number): void {
    const start = WEIGHTED_HISTORY + POSITION_SAMPLES * position
    const first = LAG_BLOCK_SAMPLES * (block + 1)
    const row = position * COARSE_ROW
    if (blockPeak[position * LAG_BLOCKS + block] > REFINE_ABOVE) {
      const pointer = filtered.byteOffset + 8 * start
      kernels.correlateLags(pointer, first, LAG_BLOCK_SAMPLES, POSITION_SAMPLES, blockCorrelation.byteOffset)
      for (let k = 0, i = row + first; k < LAG_BLOCK_SAMPLES; k++, i++) {
        if (normalised[i] > REFINE_ABOVE) correlation[i] = 0.5 * blockCorrelation[k]
      }
    }
    const roots = fullRateRoots.byteOffset + 8 * (start - first)
    // Half of what the full rate gives: the scale of the half-rate values around.
    kernels.meanEnergies(
      roots,
      fullRateRoots[start],
      0.125,
      LAG_BLOCK_SAMPLES + 1,
      energy.byteOffset + 8 * (row + first),
    )
  }

  /** Doubles the resolution of a block that `refine` has seen, as well as its neighbours that are in use. */
  interpolateFine(position: number, block: number): void {
    const root = fullRateRoots[WEIGHTED_HISTORY + POSITION_SAMPLES * position]
    const from = 8 * (position * COARSE_ROW + LAG_BLOCK_SAMPLES * (block + 1))
    const to = 8 * (position * FINE_LAGS + 2 * LAG_BLOCK_SAMPLES * block)
    kernels.doubleResolution(
      upsample.byteOffset,
      correlation.byteOffset + from,
      energy.byteOffset + from,
      LAG_BLOCK_SAMPLES,
      root * root,
      fineCorrelation.byteOffset + to,
      fineEnergy.byteOffset + to,
      fineMerit.byteOffset + to,
    )
  }

  /** Fills one position's row of the coarse arrays. */
  #analysePosition(position: number): void {
    const start = HALF_RATE_HISTORY + HALF_RATE_POSITION * position
    const here = halfRateRoots[start]
    this.positionEnergy[position] = here * here
    const pointer = halfRate.byteOffset + 8 * (FRONT_ZEROS + start)
    const out = halfRateCorrelation.byteOffset
    kernels.correlateLags(pointer, FIRST_HALF_LAG, HALF_RATE_LAGS, HALF_RATE_POSITION, out)
    const roots = halfRateRoots.byteOffset + 8 * (start - FIRST_HALF_LAG)
    kernels.meanEnergies(roots, here, 0.25, LAST_HALF_LAG - FIRST_HALF_LAG + 1, halfRateEnergy.byteOffset)
    const row = 8 * position * COARSE_ROW
    const from = 8 * (DOUBLED_FROM - FIRST_HALF_LAG)
    const to = row + 8 * 2 * DOUBLED_FROM
    kernels.doubleResolution(
      upsample.byteOffset,
      out + from,
      halfRateEnergy.byteOffset + from,
      DOUBLED_LAGS,
      1,
      correlation.byteOffset + to,
      energy.byteOffset + to,
      normalised.byteOffset + to,
    )
    const peaks = blockPeak.byteOffset + 8 * position * LAG_BLOCKS
    kernels.maxima(normalised.byteOffset + row + 8 * FIRST_LAG, LAG_BLOCK_SAMPLES, LAG_BLOCKS, peaks)
  }
}

/** Takes out the lowest frequencies; starts from rest in each frame. */
function flatten(weighted: Float64Array): void {
  let x1 = 0
  let y = 0
  for (let n = 0; n < WEIGHTED_SAMPLES; n++) {
    const x = weighted[n]
    y = x - x1 + POLE * y
    x1 = x
    filtered[n] = y
  }
}

function downsample(): void {
  const x = filtered
  for (let n = 0; n < 4; n++) halfRate[FRONT_ZEROS + n] = downsampleAtStart(2 * n)
  for (let n = 4; n < HALF_RATE_SAMPLES; n++) {
    const i = 2 * n
    halfRate[FRONT_ZEROS + n] =
      DOWNSAMPLE_CENTRE * x[i] +
      s1 * (x[i - 1] + x[i + 1]) +
      s3 * (x[i - 3] + x[i + 3]) +
      s5 * (x[i - 5] + x[i + 5]) +
      s7 * (x[i - 7] + x[i + 7])
  }
}

/** The first samples, where the filter reaches back behind the signal. */
function downsampleAtStart(centre: number): number {
  let sum = 0
  for (let k = Math.max(7 - centre, 0); k < pitchDownsampleFir.length; k++) {
    sum += pitchDownsampleFir[k] * filtered[centre + k - 7]
  }
  return sum
}
