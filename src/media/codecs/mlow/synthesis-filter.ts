import { LSF_ORDER } from './lsf-tables.ts'

/** Longest subframe. */
const MAX_LENGTH = 160

/** The all-pole filter 1 / A(z) of order 16. */
export class SynthesisFilter {
  /** The last 16 outputs, oldest first, then room for a subframe. */
  readonly #signal = new Float64Array(LSF_ORDER + MAX_LENGTH)

  reset(): void {
    this.#signal.fill(0)
  }

  /** Whether the memory is finite and within `limit`. */
  isWithin(limit: number): boolean {
    for (let n = 0; n < LSF_ORDER; n++) if (!(Math.abs(this.#signal[n]) <= limit)) return false
    return true
  }

  /** Filters `excitation[0 .. length)` with A = `a` into `out[at ...]`. */
  process(a: Float64Array, excitation: Float64Array, length: number, out: Float64Array, at: number): void {
    const y = this.#signal
    const a1 = a[1]
    const a2 = a[2]
    const a3 = a[3]
    const a4 = a[4]
    const a5 = a[5]
    const a6 = a[6]
    const a7 = a[7]
    const a8 = a[8]
    const a9 = a[9]
    const a10 = a[10]
    const a11 = a[11]
    const a12 = a[12]
    const a13 = a[13]
    const a14 = a[14]
    const a15 = a[15]
    const a16 = a[16]
    // Four sums, and the newest output last, so that consecutive samples overlap in the processor's pipeline.
    for (let n = 0; n < length; n++) {
      const oldest = a16 * y[n] + a15 * y[n + 1] + a14 * y[n + 2] + a13 * y[n + 3]
      const old = a12 * y[n + 4] + a11 * y[n + 5] + a10 * y[n + 6] + a9 * y[n + 7]
      const recent = a8 * y[n + 8] + a7 * y[n + 9] + a6 * y[n + 10] + a5 * y[n + 11]
      const newest = a4 * y[n + 12] + a3 * y[n + 13] + a2 * y[n + 14]
      const value = excitation[n] - (oldest + old) - (recent + newest) - a1 * y[n + 15]
      y[n + LSF_ORDER] = value
      out[at + n] = value
    }
    y.copyWithin(0, length, length + LSF_ORDER)
  }
}
