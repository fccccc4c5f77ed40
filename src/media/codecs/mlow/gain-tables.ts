import { cdfRows } from './cdf.ts'
import {
  residualEnergyMeanRootFreq8x2,
  residualEnergyMeanRootFreq8x4,
  residualEnergyShapeRootFreq8x2,
  residualEnergyShapeRootFreq8x4,
  unvoicedPulseGainRootFreq8,
} from './tables/gains.ts'
import {
  pulseBudget20ms,
  pulseCountRootFreq8Background,
  pulseCountRootFreq8Unvoiced,
  pulseCountRootFreq8Voiced,
} from './tables/pulses.ts'

/** Cumulative frequencies of pulse count, residual energy and unvoiced gain, expanded. */

export const residualEnergyMeanCdf4 = cdfRows(residualEnergyMeanRootFreq8x4, 84)
export const residualEnergyShapeCdf4 = cdfRows(residualEnergyShapeRootFreq8x4, 98)
export const residualEnergyMeanCdf2 = cdfRows(residualEnergyMeanRootFreq8x2, 71)
export const residualEnergyShapeCdf2 = cdfRows(residualEnergyShapeRootFreq8x2, 22)
/** Rows of 177 entries, [table][pulse count class]; windows of 92 from minus the energy in dB. */
export const unvoicedPulseGainCdf = cdfRows(unvoicedPulseGainRootFreq8, 176)

/** Pulse count: [lowRate][background, unvoiced, voiced]. */
export const pulseCountCdf: readonly (readonly Uint16Array[])[] = [
  Array.from(pulseBudget20ms.subarray(0, 3), triangularCdf),
  [pulseCountRootFreq8Background, pulseCountRootFreq8Unvoiced, pulseCountRootFreq8Voiced].map((codes) =>
    cdfRows(codes, codes.length),
  ),
]

/** Frequencies that fall linearly from 2 limit + 1 for no pulse to 3 for `limit` pulses. */
function triangularCdf(limit: number): Uint16Array {
  const out = new Uint16Array(limit + 2)
  for (let k = 0; k <= limit; k++) out[k + 1] = 2 * limit + 1 + k * (limit + 3) - (k * (k + 1)) / 2
  return out
}
