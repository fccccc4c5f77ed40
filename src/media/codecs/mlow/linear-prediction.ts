/**
 * Prediction polynomials from autocorrelations by the Schur recursion (Leroux-Gueguen), all in double precision.
 * Polynomials are monic: A(z) = 1 + a[1] z^-1 + ... + a[order] z^-order.
 */
export class SchurRecursion {
  readonly #order: number
  readonly #forward: Float64Array
  readonly #backward: Float64Array

  constructor(order: number) {
    this.#order = order
    this.#forward = new Float64Array(order + 1)
    this.#backward = new Float64Array(order + 1)
  }

  /**
   * Writes A[0 .. order] for `correlation[0 .. order]`, whose lag 0 is first multiplied by `whitening`. A signal
   * without energy gives A = 1; where a correlation exceeds the remaining energy the recursion ends with a
   * reflection of magnitude 1.
   */
  solve(correlation: Float64Array, whitening: number, a: Float64Array): void {
    const order = this.#order
    const forward = this.#forward
    const backward = this.#backward
    for (let n = 0; n <= order; n++) forward[n] = backward[n] = correlation[n]
    forward[0] = backward[0] = correlation[0] * whitening
    a.fill(0, 0, order + 1)
    a[0] = 1
    for (let k = 0; k < order; k++) {
      const energy = backward[0]
      if (!(energy > 0)) return
      const next = forward[k + 1]
      if (Math.abs(next) > energy) {
        stepUp(a, k, next > 0 ? -1 : 1)
        return
      }
      const reflection = -next / energy
      stepUp(a, k, reflection)
      for (let n = 0; n < order - k; n++) {
        const f = forward[n + k + 1]
        const b = backward[n]
        forward[n + k + 1] = f + reflection * b
        backward[n] = b + reflection * f
      }
    }
  }
}

/** Raises a polynomial of order k to order k + 1 with one more reflection coefficient. */
function stepUp(a: Float64Array, k: number, reflection: number): void {
  for (let i = 1, j = k; i <= j; i++, j--) {
    const low = a[i]
    const high = a[j]
    a[i] = low + reflection * high
    a[j] = high + reflection * low
  }
  a[k + 1] = reflection
}
