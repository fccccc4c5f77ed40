import type { AudioDecoder } from './codec.ts'

/** Comfort-noise and voice-activity bits at once mean nothing in MLow: such a payload is a standard Opus packet. */
const OPUS_MARK = 0xc0

/**
 * WhatsApp sends MLow and Opus under one payload type and changes between them within a call
 * (docs/protocol/voice-payloads.md). Concealment goes to the decoder that was heard last.
 */
export class MlowOrOpusDecoder implements AudioDecoder {
  readonly sampleRateHz: number
  readonly maxSamples: number
  readonly #mlow: AudioDecoder
  readonly #opus: AudioDecoder
  #current: AudioDecoder

  /** Both at the same rate. */
  constructor(mlow: AudioDecoder, opus: AudioDecoder) {
    if (mlow.sampleRateHz !== opus.sampleRateHz) throw new RangeError('MLow and Opus must decode at one rate')
    this.sampleRateHz = mlow.sampleRateHz
    this.maxSamples = Math.max(mlow.maxSamples, opus.maxSamples)
    this.#mlow = mlow
    this.#opus = opus
    this.#current = mlow
  }

  decode(payload: Uint8Array, out: Float32Array): number {
    const decoder = payload.length > 0 && (payload[0] & OPUS_MARK) === OPUS_MARK ? this.#opus : this.#mlow
    const samples = decoder.decode(payload, out)
    if (samples > 0) this.#current = decoder
    return samples
  }

  conceal(samples: number, out: Float32Array): number {
    return this.#current.conceal(samples, out)
  }

  recover(next: Uint8Array, samples: number, out: Float32Array): number {
    return this.#current.recover?.(next, samples, out) ?? 0
  }

  reset(): void {
    this.#mlow.reset()
    this.#opus.reset()
    this.#current = this.#mlow
  }
}
