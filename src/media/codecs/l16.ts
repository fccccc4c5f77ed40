import type { AudioDecoder, AudioEncoder } from './codec.ts'
import { WaveformContinuation } from './concealment/waveform-continuation.ts'
import { toLinear16 } from './g711/companding.ts'

const RATE_HZ = 16_000
/** 120 ms; more than a datagram holds. */
const MAX_SAMPLES = 1920
const FULL_SCALE = 32768

/** PCM to 16-bit samples, the high byte first (L16, RFC 3551, section 4.5.11), mono at 16 kHz. */
export class L16Encoder implements AudioEncoder {
  readonly sampleRateHz = RATE_HZ
  readonly frameSamples: number
  readonly maxPayloadBytes: number

  constructor(frameSamples = 320) {
    this.frameSamples = frameSamples
    this.maxPayloadBytes = 2 * frameSamples
  }

  encode(pcm: Float32Array, out: Uint8Array): number {
    for (let i = 0; i < this.frameSamples; i++) {
      const linear = toLinear16(pcm[i])
      out[2 * i] = linear >> 8
      out[2 * i + 1] = linear
    }
    return this.maxPayloadBytes
  }

  /** L16 has no memory. */
  reset(): void {}
}

/** L16 to PCM; any whole number of samples up to 120 ms. */
export class L16Decoder implements AudioDecoder {
  readonly sampleRateHz = RATE_HZ
  readonly maxSamples = MAX_SAMPLES
  readonly #continuation = new WaveformContinuation(RATE_HZ)

  decode(payload: Uint8Array, out: Float32Array): number {
    const samples = payload.length >> 1
    if (samples > MAX_SAMPLES || (payload.length & 1) !== 0) return 0
    for (let i = 0; i < samples; i++) out[i] = (((payload[2 * i] << 24) >> 16) | payload[2 * i + 1]) / FULL_SCALE
    this.#continuation.heard(out, samples)
    return samples
  }

  conceal(samples: number, out: Float32Array): number {
    this.#continuation.conceal(samples, out)
    return samples
  }

  reset(): void {
    this.#continuation.reset()
  }
}
