import type { AudioDecoder } from './codec.ts'
import type { MlowDecoder } from './mlow/decoder.ts'
import { PACKET_SAMPLES } from './mlow/frame-symbols.ts'
import { isOpus, TOC_NO_DATA } from './mlow/toc.ts'

/**
 * WhatsApp sends MLow and standard Opus under one payload type and may change between them within a call
 * (docs/protocol/voice-payloads.md). Most calls never see Opus, so its decoder is made when the first such payload
 * comes; payloads are refused, hence concealed, until it is there. Concealment goes to the decoder heard last. A packet without
 * data names 10 ms and fills its place among those of 60 ms.
 */
export class MlowOrOpusDecoder implements AudioDecoder {
  readonly sampleRateHz: number
  readonly maxSamples: number
  readonly #mlow: MlowDecoder
  readonly #makeOpus: () => Promise<AudioDecoder>
  #opus: AudioDecoder | undefined
  #making = false
  #closed = false
  #opusHeard = false

  /** `makeOpus` gives a decoder at MLow's rate whose packets are no longer than MLow's. */
  constructor(mlow: MlowDecoder, makeOpus: () => Promise<AudioDecoder>) {
    this.sampleRateHz = mlow.sampleRateHz
    this.maxSamples = mlow.maxSamples
    this.#mlow = mlow
    this.#makeOpus = makeOpus
  }

  /** Of MLow, silent because they are of a kind that is not decoded. */
  get unsupportedFrames(): number {
    return this.#mlow.unsupportedFrames
  }

  decode(payload: Uint8Array, out: Float32Array): number {
    if (payload.length === 0) return 0
    if (!isOpus(payload[0])) {
      const hasData = payload[0] !== TOC_NO_DATA
      const samples = hasData ? this.#mlow.decode(payload, out) : this.#mlow.proceed(PACKET_SAMPLES, out)
      if (samples > 0) this.#opusHeard = false
      return samples
    }
    if (this.#opus === undefined) {
      this.#prepareOpus()
      return 0
    }
    const samples = this.#opus.decode(payload, out)
    if (samples > 0) this.#opusHeard = true
    return samples
  }

  conceal(samples: number, out: Float32Array): number {
    const heard = this.#opusHeard && this.#opus !== undefined ? this.#opus : this.#mlow
    return heard.conceal(samples, out)
  }

  concealBefore(next: Uint8Array, samples: number, out: Float32Array): number {
    if (this.#opusHeard || next.length === 0 || isOpus(next[0])) return this.conceal(samples, out)
    return this.#mlow.concealBefore(next, samples, out)
  }

  recover(next: Uint8Array, samples: number, out: Float32Array): number {
    if (!this.#opusHeard || next.length === 0 || !isOpus(next[0])) return 0
    return this.#opus?.recover?.(next, samples, out) ?? 0
  }

  reset(): void {
    this.#mlow.reset()
    this.#opus?.reset()
    this.#opusHeard = false
  }

  close(): void {
    this.#closed = true
    this.#opus?.close?.()
    this.#opus = undefined
  }

  #prepareOpus(): void {
    if (this.#making) return
    this.#making = true
    this.#makeOpus().then(
      (opus) => {
        if (this.#closed) opus.close?.()
        else this.#opus = opus
      },
      // Without memory for it there is no Opus; the call goes on with concealment.
      () => undefined,
    )
  }
}
