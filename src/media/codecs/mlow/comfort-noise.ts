import { normalisedBitrate, residualEnergy } from './energy.ts'
import type { FrameSymbols } from './frame-symbols.ts'
import { LSF_ORDER } from './lsf-tables.ts'
import type { Synthesis } from './synthesis.ts'
import { comfortNoiseLsfBlend } from './tables/noise.ts'

/** Samples of one subframe of noise. */
export const NOISE_SUBFRAME = 80
/** Subframes in which an update's spectrum takes hold, each with an energy of its own. */
const UPDATE_SUBFRAMES = 4
const ENERGY_SMOOTHING = 0.2
export const NOISE_BITRATE = normalisedBitrate(0)

/** Background noise from comfort-noise updates, and on from where the last one left off. */
export class ComfortNoise {
  readonly #start = new Float32Array(LSF_ORDER)
  readonly #targets = new Float64Array(UPDATE_SUBFRAMES)
  /** Whether an update has been received. */
  known = false

  reset(): void {
    this.known = false
  }

  /** Renders `subframes` of 80 samples of the update `frame`, whose LSF vector is `lsf`, into `out[at ...]`. */
  update(synthesis: Synthesis, frame: FrameSymbols, lsf: Float32Array, subframes: number, out: Float64Array): void {
    if (!synthesis.started) synthesis.startFrom(lsf)
    this.#start.set(synthesis.lsf)
    this.known = true
    for (let s = 0; s < UPDATE_SUBFRAMES; s++) {
      this.#targets[s] = residualEnergy(frame.energyQ14[s]) * NOISE_SUBFRAME
    }
    for (let s = 0; s < subframes; s++) {
      if (s < UPDATE_SUBFRAMES) {
        const blend = comfortNoiseLsfBlend[s]
        for (let i = 0; i < LSF_ORDER; i++) {
          synthesis.lsf[i] = this.#start[i] + blend * (lsf[i] - this.#start[i])
        }
      }
      this.#render(synthesis, this.#targets[Math.min(s, UPDATE_SUBFRAMES - 1)], out, s * NOISE_SUBFRAME)
    }
  }

  /** Renders more noise with the last update's final energy, or that of the last unvoiced subframe. */
  proceed(synthesis: Synthesis, subframes: number, out: Float64Array): void {
    const target = this.known ? this.#targets[UPDATE_SUBFRAMES - 1] : synthesis.energy
    for (let s = 0; s < subframes; s++) this.#render(synthesis, target, out, s * NOISE_SUBFRAME)
  }

  #render(synthesis: Synthesis, target: number, out: Float64Array, at: number): void {
    synthesis.energy += ENERGY_SMOOTHING * (target - synthesis.energy)
    synthesis.noiseSubframe(NOISE_BITRATE, out, at)
  }
}
