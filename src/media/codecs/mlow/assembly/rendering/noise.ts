// The noise in the excitation; twins: ../../noise.ts, ../../spectral-factor.ts.
import {
  at,
  BITRATE,
  CORRELATION,
  ENERGY,
  ENVELOPE,
  ENVELOPE_STATE,
  GAIN,
  LAST_ENVELOPE,
  LONGEST_SUBFRAME,
  NOISE_COSINES,
  PREVIOUS_VOICED,
  PULSES,
  SEED,
  SHAPE_MEMORY,
  SHAPED_PART,
  SINCE_UNVOICED,
  SPECTRUM,
  TAPS,
  UNVOICED_MEMORY,
  UNVOICED_PART,
  VOICED_MEMORY,
  VOICED_NOISE_FIR,
  VOICED_PART,
} from './memory'

// JSMath: the host's functions, which the twin uses; the compiler's own differ in the last bit.

const SAMPLE_SCALE: f64 = 8.1e-10
const VOICED_ENVELOPE: f64 = 0.95
const UNVOICED_ENVELOPE: f64 = 0.995
const ONSET_DECAY: f64 = 0.99
const VOICED_SHARE: f64 = 0.35
const MAX_PULSE_SHARE: f64 = 0.5
const SPECTRUM_POINTS: i32 = 16
const GAUSS_NEWTON_STEPS: i32 = 2
const MIN_DETERMINANT: f64 = 1e-4

/** Over the pairs of the envelope. */
let envelopeSum: f64 = 0
let envelopeSquares: f64 = 0
let constantLevel: f64 = 0
let envelopeScale: f64 = 0

/** Adds noise to x[0 .. length), the excitation of a subframe with the parameters `p` and the vector `lsf`. */
export function addNoise(voiced: bool, length: i32, p: usize, lsf: usize, x: usize): void {
  const previousVoiced = load<f64>(PREVIOUS_VOICED) !== 0
  const sinceUnvoiced = load<f64>(SINCE_UNVOICED)
  let ratio: f64 = 1
  if (voiced) makeVoiced(length, x, previousVoiced)
  else ratio = makeUnvoiced(length, p, x)
  if (voiced || previousVoiced) {
    if (!voiced) memory.fill(VOICED_PART, 0, (<usize>length) << 3)
    addShaped(length, x)
  }
  if (!voiced || sinceUnvoiced < 2) {
    if (voiced && previousVoiced) memory.fill(UNVOICED_PART, 0, (<usize>length) << 3)
    const least = 800 * min(0.6 + 0.4 * ratio, 1.0)
    addHighpassed(min(max(least, resonanceCorner(lsf)), 1500.0), length, x)
  } else v128.store(UNVOICED_MEMORY, f64x2.splat(0))
  store<f64>(PREVIOUS_VOICED, voiced ? 1 : 0)
  store<f64>(SINCE_UNVOICED, voiced ? sinceUnvoiced + 1 : 0)
}

function resonanceCorner(lsf: usize): f64 {
  const lowest = <f64>load<f32>(lsf)
  const second = <f64>load<f32>(lsf, 4)
  const resonanceHz = (16000 * (lowest + second)) / (4 * Math.PI)
  const sharpness = 1 / (1 + JSMath.exp(3 - 0.2 / (second - lowest + 1e-30)))
  return 3 * resonanceHz * sharpness
}

function makeVoiced(length: i32, x: usize, previousVoiced: bool): void {
  const r0 = trackCorrelation(length, x)
  random(VOICED_PART, length)
  if (!previousVoiced) store<f64>(ENVELOPE_STATE, load<f64>(LAST_ENVELOPE))
  followPulses(VOICED_ENVELOPE, length, x)
  let sum = f64x2.splat(0)
  for (let n = 0; n < length; n += 2) {
    const sample = f64x2.mul(v128.load(at(VOICED_PART, n)), v128.load(at(ENVELOPE, n)))
    v128.store(at(VOICED_PART, n), sample)
    sum = f64x2.add(sum, f64x2.mul(sample, sample))
  }
  const energy = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
  shape(r0, 1 / (energy + 1e-12))
  if (!previousVoiced) {
    random(UNVOICED_PART, length)
    let level = load<f64>(LAST_ENVELOPE)
    for (let n = 0; n < length; n++) {
      level *= ONSET_DECAY
      store<f64>(at(UNVOICED_PART, n), load<f64>(at(UNVOICED_PART, n)) * level)
    }
  }
  store<f64>(LAST_ENVELOPE, load<f64>(at(ENVELOPE, length - 1)))
}

/** Shapes the voiced part with the current taps, passes it through the fixed filter and adds it to x. */
function addShaped(length: i32, x: usize): void {
  v128.store(VOICED_PART - 16, v128.load(SHAPE_MEMORY))
  v128.store(SHAPED_PART - 16, v128.load(VOICED_MEMORY))
  const t0 = v128.load64_splat(TAPS)
  const t1 = v128.load64_splat(TAPS, 8)
  const t2 = v128.load64_splat(TAPS, 16)
  threeTaps(t0, t1, t2, VOICED_PART, SHAPED_PART, length)
  v128.store(SHAPE_MEMORY, v128.load(at(VOICED_PART, length - 2)))
  v128.store(VOICED_MEMORY, v128.load(at(SHAPED_PART, length - 2)))
  const v0 = v128.load64_splat(VOICED_NOISE_FIR)
  const v1 = v128.load64_splat(VOICED_NOISE_FIR, 8)
  const v2 = v128.load64_splat(VOICED_NOISE_FIR, 16)
  threeTaps(v0, v1, v2, SHAPED_PART, VOICED_PART, length)
  for (let n = 0; n < length; n += 2) {
    v128.store(at(x, n), f64x2.add(v128.load(at(x, n)), v128.load(at(VOICED_PART, n))))
  }
}

function threeTaps(t0: v128, t1: v128, t2: v128, x: usize, y: usize, length: i32): void {
  for (let n = 0; n < length; n += 2) {
    const p = at(x, n)
    const newer = f64x2.add(f64x2.mul(t0, v128.load(p)), f64x2.mul(t1, v128.load(p - 8)))
    v128.store(at(y, n), f64x2.add(newer, f64x2.mul(t2, v128.load(p - 16))))
  }
}

/** Updates the smoothed correlation and returns the energy of this subframe. */
function trackCorrelation(length: i32, x: usize): f64 {
  const first = load<f64>(x)
  const second = load<f64>(x, 8)
  let s0 = f64x2.mul(v128.load(x), v128.load(x))
  let s1 = f64x2(0, first * second)
  let s2 = f64x2.splat(0)
  for (let n = 2; n < length; n += 2) {
    const p = at(x, n)
    const pair = v128.load(p)
    s0 = f64x2.add(s0, f64x2.mul(pair, pair))
    s1 = f64x2.add(s1, f64x2.mul(pair, v128.load(p - 8)))
    s2 = f64x2.add(s2, f64x2.mul(pair, v128.load(p - 16)))
  }
  const r0 = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1) + 1e-12
  const step: f64 = length === LONGEST_SUBFRAME ? 0.4 : 0.16
  smooth(CORRELATION, r0, step)
  smooth(CORRELATION + 8, f64x2.extract_lane(s1, 0) + f64x2.extract_lane(s1, 1), step)
  smooth(CORRELATION + 16, f64x2.extract_lane(s2, 0) + f64x2.extract_lane(s2, 1), step)
  return r0
}

function smooth(value: usize, target: f64, step: f64): void {
  const old = load<f64>(value)
  store<f64>(value, old + step * (target - old))
}

function shape(r0: f64, scale: f64): void {
  const c0 = load<f64>(CORRELATION)
  const share = (VOICED_SHARE * VOICED_SHARE * r0) / c0
  const u0 = f64x2.splat(share * c0)
  const u1 = f64x2.splat(2 * share * load<f64>(CORRELATION, 8))
  const u2 = f64x2.splat(2 * share * load<f64>(CORRELATION, 16))
  let most = f64x2.splat(-Infinity)
  for (let i = 0; i < SPECTRUM_POINTS; i += 2) {
    const p = at(NOISE_COSINES, i)
    const early = f64x2.add(f64x2.mul(v128.load(p), u0), f64x2.mul(v128.load(p, 128), u1))
    const level = f64x2.add(early, f64x2.mul(v128.load(p, 256), u2))
    v128.store(at(SPECTRUM, i), level)
    most = f64x2.pmax(most, level)
  }
  const ceiling = f64x2.splat(1.5 * max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1)))
  let t0 = f64x2.splat(0)
  let t1 = t0
  let t2 = t0
  for (let i = 0; i < SPECTRUM_POINTS; i += 2) {
    const p = at(NOISE_COSINES, i)
    const inverted = f64x2.sub(ceiling, v128.load(at(SPECTRUM, i)))
    t0 = f64x2.add(t0, f64x2.mul(v128.load(p), inverted))
    t1 = f64x2.add(t1, f64x2.mul(v128.load(p, 128), inverted))
    t2 = f64x2.add(t2, f64x2.mul(v128.load(p, 256), inverted))
  }
  factorise(
    (f64x2.extract_lane(t0, 0) + f64x2.extract_lane(t0, 1)) * scale,
    (f64x2.extract_lane(t1, 0) + f64x2.extract_lane(t1, 1)) * scale,
    (f64x2.extract_lane(t2, 0) + f64x2.extract_lane(t2, 1)) * scale,
  )
}

function factorise(c0: f64, c1: f64, c2: f64): void {
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
  const tap = sqrt(energy / (1 + first * first + second * second))
  store<f64>(TAPS, tap)
  store<f64>(TAPS, tap * first, 8)
  store<f64>(TAPS, tap * second, 16)
}

/** Returns the ratio of pulse energy to residual energy. */
function makeUnvoiced(length: i32, p: usize, x: usize): f64 {
  const hasPulses = load<f64>(p + PULSES) > 0
  const energy = load<f64>(p + ENERGY)
  store<f64>(CORRELATION, 0)
  v128.store(CORRELATION + 8, f64x2.splat(0))
  v128.store(SHAPE_MEMORY, f64x2.splat(0))
  let ratio: f64 = 0
  let target = energy
  if (hasPulses) {
    ratio = energyOf(x, length) / (energy + 1e-20)
    const hardness = 10 + 20 * load<f64>(BITRATE)
    target = (energy * JSMath.log(JSMath.exp(hardness * (1 - ratio)) + 1)) / hardness
    followPulses(UNVOICED_ENVELOPE, length, x)
  } else decay(UNVOICED_ENVELOPE, length)
  fitLevel(target / <f64>length + 1e-30, <f64>length)
  random(UNVOICED_PART, length)
  const constant = f64x2.splat(constantLevel)
  const slope = f64x2.splat(envelopeScale)
  const limit = f64x2.splat(hasPulses ? MAX_PULSE_SHARE * load<f64>(p + GAIN) : Infinity)
  const zero = f64x2.splat(0)
  let level = zero
  for (let n = 0; n < length; n += 2) {
    level = f64x2.pmin(limit, f64x2.add(constant, f64x2.mul(slope, v128.load(at(ENVELOPE, n)))))
    const free = f64x2.eq(v128.load(at(x, n)), zero)
    const sample = f64x2.mul(v128.load(at(UNVOICED_PART, n)), level)
    v128.store(at(UNVOICED_PART, n), v128.and(sample, free))
  }
  store<f64>(LAST_ENVELOPE, f64x2.extract_lane(level, 1))
  return ratio
}

function energyOf(x: usize, length: i32): f64 {
  let sum = f64x2.splat(0)
  for (let n = 0; n < length; n += 2) {
    const pair = v128.load(at(x, n))
    sum = f64x2.add(sum, f64x2.mul(pair, pair))
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
}

function fitLevel(power: f64, length: f64): void {
  const mean = (2 * envelopeSum) / length
  const square = (2 * envelopeSquares) / length
  const first = load<f64>(ENVELOPE)
  const last = load<f64>(LAST_ENVELOPE)
  const flat = sqrt(power)
  const scale = sqrt(power / square)
  const scaledFirst = scale * first
  if (last < min(flat, scaledFirst)) {
    constantLevel = flat < scaledFirst ? flat : 0
    envelopeScale = flat < scaledFirst ? 0 : scale
    return
  }
  if (last > max(flat, scaledFirst)) {
    constantLevel = flat > scaledFirst ? flat : 0
    envelopeScale = flat > scaledFirst ? 0 : scale
    return
  }
  constantLevel = 0
  envelopeScale = 0
  const a = square + first * first - 2 * mean * first
  const b = 2 * last * (mean - first)
  const discriminant = b * b - 4 * a * (last * last - power)
  if (discriminant < 1e-35 || a < 1e-25) return
  const root = sqrt(discriminant)
  envelopeScale = (root - b) / (2 * a)
  constantLevel = last - first * envelopeScale
  if (constantLevel >= 0) return
  envelopeScale = (-b - root) / (2 * a)
  constantLevel = last - first * envelopeScale
}

function followPulses(coefficient: f64, length: i32, x: usize): void {
  const keep = coefficient * coefficient
  const rest = f64x2.splat(1 - keep)
  const start = load<f64>(ENVELOPE_STATE) + 1e-8
  let y = start * start
  let sums = f64x2.splat(0)
  let squares = f64x2.splat(0)
  let levels = f64x2.splat(0)
  for (let n = 0; n < length; n += 4) {
    const a = v128.load(at(x, n))
    const b = v128.load(at(x, n), 16)
    const aa = f64x2.mul(a, a)
    const bb = f64x2.mul(b, b)
    const pairs = f64x2.add(v128.shuffle<f64>(aa, bb, 0, 2), v128.shuffle<f64>(aa, bb, 1, 3))
    const inputs = f64x2.mul(rest, pairs)
    const y0 = keep * y + f64x2.extract_lane(inputs, 0)
    y = keep * y0 + f64x2.extract_lane(inputs, 1)
    const powers = f64x2(y0, y)
    levels = f64x2.sqrt(powers)
    v128.store(at(ENVELOPE, n), v128.shuffle<f64>(levels, levels, 0, 0))
    v128.store(at(ENVELOPE, n), v128.shuffle<f64>(levels, levels, 1, 1), 16)
    sums = f64x2.add(sums, levels)
    squares = f64x2.add(squares, powers)
  }
  store<f64>(ENVELOPE_STATE, f64x2.extract_lane(levels, 1))
  envelopeSum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1)
  envelopeSquares = f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1)
}

function decay(coefficient: f64, length: i32): void {
  let level = load<f64>(ENVELOPE_STATE) + 1e-8
  let sum: f64 = 0
  let squares: f64 = 0
  for (let n = 0; n < length; n += 2) {
    level *= coefficient
    v128.store(at(ENVELOPE, n), f64x2.splat(level))
    sum += level
    squares += level * level
  }
  store<f64>(ENVELOPE_STATE, level)
  envelopeSum = sum
  envelopeSquares = squares
}

function random(out: usize, length: i32): void {
  const scale = f64x2.splat(SAMPLE_SCALE)
  let seed = <i32>load<f64>(SEED)
  for (let n = 0; n < length; n += 4) {
    seed = seed * 196314165 + 907633515
    const early = i32x4.replace_lane(i32x4.splat(seed), 1, seed << 8)
    const late = i32x4.replace_lane(i32x4.splat(seed << 16), 1, seed << 24)
    v128.store(at(out, n), f64x2.mul(f64x2.convert_low_i32x4_s(early), scale))
    v128.store(at(out, n), f64x2.mul(f64x2.convert_low_i32x4_s(late), scale), 16)
  }
  store<f64>(SEED, <f64>seed)
}

/** Two outputs at a time from the one before them, so that each waits for the last but one. */
function addHighpassed(cornerHz: f64, length: i32, x: usize): void {
  const k = (6 * cornerHz) / 16000
  const gain = 0.8 * (1 - k / 2)
  const keep = 1 - k
  const keepTwice = keep * keep
  let x1 = load<f64>(UNVOICED_MEMORY)
  let y = load<f64>(UNVOICED_MEMORY, 8)
  for (let n = 0; n < length; n += 2) {
    const p = at(UNVOICED_PART, n)
    const x2 = load<f64>(p)
    const x3 = load<f64>(p, 8)
    const step0 = gain * (x2 - x1)
    const step1 = gain * (x3 - x2) + keep * step0
    const y0 = step0 + keep * y
    y = step1 + keepTwice * y
    x1 = x3
    v128.store(at(x, n), f64x2.add(v128.load(at(x, n)), f64x2(y0, y)))
  }
  store<f64>(UNVOICED_MEMORY, x1)
  store<f64>(UNVOICED_MEMORY, y, 8)
}
