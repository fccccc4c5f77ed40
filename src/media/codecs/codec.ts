/**
 * What every speech codec in Tandem offers. PCM is mono 32-bit float in [-1, 1].
 *
 * One instance serves one direction of one call; it keeps state between frames and allocates nothing per frame.
 */
export interface AudioEncoder {
  readonly sampleRateHz: number
  /** Samples that one call of `encode` consumes. */
  readonly frameSamples: number
  /** Upper bound of what one call of `encode` writes. */
  readonly maxPayloadBytes: number
  /** Encodes exactly `frameSamples` samples into `out` and returns the number of bytes written. */
  encode(pcm: Float32Array, out: Uint8Array): number
  reset(): void
  /** Frees memory outside the garbage collector's reach, where there is any. Idempotent; no other call may follow. */
  close?(): void
}

export interface AudioDecoder {
  readonly sampleRateHz: number
  /** The most samples that one payload may decode to. */
  readonly maxSamples: number
  /**
   * Decodes one payload into `out` and returns the number of samples written (0 when the payload is refused).
   * Never throws, whatever the bytes are; a refused payload leaves the state as it was.
   */
  decode(payload: Uint8Array, out: Float32Array): number
  /** Writes `samples` samples that stand for lost audio: a fading continuation, then silence. Returns `samples`. */
  conceal(samples: number, out: Float32Array): number
  /**
   * As `conceal`, for a loss after which `next` comes at once: what stands for the loss may lead to it. `next` is decoded
   * afterwards all the same.
   */
  concealBefore?(next: Uint8Array, samples: number, out: Float32Array): number
  /**
   * Writes the lost frame of `samples` samples before `next` from a redundant copy that `next` carries, and returns
   * `samples`; 0, with the state as it was, when there is none. Never throws.
   */
  recover?(next: Uint8Array, samples: number, out: Float32Array): number
  reset(): void
  /** Frees memory outside the garbage collector's reach, where there is any. Idempotent; no other call may follow. */
  close?(): void
}
