/** Pitch between 400 and 100 Hz: the pieces that can be cut out or repeated unheard. */
const SHORTEST_S = 0.0025
const LONGEST_S = 0.01
const OVERLAP_S = 0.0025

/**
 * Makes a piece of audio a little shorter or longer by taking out or repeating one pitch period (in silence: any stretch
 * of it), with a cross-fade at the seam. Works in place, keeps nothing between calls.
 */
export class TimeStretch {
  readonly #shortest: number
  readonly #longest: number
  readonly #overlap: number
  readonly #scratch: Float32Array

  constructor(sampleRateHz: number) {
    this.#shortest = Math.round(SHORTEST_S * sampleRateHz)
    this.#longest = Math.round(LONGEST_S * sampleRateHz)
    this.#overlap = Math.round(OVERLAP_S * sampleRateHz)
    this.#scratch = new Float32Array(this.#overlap)
  }

  /** The most samples that a call adds or removes. */
  get maxChange(): number {
    return this.#longest
  }

  /** Removes at most `most` samples from the first `samples` of `pcm`. Returns how many are left. */
  shorten(pcm: Float32Array, samples: number, most: number): number {
    const lag = this.#bestLag(pcm, Math.min(most, samples - this.#overlap))
    if (lag === 0) return samples
    this.#crossFade(pcm, 0, lag, pcm, 0)
    pcm.copyWithin(this.#overlap, lag + this.#overlap, samples)
    return samples - lag
  }

  /** Repeats at most `maxChange` samples; `pcm` must hold that many more than `samples`. Returns the new length. */
  lengthen(pcm: Float32Array, samples: number): number {
    const lag = this.#bestLag(pcm, Math.min(this.#longest, samples - this.#overlap))
    if (lag === 0) return samples
    // The first period stays, its echo begins where the second would: x[0..lag), then x[lag..] faded into x[0..].
    this.#crossFade(pcm, lag, 0, this.#scratch, 0)
    pcm.copyWithin(lag + this.#overlap, this.#overlap, samples)
    for (let i = 0; i < this.#overlap; i++) pcm[lag + i] = this.#scratch[i]!
    return samples + lag
  }

  /** From `from` on fading into `to` on. */
  #crossFade(pcm: Float32Array, from: number, to: number, out: Float32Array, at: number): void {
    for (let i = 0; i < this.#overlap; i++) {
      const weight = (i + 1) / (this.#overlap + 1)
      out[at + i] = (1 - weight) * pcm[from + i]! + weight * pcm[to + i]!
    }
  }

  /** The shift, at most `most`, at which the beginning is most like itself; 0 when there is no room for one. */
  #bestLag(pcm: Float32Array, most: number): number {
    let best = 0
    let bestDistance = Number.POSITIVE_INFINITY
    for (let lag = this.#shortest; lag <= Math.min(most, this.#longest); lag++) {
      let distance = 0
      for (let i = 0; i < this.#overlap; i++) distance += (pcm[lag + i]! - pcm[i]!) ** 2
      // Of equally good shifts, as in silence, the longest.
      if (distance <= bestDistance) {
        best = lag
        bestDistance = distance
      }
    }
    return best
  }
}
