const bits = new Int32Array(1)
const single = new Float32Array(bits.buffer)
const { fround } = Math

/** The quantised floor of -85 dB, taken off so that it means silence. */
const FLOOR = fround(3.1622775509e-9)

/**
 * Mean-square residual energy per sample of an energy in dB, Q14. The original builds the power of ten from the
 * bit pattern of a float, which is off by up to 6 %; each step is rounded to single precision.
 */
export function residualEnergy(energyQ14: number): number {
  const decibels = fround(energyQ14 * fround(6.103515625e-5))
  const decades = fround(decibels * fround(0.1))
  bits[0] = fround(fround(decades * 27749388) + 1064866816)
  return Math.max(fround(single[0] - FLOOR), 0)
}

/** How much a frame with `pulses` pulses spends, from 0 to 1: a sigmoid over the logarithm of their number. */
export function normalisedBitrate(pulses: number): number {
  return BITRATE_BY_PULSES[pulses]
}

const BITRATE_BY_PULSES = Float64Array.from({ length: 161 }, (_, n) => 1 / (1 + Math.exp(6.5 - 1.4 * Math.log2(n + 1))))
