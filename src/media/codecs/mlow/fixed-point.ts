import { sigmoidNegativeQ15, sigmoidPositiveQ15, sigmoidSlopeQ10 } from './tables/pulses.ts'

/** 2^31, the one of Q31. */
export const ONE_Q31 = 2147483648

/** 128 log2 x of a 32-bit unsigned x > 0 (RFC 6716, SILK's `lin2log`). */
export function lin2log(x: number): number {
  const leadingZeros = Math.clz32(x)
  const shift = 24 - leadingZeros
  const fraction = (shift >= 0 ? x >>> shift : x << -shift) & 127
  return fraction + ((fraction * (128 - fraction) * 179) >> 16) + ((31 - leadingZeros) << 7)
}

/** 2^(x / 128), the inverse of `lin2log`; saturates at 2^31 - 1. */
export function log2lin(x: number): number {
  if (x < 0) return 0
  if (x >= 3967) return 0x7fffffff
  const power = 2 ** (x >> 7)
  const fraction = x & 127
  const mantissa = fraction + ((fraction * (128 - fraction) * -174) >> 16)
  return x < 2048 ? power + Math.floor((power * mantissa) / 128) : power + Math.floor(power / 128) * mantissa
}

/** Piecewise linear sigmoid in Q15 of x / 32. */
export function sigmoidQ15(x: number): number {
  const magnitude = Math.abs(x)
  if (magnitude >= 192) return x < 0 ? 0 : 32767
  const segment = magnitude >> 5
  const rise = sigmoidSlopeQ10[segment] * (magnitude & 31)
  return x < 0 ? sigmoidNegativeQ15[segment] - rise : sigmoidPositiveQ15[segment] + rise
}

/** 2^-bits: a power by table, because the operator costs more than the whole conversion around it. */
const inversePower = Float64Array.from({ length: 32 }, (_, bits) => 2 ** -bits)

/** `x / 2^bits` rounded to nearest, halves upwards; |x| up to 2^52, bits below 32. */
export function shiftRounded(x: number, bits: number): number {
  return Math.floor(x * inversePower[bits] + 0.5)
}

/** `(a * b) >> 31` of two factors in 0..2^31, without losing low bits. */
export function multiplyQ31(a: number, b: number): number {
  const high = Math.floor(a / 65536) * b
  const low = (a % 65536) * b
  return Math.floor((high + Math.floor(low / 65536)) / 32768)
}

/** Low 16 bits as a signed number. */
export function int16(x: number): number {
  return (x << 16) >> 16
}

/** Clamped to 16-bit signed. */
export function saturate16(x: number): number {
  return Math.max(Math.min(x, 32767), -32768)
}

/** `(a * int16(b)) >> 16` of a 32-bit a. */
export function smulwb(a: number, b: number): number {
  const factor = int16(b)
  return Math.imul(a >> 16, factor) + (Math.imul(a & 0xffff, factor) >> 16)
}

/** `c + smulwb(a, b)`. */
export function smlawb(c: number, a: number, b: number): number {
  return c + smulwb(a, b)
}
