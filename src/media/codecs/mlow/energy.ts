import { MAX_SUBFRAMES } from './frame-symbols.ts'

const bits = new Int32Array(1)
const single = new Float32Array(bits.buffer)
const { fround } = Math

/** The quantised floor of -85 dB, taken off so that it means silence. */
const FLOOR = fround(3.1622775509e-9)

/**
 * Writes the mean-square residual energies per sample of the subframes, whose energies in dB are `energyQ14`. The original
 * builds the power of ten from the bit pattern of a float, which is off by up to 6 %; each step is rounded to single
 * precision.
 */
export function residualEnergies(energyQ14: Int32Array, out: Float64Array): void {
  for (let s = 0; s < MAX_SUBFRAMES; s++) {
    const decibels = fround(energyQ14[s] * fround(6.103515625e-5))
    const decades = fround(decibels * fround(0.1))
    bits[0] = fround(fround(decades * 27749388) + 1064866816)
    out[s] = Math.max(fround(single[0] - FLOOR), 0)
  }
}

/**
 * Normalised bitrate, by the number of pulses of an internal frame: how much it spends, from 0 to 1, a sigmoid over the
 * logarithm.
 */
export const bitrateByPulses = Float64Array.from(
  { length: 161 },
  (_, n) => 1 / (1 + Math.exp(6.5 - 1.4 * Math.log2(n + 1))),
)
/** That of noise. */
export const LOWEST_BITRATE = bitrateByPulses[0]
