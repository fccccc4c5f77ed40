import { LPC_SPECTRUM_BINS } from './lpc-analysis.ts'
import { harmonicPeakWeights, harmonicValleyWeights, voicingWeights } from './tables/encoder-filters.ts'

const SPLIT_BIN = 85
/** Bins of the whole circle, doubled: the fundamental of a lag in half samples is at this over the lag. */
const BINS_TIMES_HALF_SAMPLES = 1024
const LEAST_RESOLVED_WIDTH = 1.97
const UNRESOLVED_HARMONICITY = 0.1
const BANDS = 9
const HARMONICS = 4
const STRENGTH_BIAS = 0.1038
const [correlationWeight, activityWeight, tiltWeight, harmonicWeight, shortLagWeight] = voicingWeights
const [peakSide, peakCentre] = harmonicPeakWeights
const [valleySide, valleyCentre] = harmonicValleyWeights

/** What the decision takes from the pitch search. */
interface PitchFindings {
  /** Normalised correlation. */
  readonly correlation: number
  /** In samples. */
  readonly averageLag: number
  /** At the average lag. */
  readonly harmonicity: number
  /** In samples, in the order of time. */
  readonly lags: ArrayLike<number>
}

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
  // Numbers that methods hand to each other: as fields they need no box for each call.
  #activityTerm = 0
  /** Balance of low against high frequencies above the background, -1 .. 1. */
  #tilt = 0

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

  /**
   * Writes to `out[at]` the log ratio of the spectrum at the first four harmonics of a lag in half samples to that
   * between them.
   */
  harmonicity(halfSamples: number, out: Float64Array, at: number): void {
    const width = BINS_TIMES_HALF_SAMPLES / halfSamples
    if (width <= LEAST_RESOLVED_WIDTH) {
      out[at] = UNRESOLVED_HARMONICITY
      return
    }
    const magnitudes = this.#magnitudes
    for (let m = 0; m < BANDS; m++) this.#measureBand(m, halfSamples)
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
    out[at] = weighted / weights
  }

  /** Decides on frame `frame`, whose voice activity in 0 .. 1 is `activities[frame]`. */
  measure(pitch: PitchFindings, activities: Float64Array, frame: number): void {
    const { correlation, averageLag, harmonicity, lags } = pitch
    const activity = activities[frame]
    const clamped = Math.min(Math.max(correlation, 0), 1)
    const correlationTerm = -Math.log(1 / (0.1 + 0.75 * clamped) - 1)
    const activityTerm = 0.04 * (1 - 1.04 / (activity + 0.04))
    this.#activityTerm = activityTerm
    this.#measureTilt()
    const tilt = this.#tilt
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
      let octaves = Math.log2(lags[0] / this.#previousLastLag)
      if (octaves > 0) octaves *= 0.5
      strength += (0.05 * this.#previous) / (0.4 + octaves * octaves)
    }
    this.strength = strength
    this.#previous = Math.tanh(3 * strength)
    this.#previousLastLag = lags[lags.length - 1]
  }

  /** Root mean power of band `band`, one harmonic wide and half a harmonic behind the last, the middle counting most. */
  #measureBand(band: number, halfSamples: number): void {
    const weighted = this.#weighted
    const width = BINS_TIMES_HALF_SAMPLES / halfSamples
    const from = 0.5 * band * width
    let sum = 0
    let weights = 0
    const last = Math.min(Math.floor(from + width), LPC_SPECTRUM_BINS - 1)
    for (let i = Math.ceil(from); i <= last; i++) {
      const z = (i - from) / width
      const bump = z - z * z
      sum += bump * bump * weighted[i]
      weights += bump * bump
    }
    this.#magnitudes[band] = Math.sqrt(sum / weights + 1e-30)
  }

  #measureTilt(): void {
    const weighted = this.#weighted
    const activityTerm = this.#activityTerm
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
    this.#tilt = (lowRise - highRise) / (low + high + 1e-9)
  }
}
