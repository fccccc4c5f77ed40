import { type ComfortNoise, NOISE_SUBFRAME } from './comfort-noise.ts'
import { bitrateByPulses, LOWEST_BITRATE } from './energy.ts'
import { type FrameSymbols, LAGS_PER_FRAME, MAX_SUBFRAMES } from './frame-symbols.ts'
import { LSF_ORDER } from './lsf-tables.ts'
import type { Renderer } from './renderer.ts'

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
  #pulses = 0
  /** Subframes rendered since the last packet. */
  #age = 0
  readonly #level = new Float64Array(1)
  readonly #lagIndex = new Int16Array(LAGS_PER_SUBFRAME)
  #backgroundKnown = false
  readonly #backgroundEnergy = new Float64Array(1)
  readonly #backgroundLsf = new Float32Array(LSF_ORDER)

  reset(): void {
    this.#mode = 'nothing'
    this.#backgroundKnown = false
    this.#backgroundEnergy[0] = 0
  }

  /** Takes note of a decoded packet whose last internal frame is `last`; `inactive`: it holds only background. */
  afterCoded(last: FrameSymbols, inactive: boolean, renderer: Renderer): void {
    this.#mode = 'speech'
    this.#voiced = last.voiced === 1
    this.#pulses = last.pulseCount
    this.#lagIndex.fill(last.lagIndex[LAGS_PER_FRAME - 1])
    this.#age = 0
    this.#level[0] = 1
    if (inactive) this.#rememberBackground(renderer)
  }

  /** Takes note of a comfort-noise update or of a packet without data. */
  afterNoise(renderer: Renderer): void {
    this.#mode = 'noise'
    this.#rememberBackground(renderer)
  }

  #rememberBackground(renderer: Renderer): void {
    this.#backgroundKnown = true
    this.#backgroundEnergy[0] = renderer.energy[0]
    this.#backgroundLsf.set(renderer.lsf)
  }

  /** Renders `subframes` of 80 samples, with their lags and the bitrate for the postfilters. */
  render(renderer: Renderer, noise: ComfortNoise, subframes: number): void {
    const { lags, bitrate } = renderer
    lags.fill(0)
    bitrate[0] = LOWEST_BITRATE
    if (this.#mode === 'nothing') renderer.silence()
    else if (this.#mode === 'noise') noise.proceed(renderer, subframes)
    else {
      bitrate[0] = bitrateByPulses[this.#pulses]
      for (let s = 0; s < subframes; s++, this.#age++) this.#continueSpeech(renderer, s)
    }
  }

  #continueSpeech(renderer: Renderer, s: number): void {
    if (this.#age >= HOLD_SUBFRAMES) this.#fade(renderer)
    if (this.#voiced && this.#age < FADE_SUBFRAMES) {
      renderer.repeatedSubframe(this.#lagIndex, this.#level, this.#pulses, s * NOISE_SUBFRAME)
      for (let i = 0; i < LAGS_PER_SUBFRAME; i++) {
        renderer.lags[s * LAGS_PER_SUBFRAME + i] = 32 + this.#lagIndex[i] / 2
      }
    } else {
      if (this.#age >= FADE_SUBFRAMES) this.#approachBackground(renderer.energy)
      renderer.noiseSubframe(s * NOISE_SUBFRAME)
    }
  }

  #fade(renderer: Renderer): void {
    const { lsf, energy } = renderer
    if (this.#voiced) this.#level[0] *= VOICED_DECAY
    else if (this.#age < FADE_SUBFRAMES) {
      const faded = energy[0] * UNVOICED_DECAY * UNVOICED_DECAY
      energy[0] = Math.max(faded, Math.min(energy[0], this.#backgroundEnergy[0]))
    }
    if (!this.#backgroundKnown) return
    for (let i = 0; i < LSF_ORDER; i++) lsf[i] += LSF_DRIFT * (this.#backgroundLsf[i] - lsf[i])
  }

  #approachBackground(energy: Float64Array): void {
    energy[0] += ENERGY_SMOOTHING * (this.#backgroundEnergy[0] - energy[0])
  }
}
