// What the pitch search reckons with: correlations, energies and the best of them.
import { at, lanes, PAIR } from './pairs'

/** out[j] = sum over k < length of x[k] x[k - lag - j] for j < count; `count` a multiple of 4, `length` even. */
export function correlateLags(x: usize, lag: i32, count: i32, length: i32, out: usize): void {
  for (let j = 0; j < count; j += 4) {
    let s0 = f64x2.splat(0)
    let s1 = f64x2.splat(0)
    let s2 = f64x2.splat(0)
    let s3 = f64x2.splat(0)
    let past = at(x, -lag - j - 3)
    for (let here = x, end = at(x, length); here < end; here += PAIR, past += PAIR) {
      const u = v128.load(here)
      s0 = f64x2.add(s0, f64x2.mul(u, v128.load(past, 24)))
      s1 = f64x2.add(s1, f64x2.mul(u, v128.load(past, 16)))
      s2 = f64x2.add(s2, f64x2.mul(u, v128.load(past, 8)))
      s3 = f64x2.add(s3, f64x2.mul(u, v128.load(past)))
    }
    const to = at(out, j)
    store<f64>(to, lanes(s0))
    store<f64>(to, lanes(s1), 8)
    store<f64>(to, lanes(s2), 16)
    store<f64>(to, lanes(s3), 24)
  }
}

/**
 * Doubles the resolution of `count` (even) correlations c by the symmetric kernel k[0 .. 3] (centre outwards) and of
 * their energies e by the mean, and divides: outMerit = outC / outE * weight. c[-3 .. count + 3] and e[0 .. count] are
 * read.
 */
export function doubleResolution(
  k: usize,
  c: usize,
  e: usize,
  count: i32,
  weight: f64,
  outC: usize,
  outE: usize,
  outMerit: usize,
): void {
  const k0 = v128.load64_splat(k)
  const k1 = v128.load64_splat(k, 8)
  const k2 = v128.load64_splat(k, 16)
  const k3 = v128.load64_splat(k, 24)
  const half = f64x2.splat(0.5)
  const w = f64x2.splat(weight)
  for (let n = 0; n < count; n += 2) {
    const p = at(c, n)
    const whole = v128.load(p)
    let between = f64x2.mul(k0, f64x2.add(whole, v128.load(p, 8)))
    between = f64x2.add(between, f64x2.mul(k1, f64x2.add(v128.load(p - 8), v128.load(p, 16))))
    between = f64x2.add(between, f64x2.mul(k2, f64x2.add(v128.load(p - 16), v128.load(p, 24))))
    between = f64x2.add(between, f64x2.mul(k3, f64x2.add(v128.load(p - 24), v128.load(p, 32))))
    const energy = v128.load(at(e, n))
    const meanEnergy = f64x2.mul(half, f64x2.add(energy, v128.load(at(e, n), 8)))
    const c0 = v128.shuffle<f64>(whole, between, 0, 2)
    const c1 = v128.shuffle<f64>(whole, between, 1, 3)
    const e0 = v128.shuffle<f64>(energy, meanEnergy, 0, 2)
    const e1 = v128.shuffle<f64>(energy, meanEnergy, 1, 3)
    const to = n << 1
    v128.store(at(outC, to), c0)
    v128.store(at(outC, to), c1, 16)
    v128.store(at(outE, to), e0)
    v128.store(at(outE, to), e1, 16)
    v128.store(at(outMerit, to), f64x2.mul(f64x2.div(c0, e0), w))
    v128.store(at(outMerit, to), f64x2.mul(f64x2.div(c1, e1), w), 16)
  }
}

/** Index n < count (even) of the largest a[n] + b[n] + c[n] + d[n]; the first of equals. */
export function bestSum(a: usize, b: usize, c: usize, d: usize, count: i32): i32 {
  let best = f64x2.splat(-Infinity)
  let bestIndex = i64x2.splat(0)
  let index = i64x2(0, 1)
  const step = i64x2.splat(2)
  for (let n = 0; n < count; n += 2) {
    const ab = f64x2.add(v128.load(at(a, n)), v128.load(at(b, n)))
    const cd = f64x2.add(v128.load(at(c, n)), v128.load(at(d, n)))
    const sum = f64x2.add(ab, cd)
    const better = f64x2.gt(sum, best)
    best = v128.bitselect(sum, best, better)
    bestIndex = v128.bitselect(index, bestIndex, better)
    index = i64x2.add(index, step)
  }
  const value0 = f64x2.extract_lane(best, 0)
  const value1 = f64x2.extract_lane(best, 1)
  const index0 = <i32>i64x2.extract_lane(bestIndex, 0)
  const index1 = <i32>i64x2.extract_lane(bestIndex, 1)
  if (value0 === value1) return min(index0, index1)
  return value0 > value1 ? index0 : index1
}

/** out[r] = largest of the `length` (even) values of row r; rows lie one after the other. */
export function maxima(rows: usize, length: i32, count: i32, out: usize): void {
  for (let r = 0; r < count; r++) {
    let most = v128.load(at(rows, r * length))
    for (let n = 2; n < length; n += 2) most = f64x2.max(most, v128.load(at(rows, r * length + n)))
    store<f64>(at(out, r), max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1)))
  }
}

/**
 * out[j] = scale (roots[-j] + here)^2 for j < count, rounded up to an even number: mean energies of a stretch and of
 * ever older ones, from their roots.
 */
export function meanEnergies(roots: usize, here: f64, scale: f64, count: i32, out: usize): void {
  const own = f64x2.splat(here)
  const factor = f64x2.splat(scale)
  for (let j = 0; j < count; j += 2) {
    const pair = v128.load(at(roots, -j - 1))
    const sum = f64x2.add(v128.shuffle<f64>(pair, pair, 1, 0), own)
    v128.store(at(out, j), f64x2.mul(factor, f64x2.mul(sum, sum)))
  }
}

/** out[n] = root of the energy of x[n .. n + width), at least `least`, for n <= count - width. */
export function windowRoots(x: usize, count: i32, width: i32, least: f64, out: usize): void {
  let energy: f64 = 0
  for (let n = 0; n < width; n++) energy += load<f64>(at(x, n)) * load<f64>(at(x, n))
  for (let n = 0; ; n++) {
    store<f64>(at(out, n), sqrt(max(energy, least)))
    if (n + width >= count) return
    const gone = load<f64>(at(x, n))
    const come = load<f64>(at(x, n + width))
    energy += come * come - gone * gone
  }
}
