// From LSFs to the synthesis filter; twins: ../../lpc.ts, ../../synthesis-filter.ts.
import {
  at,
  COSINE_SLOTS,
  COSINES,
  FILTER_MEMORY,
  KNOWN_LSF,
  LPC,
  LSF_BYTES,
  POLYNOMIALS,
  SPECTRUM,
  STEP_DOWN,
} from './memory'

const ORDER: i32 = 16
const HALF_ORDER: i32 = 8
const MAX_REFLECTION_SQUARED: f64 = 0.9995
const EXPANSION_STEP: f64 = 0.001
const MAX_EXPANSIONS: i32 = 1000

let known = false

/** Writes LPC[1 .. 16]; what follows stays 0. The vector converted last is known. */
export function lsfToLpc(lsf: usize): void {
  let changed = v128.xor(v128.load(lsf), v128.load(KNOWN_LSF))
  for (let i: usize = 16; i < LSF_BYTES; i += 16) {
    changed = v128.or(changed, v128.xor(v128.load(lsf + i), v128.load(KNOWN_LSF + i)))
  }
  if (known && !v128.any_true(changed)) return
  known = true
  memory.copy(KNOWN_LSF, lsf, LSF_BYTES)
  const cosines = SPECTRUM
  for (let k = 0; k < ORDER; k++) {
    const scaled = floor((<f64>load<f32>(lsf + ((<usize>k) << 2)) * 32768) / Math.PI + 0.5)
    const q15 = <i32>max(min(scaled, 32767.0), 0.0)
    const entry = at(COSINES, q15 >> 8)
    const cosine = <i32>load<f64>(entry)
    const interpolated = (cosine << 8) + (<i32>load<f64>(entry, 8) - cosine) * (q15 & 255)
    store<f64>(at(cosines, <i32>load<f64>(at(COSINE_SLOTS, k))), <f64>((interpolated + 8) >> 4))
  }
  expandPolynomials(cosines)
  for (let k = 0; k < HALF_ORDER; k++) {
    const here = at(POLYNOMIALS, 2 * k)
    const sum = load<f64>(here, 16) + load<f64>(here)
    const difference = load<f64>(here, 24) - load<f64>(here, 8)
    store<f64>(at(LPC, k + 1), (difference + sum) / 131072)
    store<f64>(at(LPC, ORDER - k), (sum - difference) / 131072)
  }
  stabilise()
}

/** Both polynomials at once: the even one in the first half of every pair, the odd one in the second. */
function expandPolynomials(cosines: usize): void {
  v128.store(POLYNOMIALS, f64x2.splat(65536))
  v128.store(POLYNOMIALS, f64x2.neg(v128.load(cosines)), 16)
  for (let k = 1; k < HALF_ORDER; k++) {
    const cosine = v128.load(at(cosines, 2 * k))
    const last = at(POLYNOMIALS, 2 * k)
    const twice = f64x2.mul(f64x2.splat(2), v128.load(last - 16))
    v128.store(last, f64x2.sub(twice, roundQ16(f64x2.mul(cosine, v128.load(last)))), 16)
    for (let n = k; n > 1; n--) {
      const p = at(POLYNOMIALS, 2 * n)
      const product = roundQ16(f64x2.mul(cosine, v128.load(p - 16)))
      v128.store(p, f64x2.add(v128.load(p), f64x2.sub(v128.load(p - 32), product)))
    }
    v128.store(POLYNOMIALS, f64x2.sub(v128.load(POLYNOMIALS, 16), cosine), 16)
  }
}

function roundQ16(product: v128): v128 {
  return f64x2.floor(f64x2.add(f64x2.mul(product, f64x2.splat(1.0 / 65536)), f64x2.splat(0.5)))
}

function stabilise(): void {
  for (let round = 1; round <= MAX_EXPANSIONS && !isStable(); round++) {
    const factor = 1 - EXPANSION_STEP * <f64>round
    let power: f64 = 1
    for (let i = 1; i <= ORDER; i++) {
      power *= factor
      store<f64>(at(LPC, i), load<f64>(at(LPC, i)) * power)
    }
  }
}

function isStable(): bool {
  const b = STEP_DOWN
  memory.copy(b, LPC + 8, (<usize>ORDER) << 3)
  for (let m = ORDER - 1; m >= 0; m--) {
    const reflection = load<f64>(at(b, m))
    const squared = reflection * reflection
    if (squared > MAX_REFLECTION_SQUARED) return false
    const scale = 1 / (1 - squared)
    for (let k = 0, mirror = m - 1; k <= mirror; k++, mirror--) {
      const low = load<f64>(at(b, k))
      const high = load<f64>(at(b, mirror))
      store<f64>(at(b, k), (low - reflection * high) * scale)
      store<f64>(at(b, mirror), (high - reflection * low) * scale)
    }
  }
  return true
}

/**
 * Filters x[0 .. length) through 1 / A into y[0 .. length). Two outputs at a time: what they add to each of the next
 * sixteen is put down at once in eight pairs of sums, so that a pair waits for two products and no more.
 */
export function synthesise(x: usize, length: i32, y: usize): void {
  let s0 = f64x2.splat(0)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  let s4 = s0
  let s5 = s0
  let s6 = s0
  let s7 = s0
  for (let m = 1; m <= ORDER; m++) {
    const past = v128.load64_splat(at(FILTER_MEMORY, ORDER - m))
    const a = at(LPC, m)
    s0 = f64x2.sub(s0, f64x2.mul(past, v128.load(a)))
    s1 = f64x2.sub(s1, f64x2.mul(past, v128.load(a, 16)))
    s2 = f64x2.sub(s2, f64x2.mul(past, v128.load(a, 32)))
    s3 = f64x2.sub(s3, f64x2.mul(past, v128.load(a, 48)))
    s4 = f64x2.sub(s4, f64x2.mul(past, v128.load(a, 64)))
    s5 = f64x2.sub(s5, f64x2.mul(past, v128.load(a, 80)))
    s6 = f64x2.sub(s6, f64x2.mul(past, v128.load(a, 96)))
    s7 = f64x2.sub(s7, f64x2.mul(past, v128.load(a, 112)))
  }
  const a1 = v128.load64_splat(LPC, 8)
  const late0 = v128.load(LPC, 8)
  const late1 = v128.load(LPC, 24)
  const late2 = v128.load(LPC, 40)
  const late3 = v128.load(LPC, 56)
  const late4 = v128.load(LPC, 72)
  const late5 = v128.load(LPC, 88)
  const late6 = v128.load(LPC, 104)
  const late7 = v128.load(LPC, 120)
  const early0 = f64x2.sub(v128.load(LPC, 16), f64x2.mul(a1, late0))
  const early1 = f64x2.sub(v128.load(LPC, 32), f64x2.mul(a1, late1))
  const early2 = f64x2.sub(v128.load(LPC, 48), f64x2.mul(a1, late2))
  const early3 = f64x2.sub(v128.load(LPC, 64), f64x2.mul(a1, late3))
  const early4 = f64x2.sub(v128.load(LPC, 80), f64x2.mul(a1, late4))
  const early5 = f64x2.sub(v128.load(LPC, 96), f64x2.mul(a1, late5))
  const early6 = f64x2.sub(v128.load(LPC, 112), f64x2.mul(a1, late6))
  const early7 = f64x2.sub(v128.load(LPC, 128), f64x2.mul(a1, late7))
  const second = f64x2.replace_lane(a1, 0, 0)
  for (let n = 0; n < length; n += 2) {
    const sum = f64x2.add(s0, v128.load(at(x, n)))
    const u = v128.shuffle<f64>(sum, sum, 0, 0)
    const v = v128.shuffle<f64>(sum, sum, 1, 1)
    v128.store(at(y, n), f64x2.sub(sum, f64x2.mul(u, second)))
    s0 = f64x2.sub(s1, f64x2.add(f64x2.mul(u, early0), f64x2.mul(v, late0)))
    s1 = f64x2.sub(s2, f64x2.add(f64x2.mul(u, early1), f64x2.mul(v, late1)))
    s2 = f64x2.sub(s3, f64x2.add(f64x2.mul(u, early2), f64x2.mul(v, late2)))
    s3 = f64x2.sub(s4, f64x2.add(f64x2.mul(u, early3), f64x2.mul(v, late3)))
    s4 = f64x2.sub(s5, f64x2.add(f64x2.mul(u, early4), f64x2.mul(v, late4)))
    s5 = f64x2.sub(s6, f64x2.add(f64x2.mul(u, early5), f64x2.mul(v, late5)))
    s6 = f64x2.sub(s7, f64x2.add(f64x2.mul(u, early6), f64x2.mul(v, late6)))
    s7 = f64x2.neg(f64x2.add(f64x2.mul(u, early7), f64x2.mul(v, late7)))
  }
  memory.copy(FILTER_MEMORY, at(y, length - ORDER), (<usize>ORDER) << 3)
}
