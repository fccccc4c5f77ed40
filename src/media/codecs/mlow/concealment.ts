import { type ComfortNoise, NOISE_BITRATE, NOISE_SUBFRAME } from './comfort-noise.ts'
import { normalisedBitrate } from './energy.ts'
import { type FrameSymbols, LAGS_PER_FRAME, MAX_SUBFRAMES } from './frame-symbols.ts'
import { LSF_ORDER } from './lsf-tables.ts'
import type { Synthesis } from './synthesis.ts'

/** A subframe of noise spans two lags of 40 samples. */
const LAGS_PER_SUBFRAME = LAGS_PER_FRAME / MAX_SUBFRAMES
/** Subframes of 5 ms over which speech is continued before only the background is left. */
const FADE_SUBFRAMES = 36
/** Of these, how many keep their level. */
const HOLD_SUBFRAMES = 8
/** Level per subframe after that; chosen by STOI and mel distance, docs/decisions/0011-mlow-concealment.md. */
const VOICED_DECAY = 0.95
const UNVOICED_DECAY = 0.97
/** Share by which the spectrum moves to that of the background per subframe, once the level has begun to fall. */
const LSF_DRIFT = 0.05
const ENERGY_SMOOTHING = 0.2

/**
 * What stands for packets that did not arrive. Comfort noise goes on as it is. Speech goes on with its last lag and
 * spectrum, fades within 180 ms, and leaves the background noise last heard, or silence if there was none.
 */
export class Concealment {
  #mode: 'nothing' | 'noise' | 'speech' = 'nothing'
  #voiced = false
  #bitrate = 0
  /** Subframes rendered since the last packet. */
  #age = 0
  #level = 1
  readonly #lagIndex = new Int16Array(LAGS_PER_SUBFRAME)
  #backgroundKnown = false
  #backgroundEnergy = 0
  readonly #backgroundLsf = new Float32Array(LSF_ORDER)

  reset(): void {
    this.#mode = 'nothing'
    this.#backgroundKnown = false
    this.#backgroundEnergy = 0
  }

  /** Takes note of a decoded packet whose last internal frame is `last`; `inactive`: it holds only background. */
  afterCoded(last: FrameSymbols, inactive: boolean, synthesis: Synthesis): void {
    this.#mode = 'speech'
    this.#voiced = last.voiced === 1
    this.#bitrate = normalisedBitrate(last.pulseCount)
    this.#lagIndex.fill(last.lagIndex[LAGS_PER_FRAME - 1])
    this.#age = 0
    this.#level = 1
    if (inactive) this.#rememberBackground(synthesis)
  }

  /** Takes note of a comfort-noise update or of a packet without data. */
  afterNoise(synthesis: Synthesis): void {
    this.#mode = 'noise'
    this.#rememberBackground(synthesis)
  }

  #rememberBackground(synthesis: Synthesis): void {
    this.#backgroundKnown = true
    this.#backgroundEnergy = synthesis.energy
    this.#backgroundLsf.set(synthesis.lsf)
  }

  /**
   * Renders `subframes` of 80 samples into `out`, and their lags in samples, two for each, into `lags`. Returns the
   * normalised bitrate for the postfilter.
   */
  render(synthesis: Synthesis, noise: ComfortNoise, subframes: number, out: Float64Array, lags: Float64Array): number {
    lags.fill(0)
    if (this.#mode === 'nothing') {
      out.fill(0)
      return NOISE_BITRATE
    }
    if (this.#mode === 'noise') {
      noise.proceed(synthesis, subframes, out)
      return NOISE_BITRATE
    }
    for (let s = 0; s < subframes; s++, this.#age++) {
      if (this.#age >= HOLD_SUBFRAMES) this.#fade(synthesis)
      if (this.#voiced && this.#age < FADE_SUBFRAMES) {
        synthesis.repeatedSubframe(this.#lagIndex, this.#level, this.#bitrate, out, s * NOISE_SUBFRAME)
        lags.fill(32 + this.#lagIndex[0] / 2, s * LAGS_PER_SUBFRAME, (s + 1) * LAGS_PER_SUBFRAME)
      } else {
        if (this.#age >= FADE_SUBFRAMES) this.#approachBackground(synthesis)
        synthesis.noiseSubframe(NOISE_BITRATE, out, s * NOISE_SUBFRAME)
      }
    }
    return this.#bitrate
  }

  #fade(synthesis: Synthesis): void {
    if (this.#voiced) this.#level *= VOICED_DECAY
    else if (this.#age < FADE_SUBFRAMES) {
      const faded = synthesis.energy * UNVOICED_DECAY * UNVOICED_DECAY
      synthesis.energy = Math.max(faded, Math.min(synthesis.energy, this.#backgroundEnergy))
    }
    if (!this.#backgroundKnown) return
    const { lsf } = synthesis
    for (let i = 0; i < LSF_ORDER; i++) lsf[i] += LSF_DRIFT * (this.#backgroundLsf[i] - lsf[i])
  }

  #approachBackground(synthesis: Synthesis): void {
    synthesis.energy += ENERGY_SMOOTHING * (this.#backgroundEnergy - synthesis.energy)
  }
}
