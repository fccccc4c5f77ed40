import { kernelFloats, kernels } from './kernels.ts'

/**
 * Prediction polynomials from autocorrelations by the Schur recursion (Leroux-Gueguen), all in double precision.
 * Polynomials are monic: A(z) = 1 + a[1] z^-1 + ... + a[order] z^-order.
 */
export class SchurRecursion {
  readonly #order: number
  readonly #forward: Float64Array
  readonly #backward: Float64Array
  readonly #a: Float64Array

  constructor(order: number) {
    this.#order = order
    // The kernel handles pairs and touches one value behind the last.
    this.#forward = kernelFloats(order + 2)
    this.#backward = kernelFloats(order + 2)
    this.#a = kernelFloats(order + 1)
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
    forward[order + 1] = backward[order + 1] = 0
    const own = this.#a
    own.fill(0)
    own[0] = 1
    kernels.schur(forward.byteOffset, backward.byteOffset, order, own.byteOffset)
    for (let i = 0; i <= order; i++) a[i] = own[i]
  }
}
