import { acbHighBoost, ltpInterpolationFir } from './tables/celp.ts'

/** Excitation that a lag of 319.5 samples with its interpolation kernel can reach. */
const HISTORY = 336
/** Longest subframe. */
const MAX_LENGTH = 160
/** Excitation that is appended before the past is moved to the front again. */
const RUN = 1280
/** Samples of one lag. */
const BLOCK = 40
/** The interpolation kernel begins this many samples before the lag; 16 taps. */
const KERNEL_LEAD = 8

/** The long-term predictor of decoder and encoder: past excitation, repeated at the lag and filtered by a gain pair. */
export class AdaptiveCodebook {
  /** The subframe being predicted begins at `#now`, the past lies before it. Moves back when it reaches the end. */
  readonly #signal = new Float64Array(HISTORY + RUN)
  #now = HISTORY
  /** Sum of the neighbours of every repeated sample. */
  readonly #sides = new Float64Array(MAX_LENGTH)
  /** A block of the interpolated signal with its neighbours. */
  readonly #interpolated = new Float64Array(BLOCK + 2)

  reset(): void {
    this.#signal.fill(0)
    this.#now = HISTORY
  }

  /** Whether the past is finite and within `limit`. */
  isWithin(limit: number): boolean {
    for (let n = this.#now - HISTORY; n < this.#now; n++) if (!(Math.abs(this.#signal[n]) <= limit)) return false
    return true
  }

  /**
   * Adds the prediction to `excitation[0 .. length)`. `lagIndex[at ...]` holds one lag, in half samples above 32,
   * per 40 samples; `centre` and `side` are the gain pair.
   */
  predict(
    lagIndex: Int16Array,
    at: number,
    length: number,
    centre: number,
    side: number,
    excitation: Float64Array,
  ): void {
    this.#repeatAtLags(lagIndex, at, length)
    const signal = this.#signal
    const sides = this.#sides
    const now = this.#now
    for (let i = 0; i < length; i++) excitation[i] += centre * signal[now + i] + side * sides[i]
  }

  /** Writes what `predict` would weigh with the gain pair: the repeated past, and the sums of its neighbours. */
  basis(lagIndex: Int16Array, at: number, length: number, centre: Float64Array, sides: Float64Array): void {
    this.#repeatAtLags(lagIndex, at, length)
    for (let i = 0; i < length; i++) {
      centre[i] = this.#signal[this.#now + i]
      sides[i] = this.#sides[i]
    }
  }

  /** Appends the excitation of a subframe to the past. */
  append(excitation: Float64Array, length: number): void {
    const signal = this.#signal
    const now = this.#now
    for (let i = 0; i < length; i++) signal[now + i] = excitation[i]
    this.#now = now + length
    if (this.#now + MAX_LENGTH <= signal.length) return
    signal.copyWithin(0, this.#now - HISTORY, this.#now)
    this.#now = HISTORY
  }

  #repeatAtLags(lagIndex: Int16Array, at: number, length: number): void {
    for (let block = 0; block < length; block += BLOCK) {
      const index = lagIndex[at + block / BLOCK]
      if ((index & 1) === 0) this.#repeat(32 + (index >> 1), block)
      else this.#repeatBetween(32 + (index >> 1), block)
    }
  }

  #repeat(lag: number, block: number): void {
    const signal = this.#signal
    const sides = this.#sides
    const first = this.#now + block
    for (let p = first; p < first + BLOCK; p++) signal[p] = signal[p - lag]
    for (let i = block, p = first - lag; i < block + BLOCK; i++, p++) sides[i] = signal[p - 1] + signal[p + 1]
  }

  /** The same at `lag` + 1/2. The kernel is symmetric to the last bit but one. */
  #repeatBetween(lag: number, block: number): void {
    const signal = this.#signal
    const sides = this.#sides
    const interpolated = this.#interpolated
    const k0 = ltpInterpolationFir[0]
    const k1 = ltpInterpolationFir[1]
    const k2 = ltpInterpolationFir[2]
    const k3 = ltpInterpolationFir[3]
    const k4 = ltpInterpolationFir[4]
    const k5 = ltpInterpolationFir[5]
    const k6 = ltpInterpolationFir[6]
    const k7 = ltpInterpolationFir[7]
    const first = this.#now + block
    let p = first - 1 - lag - KERNEL_LEAD
    for (let i = -1; i <= BLOCK; i++, p++) {
      const inner = k7 * (signal[p + 7] + signal[p + 8]) + k6 * (signal[p + 6] + signal[p + 9])
      const middle = k5 * (signal[p + 5] + signal[p + 10]) + k4 * (signal[p + 4] + signal[p + 11])
      const outer = k3 * (signal[p + 3] + signal[p + 12]) + k2 * (signal[p + 2] + signal[p + 13])
      const ends = k1 * (signal[p + 1] + signal[p + 14]) + k0 * (signal[p] + signal[p + 15])
      const value = inner + middle + (outer + ends)
      interpolated[i + 1] = value
      if (i >= 0 && i < BLOCK) signal[first + i] = value
    }
    for (let i = 0; i < BLOCK; i++) sides[block + i] = interpolated[i] + interpolated[i + 2]
  }
}

/** The side gain of a decoded pair, lowered where few bits are spent: a boost of high frequencies. */
export function boostedSide(centre: number, side: number, bitrate: number): number {
  const boost = acbHighBoost[0] + (acbHighBoost[1] - acbHighBoost[0]) * bitrate
  const atZero = centre + 2 * side
  const high = centre - side
  const magnitude = Math.abs(high)
  const raised = (high * Math.min(magnitude + boost, Math.abs(atZero))) / (magnitude + 1e-12)
  return (atZero - raised) / 3
}
