// Filters with and without feedback.
import { at, ONE } from './pairs'

/**
 * out[n] = sum over i < taps of filter[i] x[n - i] for n < count, rounded up to a multiple of 8: `x` and `out` must have
 * room for that.
 */
export function fir(filter: usize, taps: i32, x: usize, out: usize, count: i32): void {
  for (let n = 0; n < count; n += 8) {
    let y0 = f64x2.splat(0)
    let y1 = f64x2.splat(0)
    let y2 = f64x2.splat(0)
    let y3 = f64x2.splat(0)
    let from = at(x, n)
    for (let tap = filter, end = at(filter, taps); tap < end; tap += ONE, from -= ONE) {
      const c = v128.load64_splat(tap)
      y0 = f64x2.add(y0, f64x2.mul(c, v128.load(from)))
      y1 = f64x2.add(y1, f64x2.mul(c, v128.load(from, 16)))
      y2 = f64x2.add(y2, f64x2.mul(c, v128.load(from, 32)))
      y3 = f64x2.add(y3, f64x2.mul(c, v128.load(from, 48)))
    }
    const to = at(out, n)
    v128.store(to, y0)
    v128.store(to, y1, 16)
    v128.store(to, y2, 32)
    v128.store(to, y3, 48)
  }
}

/** Runs x[0 .. count) through 1 / A in place; a[0 .. 16] is monic, x[-16 .. -1] the memory. */
export function synthesise(a: usize, x: usize, count: i32): void {
  const a1 = load<f64>(a, 8)
  const a2 = load<f64>(a, 16)
  const a3 = load<f64>(a, 24)
  const a4 = load<f64>(a, 32)
  const a5 = load<f64>(a, 40)
  const a6 = load<f64>(a, 48)
  const a7 = load<f64>(a, 56)
  const a8 = load<f64>(a, 64)
  const a9 = load<f64>(a, 72)
  const a10 = load<f64>(a, 80)
  const a11 = load<f64>(a, 88)
  const a12 = load<f64>(a, 96)
  const a13 = load<f64>(a, 104)
  const a14 = load<f64>(a, 112)
  const a15 = load<f64>(a, 120)
  const a16 = load<f64>(a, 128)
  let p = x - 128
  for (const end = at(x, count) - 128; p < end; p += ONE) {
    const early =
      a16 * load<f64>(p) +
      a15 * load<f64>(p, 8) +
      (a14 * load<f64>(p, 16) + a13 * load<f64>(p, 24)) +
      (a12 * load<f64>(p, 32) + a11 * load<f64>(p, 40))
    const middle =
      a10 * load<f64>(p, 48) +
      a9 * load<f64>(p, 56) +
      (a8 * load<f64>(p, 64) + a7 * load<f64>(p, 72)) +
      (a6 * load<f64>(p, 80) + a5 * load<f64>(p, 88))
    const late = a4 * load<f64>(p, 96) + a3 * load<f64>(p, 104)
    store<f64>(p, load<f64>(p, 128) - (early + middle) - late - a2 * load<f64>(p, 112) - a1 * load<f64>(p, 120), 128)
  }
}
