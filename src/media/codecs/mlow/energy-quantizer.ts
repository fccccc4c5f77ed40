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

/** Energies of the subframes and their mean: numbers handed over singly would need a box for each call. */
const energyDb = new Float64Array(MAX_SUBFRAMES)
const meanDb = new Float64Array(1)

/** Chooses the energy symbols of `frame` for the LPC residual of its four subframes, 320 samples. */
export function quantiseEnergy(residual: Float64Array, frame: FrameSymbols): void {
  for (let s = 0; s < MAX_SUBFRAMES; s++) {
    let energy = 0
    for (let n = s * SUBFRAME_SAMPLES; n < (s + 1) * SUBFRAME_SAMPLES; n++) energy += residual[n] * residual[n]
    energyDb[s] = energy / SUBFRAME_SAMPLES
  }
  toDecibels()
  let sum = 0
  for (let s = 0; s < MAX_SUBFRAMES; s++) sum += energyDb[s]
  meanDb[0] = sum / MAX_SUBFRAMES
  quantiseDecibels(frame)
}

/** Chooses the energy symbols of `frame` for a residual of the same energy per sample, `meanSquare[0]`, throughout. */
export function quantiseSteadyEnergy(meanSquare: Float64Array, frame: FrameSymbols): void {
  for (let s = 0; s < MAX_SUBFRAMES; s++) energyDb[s] = meanSquare[0]
  toDecibels()
  meanDb[0] = energyDb[0]
  quantiseDecibels(frame)
}

function quantiseDecibels(frame: FrameSymbols): void {
  const wanted = Math.round((meanDb[0] - FLOOR_DB) / MEAN_STEP_DB)
  frame.energyMean = Math.min(Math.max(wanted, 0), HIGHEST_MEAN_INDEX)
  frame.energyShape = nearestShape(frame.energyMean)
}

/** Turns the energies per sample that are in `energyDb` into decibels. */
function toDecibels(): void {
  for (let s = 0; s < MAX_SUBFRAMES; s++) energyDb[s] = Math.min(10 * Math.log10(energyDb[s] + FLOOR_ENERGY), 0)
}

/** Shape nearest to the energies relative to the mean that `meanIndex` stands for. */
function nearestShape(meanIndex: number): number {
  const quantisedDb = meanIndex * MEAN_STEP_DB + FLOOR_DB
  let best = 0
  let bestError = Number.POSITIVE_INFINITY
  for (let shape = 0; shape < SHAPES; shape++) {
    let error = 0
    for (let s = 0; s < MAX_SUBFRAMES; s++) {
      const difference = energyDb[s] - quantisedDb - SHAPE_DB[shape * MAX_SUBFRAMES + s]
      error += difference * difference
    }
    if (error < bestError) {
      bestError = error
      best = shape
    }
  }
  return best
}
