import { lowRateTilt, lowRateUnvoicedPulseShaper } from './tables/postfilter.ts'

/** Share of the pulse one lag earlier that a voiced pulse is followed by. */
const SHARPENING = 0.9881
const { fround } = Math

/** Filters over the excitation that only low-rate packets pass. */
export class LowRateFilters {
  #pulseInput = 0
  #pulseOutput = 0
  #tiltInput = 0

  reset(): void {
    this.#pulseInput = 0
    this.#pulseOutput = 0
    this.#tiltInput = 0
  }

  /** Repeats voiced pulses at the lag, in whole samples. */
  sharpen(excitation: Float64Array, length: number, lag: number): void {
    for (let n = lag; n < length; n++) excitation[n] += SHARPENING * excitation[n - lag]
  }

  /**
   * Spreads unvoiced pulses. In single precision, where the tail ends in exact zeros: there noise may enter.
   */
  shapePulses(excitation: Float64Array, length: number): void {
    const k0 = lowRateUnvoicedPulseShaper[0]
    const k1 = lowRateUnvoicedPulseShaper[1]
    const feedback = lowRateUnvoicedPulseShaper[2]
    let x1 = this.#pulseInput
    let y = this.#pulseOutput
    for (let n = 0; n < length; n++) {
      const x = fround(excitation[n])
      y = fround(fround(fround(k0 * x) + fround(k1 * x1)) + fround(feedback * y))
      x1 = x
      excitation[n] = y
    }
    this.#pulseInput = x1
    this.#pulseOutput = y
  }

  /** Every subframe that is not shaped. */
  skipPulses(): void {
    this.#pulseInput = 0
    this.#pulseOutput = 0
  }

  /** Tilts voiced excitation towards low frequencies. */
  tilt(excitation: Float64Array, length: number): void {
    let x1 = this.#tiltInput
    for (let n = 0; n < length; n++) {
      const x = excitation[n]
      excitation[n] = lowRateTilt[0] * x + lowRateTilt[1] * x1
      x1 = x
    }
    this.#tiltInput = x1
  }

  /** Every subframe that is not tilted. */
  skipTilt(excitation: Float64Array, length: number): void {
    this.#tiltInput = excitation[length - 1]
  }
}
