// Long-term prediction and the filters of the low rate; twins: ../../adaptive-codebook.ts, ../../low-rate-filters.ts.
import {
  at,
  BITRATE,
  HIGH_BOOST,
  INTERPOLATED,
  LTP_KERNEL,
  PULSE_INPUT,
  PULSE_OUTPUT,
  PULSE_SHAPER,
  SIDES,
  TILT,
  TILT_INPUT,
} from './memory'

const BLOCK: i32 = 40
const KERNEL_LEAD: i32 = 8
const SHARPENING: f64 = 0.9881

/** Repeats the past at the lags into x[0 .. length), the sums of the neighbours into SIDES. */
export function repeatAtLags(x: usize, lags: usize, length: i32): void {
  for (let block = 0; block < length; block += BLOCK, lags += 8) {
    const index = <i32>load<f64>(lags)
    if (index & 1) repeatBetween(at(x, block), 32 + (index >> 1), at(SIDES, block))
    else repeat(at(x, block), 32 + (index >> 1), at(SIDES, block))
  }
}

function repeat(x: usize, lag: i32, sides: usize): void {
  const from = at(x, -lag)
  for (let i = 0; i < BLOCK; i += 2) v128.store(at(x, i), v128.load(at(from, i)))
  for (let i = 0; i < BLOCK; i += 2) {
    const p = at(from, i)
    v128.store(at(sides, i), f64x2.add(v128.load(p - 8), v128.load(p, 8)))
  }
}

function repeatBetween(x: usize, lag: i32, sides: usize): void {
  const from = at(x, -lag - KERNEL_LEAD)
  store<f64>(INTERPOLATED, f64x2.extract_lane(between(from - 8), 0))
  for (let i = 0; i < BLOCK; i += 2) {
    const pair = between(at(from, i))
    v128.store(at(INTERPOLATED, i), pair, 8)
    v128.store(at(x, i), pair)
  }
  store<f64>(at(INTERPOLATED, BLOCK + 1), f64x2.extract_lane(between(at(from, BLOCK)), 0))
  for (let i = 0; i < BLOCK; i += 2) {
    const p = at(INTERPOLATED, i)
    v128.store(at(sides, i), f64x2.add(v128.load(p), v128.load(p, 16)))
  }
}

/** Two values half a sample behind p[7] and p[8]. */
function between(p: usize): v128 {
  const inner = f64x2.add(
    f64x2.mul(v128.load64_splat(LTP_KERNEL, 56), f64x2.add(v128.load(p, 56), v128.load(p, 64))),
    f64x2.mul(v128.load64_splat(LTP_KERNEL, 48), f64x2.add(v128.load(p, 48), v128.load(p, 72))),
  )
  const middle = f64x2.add(
    f64x2.mul(v128.load64_splat(LTP_KERNEL, 40), f64x2.add(v128.load(p, 40), v128.load(p, 80))),
    f64x2.mul(v128.load64_splat(LTP_KERNEL, 32), f64x2.add(v128.load(p, 32), v128.load(p, 88))),
  )
  const outer = f64x2.add(
    f64x2.mul(v128.load64_splat(LTP_KERNEL, 24), f64x2.add(v128.load(p, 24), v128.load(p, 96))),
    f64x2.mul(v128.load64_splat(LTP_KERNEL, 16), f64x2.add(v128.load(p, 16), v128.load(p, 104))),
  )
  const ends = f64x2.add(
    f64x2.mul(v128.load64_splat(LTP_KERNEL, 8), f64x2.add(v128.load(p, 8), v128.load(p, 112))),
    f64x2.mul(v128.load64_splat(LTP_KERNEL), f64x2.add(v128.load(p), v128.load(p, 120))),
  )
  return f64x2.add(f64x2.add(inner, middle), f64x2.add(outer, ends))
}

/** Adds the prediction that `repeatAtLags` left at `now` to the pulses x; the sum replaces both. */
export function addPrediction(now: usize, x: usize, length: i32, centre: f64, side: f64): void {
  const boosted = boostedSide(centre, side)
  // The boost keeps centre + 2 side.
  const c = f64x2.splat(centre + 2 * (side - boosted))
  const s = f64x2.splat(boosted)
  for (let i = 0; i < length; i += 2) {
    const predicted = f64x2.add(f64x2.mul(c, v128.load(at(now, i))), f64x2.mul(s, v128.load(at(SIDES, i))))
    const sum = f64x2.add(v128.load(at(x, i)), predicted)
    v128.store(at(x, i), sum)
    v128.store(at(now, i), sum)
  }
}

function boostedSide(centre: f64, side: f64): f64 {
  const least = load<f64>(HIGH_BOOST)
  const boost = least + (load<f64>(HIGH_BOOST, 8) - least) * load<f64>(BITRATE)
  const atZero = centre + 2 * side
  const high = centre - side
  const magnitude = abs(high)
  const raised = (high * min(magnitude + boost, abs(atZero))) / (magnitude + 1e-12)
  return (atZero - raised) / 3
}

export function sharpen(x: usize, length: i32, lag: i32): void {
  for (let n = lag; n < length; n++) {
    store<f64>(at(x, n), load<f64>(at(x, n)) + SHARPENING * load<f64>(at(x, n - lag)))
  }
}

/** In single precision, as in the twin. */
export function shapePulses(x: usize, length: i32): void {
  const k0 = <f32>load<f64>(PULSE_SHAPER)
  const k1 = <f32>load<f64>(PULSE_SHAPER, 8)
  const feedback = <f32>load<f64>(PULSE_SHAPER, 16)
  let x1 = <f32>load<f64>(PULSE_INPUT)
  let y = <f32>load<f64>(PULSE_OUTPUT)
  for (let n = 0; n < length; n++) {
    const x0 = <f32>load<f64>(at(x, n))
    y = k0 * x0 + k1 * x1 + feedback * y
    x1 = x0
    store<f64>(at(x, n), <f64>y)
  }
  store<f64>(PULSE_INPUT, <f64>x1)
  store<f64>(PULSE_OUTPUT, <f64>y)
}

export function skipPulses(): void {
  store<f64>(PULSE_INPUT, 0)
  store<f64>(PULSE_OUTPUT, 0)
}

export function tilt(x: usize, length: i32): void {
  const t0 = load<f64>(TILT)
  const t1 = load<f64>(TILT, 8)
  let x1 = load<f64>(TILT_INPUT)
  for (let n = 0; n < length; n++) {
    const x0 = load<f64>(at(x, n))
    store<f64>(at(x, n), t0 * x0 + t1 * x1)
    x1 = x0
  }
  store<f64>(TILT_INPUT, x1)
}

export function skipTilt(x: usize, length: i32): void {
  store<f64>(TILT_INPUT, load<f64>(at(x, length - 1)))
}
