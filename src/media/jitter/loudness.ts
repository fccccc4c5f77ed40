/** About −50 dB of full scale: below this nobody hears a splice. */
const ALWAYS_QUIET = 0.003
/** A pause is this much below the speech around it, whatever the background. */
const QUIET_RATIO = 0.1
/** Per frame: the speech level forgets in a few seconds. */
const LEVEL_DECAY = 0.99

/** Tells pauses from speech, to know where a splice is not heard. */
export class Loudness {
  #speechLevel = 0

  /** Takes the first `samples` of a frame; returns whether it is quiet. */
  isQuiet(pcm: Float32Array, samples: number): boolean {
    let energy = 0
    for (let i = 0; i < samples; i++) energy += pcm[i]! * pcm[i]!
    const level = Math.sqrt(energy / Math.max(1, samples))
    this.#speechLevel = Math.max(level, this.#speechLevel * LEVEL_DECAY)
    return level < ALWAYS_QUIET || level < QUIET_RATIO * this.#speechLevel
  }
}
