import { inputHighpassBiquad35Hz } from './tables/encoder-filters.ts'

const [b0, b1, b2, , a1, a2] = inputHighpassBiquad35Hz

/** High-pass at 35 Hz in front of the coded path; the voice activity detector sees the signal before it. */
export class InputHighpass {
  #x1 = 0
  #x2 = 0
  #y1 = 0
  #y2 = 0

  /**
   * Filters `count` samples of `input`, limited to [-1, 1], into `output` from `offset` on; the state runs on from call
   * to call. What is not a number counts as 0, lest it stay in the state for good.
   */
  filter(input: Float32Array, output: Float64Array, offset: number, count: number): void {
    let x1 = this.#x1
    let x2 = this.#x2
    let y1 = this.#y1
    let y2 = this.#y2
    for (let n = 0; n < count; n++) {
      const x = input[n] >= -1 ? Math.min(input[n], 1) : input[n] < -1 ? -1 : 0
      const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
      x2 = x1
      x1 = x
      y2 = y1
      y1 = y
      output[offset + n] = y
    }
    this.#x1 = x1
    this.#x2 = x2
    this.#y1 = y1
    this.#y2 = y2
  }

  reset(): void {
    this.#x1 = 0
    this.#x2 = 0
    this.#y1 = 0
    this.#y2 = 0
  }
}
