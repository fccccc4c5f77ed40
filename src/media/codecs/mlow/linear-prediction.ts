import { kernelFloats, kernels } from './kernels.ts'

const HIGHEST_ORDER = 31

// The recursion's buffers. The kernel handles pairs and touches one value behind the last.
const forward = kernelFloats(HIGHEST_ORDER + 2)
const backward = kernelFloats(HIGHEST_ORDER + 2)
const polynomial = kernelFloats(HIGHEST_ORDER + 1)

/**
 * Prediction polynomial from an autocorrelation by the Schur recursion (Leroux-Gueguen), all in double precision: writes
 * the monic A(z) = 1 + a[1] z^-1 + ... + a[order] z^-order, of an order up to 31 that the length of `a` says, for
 * `correlation[0 .. order]`, whose lag 0 is first multiplied by `whitening`. A signal without energy gives A = 1; where a
 * correlation exceeds the remaining energy the recursion ends with a reflection of magnitude 1.
 */
export function predictionFrom(correlation: Float64Array, whitening: number, a: Float64Array): void {
  const order = a.length - 1
  for (let n = 0; n <= order; n++) forward[n] = backward[n] = correlation[n]
  forward[0] = backward[0] = correlation[0] * whitening
  forward[order + 1] = backward[order + 1] = 0
  polynomial.fill(0)
  polynomial[0] = 1
  kernels.schur(forward.byteOffset, backward.byteOffset, order, polynomial.byteOffset)
  for (let i = 0; i <= order; i++) a[i] = polynomial[i]
}
