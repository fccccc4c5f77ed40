/**
 * Concealment for codecs without one of their own, after the idea of ITU-T G.711 Appendix I: the last pitch period is
 * repeated while it fades, and the first good frame is faded in over its continuation. Adds no delay.
 */
const SHORTEST_PERIOD_S = 0.005
const LONGEST_PERIOD_S = 0.015
/** How much of the past decides on the period. */
const MATCH_S = 0.02
const FULL_LEVEL_S = 0.01
/** Loss longer than this is silence: what was last said says nothing about now. */
const SILENT_AFTER_S = 0.06
const MERGE_S = 0.004
/** Below this normalised correlation there is no pitch; the longest period buzzes least. */
const VOICED_CORRELATION = 0.4

export class WaveformContinuation {
  readonly #shortest: number
  readonly #longest: number
  readonly #match: number
  readonly #fullLevel: number
  readonly #silentAfter: number
  readonly #merge: number
  /** The newest samples heard, the newest last. */
  readonly #past: Float32Array
  readonly #cycle: Float32Array
  #period = 0
  /** Samples concealed since the last good frame. */
  #concealed = 0

  constructor(sampleRateHz: number) {
    this.#shortest = Math.round(SHORTEST_PERIOD_S * sampleRateHz)
    this.#longest = Math.round(LONGEST_PERIOD_S * sampleRateHz)
    this.#match = Math.round(MATCH_S * sampleRateHz)
    this.#fullLevel = Math.round(FULL_LEVEL_S * sampleRateHz)
    this.#silentAfter = Math.round(SILENT_AFTER_S * sampleRateHz)
    this.#merge = Math.round(MERGE_S * sampleRateHz)
    this.#past = new Float32Array(this.#match + this.#longest + (this.#longest >> 2))
    this.#cycle = new Float32Array(this.#longest)
  }

  /** Takes a good frame, `samples` of `pcm`; after a loss its beginning is changed to follow what was concealed. */
  heard(pcm: Float32Array, samples: number): void {
    if (this.#concealed > 0) this.#mergeInto(pcm, Math.min(samples, this.#merge))
    this.#concealed = 0
    this.#remember(pcm, samples)
  }

  conceal(samples: number, out: Float32Array): void {
    if (this.#concealed === 0) this.#takeCycle()
    for (let i = 0; i < samples; i++) out[i] = this.#continued(this.#concealed + i)
    this.#concealed += samples
  }

  reset(): void {
    this.#past.fill(0)
    this.#concealed = 0
  }

  #continued(at: number): number {
    return this.#cycle[at % this.#period] * this.#level(at)
  }

  #level(at: number): number {
    if (at < this.#fullLevel) return 1
    return at >= this.#silentAfter ? 0 : (this.#silentAfter - at) / (this.#silentAfter - this.#fullLevel)
  }

  #mergeInto(pcm: Float32Array, samples: number): void {
    for (let i = 0; i < samples; i++) {
      const weight = (i + 1) / (samples + 1)
      pcm[i] = weight * pcm[i] + (1 - weight) * this.#continued(this.#concealed + i)
    }
  }

  #remember(pcm: Float32Array, samples: number): void {
    const past = this.#past
    const kept = Math.max(0, past.length - samples)
    past.copyWithin(0, past.length - kept)
    for (let i = kept; i < past.length; i++) past[i] = pcm[samples - past.length + i]
  }

  /** The last period, its last quarter blended into the one before so that end and beginning fit. */
  #takeCycle(): void {
    const period = this.#findPeriod()
    const past = this.#past
    const start = past.length - period
    const blended = period >> 2
    for (let i = 0; i < period; i++) {
      const earlier = Math.max(0, i - (period - blended) + 1) / (blended + 1)
      this.#cycle[i] = (1 - earlier) * past[start + i] + earlier * past[start - period + i]
    }
    this.#period = period
  }

  #findPeriod(): number {
    let best = this.#longest
    let bestCorrelation = VOICED_CORRELATION
    for (let lag = this.#shortest; lag <= this.#longest; lag++) {
      const correlation = this.#correlationAt(lag)
      if (correlation > bestCorrelation) {
        best = lag
        bestCorrelation = correlation
      }
    }
    return best
  }

  #correlationAt(lag: number): number {
    const past = this.#past
    let dot = 0
    let energy = 0
    let laggedEnergy = 0
    for (let i = past.length - this.#match; i < past.length; i++) {
      dot += past[i] * past[i - lag]
      energy += past[i] * past[i]
      laggedEnergy += past[i - lag] * past[i - lag]
    }
    const scale = Math.sqrt(energy * laggedEnergy)
    return scale > 0 ? dot / scale : 0
  }
}
