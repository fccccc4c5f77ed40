import { shiftRounded } from './fixed-point.ts'
import { lsfCosineQ12 } from './tables/lsf.ts'

/**
 * LPC to line spectral frequencies as SILK's A2NLSF does it (RFC 6716 names the inverse; docs/protocol/mlow-encoder.md):
 * a root search in 32-bit fixed point over a grid of 128 cosines. The coarse arithmetic belongs to the codec: its
 * quantiser was trained on these values.
 */

const ORDER = 16
const HALF_ORDER = 8
const GRID_STEPS = 128
const BISECTIONS = 3
const MAX_EXPANSIONS = 16
const RADIANS_PER_STEP = Math.PI / 32768
/** Spacing of the flat spectrum that stands for a polynomial without roots on the unit circle. */
const FALLBACK_SPACING = 1927

const aQ16 = new Int32Array(ORDER)
const sumPolynomial = new Int32Array(HALF_ORDER + 1)
const differencePolynomial = new Int32Array(HALF_ORDER + 1)
const rootsQ15 = new Int32Array(ORDER)

/** Writes the 16 line spectral frequencies (radians, rising) of the monic polynomial `a` (17 coefficients). */
export function lpcToLsf(a: Float64Array, lsf: Float64Array): void {
  for (let k = 0; k < ORDER; k++) aQ16[k] = roundHalfAway(-65536 * a[k + 1])
  let expansions = 0
  while (!findRoots()) {
    expansions += 1
    if (expansions > MAX_EXPANSIONS) {
      for (let i = 0; i < ORDER; i++) rootsQ15[i] = (i + 1) * FALLBACK_SPACING
      break
    }
    expandBandwidth(expansions)
  }
  for (let i = 0; i < ORDER; i++) lsf[i] = rootsQ15[i] * RADIANS_PER_STEP
}

/** Runs over the cosine grid once; false when fewer than 16 sign changes were met. */
function findRoots(): boolean {
  makePolynomials()
  let poly = sumPolynomial
  let root = 0
  let xLow = lsfCosineQ12[0]
  let yLow = polynomialValue(poly, xLow)
  if (yLow < 0) {
    rootsQ15[0] = 0
    root = 1
    poly = differencePolynomial
    yLow = polynomialValue(poly, xLow)
  }
  let threshold = 0
  let k = 1
  while (k <= GRID_STEPS) {
    const xHigh = lsfCosineQ12[k]
    const yHigh = polynomialValue(poly, xHigh)
    if ((yLow <= 0 && yHigh >= threshold) || (yLow >= 0 && yHigh <= -threshold)) {
      threshold = yHigh === 0 ? 1 : 0
      rootsQ15[root] = Math.min(256 * k + refineRoot(poly, xLow, yLow, xHigh, yHigh), 32767)
      root += 1
      if (root === ORDER) return true
      poly = (root & 1) === 1 ? differencePolynomial : sumPolynomial
      xLow = lsfCosineQ12[k - 1]
      yLow = 4096 * (1 - (root & 2))
    } else {
      k += 1
      xLow = xHigh
      yLow = yHigh
      threshold = 0
    }
  }
  return false
}

/** Position of a root between two grid points, in 1/256 of a grid step below the upper one: -256 .. 0. */
function refineRoot(poly: Int32Array, xFrom: number, yFrom: number, xTo: number, yTo: number): number {
  let xLow = xFrom
  let yLow = yFrom
  let xHigh = xTo
  let yHigh = yTo
  let fraction = -256
  for (let m = 0; m < BISECTIONS; m++) {
    const sum = xLow + xHigh
    const xMid = (sum >> 1) + (sum & 1)
    const yMid = polynomialValue(poly, xMid)
    if ((yLow <= 0 && yMid >= 0) || (yLow >= 0 && yMid <= 0)) {
      xHigh = xMid
      yHigh = yMid
    } else {
      xLow = xMid
      yLow = yMid
      fraction += 128 >> m
    }
  }
  const fall = yLow - yHigh
  if (Math.abs(yLow) >= 65536) return fraction + Math.trunc(yLow / (fall >> 5))
  return fall === 0 ? fraction : fraction + Math.trunc((32 * yLow + (fall >> 1)) / fall)
}

/** Horner's rule in Q16 with `xQ12` = 2 cos of the frequency. */
function polynomialValue(poly: Int32Array, xQ12: number): number {
  const x = xQ12 / 4096
  let y = poly[HALF_ORDER]
  for (let n = HALF_ORDER - 1; n >= 0; n--) y = poly[n] + Math.floor(y * x)
  return y
}

/** Half-order polynomials of A(z) +- z^-17 A(1/z) without their roots at -1 and 1, in powers of 2 cos. */
function makePolynomials(): void {
  const p = sumPolynomial
  const q = differencePolynomial
  p[HALF_ORDER] = q[HALF_ORDER] = 65536
  for (let k = 0; k < HALF_ORDER; k++) {
    p[k] = -aQ16[HALF_ORDER - 1 - k] - aQ16[HALF_ORDER + k]
    q[k] = -aQ16[HALF_ORDER - 1 - k] + aQ16[HALF_ORDER + k]
  }
  for (let k = HALF_ORDER; k >= 1; k--) {
    p[k - 1] -= p[k]
    q[k - 1] += q[k]
  }
  toCosinePowers(p)
  toCosinePowers(q)
}

function toCosinePowers(poly: Int32Array): void {
  for (let k = 2; k <= HALF_ORDER; k++) {
    for (let n = HALF_ORDER; n > k; n--) poly[n - 2] -= poly[n]
    poly[k - 2] -= 2 * poly[k]
  }
}

/** Moves the roots of A inward, more with each attempt. */
function expandBandwidth(attempt: number): void {
  let chirpQ16 = 65536 - 2 ** attempt
  const chirpMinusOneQ16 = -(2 ** attempt)
  for (let i = 0; i < ORDER - 1; i++) {
    aQ16[i] = Math.floor((chirpQ16 * aQ16[i]) / 65536)
    chirpQ16 += shiftRounded(chirpQ16 * chirpMinusOneQ16, 16)
  }
  aQ16[ORDER - 1] = Math.floor((chirpQ16 * aQ16[ORDER - 1]) / 65536)
}

function roundHalfAway(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value)
}
