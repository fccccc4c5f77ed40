/** Complex FFT of a power-of-two size, decimation in time, in place. Measurement only: the call path does not use it. */
export class Fft {
  readonly size: number
  readonly #cos: Float64Array
  readonly #sin: Float64Array
  readonly #reversed: Uint32Array

  constructor(size: number) {
    if (size < 2 || (size & (size - 1)) !== 0) throw new RangeError(`FFT size ${size} is not a power of two`)
    this.size = size
    this.#cos = Float64Array.from({ length: size / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / size))
    this.#sin = Float64Array.from({ length: size / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / size))
    this.#reversed = new Uint32Array(size)
    for (let i = 1; i < size; i++) this.#reversed[i] = (this.#reversed[i >> 1]! >> 1) | (i & 1 ? size >> 1 : 0)
  }

  /** `X[k] = Σ x[n]·e^(−2πikn/size)`, both parts of `size` elements. */
  forward(real: Float64Array, imaginary: Float64Array): void {
    this.#permute(real)
    this.#permute(imaginary)
    for (let half = 1; half < this.size; half *= 2) this.#butterflies(real, imaginary, half)
  }

  #permute(values: Float64Array): void {
    for (let i = 0; i < this.size; i++) {
      const j = this.#reversed[i]!
      if (j <= i) continue
      const kept = values[i]!
      values[i] = values[j]!
      values[j] = kept
    }
  }

  #butterflies(real: Float64Array, imaginary: Float64Array, half: number): void {
    const stride = this.size / (2 * half)
    for (let start = 0; start < this.size; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const cos = this.#cos[k * stride]!
        const sin = this.#sin[k * stride]!
        const low = start + k
        const high = low + half
        const re = real[high]! * cos - imaginary[high]! * sin
        const im = real[high]! * sin + imaginary[high]! * cos
        real[high] = real[low]! - re
        imaginary[high] = imaginary[low]! - im
        real[low] = real[low]! + re
        imaginary[low] = imaginary[low]! + im
      }
    }
  }
}
