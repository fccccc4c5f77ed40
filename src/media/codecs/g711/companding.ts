/**
 * The two companding laws of ITU-T G.711 between 16-bit linear PCM and 8-bit codes, as ITU-T G.191 maps them: negative
 * input by one's complement, so that a value on a decision threshold goes to the level nearer to zero.
 */
export interface CompandingLaw {
  /** Linear 16-bit integer to code. */
  compress(linear: number): number
  /** Linear value of every code, in [-1, 1]. */
  readonly levels: Float32Array
  /** The code of the level nearest to zero. */
  readonly silence: number
}

const FULL_SCALE = 32768
const SIGN_BIT = 0x80

/** µ-law (PCMU), G.711 table 2: 14-bit magnitudes with a bias of 33, all bits inverted. */
const MU_BIAS = 33
const MU_LARGEST = 0x1fff

/** A-law (PCMA), G.711 table 1: 11-bit magnitudes, even bits inverted. */
const A_EVEN_BITS = 0x55

function compressMu(linear: number): number {
  const magnitude = Math.min(((linear ^ (linear >> 31)) >> 2) + MU_BIAS, MU_LARGEST)
  const topBit = 31 - Math.clz32(magnitude)
  const code = ((topBit - 5) << 4) | ((magnitude >> (topBit - 4)) & 15)
  return code ^ (linear < 0 ? 0x7f : 0xff)
}

function expandMu(code: number): number {
  const bits = ~code & 0xff
  const magnitude = ((2 * (bits & 15) + MU_BIAS) << ((bits >> 4) & 7)) - MU_BIAS
  return 4 * ((bits & SIGN_BIT) !== 0 ? -magnitude : magnitude)
}

function compressA(linear: number): number {
  const magnitude = (linear ^ (linear >> 31)) >> 4
  const segment = Math.max(0, 28 - Math.clz32(magnitude))
  const code = (segment << 4) | ((segment === 0 ? magnitude : magnitude >> (segment - 1)) & 15)
  return (linear < 0 ? code : code | SIGN_BIT) ^ A_EVEN_BITS
}

function expandA(code: number): number {
  const bits = code ^ A_EVEN_BITS
  const segment = (bits >> 4) & 7
  const magnitude = segment === 0 ? 2 * (bits & 15) + 1 : (2 * (bits & 15) + 33) << (segment - 1)
  return 8 * ((bits & SIGN_BIT) !== 0 ? magnitude : -magnitude)
}

const levelsOf = (expand: (code: number) => number) =>
  Float32Array.from({ length: 256 }, (_, code) => expand(code) / FULL_SCALE)

export const muLaw: CompandingLaw = { compress: compressMu, levels: levelsOf(expandMu), silence: 0xff }
export const aLaw: CompandingLaw = { compress: compressA, levels: levelsOf(expandA), silence: 0xd5 }

/** A float sample as the 16-bit integer that a law takes: rounded, and cut at full scale. */
export function toLinear16(sample: number): number {
  const scaled = Math.round(sample * FULL_SCALE)
  return scaled > 32767 ? 32767 : scaled < -32768 ? -32768 : scaled | 0
}
