// Inner loops of the encoder in AssemblyScript with 128-bit SIMD: two doubles at a time. Each has a twin in plain
// TypeScript (../kernel-twins.ts) that says the same more slowly. Pointers are byte offsets of 64-bit floats; no
// function keeps anything between calls. Built by `npm run build:kernels`.

const PAIR: usize = 16
const ONE: usize = 8

function at(pointer: usize, index: i32): usize {
  return pointer + ((<usize>index) << 3)
}

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

function lanes(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1)
}

/** Inner product of `count` (even) values. */
export function dot(a: usize, b: usize, count: i32): f64 {
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

/** x[n] += sign[n] * response[n] for n < count, rounded up to an even number. */
export function addSigned(x: usize, sign: usize, response: usize, count: i32): void {
  for (let n = 0; n < count; n += 2) {
    const product = f64x2.mul(v128.load(at(sign, n)), v128.load(at(response, n)))
    v128.store(at(x, n), f64x2.add(v128.load(at(x, n)), product))
  }
}

/** Schur recursion of SchurRecursion.solve; `forward` and `backward` hold the correlation, lag 0 whitened. */
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

/** First stage of a transform: radix 4, stride 1; `twiddle` has three complex factors per block. */
export function radix4First(blocks: i32, twiddle: usize, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const step = blocks << 3
  for (let k = 0; k < blocks; k++) {
    const pr = at(xr, k)
    const pi = at(xi, k)
    const x0r = load<f64>(pr)
    const x1r = load<f64>(pr + step)
    const x2r = load<f64>(pr + 2 * step)
    const x3r = load<f64>(pr + 3 * step)
    const x0i = load<f64>(pi)
    const x1i = load<f64>(pi + step)
    const x2i = load<f64>(pi + 2 * step)
    const x3i = load<f64>(pi + 3 * step)
    const s02r = x0r + x2r
    const s02i = x0i + x2i
    const d02r = x0r - x2r
    const d02i = x0i - x2i
    const s13r = x1r + x3r
    const s13i = x1i + x3i
    const d13r = x1r - x3r
    const d13i = x1i - x3i
    const r1 = d02r + d13i
    const i1 = d02i - d13r
    const r2 = s02r - s13r
    const i2 = s02i - s13i
    const r3 = d02r - d13i
    const i3 = d02i + d13r
    const w = at(twiddle, 6 * k)
    const w1r = load<f64>(w)
    const w1i = load<f64>(w, 8)
    const w2r = load<f64>(w, 16)
    const w2i = load<f64>(w, 24)
    const w3r = load<f64>(w, 32)
    const w3i = load<f64>(w, 40)
    const qr = at(yr, 4 * k)
    const qi = at(yi, 4 * k)
    store<f64>(qr, s02r + s13r)
    store<f64>(qi, s02i + s13i)
    store<f64>(qr, r1 * w1r - i1 * w1i, 8)
    store<f64>(qi, r1 * w1i + i1 * w1r, 8)
    store<f64>(qr, r2 * w2r - i2 * w2i, 16)
    store<f64>(qi, r2 * w2i + i2 * w2r, 16)
    store<f64>(qr, r3 * w3r - i3 * w3i, 24)
    store<f64>(qi, r3 * w3i + i3 * w3r, 24)
  }
}

function storeTurned(yr: usize, yi: usize, r: v128, i: v128, wr: v128, wi: v128): void {
  v128.store(yr, f64x2.sub(f64x2.mul(r, wr), f64x2.mul(i, wi)))
  v128.store(yi, f64x2.add(f64x2.mul(r, wi), f64x2.mul(i, wr)))
}

/** Later stages; `stride` is even. */
export function radix4(blocks: i32, stride: i32, twiddle: usize, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const step = (blocks * stride) << 3
  const row = stride << 3
  for (let k = 0; k < blocks; k++) {
    const w = at(twiddle, 6 * k)
    const w1r = v128.load64_splat(w)
    const w1i = v128.load64_splat(w, 8)
    const w2r = v128.load64_splat(w, 16)
    const w2i = v128.load64_splat(w, 24)
    const w3r = v128.load64_splat(w, 32)
    const w3i = v128.load64_splat(w, 40)
    let pr = at(xr, k * stride)
    let pi = at(xi, k * stride)
    let qr = at(yr, 4 * k * stride)
    let qi = at(yi, 4 * k * stride)
    for (let q = 0; q < stride; q += 2, pr += PAIR, pi += PAIR, qr += PAIR, qi += PAIR) {
      const x0r = v128.load(pr)
      const x1r = v128.load(pr + step)
      const x2r = v128.load(pr + 2 * step)
      const x3r = v128.load(pr + 3 * step)
      const x0i = v128.load(pi)
      const x1i = v128.load(pi + step)
      const x2i = v128.load(pi + 2 * step)
      const x3i = v128.load(pi + 3 * step)
      const s02r = f64x2.add(x0r, x2r)
      const s02i = f64x2.add(x0i, x2i)
      const d02r = f64x2.sub(x0r, x2r)
      const d02i = f64x2.sub(x0i, x2i)
      const s13r = f64x2.add(x1r, x3r)
      const s13i = f64x2.add(x1i, x3i)
      const d13r = f64x2.sub(x1r, x3r)
      const d13i = f64x2.sub(x1i, x3i)
      v128.store(qr, f64x2.add(s02r, s13r))
      v128.store(qi, f64x2.add(s02i, s13i))
      storeTurned(qr + row, qi + row, f64x2.add(d02r, d13i), f64x2.sub(d02i, d13r), w1r, w1i)
      storeTurned(qr + 2 * row, qi + 2 * row, f64x2.sub(s02r, s13r), f64x2.sub(s02i, s13i), w2r, w2i)
      storeTurned(qr + 3 * row, qi + 3 * row, f64x2.sub(d02r, d13i), f64x2.add(d02i, d13r), w3r, w3i)
    }
  }
}

export function radix3(blocks: i32, stride: i32, twiddle: usize, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const step = (blocks * stride) << 3
  const row = stride << 3
  const half = f64x2.splat(0.5)
  const sin60 = f64x2.splat(0.8660254037844386)
  for (let k = 0; k < blocks; k++) {
    const w = at(twiddle, 4 * k)
    const w1r = v128.load64_splat(w)
    const w1i = v128.load64_splat(w, 8)
    const w2r = v128.load64_splat(w, 16)
    const w2i = v128.load64_splat(w, 24)
    let pr = at(xr, k * stride)
    let pi = at(xi, k * stride)
    let qr = at(yr, 3 * k * stride)
    let qi = at(yi, 3 * k * stride)
    for (let q = 0; q < stride; q += 2, pr += PAIR, pi += PAIR, qr += PAIR, qi += PAIR) {
      const x0r = v128.load(pr)
      const x1r = v128.load(pr + step)
      const x2r = v128.load(pr + 2 * step)
      const x0i = v128.load(pi)
      const x1i = v128.load(pi + step)
      const x2i = v128.load(pi + 2 * step)
      const sr = f64x2.add(x1r, x2r)
      const si = f64x2.add(x1i, x2i)
      const dr = f64x2.mul(sin60, f64x2.sub(x1r, x2r))
      const di = f64x2.mul(sin60, f64x2.sub(x1i, x2i))
      const mr = f64x2.sub(x0r, f64x2.mul(half, sr))
      const mi = f64x2.sub(x0i, f64x2.mul(half, si))
      v128.store(qr, f64x2.add(x0r, sr))
      v128.store(qi, f64x2.add(x0i, si))
      storeTurned(qr + row, qi + row, f64x2.add(mr, di), f64x2.sub(mi, dr), w1r, w1i)
      storeTurned(qr + 2 * row, qi + 2 * row, f64x2.sub(mr, di), f64x2.add(mi, dr), w2r, w2i)
    }
  }
}

export function radix2(blocks: i32, stride: i32, twiddle: usize, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const step = (blocks * stride) << 3
  const row = stride << 3
  for (let k = 0; k < blocks; k++) {
    const w = at(twiddle, 2 * k)
    const wr = v128.load64_splat(w)
    const wi = v128.load64_splat(w, 8)
    let pr = at(xr, k * stride)
    let pi = at(xi, k * stride)
    let qr = at(yr, 2 * k * stride)
    let qi = at(yi, 2 * k * stride)
    for (let q = 0; q < stride; q += 2, pr += PAIR, pi += PAIR, qr += PAIR, qi += PAIR) {
      const x0r = v128.load(pr)
      const x1r = v128.load(pr + step)
      const x0i = v128.load(pi)
      const x1i = v128.load(pi + step)
      v128.store(qr, f64x2.add(x0r, x1r))
      v128.store(qi, f64x2.add(x0i, x1i))
      storeTurned(qr + row, qi + row, f64x2.sub(x0r, x1r), f64x2.sub(x0i, x1i), wr, wi)
    }
  }
}
