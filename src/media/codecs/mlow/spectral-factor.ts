const GAUSS_NEWTON_STEPS = 2
/** Below this the normal equations say nothing. */
const MIN_DETERMINANT = 1e-4

/**
 * Taps of the three-tap FIR whose autocorrelation comes closest to (c0, c1, c2), written to `taps[0..2]`:
 * two Gauss-Newton steps from the first-order solution, on the autocorrelation normalised by c0.
 */
export function factoriseSpectrum(c0: number, c1: number, c2: number, taps: Float64Array): void {
  const energy = c0 + 1e-30
  const inverse = 1 / energy
  let second = c2 * inverse
  let first = c1 / (energy * (1 + second))
  for (let step = 0; step < GAUSS_NEWTON_STEPS; step++) {
    const norm = 1 + first * first + second * second
    const lagOne = first + first * second
    const slope = -2 / norm
    const d0 = slope * first
    const d1 = slope * second
    const scale = norm * inverse
    const error1 = scale * c1 - lagOne
    const error2 = scale * c2 - second
    const j00 = 2 * first + norm * d0
    const j01 = 2 * second + norm * d1
    const j10 = 1 + second + lagOne * d0
    const j11 = first + lagOne * d1
    const j20 = second * d0
    const j21 = 1 + second * d1
    const a = j00 * j00 + j10 * j10 + j20 * j20
    const b = j00 * j01 + j10 * j11 + j20 * j21
    const d = j01 * j01 + j11 * j11 + j21 * j21
    const m0 = j10 * error1 + j20 * error2
    const m1 = j11 * error1 + j21 * error2
    const determinant = a * d - b * b
    if (determinant < MIN_DETERMINANT) break
    first += (d * m0 - b * m1) / determinant
    second += (a * m1 - b * m0) / determinant
  }
  taps[0] = Math.sqrt(energy / (1 + first * first + second * second))
  taps[1] = taps[0] * first
  taps[2] = taps[0] * second
}
