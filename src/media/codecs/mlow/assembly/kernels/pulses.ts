// The search for pulses; its user: ../../pulse-search.ts.
import { at } from './pairs'

/**
 * Index n < count (a multiple of 4) of the largest (numerator + magnitude[n])^2 / (denominator + overlap[n]). Two pairs
 * go their own ways until the end, because each comparison waits for the one before it.
 */
export function bestPulse(magnitude: usize, overlap: usize, count: i32, numerator: f64, denominator: f64): i32 {
  const num = f64x2.splat(numerator)
  const den = f64x2.splat(denominator)
  let squareA = f64x2.splat(0)
  let energyA = f64x2.splat(1)
  let indexA = i64x2.splat(0)
  let squareB = squareA
  let energyB = energyA
  let indexB = indexA
  let index = i64x2(0, 1)
  const two = i64x2.splat(2)
  for (let n = 0; n < count; n += 4) {
    const sum0 = f64x2.add(num, v128.load(at(magnitude, n)))
    const square0 = f64x2.mul(sum0, sum0)
    const energy0 = f64x2.add(den, v128.load(at(overlap, n)))
    const better0 = f64x2.gt(f64x2.mul(square0, energyA), f64x2.mul(squareA, energy0))
    squareA = v128.bitselect(square0, squareA, better0)
    energyA = v128.bitselect(energy0, energyA, better0)
    indexA = v128.bitselect(index, indexA, better0)
    index = i64x2.add(index, two)
    const sum1 = f64x2.add(num, v128.load(at(magnitude, n), 16))
    const square1 = f64x2.mul(sum1, sum1)
    const energy1 = f64x2.add(den, v128.load(at(overlap, n), 16))
    const better1 = f64x2.gt(f64x2.mul(square1, energyB), f64x2.mul(squareB, energy1))
    squareB = v128.bitselect(square1, squareB, better1)
    energyB = v128.bitselect(energy1, energyB, better1)
    indexB = v128.bitselect(index, indexB, better1)
    index = i64x2.add(index, two)
  }
  const left = f64x2.mul(squareA, energyB)
  const right = f64x2.mul(squareB, energyA)
  const first = v128.or(f64x2.gt(left, right), v128.and(f64x2.eq(left, right), v128.lt<i64>(indexA, indexB)))
  const square = v128.bitselect(squareA, squareB, first)
  const energy = v128.bitselect(energyA, energyB, first)
  const best = v128.bitselect(indexA, indexB, first)
  const product0 = f64x2.extract_lane(square, 0) * f64x2.extract_lane(energy, 1)
  const product1 = f64x2.extract_lane(square, 1) * f64x2.extract_lane(energy, 0)
  const index0 = <i32>i64x2.extract_lane(best, 0)
  const index1 = <i32>i64x2.extract_lane(best, 1)
  if (product0 === product1) return min(index0, index1)
  return product0 > product1 ? index0 : index1
}

/** Values of a subframe, and lags to either side over which a pulse's response correlates with itself. */
const LENGTH: i32 = 80
const SIDE: i32 = 31

/**
 * Adds pulse after pulse to one set, from number `from` to number `to`, always the best. `overlap` and `twice` (2 x 63
 * values: lags -31 .. 31, then the same negated) as in ../pulse-search.ts. For each pulse three values go to `trail`:
 * position, numerator and denominator of the set with it. Ends early when the price of all pulses so far, on top of
 * `bar`, reaches `limit`; returns the number of the last pulse tried.
 */
export function addBestPulses(
  magnitude: usize,
  sign: usize,
  twice: usize,
  overlap: usize,
  from: i32,
  to: i32,
  price: f64,
  limit: f64,
  trail: usize,
): i32 {
  const own = load<f64>(at(twice, SIDE)) * 0.5
  let numerator: f64 = 0
  let denominator: f64 = 1e-16
  let bar: f64 = 0
  for (let number = from; number <= to; number++, trail += 24) {
    bar += price
    if (bar >= limit) return number - 1
    const n = bestPulse(magnitude, overlap, LENGTH, numerator, denominator + own)
    numerator += load<f64>(at(magnitude, n))
    denominator += own + load<f64>(at(overlap, n))
    const merit = (numerator * numerator) / denominator
    if (merit > bar) bar = merit
    store<f64>(trail, <f64>n)
    store<f64>(trail, numerator, 8)
    store<f64>(trail, denominator, 16)
    const response = load<f64>(at(sign, n)) > 0 ? twice : at(twice, 2 * SIDE + 2)
    const first = max(n - SIDE, 0)
    const last = min(n + SIDE, LENGTH - 1)
    addSigned(at(overlap, first), at(sign, first), at(response, SIDE + first - n), last - first + 1)
  }
  return to
}

/** x[n] += sign[n] * response[n] for n < count, rounded up to an even number. */
export function addSigned(x: usize, sign: usize, response: usize, count: i32): void {
  for (let n = 0; n < count; n += 2) {
    const product = f64x2.mul(v128.load(at(sign, n)), v128.load(at(response, n)))
    v128.store(at(x, n), f64x2.add(v128.load(at(x, n)), product))
  }
}
