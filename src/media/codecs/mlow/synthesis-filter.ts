import { LSF_ORDER } from './lsf-tables.ts'

/**
 * The all-pole filter 1 / A(z) of order 16. Two outputs at a time are made from sums of what all outputs before them add
 * to the next sixteen: the order in which assembly/rendering/prediction.ts adds up, to the last bit.
 */
export class SynthesisFilter {
  /** The last outputs, the newest last. */
  readonly #memory = new Float64Array(LSF_ORDER)
  /** What the outputs so far add to the next sixteen. */
  readonly #sums = new Float64Array(LSF_ORDER)
  /** What an output adds to the sixteen after the next one. */
  readonly #late = new Float64Array(LSF_ORDER)
  /** The same for the output before it, by way of the output between them too. */
  readonly #early = new Float64Array(LSF_ORDER)

  reset(): void {
    this.#memory.fill(0)
  }

  /** Whether the memory is finite and within `limit`. */
  isWithin(limit: number): boolean {
    return this.#memory.every((y) => Math.abs(y) <= limit)
  }

  /** Filters `excitation[0 .. length)`, an even number of at least 16, with A = `a` into `out[at ...]`. */
  process(a: Float64Array, excitation: Float64Array, length: number, out: Float64Array, at: number): void {
    const sums = this.#sums
    this.#begin(a)
    for (let n = 0; n < length; n += 2) {
      const first = sums[0] + excitation[n]
      const second = sums[1] + excitation[n + 1]
      out[at + n] = first
      out[at + n + 1] = second - first * a[1]
      for (let j = 0; j < LSF_ORDER; j++) {
        const added = first * this.#early[j] + second * this.#late[j]
        sums[j] = j + 2 < LSF_ORDER ? sums[j + 2] - added : -added
      }
    }
    for (let n = 0; n < LSF_ORDER; n++) this.#memory[n] = out[at + length - LSF_ORDER + n]
  }

  /** Sums and coefficients for a new A. */
  #begin(a: Float64Array): void {
    for (let j = 0; j < LSF_ORDER; j++) {
      let sum = 0
      for (let m = 1; m + j <= LSF_ORDER; m++) sum -= this.#memory[LSF_ORDER - m] * a[m + j]
      this.#sums[j] = sum
      this.#late[j] = a[j + 1]
      this.#early[j] = (j + 2 <= LSF_ORDER ? a[j + 2] : 0) - a[1] * a[j + 1]
    }
  }
}
