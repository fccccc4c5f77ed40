import type { AudioDecoder } from '../codec.ts'

const RATE_HZ = 8000
/** What one description is taken to last; it holds until the next. */
const STEP_SAMPLES = RATE_HZ / 50
/** RFC 3389, section 3: the level in −dBov, in seven bits. */
const LEVEL_MASK = 0x7f
/** Background noise is not louder than this; what says so is no comfort. −dBov. */
const LOUDEST = 30
/** Reflection coefficients beyond these are left out; the first ones carry the colour. */
const MAX_ORDER = 12
/** A synthesis filter whose poles lie on the circle would ring. */
const LARGEST_REFLECTION = 0.98
/** A uniform excitation in ±1 has this RMS. */
const EXCITATION_RMS = 1 / Math.sqrt(3)

/**
 * Comfort noise (RFC 3389) to 8 kHz PCM: white noise through the lattice filter that the reflection coefficients
 * describe, at the level that is asked for. A lost description is not missed: the noise goes on.
 */
export class ComfortNoiseDecoder implements AudioDecoder {
  readonly sampleRateHz = RATE_HZ
  readonly maxSamples = STEP_SAMPLES
  readonly #reflections = new Float32Array(MAX_ORDER)
  readonly #backward = new Float32Array(MAX_ORDER + 1)
  #order = 0
  #gain = 0
  #seed = 1

  decode(payload: Uint8Array, out: Float32Array): number {
    if (payload.length === 0) return 0
    this.#describe(payload)
    return this.conceal(STEP_SAMPLES, out)
  }

  /** Noise as it was described last, silence before. */
  conceal(samples: number, out: Float32Array): number {
    for (let i = 0; i < samples; i++) out[i] = this.#filter(this.#gain * this.#white())
    return samples
  }

  reset(): void {
    this.#backward.fill(0)
    this.#order = 0
    this.#gain = 0
    this.#seed = 1
  }

  /** RFC 3389, section 3.1 and 3.2. A filter of gain 1 / √∏(1 − k²) stands behind the excitation. */
  #describe(payload: Uint8Array): void {
    const level = Math.max(LOUDEST, payload[0] & LEVEL_MASK)
    this.#order = Math.min(payload.length - 1, MAX_ORDER)
    let loss = 1
    for (let i = 0; i < this.#order; i++) {
      const reflection = (payload[i + 1] - 127) / 128
      const bounded = Math.max(-LARGEST_REFLECTION, Math.min(LARGEST_REFLECTION, reflection))
      this.#reflections[i] = bounded
      loss *= 1 - bounded * bounded
    }
    this.#backward.fill(0, this.#order)
    this.#gain = (10 ** (-level / 20) * Math.sqrt(loss)) / EXCITATION_RMS
  }

  #filter(excitation: number): number {
    const [k, b] = [this.#reflections, this.#backward]
    let forward = excitation
    for (let i = this.#order - 1; i >= 0; i--) {
      forward -= k[i] * b[i]
      b[i + 1] = b[i] + k[i] * forward
    }
    b[0] = forward
    return forward
  }

  /** Uniform in ±1 (Numerical Recipes' linear congruence). */
  #white(): number {
    this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) | 0
    return this.#seed / 0x8000_0000
  }
}
