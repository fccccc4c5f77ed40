import { predictionFrom } from './linear-prediction.ts'
import { AutocorrelationFromPower, RealFft } from './real-fft.ts'
import { analysisWindowFallLong64, analysisWindowFallShort32, lpcWindowRise264 } from './tables/encoder-filters.ts'

/** Samples under the analysis window of one 20 ms frame: 96 before it, 32 after it. */
const LPC_WINDOW_SAMPLES = 448
/** The samples of the window that lie before its frame. */
export const LPC_WINDOW_LEAD = 96
/** Bins of the power spectrum that the pitch search and the voicing decision share. */
export const LPC_SPECTRUM_BINS = 257

const ORDER = 16
const TRANSFORM_SIZE = 512
const FLAT_SAMPLES = 120
const WHITENING = 1 + 5e-7
const BANDWIDTH_EXPANSION = 0.9999
/** Single precision runs out here; below it only rounding noise of the input filter would be modelled. */
const LEAST_ENERGY = 1e-45

const fft = new RealFft(TRANSFORM_SIZE)
const autocorrelation = new AutocorrelationFromPower(TRANSFORM_SIZE, ORDER + 1)
const WINDOW_LONG = joinWindow(analysisWindowFallLong64)
const WINDOW_SHORT = joinWindow(analysisWindowFallShort32)

function joinWindow(fall: Float32Array): Float64Array {
  const window = new Float64Array(LPC_WINDOW_SAMPLES)
  window.set(lpcWindowRise264)
  window.fill(1, lpcWindowRise264.length, lpcWindowRise264.length + FLAT_SAMPLES)
  window.set(fall, lpcWindowRise264.length + FLAT_SAMPLES)
  return window
}

/** Short-term prediction of order 16 from a windowed stretch of speech. */
export class LpcAnalysis {
  /** Monic prediction polynomial of the last analysis: 17 coefficients. */
  readonly a = new Float64Array(ORDER + 1)
  /** Power spectrum of the windowed speech, bins of 31.25 Hz. */
  readonly power = new Float64Array(LPC_SPECTRUM_BINS)
  readonly #windowed = new Float64Array(TRANSFORM_SIZE)
  readonly #correlation = new Float64Array(ORDER + 1)

  /**
   * Analyses `signal[start .. start + 448)` into `a` and `power`. The last frame of a packet takes the short window,
   * which does not look beyond the packet.
   */
  analyse(signal: Float64Array, start: number, isLastFrame: boolean): void {
    const window = isLastFrame ? WINDOW_SHORT : WINDOW_LONG
    const windowed = this.#windowed
    for (let n = 0; n < LPC_WINDOW_SAMPLES; n++) windowed[n] = signal[start + n] * window[n]
    fft.powerSpectrum(windowed, this.power)
    autocorrelation.transform(this.power, this.#correlation)
    if (this.#correlation[0] < LEAST_ENERGY) this.#correlation.fill(0)
    predictionFrom(this.#correlation, WHITENING, this.a)
    let expansion = 1
    for (let i = 1; i <= ORDER; i++) {
      expansion *= BANDWIDTH_EXPANSION
      this.a[i] *= expansion
    }
  }
}
