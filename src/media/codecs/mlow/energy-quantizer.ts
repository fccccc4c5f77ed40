import { type FrameSymbols, MAX_SUBFRAMES } from './frame-symbols.ts'
import { residualEnergyShapeQ10x4, residualEnergyStepQ14 } from './tables/gains.ts'

const SUBFRAME_SAMPLES = 80
const MEAN_STEP_DB = residualEnergyStepQ14[2] / 16384
const HIGHEST_MEAN_INDEX = 83
const FLOOR_DB = -85
const FLOOR_ENERGY = 3.1622776e-9
const SHAPES = residualEnergyShapeQ10x4.length / MAX_SUBFRAMES
/** Energy shapes in dB. */
const SHAPE_DB = Float64Array.from(residualEnergyShapeQ10x4, (shape) => shape / 1024)

const energyDb = new Float64Array(MAX_SUBFRAMES)

/** Chooses the energy symbols of `frame` for the LPC residual of its four subframes, 320 samples. */
export function quantiseEnergy(residual: Float64Array, frame: FrameSymbols): void {
  let sum = 0
  for (let s = 0; s < MAX_SUBFRAMES; s++) {
    let energy = 0
    for (let n = s * SUBFRAME_SAMPLES; n < (s + 1) * SUBFRAME_SAMPLES; n++) energy += residual[n] * residual[n]
    energyDb[s] = decibels(energy / SUBFRAME_SAMPLES)
    sum += energyDb[s]
  }
  quantiseDecibels(sum / MAX_SUBFRAMES, frame)
}

/** Chooses the energy symbols of `frame` for a residual of the same energy per sample, `meanSquare`, throughout. */
export function quantiseSteadyEnergy(meanSquare: number, frame: FrameSymbols): void {
  energyDb.fill(decibels(meanSquare))
  quantiseDecibels(energyDb[0], frame)
}

function quantiseDecibels(meanDb: number, frame: FrameSymbols): void {
  const wanted = Math.round((meanDb - FLOOR_DB) / MEAN_STEP_DB)
  frame.energyMean = Math.min(Math.max(wanted, 0), HIGHEST_MEAN_INDEX)
  frame.energyShape = nearestShape(frame.energyMean * MEAN_STEP_DB + FLOOR_DB)
}

function decibels(meanSquare: number): number {
  return Math.min(10 * Math.log10(meanSquare + FLOOR_ENERGY), 0)
}

/** Shape nearest to the energies relative to `meanDb`. */
function nearestShape(meanDb: number): number {
  let best = 0
  let bestError = Number.POSITIVE_INFINITY
  for (let shape = 0; shape < SHAPES; shape++) {
    let error = 0
    for (let s = 0; s < MAX_SUBFRAMES; s++) {
      const difference = energyDb[s] - meanDb - SHAPE_DB[shape * MAX_SUBFRAMES + s]
      error += difference * difference
    }
    if (error < bestError) {
      bestError = error
      best = shape
    }
  }
  return best
}
