import { residualEnergies } from './energy.ts'
import type { FrameSymbols } from './frame-symbols.ts'
import { LSF_ORDER } from './lsf-tables.ts'
import type { Renderer } from './renderer.ts'
import { comfortNoiseLsfBlend } from './tables/noise.ts'

/** Samples of one subframe of noise. */
export const NOISE_SUBFRAME = 80
/** Subframes in which an update's spectrum takes hold, each with an energy of its own. */
const UPDATE_SUBFRAMES = 4
const ENERGY_SMOOTHING = 0.2

/** Background noise from comfort-noise updates, and on from where the last one left off. */
export class ComfortNoise {
  readonly #start = new Float32Array(LSF_ORDER)
  readonly #targets = new Float64Array(UPDATE_SUBFRAMES)
  /** Whether an update has been received. */
  known = false

  reset(): void {
    this.known = false
  }

  /** Renders `subframes` of 80 samples of the update `frame`, whose LSF vector is `lsf`. */
  update(renderer: Renderer, frame: FrameSymbols, lsf: Float32Array, subframes: number): void {
    if (!renderer.started) renderer.startFrom(lsf)
    this.#start.set(renderer.lsf)
    this.known = true
    residualEnergies(frame.energyQ14, this.#targets)
    for (let s = 0; s < UPDATE_SUBFRAMES; s++) this.#targets[s] *= NOISE_SUBFRAME
    for (let s = 0; s < subframes; s++) {
      if (s < UPDATE_SUBFRAMES) {
        const blend = comfortNoiseLsfBlend[s]
        for (let i = 0; i < LSF_ORDER; i++) {
          renderer.lsf[i] = this.#start[i] + blend * (lsf[i] - this.#start[i])
        }
      }
      this.#render(renderer, Math.min(s, UPDATE_SUBFRAMES - 1), s * NOISE_SUBFRAME)
    }
  }

  /**
   * Renders more noise with the last update's final energy, or that of the last unvoiced subframe; silence where nothing
   * has been heard.
   */
  proceed(renderer: Renderer, subframes: number): void {
    if (!renderer.started) {
      renderer.silence()
      return
    }
    if (!this.known) this.#targets[UPDATE_SUBFRAMES - 1] = renderer.energy[0]
    for (let s = 0; s < subframes; s++) this.#render(renderer, UPDATE_SUBFRAMES - 1, s * NOISE_SUBFRAME)
  }

  #render(renderer: Renderer, target: number, at: number): void {
    const { energy } = renderer
    energy[0] += ENERGY_SMOOTHING * (this.#targets[target] - energy[0])
    renderer.noiseSubframe(at)
  }
}
