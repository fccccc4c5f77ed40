import { FRAME_SAMPLES, MAX_SUBFRAMES } from './frame-symbols.ts'
import { lsfToLpc } from './lpc.ts'
import { interpolateLsf } from './lsf.ts'
import { LSF_ORDER } from './lsf-tables.ts'
import { lsfInterpolationWeights4 } from './tables/lsf.ts'
import { filterForward } from './weighted-speech.ts'

const SUBFRAME_SAMPLES = FRAME_SAMPLES / MAX_SUBFRAMES
/** The later interpolation must bring the residual below this share of the earlier one's. */
const SWITCH_BELOW = 0.998

/** One interpolation between two LSF vectors: prediction filters of the subframes and what they leave of the speech. */
class Interpolation {
  readonly lpc: readonly Float64Array[] = Array.from({ length: MAX_SUBFRAMES }, () => new Float64Array(LSF_ORDER + 1))
  readonly residual = new Float64Array(FRAME_SAMPLES)
  /** Sum over the subframes of the root of the residual's energy. */
  magnitude = 0
  readonly #lsf = new Float32Array(LSF_ORDER)

  apply(row: number, from: Float32Array, to: Float32Array, signal: Float64Array, start: number): void {
    this.magnitude = 0
    for (let s = 0; s < MAX_SUBFRAMES; s++) {
      const at = row * MAX_SUBFRAMES + s
      const repeats = s > 0 && lsfInterpolationWeights4[at] === lsfInterpolationWeights4[at - 1]
      if (repeats) this.lpc[s].set(this.lpc[s - 1])
      else {
        interpolateLsf(from, to, lsfInterpolationWeights4, at, this.#lsf)
        lsfToLpc(this.#lsf, this.lpc[s])
      }
      const first = s * SUBFRAME_SAMPLES
      filterForward(this.lpc[s], signal, start + first, SUBFRAME_SAMPLES, this.residual, first)
      let energy = 0
      for (let n = first; n < first + SUBFRAME_SAMPLES; n++) energy += this.residual[n] * this.residual[n]
      this.magnitude += Math.sqrt(energy + 1e-30)
    }
  }
}

/** Prediction filters of a frame as the decoder will interpolate them, and the choice between its two ways to do so. */
export class InterpolatedPrediction {
  /** Row of the interpolation weights that was chosen. */
  index = 0
  readonly #early = new Interpolation()
  readonly #late = new Interpolation()

  /** Monic polynomials of the four subframes, 17 coefficients each. */
  get lpc(): readonly Float64Array[] {
    return (this.index === 0 ? this.#early : this.#late).lpc
  }

  /** Prediction residual of the frame, 320 samples. */
  get residual(): Float64Array {
    return (this.index === 0 ? this.#early : this.#late).residual
  }

  /**
   * Filters the frame at `signal[start]` (16 samples before it are needed) between the LSF vectors `from` and `to`;
   * with `choose` the interpolation that leaves less is taken, otherwise the first.
   */
  filter(signal: Float64Array, start: number, from: Float32Array, to: Float32Array, choose: boolean): void {
    this.#early.apply(0, from, to, signal, start)
    this.index = 0
    if (!choose) return
    this.#late.apply(1, from, to, signal, start)
    if (this.#late.magnitude < SWITCH_BELOW * this.#early.magnitude) this.index = 1
  }
}
