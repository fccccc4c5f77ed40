/**
 * LSF to LPC in fixed point. Follows the NLSF conversion of RFC 6716 (section 4.2.7.5.6) up to but not including
 * its 12-bit rounding; a stability step of its own comes after.
 */
import { LSF_ORDER } from './lsf-tables.ts'
import { lsfCosineQ12, lsfPolynomialOrder } from './tables/lsf.ts'

const HALF_ORDER = LSF_ORDER / 2
/** Squares of reflection coefficients above this count as unstable. */
const MAX_REFLECTION_SQUARED = 0.9995
/** Bandwidth expansion per round grows by this. */
const EXPANSION_STEP = 0.001
const MAX_EXPANSIONS = 1000

const cosinesQ16 = new Float64Array(LSF_ORDER)
const evenQ16 = new Float64Array(HALF_ORDER + 1)
const oddQ16 = new Float64Array(HALF_ORDER + 1)
const stepDown = new Float64Array(LSF_ORDER)

/** Prediction coefficients a[0..16], a[0] = 1, of the LSF vector in radians: A(z) = 1 + sum a[i] z^-i. */
export function lsfToLpc(lsf: Float32Array, a: Float64Array): void {
  for (let k = 0; k < LSF_ORDER; k++) {
    const q15 = Math.max(Math.min(Math.floor((lsf[k] * 32768) / Math.PI + 0.5), 32767), 0)
    const step = q15 >> 8
    const cosineQ12 = lsfCosineQ12[step]
    const interpolatedQ20 = (cosineQ12 << 8) + (lsfCosineQ12[step + 1] - cosineQ12) * (q15 & 255)
    cosinesQ16[lsfPolynomialOrder[k]] = (interpolatedQ20 + 8) >> 4
  }
  expandPolynomial(0, evenQ16)
  expandPolynomial(1, oddQ16)
  a[0] = 1
  for (let k = 0; k < HALF_ORDER; k++) {
    const sum = evenQ16[k + 1] + evenQ16[k]
    const difference = oddQ16[k + 1] - oddQ16[k]
    a[k + 1] = (difference + sum) / 131072
    a[LSF_ORDER - k] = (sum - difference) / 131072
  }
  stabilise(a)
}

/** Multiplies out the product of (1 - c z^-1 + z^-2) over every second cosine; half of the symmetric result. */
function expandPolynomial(first: number, out: Float64Array): void {
  out[0] = 65536
  out[1] = -cosinesQ16[first]
  for (let k = 1; k < HALF_ORDER; k++) {
    const cosine = cosinesQ16[2 * k + first]
    out[k + 1] = 2 * out[k - 1] - roundQ16(cosine * out[k])
    for (let n = k; n > 1; n--) out[n] += out[n - 2] - roundQ16(cosine * out[n - 1])
    out[1] -= cosine
  }
}

/** A product of Q16 factors back in Q16, to nearest; up to 2^49. */
function roundQ16(product: number): number {
  return Math.floor(product * 2 ** -16 + 0.5)
}

function stabilise(a: Float64Array): void {
  for (let round = 1; round <= MAX_EXPANSIONS && !isStable(a); round++) {
    const factor = 1 - EXPANSION_STEP * round
    let power = 1
    for (let i = 1; i <= LSF_ORDER; i++) {
      power *= factor
      a[i] *= power
    }
  }
}

/** Whether all reflection coefficients keep their distance from one (step-down recursion). */
function isStable(a: Float64Array): boolean {
  const b = stepDown
  for (let i = 0; i < LSF_ORDER; i++) b[i] = a[i + 1]
  for (let m = LSF_ORDER - 1; ; m--) {
    const reflection = b[m]
    const squared = reflection * reflection
    if (squared > MAX_REFLECTION_SQUARED) return false
    if (m === 0) return true
    const scale = 1 / (1 - squared)
    for (let k = 0, mirror = m - 1; k <= mirror; k++, mirror--) {
      const low = b[k]
      const high = b[mirror]
      b[k] = (low - reflection * high) * scale
      b[mirror] = (high - reflection * low) * scale
    }
  }
}
