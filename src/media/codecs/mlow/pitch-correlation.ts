import { LAG_BLOCKS } from './pitch-contours.ts'
import { pitchCorrelationUpsampleFir, pitchDownsampleFir } from './tables/pitch.ts'
import { WEIGHTED_HISTORY, WEIGHTED_SAMPLES } from './weighted-speech.ts'

/** Stretches of 40 samples that have a lag each. */
export const LAG_POSITIONS = 8
/** Lags in a block, at 16 kHz. */
export const LAG_BLOCK_SAMPLES = 32
/** Half-sample lag indices in one row of the fine arrays. */
export const FINE_LAGS = 64 * LAG_BLOCKS

/** Samples of a row of the coarse arrays: lags up to 332. */
const COARSE_ROW = 336
const POSITION_SAMPLES = 40
const HALF_RATE_POSITION = POSITION_SAMPLES / 2
const HALF_RATE_SAMPLES = (WEIGHTED_SAMPLES - 7) / 2
const HALF_RATE_HISTORY = WEIGHTED_HISTORY / 2
const FIRST_HALF_LAG = 10
const LAST_HALF_LAG = 166
const FIRST_LAG = 32
/** Zeros in front of the half-rate signal, so that lags can be done four at a time. */
const FRONT_ZEROS = 4
const LEAST_ENERGY = 1e-9
/** Correlation at half rate above which a lag deserves one at full rate. */
const REFINE_ABOVE = 0.25
const POLE = 0.96

const DOWNSAMPLE_SIDE = Float64Array.from([1, 3, 5, 7], (n) => pitchDownsampleFir[7 + n])
const DOWNSAMPLE_CENTRE = pitchDownsampleFir[7]
const UPSAMPLE = Float64Array.from({ length: 4 }, (_, n) => pitchCorrelationUpsampleFir[4 + n])

/** Correlations of weighted speech with its past, first at half rate, then at double resolution where it is worth it. */
export class PitchCorrelation {
  /** Energy of each position at half rate. */
  readonly positionEnergy = new Float64Array(LAG_POSITIONS)
  /** Highest normalised correlation per position and lag block: [8][9]. */
  readonly blockPeak = new Float64Array(LAG_POSITIONS * LAG_BLOCKS)
  /** Correlation per position and half-sample lag, valid in refined blocks: [8][576]. */
  readonly fineCorrelation = new Float64Array(LAG_POSITIONS * FINE_LAGS)
  /** The energy that belongs to it. */
  readonly fineEnergy = new Float64Array(LAG_POSITIONS * FINE_LAGS)
  /** Normalised correlation times the position's energy at full rate; a row of zeros follows the eight. */
  readonly fineMerit = new Float64Array((LAG_POSITIONS + 1) * FINE_LAGS)

  readonly #filtered = new Float64Array(WEIGHTED_SAMPLES)
  readonly #halfRate = new Float64Array(FRONT_ZEROS + HALF_RATE_SAMPLES)
  readonly #halfRateRootEnergy = new Float64Array(HALF_RATE_SAMPLES)
  readonly #rootEnergy = new Float64Array(WEIGHTED_SAMPLES)
  readonly #correlation = new Float64Array(LAG_POSITIONS * COARSE_ROW)
  readonly #energy = new Float64Array(LAG_POSITIONS * COARSE_ROW)

  /** Half-rate correlations of the 659 samples of weighted speech: fills `positionEnergy` and `blockPeak`. */
  analyse(weighted: Float64Array): void {
    this.#flatten(weighted)
    this.#downsample()
    windowRootEnergies(this.#halfRate, FRONT_ZEROS, HALF_RATE_SAMPLES, HALF_RATE_POSITION, this.#halfRateRootEnergy)
    windowRootEnergies(this.#filtered, 0, WEIGHTED_SAMPLES - 7, POSITION_SAMPLES, this.#rootEnergy)
    for (let position = 0; position < LAG_POSITIONS; position++) {
      this.#correlateHalfRate(position)
      this.#interpolateCoarse(position)
      this.#findBlockPeaks(position)
    }
  }

  /** Full-rate correlations of one block at one position, and the energy at the first lag behind it. */
  refine(position: number, block: number): void {
    const start = WEIGHTED_HISTORY + POSITION_SAMPLES * position
    const rootEnergy = this.#rootEnergy
    const correlation = this.#correlation
    const energy = this.#energy
    const here = rootEnergy[start]
    const first = LAG_BLOCK_SAMPLES * (block + 1)
    const end = first + LAG_BLOCK_SAMPLES
    const row = position * COARSE_ROW
    for (let lag = first; lag < end; lag += 4) {
      const i = row + lag
      const wanted =
        correlation[i] > REFINE_ABOVE * energy[i] ||
        correlation[i + 1] > REFINE_ABOVE * energy[i + 1] ||
        correlation[i + 2] > REFINE_ABOVE * energy[i + 2] ||
        correlation[i + 3] > REFINE_ABOVE * energy[i + 3]
      if (wanted) this.#correlateFullRate(start, lag, i)
      for (let k = 0; k < 4; k++) {
        const mean = 0.5 * (rootEnergy[start - lag - k] + here)
        energy[i + k] = 0.5 * mean * mean
      }
    }
    const meanBehind = 0.5 * (rootEnergy[start - end] + here)
    energy[row + end] = 0.5 * meanBehind * meanBehind
  }

  /** Replaces those of four correlations from lag `lag`, at `to`, that promise something. */
  #correlateFullRate(start: number, lag: number, to: number): void {
    const x = this.#filtered
    const correlation = this.#correlation
    const energy = this.#energy
    let sum0 = 0
    let sum1 = 0
    let sum2 = 0
    let sum3 = 0
    const past = start - lag
    let v1 = x[past - 1]
    let v2 = x[past - 2]
    let v3 = x[past - 3]
    for (let k = 0; k < POSITION_SAMPLES; k++) {
      const u = x[start + k]
      const v0 = x[past + k]
      sum0 += u * v0
      sum1 += u * v1
      sum2 += u * v2
      sum3 += u * v3
      v3 = v2
      v2 = v1
      v1 = v0
    }
    if (correlation[to] > REFINE_ABOVE * energy[to]) correlation[to] = 0.5 * sum0
    if (correlation[to + 1] > REFINE_ABOVE * energy[to + 1]) correlation[to + 1] = 0.5 * sum1
    if (correlation[to + 2] > REFINE_ABOVE * energy[to + 2]) correlation[to + 2] = 0.5 * sum2
    if (correlation[to + 3] > REFINE_ABOVE * energy[to + 3]) correlation[to + 3] = 0.5 * sum3
  }

  /** Doubles the resolution of a block that `refine` has seen, as well as its neighbours that are in use. */
  interpolateFine(position: number, block: number): void {
    const [c0, c1, c2, c3] = UPSAMPLE
    const correlation = this.#correlation
    const energy = this.#energy
    const root = this.#rootEnergy[WEIGHTED_HISTORY + POSITION_SAMPLES * position]
    const weight = root * root
    let from = position * COARSE_ROW + LAG_BLOCK_SAMPLES * (block + 1)
    let to = position * FINE_LAGS + 2 * LAG_BLOCK_SAMPLES * block
    for (let n = 0; n < LAG_BLOCK_SAMPLES; n++, from++, to += 2) {
      const wholeLag = correlation[from]
      const wholeEnergy = energy[from]
      this.fineCorrelation[to] = wholeLag
      this.fineEnergy[to] = wholeEnergy
      this.fineMerit[to] = (wholeLag / wholeEnergy) * weight
      const halfLag =
        c0 * (wholeLag + correlation[from + 1]) +
        c1 * (correlation[from - 1] + correlation[from + 2]) +
        c2 * (correlation[from - 2] + correlation[from + 3]) +
        c3 * (correlation[from - 3] + correlation[from + 4])
      const halfEnergy = 0.5 * (wholeEnergy + energy[from + 1])
      this.fineCorrelation[to + 1] = halfLag
      this.fineEnergy[to + 1] = halfEnergy
      this.fineMerit[to + 1] = (halfLag / halfEnergy) * weight
    }
  }

  /** Takes out the lowest frequencies; starts from rest in each frame. */
  #flatten(weighted: Float64Array): void {
    const filtered = this.#filtered
    let x1 = 0
    let y = 0
    for (let n = 0; n < WEIGHTED_SAMPLES; n++) {
      y = weighted[n] - x1 + POLE * y
      x1 = weighted[n]
      filtered[n] = y
    }
  }

  #downsample(): void {
    const x = this.#filtered
    const out = this.#halfRate
    const [s1, s3, s5, s7] = DOWNSAMPLE_SIDE
    for (let n = 0; n < 4; n++) out[FRONT_ZEROS + n] = this.#downsampleAtStart(2 * n)
    for (let n = 4; n < HALF_RATE_SAMPLES; n++) {
      const i = 2 * n
      out[FRONT_ZEROS + n] =
        DOWNSAMPLE_CENTRE * x[i] +
        s1 * (x[i - 1] + x[i + 1]) +
        s3 * (x[i - 3] + x[i + 3]) +
        s5 * (x[i - 5] + x[i + 5]) +
        s7 * (x[i - 7] + x[i + 7])
    }
  }

  #downsampleAtStart(centre: number): number {
    let sum = 0
    for (let k = Math.max(7 - centre, 0); k < pitchDownsampleFir.length; k++) {
      sum += pitchDownsampleFir[k] * this.#filtered[centre + k - 7]
    }
    return sum
  }

  /** Even lags of one position's row. */
  #correlateHalfRate(position: number): void {
    const x = this.#halfRate
    const root = this.#halfRateRootEnergy
    const start = HALF_RATE_HISTORY + HALF_RATE_POSITION * position
    const row = position * COARSE_ROW
    const here = root[start]
    this.positionEnergy[position] = here * here
    const at = FRONT_ZEROS + start
    for (let lag = FIRST_HALF_LAG; lag <= LAST_HALF_LAG; lag += 4) {
      let sum0 = 0
      let sum1 = 0
      let sum2 = 0
      let sum3 = 0
      let v1 = x[at - lag - 1]
      let v2 = x[at - lag - 2]
      let v3 = x[at - lag - 3]
      for (let k = 0; k < HALF_RATE_POSITION; k++) {
        const u = x[at + k]
        const v0 = x[at + k - lag]
        sum0 += u * v0
        sum1 += u * v1
        sum2 += u * v2
        sum3 += u * v3
        v3 = v2
        v2 = v1
        v1 = v0
      }
      const to = row + 2 * lag
      this.#correlation[to] = sum0
      if (lag + 3 > LAST_HALF_LAG) continue
      this.#correlation[to + 2] = sum1
      this.#correlation[to + 4] = sum2
      this.#correlation[to + 6] = sum3
    }
    for (let lag = FIRST_HALF_LAG; lag <= LAST_HALF_LAG; lag++) {
      const mean = 0.5 * (root[start - lag] + here)
      this.#energy[row + 2 * lag] = mean * mean
    }
  }

  /** Odd lags between the even ones. */
  #interpolateCoarse(position: number): void {
    const [c0, c1, c2, c3] = UPSAMPLE
    const correlation = this.#correlation
    const energy = this.#energy
    const row = position * COARSE_ROW
    const end = row + 2 * (LAST_HALF_LAG - 4)
    for (let i = row + 2 * (FIRST_HALF_LAG + 3); i <= end; i += 2) {
      correlation[i + 1] =
        c0 * (correlation[i] + correlation[i + 2]) +
        c1 * (correlation[i - 2] + correlation[i + 4]) +
        c2 * (correlation[i - 4] + correlation[i + 6]) +
        c3 * (correlation[i - 6] + correlation[i + 8])
      energy[i + 1] = 0.5 * (energy[i] + energy[i + 2])
    }
  }

  /** Compares the ratios of correlation to energy by cross-multiplication, with one division for each block. */
  #findBlockPeaks(position: number): void {
    const correlation = this.#correlation
    const energy = this.#energy
    let i = position * COARSE_ROW + FIRST_LAG
    for (let block = 0; block < LAG_BLOCKS; block++) {
      let peakCorrelation = correlation[i]
      let peakEnergy = energy[i]
      for (const end = i + LAG_BLOCK_SAMPLES; i < end; i++) {
        const c = correlation[i]
        const e = energy[i]
        if (c * peakEnergy > peakCorrelation * e) {
          peakCorrelation = c
          peakEnergy = e
        }
      }
      this.blockPeak[position * LAG_BLOCKS + block] = peakCorrelation / peakEnergy
    }
  }
}

/** Root of the energy of every window of `width` among `count` samples from `x[from]`. */
function windowRootEnergies(x: Float64Array, from: number, count: number, width: number, out: Float64Array): void {
  let energy = 0
  for (let n = 0; n < width; n++) energy += x[from + n] * x[from + n]
  for (let n = 0; ; n++) {
    out[n] = Math.sqrt(Math.max(energy, LEAST_ENERGY))
    if (n + width >= count) return
    const gone = x[from + n]
    const come = x[from + n + width]
    energy += come * come - gone * gone
  }
}
