// Prediction polynomials; its user: ../../linear-prediction.ts.
import { at } from './pairs'

/** Schur recursion of `predictionFrom`; `forward` and `backward` hold the correlation, lag 0 whitened. */
export function schur(forward: usize, backward: usize, order: i32, a: usize): void {
  for (let k = 0; k < order; k++) {
    const energy = load<f64>(backward)
    if (!(energy > 0)) return
    const next = load<f64>(at(forward, k + 1))
    if (abs(next) > energy) {
      stepUp(a, k, next > 0 ? -1 : 1)
      return
    }
    const reflection = -next / energy
    stepUp(a, k, reflection)
    const r = f64x2.splat(reflection)
    // One value more than needed in every second round; it lies behind the values that still count.
    for (let n = 0; n < order - k; n += 2) {
      const f = v128.load(at(forward, n + k + 1))
      const b = v128.load(at(backward, n))
      v128.store(at(forward, n + k + 1), f64x2.add(f, f64x2.mul(r, b)))
      v128.store(at(backward, n), f64x2.add(b, f64x2.mul(r, f)))
    }
  }
}

function stepUp(a: usize, k: i32, reflection: f64): void {
  for (let i = 1, j = k; i <= j; i++, j--) {
    const low = load<f64>(at(a, i))
    const high = load<f64>(at(a, j))
    store<f64>(at(a, i), low + reflection * high)
    store<f64>(at(a, j), high + reflection * low)
  }
  store<f64>(at(a, k + 1), reflection)
}
