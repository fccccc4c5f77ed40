import { LSF_ORDER } from './lsf-tables.ts'
import { bytesFromBase64 } from './tables/base64.ts'
import { acbHighBoost, ltpInterpolationFir } from './tables/celp.ts'
import { lsfCosineQ12, lsfPolynomialOrder } from './tables/lsf.ts'
import { noiseCosineMatrix, voicedNoiseFir } from './tables/noise.ts'
import {
  harmonicLowpassFir,
  hpCrossfadeRamp,
  hpDefaultPoleAngle,
  hpDefaultPoleRadius,
  hpVoicedPoleAngle,
  hpVoicedPoleRadius,
  hpZeroAngle,
  lowRateTilt,
  lowRateUnvoicedPulseShaper,
} from './tables/postfilter.ts'
import { renderingBase64 } from './tables/rendering-binary.ts'

/** The functions of assembly/rendering, and its constants: addresses of what the functions read and write. */
interface Exports {
  codedFrame(at: number, voiced: number, lowRate: number): void
  noiseSubframe(at: number): void
  repeatedSubframe(at: number): void
  postfilter(samples: number): void
  /** 1 or 0. */
  isWithin(limit: number): number
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly STATE: Constant
  readonly STATE_VALUES: Constant
  readonly BITRATE: Constant
  readonly LEVEL: Constant
  readonly SUBFRAMES: Constant
  readonly LAG_INDEX: Constant
  readonly LAGS: Constant
  readonly LSF: Constant
  readonly EXCITATION: Constant
  readonly SIGNAL: Constant
  readonly PCM: Constant
  readonly TABLES: Constant
}

interface Constant {
  readonly value: number
}

// The part of the global that this file uses; Node's type package leaves it to the browser's.
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { exports: unknown }
}

const instance = new WebAssembly.Instance(new WebAssembly.Module(bytesFromBase64(renderingBase64)), {
  env: { 'Math.exp': Math.exp, 'Math.log': Math.log },
})

export const rendering = instance.exports as Exports

const { buffer } = rendering.memory
const doubles = (address: Constant, count: number) => new Float64Array(buffer, address.value, count)
const singles = (address: Constant, from: number, count: number) =>
  new Float32Array(buffer, address.value + 4 * from, count)

/** What carries over from packet to packet; all zeros is the beginning. */
export const state = doubles(rendering.STATE, rendering.STATE_VALUES.value)
/** Numbers of two values in it. */
export const SEED = 0
export const NOISE_LEVEL = 1

export const bitrate = doubles(rendering.BITRATE, 1)
export const level = doubles(rendering.LEVEL, 1)
/** Parameters of the subframes of a frame, `SUBFRAME_VALUES` for each, numbered as below. */
export const subframes = doubles(rendering.SUBFRAMES, 32)
export const SUBFRAME_VALUES = 8
export const PULSES = 0
/** Gain of the pulses. */
export const GAIN = 1
/** Residual energy, unvoiced. */
export const ENERGY = 2
/** Gain pair of the adaptive codebook, voiced. */
export const CENTRE = 3
export const SIDE = 4
export const lagIndex = doubles(rendering.LAG_INDEX, 8)
export const lags = doubles(rendering.LAGS, 24)
/** LSF vectors of the subframes of a frame. */
export const lsf = [0, 1, 2, 3].map((s) => singles(rendering.LSF, s * LSF_ORDER, LSF_ORDER))
/** Pulses of a frame. */
export const excitation = doubles(rendering.EXCITATION, 320)
export const signal = doubles(rendering.SIGNAL, 960)
export const pcm = singles(rendering.PCM, 0, 960)

/** The tables as assembly/rendering/memory.ts lays them out: one after the other, symmetric kernels by halves. */
doubles(rendering.TABLES, 767).set([
  ...ltpInterpolationFir.subarray(0, 8),
  ...noiseCosineMatrix,
  ...voicedNoiseFir,
  ...lowRateUnvoicedPulseShaper,
  ...lowRateTilt,
  ...hpVoicedPoleAngle,
  ...hpVoicedPoleRadius,
  hpZeroAngle[0],
  ...hpDefaultPoleAngle,
  ...hpDefaultPoleRadius,
  hpZeroAngle[1],
  ...harmonicLowpassFir.filter((_, i) => i % 17 < 9),
  ...hpCrossfadeRamp,
  ...lsfCosineQ12,
  0,
  ...lsfPolynomialOrder,
  ...acbHighBoost,
])
