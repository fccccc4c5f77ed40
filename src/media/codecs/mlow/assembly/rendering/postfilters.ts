// High-pass and comb behind the synthesis; twins: ../../highpass-postfilter.ts, ../../harmonic-postfilter.ts.
import {
  at,
  BIQUAD,
  BIQUAD_MEMORY,
  COMB_KERNEL,
  COMB_KERNELS,
  COMB_LAG,
  COMB_MEMORY,
  COMB_PAST,
  COMB_RINGS,
  CORRECTION,
  CROSSFADE,
  DIFFERENTIATOR,
  FADED_IN,
  FADED_OUT,
  FRAME,
  HIGHPASS_DESIGN,
  HIGHPASS_LAG,
  HIGHPASS_PAST,
  INTEGRATED,
  INTEGRATOR,
  LAGS,
  NEIGHBOURS,
  PCM,
  SIGNAL,
} from './memory'

const FADE_RATIO: f64 = 1.25
/** The differentiator's tap as the single-precision table has it. */
const LEAK: f64 = <f64>(<f32>0.995)
const UNVOICED_CORNER: f32 = 50.0 / 16000
const TWO_PI: f32 = <f32>(2 * Math.PI)
const BLOCK: i32 = 40
const KERNEL_DELAY: i32 = 8
const KERNEL_TAPS: i32 = 17
const HISTORY: i32 = 360
const MAX_STRENGTH: f64 = 0.6438
const LAG_SLOPE: f64 = 0.0579
const BITRATE_SLOPE: f64 = 0.4734

/** Filters SIGNAL[from .. from + length) in place, at most a frame with the `lags` of its blocks. */
export function highpass(from: i32, length: i32): void {
  const lag = meanLag(at(LAGS, from / BLOCK), length / BLOCK)
  const old = load<f64>(HIGHPASS_LAG) - 1
  store<f64>(HIGHPASS_LAG, lag + 1)
  const signal = at(SIGNAL, from)
  integrate(signal, length)
  if (old >= 0 && (lag > FADE_RATIO * old || FADE_RATIO * lag < old)) {
    biquad(INTEGRATED, length, FADED_OUT)
    design(<f32>lag)
    biquad(HIGHPASS_PAST, FRAME, FADED_IN)
    biquad(INTEGRATED, length, FADED_IN)
    for (let n = 0; n < length; n += 2) {
      const fresh = v128.load(at(FADED_IN, n))
      const difference = f64x2.sub(v128.load(at(FADED_OUT, n)), fresh)
      v128.store(at(FADED_IN, n), f64x2.add(fresh, f64x2.mul(difference, v128.load(at(CROSSFADE, n)))))
    }
  } else {
    if (lag !== old) design(<f32>lag)
    biquad(INTEGRATED, length, FADED_IN)
  }
  memory.copy(HIGHPASS_PAST, INTEGRATED, (<usize>length) << 3)
  differentiate(FADED_IN, length, signal)
}

function meanLag(lags: usize, count: i32): f64 {
  let sum: f64 = 0
  let squares: f64 = 0
  for (let i = 0; i < count; i++) {
    const lag = load<f64>(at(lags, i))
    sum += lag
    squares += lag * lag
  }
  return sum > 0 ? <f64>(<f32>(squares / sum)) : 0
}

/** Two values at a time from the one before them. */
function integrate(x: usize, length: i32): void {
  const twice = LEAK * LEAK
  let y = load<f64>(INTEGRATOR)
  for (let n = 0; n < length; n += 2) {
    const x0 = load<f64>(at(x, n))
    const both = load<f64>(at(x, n), 8) + LEAK * x0
    store<f64>(at(INTEGRATED, n), x0 + LEAK * y)
    y = both + twice * y
    store<f64>(at(INTEGRATED, n), y, 8)
  }
  store<f64>(INTEGRATOR, y)
}

function differentiate(x: usize, length: i32, y: usize): void {
  store<f64>(x - 8, load<f64>(DIFFERENTIATOR))
  const leak = f64x2.splat(LEAK)
  for (let n = 0; n < length; n += 2) {
    const p = at(x, n)
    v128.store(at(y, n), f64x2.sub(v128.load(p), f64x2.mul(leak, v128.load(p - 8))))
  }
  store<f64>(DIFFERENTIATOR, load<f64>(at(x, length - 1)))
}

/** Two outputs at a time from the two before them. */
function biquad(x: usize, length: i32, y: usize): void {
  const n0 = load<f64>(BIQUAD)
  const n1 = load<f64>(BIQUAD, 8)
  const n2 = load<f64>(BIQUAD, 16)
  const d1 = load<f64>(BIQUAD, 24)
  const d2 = load<f64>(BIQUAD, 32)
  const newer = d1 * d1 - d2
  const older = d1 * d2
  let x1 = load<f64>(BIQUAD_MEMORY)
  let x2 = load<f64>(BIQUAD_MEMORY, 8)
  let y1 = load<f64>(BIQUAD_MEMORY, 16)
  let y2 = load<f64>(BIQUAD_MEMORY, 24)
  for (let n = 0; n < length; n += 2) {
    const x3 = load<f64>(at(x, n))
    const x4 = load<f64>(at(x, n), 8)
    const first = n0 * x3 + n1 * x1 + n2 * x2
    const second = n0 * x4 + n1 * x3 + n2 * x1 - d1 * first
    const y3 = first - d2 * y2 - d1 * y1
    const y4 = second + older * y2 + newer * y1
    store<f64>(at(y, n), y3)
    store<f64>(at(y, n), y4, 8)
    x1 = x4
    x2 = x3
    y1 = y4
    y2 = y3
  }
  store<f64>(BIQUAD_MEMORY, x1)
  store<f64>(BIQUAD_MEMORY, x2, 8)
  store<f64>(BIQUAD_MEMORY, y1, 16)
  store<f64>(BIQUAD_MEMORY, y2, 24)
}

/** In single precision, as in the twin. */
function design(lag: f32): void {
  const corner: f32 = lag > 0 ? 1 / lag : UNVOICED_CORNER
  const p = HIGHPASS_DESIGN + (lag > 0 ? 0 : 40)
  const angle = quadratic(p, corner)
  const radius = quadratic(p + 16, corner)
  const zero: f32 = -2 * smallCosine(TWO_PI * (<f32>load<f64>(p, 32) * corner))
  const pole1: f32 = -2 * smallCosine(TWO_PI * angle) * (1 + radius)
  const pole2: f32 = 1 + (2 * radius + radius * radius)
  const gain: f32 = (1 - pole1 + pole2) / (1 - zero + 1)
  store<f64>(BIQUAD, <f64>gain)
  store<f64>(BIQUAD, <f64>(gain * zero), 8)
  store<f64>(BIQUAD, <f64>gain, 16)
  store<f64>(BIQUAD, <f64>pole1, 24)
  store<f64>(BIQUAD, <f64>pole2, 32)
}

function quadratic(factors: usize, x: f32): f32 {
  return <f32>load<f64>(factors) * x + <f32>load<f64>(factors, 8) * x * x
}

function smallCosine(angle: f32): f32 {
  return 1 - (angle * angle) / 2
}

/** Filters `samples` of SIGNAL into PCM. */
export function comb(samples: i32, bitrate: f64): void {
  memory.copy(at(SIGNAL, -HISTORY), COMB_PAST, (<usize>HISTORY) << 3)
  memory.copy(CORRECTION, COMB_MEMORY, (<usize>(KERNEL_TAPS - 1)) << 3)
  const weight = 1 - BITRATE_SLOPE * bitrate
  const end = at(SIGNAL, samples)
  let lastLag = load<f64>(COMB_LAG)
  let rings = load<f64>(COMB_RINGS) !== 0
  for (let k = 0; k < samples / BLOCK; k++) {
    const start = at(SIGNAL, BLOCK * (k - 1))
    const out = PCM + ((<usize>(BLOCK * k)) << 2)
    const lag = <i32>floor(lastLag + 0.5)
    const filtered = lag > 0 && correct(start, end, lag, weight)
    if (filtered || rings) {
      if (!filtered) memory.fill(at(CORRECTION, KERNEL_TAPS - 1), 0, (<usize>BLOCK) << 3)
      lowpass(at(start, -KERNEL_DELAY), out)
      memory.copy(CORRECTION, at(CORRECTION, BLOCK), (<usize>(KERNEL_TAPS - 1)) << 3)
    } else {
      for (let n = 0; n < BLOCK; n += 2) storeClamped(out, n, v128.load(at(start, n - KERNEL_DELAY)))
    }
    rings = filtered
    lastLag = load<f64>(at(LAGS, k))
  }
  store<f64>(COMB_LAG, lastLag)
  store<f64>(COMB_RINGS, rings ? 1 : 0)
  memory.copy(COMB_MEMORY, CORRECTION, (<usize>(KERNEL_TAPS - 1)) << 3)
  memory.copy(COMB_PAST, at(SIGNAL, samples - HISTORY), (<usize>HISTORY) << 3)
}

/** Computes the correction of the block at `start`; false where the neighbouring periods do not resemble it. */
function correct(start: usize, end: usize, lag: i32, weight: f64): bool {
  const behind = at(start, -lag)
  const ahead = min(max(<i32>((end - start) >> 3) - lag, 0), BLOCK)
  for (let n = 0; n < ahead; n++) {
    store<f64>(at(NEIGHBOURS, n), load<f64>(at(behind, n)) + load<f64>(at(start, n + lag)))
  }
  for (let n = ahead; n < BLOCK; n++) {
    store<f64>(at(NEIGHBOURS, n), load<f64>(at(behind, n)) + load<f64>(at(start, n)))
  }
  let sumXy = f64x2.splat(0)
  let sumXx = sumXy
  let sumYy = sumXy
  for (let n = 0; n < BLOCK; n += 2) {
    const x = v128.load(at(start, n))
    const y = v128.load(at(NEIGHBOURS, n))
    sumXy = f64x2.add(sumXy, f64x2.mul(x, y))
    sumXx = f64x2.add(sumXx, f64x2.mul(x, x))
    sumYy = f64x2.add(sumYy, f64x2.mul(y, y))
  }
  const xy = f64x2.extract_lane(sumXy, 0) + f64x2.extract_lane(sumXy, 1)
  const xx = f64x2.extract_lane(sumXx, 0) + f64x2.extract_lane(sumXx, 1)
  const yy = f64x2.extract_lane(sumYy, 0) + f64x2.extract_lane(sumYy, 1)
  if (!(xy > 0)) return false
  const likeness = (0.5 * xy) / max(xx, 0.25 * yy)
  const strength = f64x2.splat(MAX_STRENGTH * likeness * (1 - (LAG_SLOPE * (<f64>lag - 32)) / 288))
  const half = f64x2.splat(0.5)
  for (let n = 0; n < BLOCK; n += 2) {
    const difference = f64x2.sub(f64x2.mul(half, v128.load(at(NEIGHBOURS, n))), v128.load(at(start, n)))
    v128.store(at(CORRECTION, KERNEL_TAPS - 1 + n), f64x2.mul(strength, difference))
  }
  const row = at(COMB_KERNELS, (KERNEL_DELAY + 1) * (2500 / max(lag + 30, 80) - 7))
  for (let i = 0; i <= KERNEL_DELAY; i++) store<f64>(at(COMB_KERNEL, i), load<f64>(at(row, i)) * weight)
  return true
}

/** Adds the low-passed correction (symmetric kernel) to the block at `from`. */
function lowpass(from: usize, out: usize): void {
  const k0 = v128.load64_splat(COMB_KERNEL)
  const k1 = v128.load64_splat(COMB_KERNEL, 8)
  const k2 = v128.load64_splat(COMB_KERNEL, 16)
  const k3 = v128.load64_splat(COMB_KERNEL, 24)
  const k4 = v128.load64_splat(COMB_KERNEL, 32)
  const k5 = v128.load64_splat(COMB_KERNEL, 40)
  const k6 = v128.load64_splat(COMB_KERNEL, 48)
  const k7 = v128.load64_splat(COMB_KERNEL, 56)
  const k8 = v128.load64_splat(COMB_KERNEL, 64)
  for (let n = 0; n < BLOCK; n += 2) {
    const d = at(CORRECTION, n)
    const outer = f64x2.add(
      f64x2.add(
        f64x2.mul(k0, f64x2.add(v128.load(d), v128.load(d, 128))),
        f64x2.mul(k1, f64x2.add(v128.load(d, 8), v128.load(d, 120))),
      ),
      f64x2.mul(k2, f64x2.add(v128.load(d, 16), v128.load(d, 112))),
    )
    const middle = f64x2.add(
      f64x2.add(
        f64x2.mul(k3, f64x2.add(v128.load(d, 24), v128.load(d, 104))),
        f64x2.mul(k4, f64x2.add(v128.load(d, 32), v128.load(d, 96))),
      ),
      f64x2.mul(k5, f64x2.add(v128.load(d, 40), v128.load(d, 88))),
    )
    const inner = f64x2.add(
      f64x2.add(
        f64x2.mul(k6, f64x2.add(v128.load(d, 48), v128.load(d, 80))),
        f64x2.mul(k7, f64x2.add(v128.load(d, 56), v128.load(d, 72))),
      ),
      f64x2.mul(k8, v128.load(d, 64)),
    )
    const sum = f64x2.add(f64x2.add(outer, middle), inner)
    storeClamped(out, n, f64x2.add(v128.load(at(from, n)), sum))
  }
}

function storeClamped(out: usize, n: i32, pair: v128): void {
  const clamped = f64x2.pmax(f64x2.splat(-1), f64x2.pmin(f64x2.splat(1), pair))
  v128.store64_lane(out + ((<usize>n) << 2), f32x4.demote_f64x2_zero(clamped), 0)
}
