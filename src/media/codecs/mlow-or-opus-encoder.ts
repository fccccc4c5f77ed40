import type { AudioEncoder } from './codec.ts'
import { MAX_OPUS_BYTES, OpusEncoder } from './opus/opus.ts'

/** An encoder with memory outside the garbage collector's reach. */
interface OwnedEncoder extends AudioEncoder {
  close(): void
}

/** Opus for WhatsApp: MLow's packets of 60 ms, and the rate that the server asks MLow for (docs/protocol/voice-payloads.md). */
export const OPUS_LIKE_MLOW = {
  sampleRateHz: 16_000,
  frameMs: 60,
  bitrate: 24_000,
  complexity: 5,
  expectedLossPercent: 5,
  dtx: false,
} as const

const newOpusEncoder = () => OpusEncoder.create(OPUS_LIKE_MLOW)

/**
 * Speaks MLow, or ordinary Opus to a peer that has no MLow (docs/protocol/voice-payloads.md). Few calls need Opus, so its
 * encoder is made when it is asked for; until it is there, MLow goes on.
 */
export class MlowOrOpusEncoder implements AudioEncoder {
  readonly sampleRateHz: number
  readonly frameSamples: number
  readonly maxPayloadBytes: number
  readonly #makeOpus: () => Promise<OwnedEncoder>
  #current: AudioEncoder
  #opus: Promise<OwnedEncoder> | undefined
  #closed = false

  /** `makeOpus` gives an encoder of MLow's rate and frame. */
  constructor(mlow: AudioEncoder, makeOpus: () => Promise<OwnedEncoder> = newOpusEncoder) {
    this.sampleRateHz = mlow.sampleRateHz
    this.frameSamples = mlow.frameSamples
    this.maxPayloadBytes = Math.max(mlow.maxPayloadBytes, MAX_OPUS_BYTES)
    this.#current = mlow
    this.#makeOpus = makeOpus
  }

  /** Opus from now on. Resolves when the next frame will be Opus; rejects when there is no memory for it. */
  async speakOpus(): Promise<void> {
    this.#opus ??= this.#makeOpus()
    const opus = await this.#opus
    if (!this.#closed) this.#current = opus
  }

  encode(pcm: Float32Array, out: Uint8Array): number {
    return this.#current.encode(pcm, out)
  }

  reset(): void {
    this.#current.reset()
  }

  /** No other call may follow. */
  close(): void {
    this.#closed = true
    this.#opus?.then(
      (opus) => opus.close(),
      () => undefined,
    )
  }
}
