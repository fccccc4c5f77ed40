import { FRAME_SAMPLES } from './frame-symbols.ts'
import {
  hpCrossfadeRamp,
  hpDefaultPoleAngle,
  hpDefaultPoleRadius,
  hpPreEmphasis,
  hpVoicedPoleAngle,
  hpVoicedPoleRadius,
  hpZeroAngle,
} from './tables/postfilter.ts'

const { fround } = Math
const TWO_PI = fround(2 * Math.PI)
/** Corner of the fixed high-pass over unvoiced speech, as a share of the sampling rate. */
const UNVOICED_CORNER = fround(50 / 16000)
/** A lag that changes by more than this factor is faded over. */
const FADE_RATIO = 1.25
const LEAK = -hpPreEmphasis[1]

/** High-pass whose corner follows the pitch, in fades from one internal frame to the next. */
export class HighpassPostfilter {
  /** Mean lag of the last frame; 0 unvoiced, -1 before the first frame. */
  lag = -1
  /** Memory of the integrator before and the differentiator behind the filter. */
  integrator = 0
  differentiator = 0
  /** The last two inputs, then the last two outputs of the biquad, newest first. */
  readonly memory = new Float64Array(4)
  /** Integrated input of the last frame. */
  readonly previous = new Float64Array(FRAME_SAMPLES)
  readonly numerator = new Float64Array(3)
  readonly denominator = new Float64Array(3)
  readonly #integrated = new Float64Array(FRAME_SAMPLES)
  readonly #filtered = new Float64Array(FRAME_SAMPLES)
  readonly #fading = new Float64Array(FRAME_SAMPLES)

  reset(): void {
    this.lag = -1
    this.integrator = 0
    this.differentiator = 0
    this.memory.fill(0)
    this.previous.fill(0)
  }

  /**
   * Filters `signal[at .. at + length)` in place; `length` is at most a frame. `lag` is the mean lag in samples,
   * 0 for unvoiced and noise.
   */
  process(signal: Float64Array, at: number, length: number, lag: number): void {
    const old = this.lag
    this.lag = lag
    this.#integrate(signal, at, length)
    if (old >= 0 && (lag > FADE_RATIO * old || FADE_RATIO * lag < old)) this.#fade(length)
    else {
      if (lag !== old) highpassCoefficients(lag, this.numerator, this.denominator)
      this.#biquad(this.#integrated, length, this.#filtered)
    }
    for (let n = 0; n < length; n++) this.previous[n] = this.#integrated[n]
    this.#differentiate(signal, at, length)
  }

  /** Runs the new filter in over the frame before, then fades from the old filter's output to the new one's. */
  #fade(length: number): void {
    this.#biquad(this.#integrated, length, this.#fading)
    highpassCoefficients(this.lag, this.numerator, this.denominator)
    this.#biquad(this.previous, FRAME_SAMPLES, this.#filtered)
    this.#biquad(this.#integrated, length, this.#filtered)
    for (let n = 0; n < length; n++) {
      this.#filtered[n] += (this.#fading[n] - this.#filtered[n]) * hpCrossfadeRamp[n]
    }
  }

  // The recursions make two outputs at a time from those before them: so does the core, for whose speed it is done, and
  // the two agree to the last bit.

  #integrate(signal: Float64Array, at: number, length: number): void {
    const out = this.#integrated
    let y = this.integrator
    for (let n = 0; n < length; n += 2) {
      const both = signal[at + n + 1] + LEAK * signal[at + n]
      out[n] = signal[at + n] + LEAK * y
      y = both + LEAK * LEAK * y
      out[n + 1] = y
    }
    this.integrator = y
  }

  #differentiate(out: Float64Array, at: number, length: number): void {
    let last = this.differentiator
    for (let n = 0; n < length; n++) {
      const x = this.#filtered[n]
      out[at + n] = x - LEAK * last
      last = x
    }
    this.differentiator = last
  }

  #biquad(input: Float64Array, length: number, out: Float64Array): void {
    const [n0, n1, n2] = this.numerator
    const [, d1, d2] = this.denominator
    const { memory } = this
    let [x1, x2, y1, y2] = memory
    for (let n = 0; n < length; n += 2) {
      const first = n0 * input[n] + n1 * x1 + n2 * x2
      const second = n0 * input[n + 1] + n1 * input[n] + n2 * x1 - d1 * first
      out[n] = first - d2 * y2 - d1 * y1
      out[n + 1] = second + d1 * d2 * y2 + (d1 * d1 - d2) * y1
      x1 = input[n + 1]
      x2 = input[n]
      y1 = out[n + 1]
      y2 = out[n]
    }
    memory[0] = x1
    memory[1] = x2
    memory[2] = y1
    memory[3] = y2
  }
}

/**
 * Coefficients for a mean lag in samples, or for the fixed corner when `lag` is 0; gain 1 at 8 kHz. In single
 * precision: so close to zero hertz, one rounding moves the corner audibly, and these roundings are the original's.
 */
function highpassCoefficients(lag: number, numerator: Float64Array, denominator: Float64Array): void {
  const voiced = lag > 0
  const corner = voiced ? fround(1 / lag) : UNVOICED_CORNER
  const angle = quadratic(voiced ? hpVoicedPoleAngle : hpDefaultPoleAngle, corner)
  const radius = quadratic(voiced ? hpVoicedPoleRadius : hpDefaultPoleRadius, corner)
  const zero = -2 * smallCosine(fround(TWO_PI * fround(hpZeroAngle[voiced ? 0 : 1] * corner)))
  const pole1 = fround(-2 * smallCosine(fround(TWO_PI * angle)) * fround(1 + radius))
  const pole2 = fround(1 + fround(2 * radius + fround(radius * radius)))
  const gain = fround(fround(fround(1 - pole1) + pole2) / fround(fround(1 - zero) + 1))
  numerator[0] = gain
  numerator[1] = fround(gain * zero)
  numerator[2] = gain
  denominator[0] = 1
  denominator[1] = pole1
  denominator[2] = pole2
}

/** `factors[0] x + factors[1] x^2`. */
function quadratic(factors: Float32Array, x: number): number {
  return fround(fround(factors[0] * x) + fround(fround(factors[1] * x) * x))
}

/** Cosine of a small angle as the original approximates it. */
function smallCosine(angle: number): number {
  return fround(1 - fround(angle * angle) / 2)
}

/** Mean of `count` lags in samples, weighted by the lags themselves; 0 where there are none. */
export function meanLag(lags: Float64Array, from: number, count: number): number {
  let sum = 0
  let squares = 0
  for (let i = from; i < from + count; i++) {
    sum += lags[i]
    squares += lags[i] * lags[i]
  }
  return sum > 0 ? fround(squares / sum) : 0
}
