import { LPC_SPECTRUM_BINS } from './lpc-analysis.ts'
import { harmonicPeakWeights, harmonicValleyWeights, voicingWeights } from './tables/encoder-filters.ts'

const SPLIT_BIN = 85
/** Bins per hertz times the sample rate: a lag's fundamental is at this over the lag. */
const BINS_TIMES_LAG = 512
const LEAST_RESOLVED_WIDTH = 1.97
const UNRESOLVED_HARMONICITY = 0.1
const BANDS = 9
const HARMONICS = 4
const STRENGTH_BIAS = 0.1038
const [correlationWeight, activityWeight, tiltWeight, harmonicWeight, shortLagWeight] = voicingWeights
const [peakSide, peakCentre] = harmonicPeakWeights
const [valleySide, valleyCentre] = harmonicValleyWeights

/** How voiced a frame is: pitch correlation, harmonic structure, spectral tilt and the frame before, in one number. */
export class VoicingMeasure {
  /** Above 0 the frame is voiced. */
  strength = 0
  readonly #weighted = new Float64Array(LPC_SPECTRUM_BINS)
  readonly #magnitudes = new Float64Array(BANDS)
  #lowBackground = 0
  #highBackground = 0
  #previous = 0
  #previousLastLag = 0

  reset(): void {
    this.strength = 0
    this.#lowBackground = 0
    this.#highBackground = 0
    this.#previous = 0
    this.#previousLastLag = 0
  }

  /** Takes over the power spectrum of a frame (257 bins); first step of each frame. */
  setSpectrum(power: Float64Array): void {
    const weighted = this.#weighted
    for (let i = 2; i < LPC_SPECTRUM_BINS; i++) weighted[i] = power[i] * (i + 3)
  }

  /** Log ratio of the spectrum at the first four harmonics of `lag` (samples) to that between them. */
  harmonicity(lag: number): number {
    const width = BINS_TIMES_LAG / lag
    if (width <= LEAST_RESOLVED_WIDTH) return UNRESOLVED_HARMONICITY
    const magnitudes = this.#magnitudes
    for (let m = 0; m < BANDS; m++) magnitudes[m] = this.#bandMagnitude(0.5 * m * width, width)
    let weighted = 0
    let weights = 0
    for (let m = 0; m < HARMONICS; m++) {
      const sides = magnitudes[2 * m] + magnitudes[2 * m + 2]
      const centre = magnitudes[2 * m + 1]
      const peak = peakCentre * centre + peakSide * sides
      const valley = valleyCentre * centre + valleySide * sides
      const weight = Math.sqrt(peak + valley + 1e-30)
      weighted += weight * Math.log(peak / valley)
      weights += weight
    }
    return weighted / weights
  }

  /**
   * Decides on the frame. `correlation`, `averageLag` and the lags are the pitch search's, `harmonicity` that at its
   * average lag, `activity` the voice activity in 0 .. 1.
   */
  measure(
    correlation: number,
    averageLag: number,
    harmonicity: number,
    activity: number,
    firstLag: number,
    lastLag: number,
  ): void {
    const clamped = Math.min(Math.max(correlation, 0), 1)
    const correlationTerm = -Math.log(1 / (0.1 + 0.75 * clamped) - 1)
    const activityTerm = 0.04 * (1 - 1.04 / (activity + 0.04))
    const tilt = this.#tilt(activityTerm)
    const shortLag = -1 / (1 + Math.exp(-0.25 * (38 - averageLag)))
    let strength =
      (correlationWeight * correlationTerm +
        activityWeight * activityTerm +
        tiltWeight * tilt * tilt * tilt +
        harmonicWeight * harmonicity +
        shortLagWeight * shortLag) /
        3 -
      STRENGTH_BIAS
    if (this.#previousLastLag > 0) {
      let octaves = Math.log2(firstLag / this.#previousLastLag)
      if (octaves > 0) octaves *= 0.5
      strength += (0.05 * this.#previous) / (0.4 + octaves * octaves)
    }
    this.strength = strength
    this.#previous = Math.tanh(3 * strength)
    this.#previousLastLag = lastLag
  }

  /** Root mean power between the bins `from` and `from + width`, the middle counting most. */
  #bandMagnitude(from: number, width: number): number {
    const weighted = this.#weighted
    let sum = 0
    let weights = 0
    const last = Math.min(Math.floor(from + width), LPC_SPECTRUM_BINS - 1)
    for (let i = Math.ceil(from); i <= last; i++) {
      const z = (i - from) / width
      const bump = z - z * z
      sum += bump * bump * weighted[i]
      weights += bump * bump
    }
    return Math.sqrt(sum / weights + 1e-30)
  }

  /** Balance of low against high frequencies above the background, -1 .. 1. */
  #tilt(activityTerm: number): number {
    const weighted = this.#weighted
    let low = 0
    for (let i = 2; i < SPLIT_BIN; i++) low += weighted[i] * (SPLIT_BIN - i)
    let high = 0
    for (let i = SPLIT_BIN; i < LPC_SPECTRUM_BINS; i++) high += weighted[i] * (i - SPLIT_BIN)
    if (activityTerm < -0.1) {
      this.#lowBackground += -0.5 * activityTerm * (low - this.#lowBackground)
      this.#highBackground += -0.5 * activityTerm * (high - this.#highBackground)
    }
    const lowRise = Math.max(low - this.#lowBackground, 0)
    const highRise = Math.max(high - this.#highBackground, 0)
    return (lowRise - highRise) / (low + high + 1e-9)
  }
}
