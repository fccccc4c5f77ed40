import { acbHighBoost, ltpInterpolationFir } from './tables/celp.ts'

/** Excitation that a lag of 319.5 samples with its interpolation kernel can reach. */
const HISTORY = 336
/** Longest subframe. */
const MAX_LENGTH = 160
/** Samples of one lag. */
const BLOCK = 40
/** The interpolation kernel begins this many samples before the lag; 16 taps. */
const KERNEL_LEAD = 8

const [K0, K1, K2, K3, K4, K5, K6, K7] = ltpInterpolationFir

/** The long-term predictor of decoder and encoder: past excitation, repeated at the lag and filtered by a gain pair. */
export class AdaptiveCodebook {
  /** Past excitation, then room for the repetition of the current subframe. */
  readonly #signal = new Float64Array(HISTORY + MAX_LENGTH)
  /** Sum of the neighbours of every repeated sample. */
  readonly #sides = new Float64Array(MAX_LENGTH)

  reset(): void {
    this.#signal.fill(0)
  }

  /** Whether the past is finite and within `limit`. */
  isWithin(limit: number): boolean {
    for (let n = 0; n < HISTORY; n++) if (!(Math.abs(this.#signal[n]) <= limit)) return false
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
    for (let i = 0; i < length; i++) excitation[i] += centre * signal[HISTORY + i] + side * sides[i]
  }

  /** Writes what `predict` would weigh with the gain pair: the repeated past, and the sums of its neighbours. */
  basis(lagIndex: Int16Array, at: number, length: number, centre: Float64Array, sides: Float64Array): void {
    this.#repeatAtLags(lagIndex, at, length)
    for (let i = 0; i < length; i++) {
      centre[i] = this.#signal[HISTORY + i]
      sides[i] = this.#sides[i]
    }
  }

  /** Appends the excitation of a subframe to the past. */
  append(excitation: Float64Array, length: number): void {
    const signal = this.#signal
    signal.copyWithin(0, length, HISTORY)
    for (let i = 0, to = HISTORY - length; i < length; i++) signal[to + i] = excitation[i]
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
    const first = HISTORY + block
    for (let p = first; p < first + BLOCK; p++) signal[p] = signal[p - lag]
    for (let i = block, p = first - lag; i < block + BLOCK; i++, p++) sides[i] = signal[p - 1] + signal[p + 1]
  }

  /** The same at `lag` + 1/2. */
  #repeatBetween(lag: number, block: number): void {
    const signal = this.#signal
    const sides = this.#sides
    const first = HISTORY + block
    const last = first + BLOCK - 1
    const before = interpolate(signal, first - 1 - lag)
    for (let p = first; p <= last; p++) signal[p] = interpolate(signal, p - lag)
    const after = interpolate(signal, last + 1 - lag)
    sides[block] = before + signal[first + 1]
    for (let i = 1; i < BLOCK - 1; i++) sides[block + i] = signal[first + i - 1] + signal[first + i + 1]
    sides[block + BLOCK - 1] = signal[last - 1] + after
  }
}

/** The signal half a sample before `at`. The kernel is symmetric to the last bit but one. */
function interpolate(signal: Float64Array, at: number): number {
  const p = at - KERNEL_LEAD
  const inner =
    K7 * (signal[p + 7] + signal[p + 8]) + K6 * (signal[p + 6] + signal[p + 9]) + K5 * (signal[p + 5] + signal[p + 10])
  const middle =
    K4 * (signal[p + 4] + signal[p + 11]) +
    K3 * (signal[p + 3] + signal[p + 12]) +
    K2 * (signal[p + 2] + signal[p + 13])
  return inner + middle + (K1 * (signal[p + 1] + signal[p + 14]) + K0 * (signal[p] + signal[p + 15]))
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
