// The decoder behind its symbols: excitation, synthesis and postfilters in AssemblyScript with 128-bit SIMD. The same in
// readable TypeScript: ../../readable-renderer.ts; ../../core-renderer.ts calls this. Built by `npm run build:kernels`.
import { addPrediction, repeatAtLags, shapePulses, sharpen, skipPulses, skipTilt, tilt } from './codebook'
import {
  at,
  BITRATE,
  CENTRE,
  EXCITATION,
  FILTER_MEMORY,
  FRAME,
  LAG_INDEX,
  LEVEL,
  LSF,
  LSF_BYTES,
  NOW,
  PAST,
  PULSES,
  SIDE,
  SIGNAL,
  SUBFRAME_BYTES,
  SUBFRAMES,
} from './memory'
import { addNoise } from './noise'
import { comb, highpass } from './postfilters'
import { lsfToLpc, synthesise } from './prediction'

export {
  BITRATE,
  EXCITATION,
  LAG_INDEX,
  LAGS,
  LEVEL,
  LSF,
  PCM,
  SIGNAL,
  STATE,
  STATE_VALUES,
  SUBFRAMES,
  TABLES,
} from './memory'

const SUBFRAME: i32 = 80
const HISTORY: i32 = 336
const MEMORY: i32 = 16
const LAG_BLOCK: i32 = 40

/** Synthesises a coded frame, whose pulses lie in EXCITATION, into SIGNAL[to ...]. */
export function codedFrame(to: i32, voiced: bool, lowRate: bool): void {
  const length = lowRate ? 2 * SUBFRAME : SUBFRAME
  let p = SUBFRAMES
  let lsf = LSF
  for (let from = 0; from < FRAME; from += length, p += SUBFRAME_BYTES, lsf += LSF_BYTES) {
    const x = at(EXCITATION, from)
    const now = at(NOW, from)
    const lags = at(LAG_INDEX, from / LAG_BLOCK)
    if (voiced) {
      if (lowRate) sharpen(x, length, 32 + (<i32>load<f64>(at(lags, length / LAG_BLOCK - 1)) >> 1))
      skipPulses()
      repeatAtLags(now, lags, length)
      addPrediction(now, x, length, load<f64>(p + CENTRE), load<f64>(p + SIDE))
    } else {
      memory.copy(now, x, (<usize>length) << 3)
      if (lowRate && load<f64>(p + PULSES) > 0) shapePulses(x, length)
      else skipPulses()
    }
    addNoise(voiced, length, p, lsf, x)
    if (lowRate && voiced) tilt(x, length)
    else skipTilt(x, length)
    lsfToLpc(lsf)
    synthesise(x, length, at(SIGNAL, to + from))
  }
  memory.copy(PAST, at(PAST, FRAME), (<usize>HISTORY) << 3)
}

/** Synthesises 80 samples of comfort noise into SIGNAL[to ...]. */
export function noiseSubframe(to: i32): void {
  memory.fill(EXCITATION, 0, (<usize>SUBFRAME) << 3)
  memory.fill(NOW, 0, (<usize>SUBFRAME) << 3)
  skipPulses()
  finishSubframe(to, false)
}

/** Synthesises 80 samples that repeat the past excitation, scaled by LEVEL, into SIGNAL[to ...]. */
export function repeatedSubframe(to: i32): void {
  const x = EXCITATION
  skipPulses()
  repeatAtLags(NOW, LAG_INDEX, SUBFRAME)
  const level = f64x2.splat(load<f64>(LEVEL))
  for (let n = 0; n < SUBFRAME; n += 2) v128.store(at(x, n), f64x2.mul(v128.load(at(NOW, n)), level))
  finishSubframe(to, true)
}

function finishSubframe(to: i32, voiced: bool): void {
  addNoise(voiced, SUBFRAME, SUBFRAMES, LSF, EXCITATION)
  skipTilt(EXCITATION, SUBFRAME)
  lsfToLpc(LSF)
  synthesise(EXCITATION, SUBFRAME, at(SIGNAL, to))
  memory.copy(PAST, at(PAST, SUBFRAME), (<usize>HISTORY) << 3)
}

/** Filters `samples` of SIGNAL, whose lags are LAGS, into PCM. */
export function postfilter(samples: i32): void {
  for (let n = 0; n < samples; n += FRAME) highpass(n, min(samples - n, FRAME))
  comb(samples, load<f64>(BITRATE))
}

/** Whether the memories of excitation and synthesis are finite and within `limit`. */
export function isWithin(limit: f64): bool {
  return allWithin(PAST, HISTORY, limit) && allWithin(FILTER_MEMORY, MEMORY, limit)
}

function allWithin(x: usize, count: i32, limit: f64): bool {
  const most = f64x2.splat(limit)
  let within = i64x2.splat(-1)
  for (let n = 0; n < count; n += 2) within = v128.and(within, f64x2.le(f64x2.abs(v128.load(at(x, n))), most))
  return i64x2.all_true(within)
}
