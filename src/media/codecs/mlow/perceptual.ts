import { predictionFrom } from './linear-prediction.ts'
import { AutocorrelationFromPower, RealFft } from './real-fft.ts'
import {
  analysisWindowFallLong64,
  analysisWindowFallShort32,
  perceptualSmoothingCoef,
  perceptualWindowRise352,
} from './tables/encoder-filters.ts'

/** Samples under the window of one chunk. */
export const PERCEPTUAL_WINDOW_SAMPLES = 576
/** Samples by which the window moves from chunk to chunk: two subframes. */
export const PERCEPTUAL_CHUNK_SAMPLES = 160
/** Lags of the smoothed autocorrelation. */
export const PERCEPTUAL_LAGS = 33
/** Coefficients of the weighting filter of the excitation search, the leading 1 included. */
export const WEIGHTING_TAPS = 32

const BINS = PERCEPTUAL_WINDOW_SAMPLES / 2 + 1
const FLAT_SAMPLES = 160
const WHITENING = 1.001

const fft = new RealFft(PERCEPTUAL_WINDOW_SAMPLES)
const autocorrelation = new AutocorrelationFromPower(PERCEPTUAL_WINDOW_SAMPLES, PERCEPTUAL_LAGS)
const WINDOW_LONG = joinWindow(analysisWindowFallLong64)
const WINDOW_SHORT = joinWindow(analysisWindowFallShort32)
/** The smoothing coefficients in double precision, which the recursions below run in. */
const SMOOTHING = Float64Array.from(perceptualSmoothingCoef)

function joinWindow(fall: Float32Array): Float64Array {
  const window = new Float64Array(PERCEPTUAL_WINDOW_SAMPLES)
  window.set(perceptualWindowRise352)
  window.fill(1, perceptualWindowRise352.length, perceptualWindowRise352.length + FLAT_SAMPLES)
  window.set(fall, perceptualWindowRise352.length + FLAT_SAMPLES)
  return window
}

/** Spectrum of the speech spread over frequency as hearing does it, as an autocorrelation per 5 ms subframe. */
export class PerceptualModel {
  /** Autocorrelation of the first subframe of the last chunk: mean of the chunk's own and that of the one before. */
  readonly firstSubframe = new Float64Array(PERCEPTUAL_LAGS)
  /** Autocorrelation of the second subframe: the chunk's own. */
  readonly secondSubframe = new Float64Array(PERCEPTUAL_LAGS)
  readonly #windowed = new Float64Array(PERCEPTUAL_WINDOW_SAMPLES)
  readonly #power = new Float64Array(BINS)

  reset(): void {
    this.secondSubframe.fill(0)
  }

  /**
   * Analyses `signal[start .. start + 576)`, the window that ends 32 samples after the chunk's 160. The last chunk
   * of a packet takes the short window, which does not look beyond the packet.
   */
  analyse(signal: Float64Array, start: number, isLastChunk: boolean): void {
    const window = isLastChunk ? WINDOW_SHORT : WINDOW_LONG
    const windowed = this.#windowed
    for (let n = 0; n < PERCEPTUAL_WINDOW_SAMPLES; n++) windowed[n] = signal[start + n] * window[n]
    fft.powerSpectrum(windowed, this.#power)
    spreadOverFrequency(this.#power)
    const { firstSubframe, secondSubframe } = this
    firstSubframe.set(secondSubframe)
    autocorrelation.transform(this.#power, secondSubframe)
    for (let lag = 0; lag < PERCEPTUAL_LAGS; lag++) {
      firstSubframe[lag] = 0.5 * (firstSubframe[lag] + secondSubframe[lag])
    }
  }
}

/** One-pole smoothing over the bins, upwards and then downwards. */
function spreadOverFrequency(power: Float64Array): void {
  let smoothed = power[0]
  for (let i = 1; i < BINS; i++) {
    smoothed = power[i] + SMOOTHING[i] * (smoothed - power[i])
    power[i] = smoothed
  }
  for (let i = BINS - 2; i >= 0; i--) {
    smoothed = power[i] + SMOOTHING[i] * (smoothed - power[i])
    power[i] = smoothed
  }
}

/** Weighting filters: prediction polynomials of the perceptual spectrum after a pre-emphasis. */
export class WeightingFilter {
  readonly #emphasis: number
  readonly #emphasised: Float64Array

  /** `taps` coefficients, the leading 1 included, at most 32; the pre-emphasis is the zero 1 + `emphasis` z^-1. */
  constructor(taps: number, emphasis: number) {
    this.#emphasis = emphasis
    this.#emphasised = new Float64Array(taps)
  }

  /** Writes the filter for the autocorrelation `r` of 33 lags to `filter`, which has as many coefficients. */
  design(r: Float64Array, filter: Float64Array): void {
    const z = this.#emphasised
    const emphasis = this.#emphasis
    const centre = 1 + emphasis * emphasis
    z[0] = centre * r[0] + 2 * emphasis * r[1]
    for (let n = 1; n < z.length; n++) z[n] = centre * r[n] + emphasis * (r[n + 1] + r[n - 1])
    predictionFrom(z, WHITENING, filter)
  }
}
