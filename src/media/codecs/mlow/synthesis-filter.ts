import { LSF_ORDER } from './lsf-tables.ts'

/** Longest subframe. */
const MAX_LENGTH = 160
/** Outputs before the memory is moved to the front again. */
const RUN = 1280

/** The all-pole filter 1 / A(z) of order 16. */
export class SynthesisFilter {
  /** Outputs; the next one goes to `#now`. Moves back when it reaches the end. */
  readonly #signal = new Float64Array(LSF_ORDER + RUN)
  #now = LSF_ORDER

  reset(): void {
    this.#signal.fill(0)
    this.#now = LSF_ORDER
  }

  /** Whether the memory is finite and within `limit`. */
  isWithin(limit: number): boolean {
    for (let n = this.#now - LSF_ORDER; n < this.#now; n++) if (!(Math.abs(this.#signal[n]) <= limit)) return false
    return true
  }

  /** Filters `excitation[0 .. length)`, an even number, with A = `a` into `out[at ...]`. */
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
    // Two samples at a time share the loads; the newest output comes last, as it is the one to wait for.
    for (let n = 0, p = this.#now - LSF_ORDER; n < length; n += 2, p += 2) {
      const p0 = y[p]
      const p1 = y[p + 1]
      const p2 = y[p + 2]
      const p3 = y[p + 3]
      const p4 = y[p + 4]
      const p5 = y[p + 5]
      const p6 = y[p + 6]
      const p7 = y[p + 7]
      const p8 = y[p + 8]
      const p9 = y[p + 9]
      const p10 = y[p + 10]
      const p11 = y[p + 11]
      const p12 = y[p + 12]
      const p13 = y[p + 13]
      const p14 = y[p + 14]
      const p15 = y[p + 15]
      const oldest0 = a16 * p0 + a15 * p1 + a14 * p2 + a13 * p3 + a12 * p4
      const older0 = a11 * p5 + a10 * p6 + a9 * p7 + a8 * p8 + a7 * p9
      const recent0 = a6 * p10 + a5 * p11 + a4 * p12 + a3 * p13 + a2 * p14
      const oldest1 = a16 * p1 + a15 * p2 + a14 * p3 + a13 * p4 + a12 * p5
      const older1 = a11 * p6 + a10 * p7 + a9 * p8 + a8 * p9 + a7 * p10
      const recent1 = a6 * p11 + a5 * p12 + a4 * p13 + a3 * p14 + a2 * p15
      const first = excitation[n] - (oldest0 + older0 + recent0) - a1 * p15
      const second = excitation[n + 1] - (oldest1 + older1 + recent1) - a1 * first
      y[p + LSF_ORDER] = first
      y[p + LSF_ORDER + 1] = second
      out[at + n] = first
      out[at + n + 1] = second
    }
    this.#now += length
    if (this.#now + MAX_LENGTH <= y.length) return
    y.copyWithin(0, this.#now - LSF_ORDER, this.#now)
    this.#now = LSF_ORDER
  }
}
