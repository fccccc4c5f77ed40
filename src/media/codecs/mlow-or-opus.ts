import type { AudioDecoder } from './codec.ts'
import type { MlowDecoder } from './mlow/decoder.ts'

/**
 * WhatsApp sends MLow and standard Opus under one payload type and may change between them within a call
 * (docs/protocol/voice-payloads.md). Concealment goes to the decoder that was heard last.
 */
export class MlowOrOpusDecoder implements AudioDecoder {
  readonly sampleRateHz: number
  readonly maxSamples: number
  readonly #mlow: MlowDecoder
  readonly #opus: AudioDecoder
  #opusHeard = false

  /** `opus` decodes at MLow's rate. */
  constructor(mlow: MlowDecoder, opus: AudioDecoder) {
    if (mlow.sampleRateHz !== opus.sampleRateHz) {
      throw new RangeError(`Opus decodes at ${opus.sampleRateHz} Hz, MLow at ${mlow.sampleRateHz}`)
    }
    this.sampleRateHz = mlow.sampleRateHz
    this.maxSamples = Math.max(mlow.maxSamples, opus.maxSamples)
    this.#mlow = mlow
    this.#opus = opus
  }

  decode(payload: Uint8Array, out: Float32Array): number {
    const opusPacket = this.#mlow.opusPacket(payload)
    const samples = opusPacket === undefined ? this.#mlow.decode(payload, out) : this.#opus.decode(opusPacket, out)
    if (samples > 0) this.#opusHeard = opusPacket !== undefined
    return samples
  }

  conceal(samples: number, out: Float32Array): number {
    return this.#opusHeard ? this.#opus.conceal(samples, out) : this.#mlow.conceal(samples, out)
  }

  recover(next: Uint8Array, samples: number, out: Float32Array): number {
    return this.#opusHeard ? (this.#opus.recover?.(next, samples, out) ?? 0) : this.#mlow.recover(next, samples, out)
  }

  reset(): void {
    this.#mlow.reset()
    this.#opus.reset()
    this.#opusHeard = false
  }
}
