import { type AudioSource, BRIDGE_RATE_HZ } from './audio-source.ts'
import type { RingbackCadence } from './ringback-tones.ts'

/** Of the sum of the tones: about −16 dBm0, within the limits of ITU-T E.180 §8. */
const AMPLITUDE = 0.16
/** So that a ring begins and ends without a click. */
const RAMP_MS = 5
const MS = BRIDGE_RATE_HZ / 1000

/** The ring that a caller hears while WhatsApp rings. Begins anew with every instance. */
export class Ringback implements AudioSource {
  readonly #radiansPerSample: readonly number[]
  readonly #cadenceMs: readonly number[]
  readonly #periodMs: number
  #sample = 0

  constructor({ frequenciesHz, cadenceMs }: RingbackCadence) {
    this.#radiansPerSample = frequenciesHz.map((frequencyHz) => (2 * Math.PI * frequencyHz) / BRIDGE_RATE_HZ)
    this.#cadenceMs = cadenceMs
    this.#periodMs = cadenceMs.reduce((sum, ms) => sum + ms, 0)
  }

  pull(out: Float32Array): void {
    for (let i = 0; i < out.length; i++) {
      const level = this.#levelAt((this.#sample / MS) % this.#periodMs)
      out[i] = level === 0 ? 0 : level * this.#tone()
      this.#sample++
    }
  }

  #tone(): number {
    let sum = 0
    for (let i = 0; i < this.#radiansPerSample.length; i++) sum += Math.sin(this.#radiansPerSample[i]! * this.#sample)
    return sum / this.#radiansPerSample.length
  }

  #levelAt(ms: number): number {
    let left = ms
    for (let i = 0; i < this.#cadenceMs.length; i++) {
      const lengthMs = this.#cadenceMs[i]!
      if (left < lengthMs) return i % 2 === 1 ? 0 : AMPLITUDE * Math.min(1, left / RAMP_MS, (lengthMs - left) / RAMP_MS)
      left -= lengthMs
    }
    return 0
  }
}
