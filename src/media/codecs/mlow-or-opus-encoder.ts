import type { AudioEncoder } from './codec.ts'

/** An encoder with memory outside the garbage collector's reach. */
interface OwnedEncoder extends AudioEncoder {
  close(): void
}

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

  /** `makeOpus` gives an encoder of MLow's rate and frame, whose payloads are at most `maxOpusBytes` long. */
  constructor(mlow: AudioEncoder, makeOpus: () => Promise<OwnedEncoder>, maxOpusBytes: number) {
    this.sampleRateHz = mlow.sampleRateHz
    this.frameSamples = mlow.frameSamples
    this.maxPayloadBytes = Math.max(mlow.maxPayloadBytes, maxOpusBytes)
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
