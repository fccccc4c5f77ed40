import { type FrameSymbols, MAX_SUBFRAMES } from './frame-symbols.ts'
import {
  residualEnergyMeanCdf2,
  residualEnergyMeanCdf4,
  residualEnergyShapeCdf2,
  residualEnergyShapeCdf4,
  unvoicedPulseGainCdf,
} from './gain-tables.ts'
import type { SymbolCoder } from './symbol-coder.ts'
import { residualEnergyShapeQ10x2, residualEnergyShapeQ10x4, residualEnergyStepQ14 } from './tables/gains.ts'

/** Lowest energy in dB, and the lowest that the gain tables know. */
const MIN_ENERGY_DB = -85
/** Entries of a row of `unvoicedPulseGainCdf`, and of the window in it. */
const GAIN_ROW_ENTRIES = 177
const GAIN_WINDOW_ENTRIES = 92
/** Rows of `unvoicedPulseGainCdf` for each number of subframes. */
const GAIN_CLASSES = 4

/** Residual energy of an unvoiced or comfort-noise frame; also sets `energyQ14`. */
export function codeEnergy(coder: SymbolCoder, frame: FrameSymbols, lowRate: number): void {
  const meanCdf = lowRate === 1 ? residualEnergyMeanCdf2 : residualEnergyMeanCdf4
  const shapeCdf = lowRate === 1 ? residualEnergyShapeCdf2 : residualEnergyShapeCdf4
  const shapes = lowRate === 1 ? residualEnergyShapeQ10x2 : residualEnergyShapeQ10x4
  const subframes = lowRate === 1 ? 2 : MAX_SUBFRAMES
  frame.energyMean = coder.symbol(meanCdf, 0, meanCdf.length, frame.energyMean)
  frame.energyShape = coder.symbol(shapeCdf, 0, shapeCdf.length, frame.energyShape)
  const meanQ14 = frame.energyMean * residualEnergyStepQ14[2 - lowRate] + MIN_ENERGY_DB * 16384
  for (let s = 0; s < MAX_SUBFRAMES; s++) {
    frame.energyQ14[s] = s < subframes ? meanQ14 + 16 * shapes[frame.energyShape * subframes + s] : 0
  }
}

/** Pulse gains of an unvoiced frame, each coded relative to the energy of its subframe. */
export function codeUnvoicedGains(coder: SymbolCoder, frame: FrameSymbols, lowRate: number): void {
  const { subframePulses, pulseGain, energyQ14 } = frame
  for (let s = 0; s < MAX_SUBFRAMES; s++) {
    const pulses = subframePulses[s]
    if (pulses === 0) {
      pulseGain[s] = 0
      continue
    }
    const energyDb = Math.max(Math.min((energyQ14[s] + 8192) >> 14, 0), MIN_ENERGY_DB)
    const row = (2 - lowRate) * GAIN_CLASSES + Math.min(Math.floor(pulses / 10), GAIN_CLASSES - 1)
    pulseGain[s] = coder.symbol(
      unvoicedPulseGainCdf,
      row * GAIN_ROW_ENTRIES - energyDb,
      GAIN_WINDOW_ENTRIES,
      pulseGain[s],
    )
  }
}
