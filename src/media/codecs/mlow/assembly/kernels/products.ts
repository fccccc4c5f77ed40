// Inner products.
import { at, lanes } from './pairs'

/** Inner product of `count` (even) values. */
function dot(a: usize, b: usize, count: i32): f64 {
  let sum0 = f64x2.splat(0)
  let sum1 = f64x2.splat(0)
  let n = 0
  for (; n + 4 <= count; n += 4) {
    sum0 = f64x2.add(sum0, f64x2.mul(v128.load(at(a, n)), v128.load(at(b, n))))
    sum1 = f64x2.add(sum1, f64x2.mul(v128.load(at(a, n), 16), v128.load(at(b, n), 16)))
  }
  if (n < count) sum0 = f64x2.add(sum0, f64x2.mul(v128.load(at(a, n)), v128.load(at(b, n))))
  return lanes(f64x2.add(sum0, sum1))
}

/** out[r * outStep] = inner product of row r with `vector`; rows of `length` (even) values lie one after the other. */
export function multiplyRows(rows: usize, length: i32, count: i32, vector: usize, out: usize, outStep: i32): void {
  for (let r = 0; r < count; r++) store<f64>(at(out, r * outStep), dot(at(rows, r * length), vector, length))
}
