import type { AudioDecoder, AudioEncoder } from '../codec.ts'
import { WaveformContinuation } from '../concealment/waveform-continuation.ts'
import { aLaw, type CompandingLaw, muLaw, toLinear16 } from './companding.ts'

export type G711Law = 'pcmu' | 'pcma'

const RATE_HZ = 8000
/** 120 ms: the longest packet that is worth a buffer. */
const MAX_SAMPLES = 960

const lawOf = (name: G711Law): CompandingLaw => (name === 'pcmu' ? muLaw : aLaw)

/** PCM to G.711 (RTP payload types 0 and 8, RFC 3551): one byte per sample. */
export class G711Encoder implements AudioEncoder {
  readonly sampleRateHz = RATE_HZ
  readonly frameSamples: number
  readonly maxPayloadBytes: number
  readonly #law: CompandingLaw

  constructor(law: G711Law, frameSamples = 160) {
    this.#law = lawOf(law)
    this.frameSamples = frameSamples
    this.maxPayloadBytes = frameSamples
  }

  encode(pcm: Float32Array, out: Uint8Array): number {
    for (let i = 0; i < this.frameSamples; i++) out[i] = this.#law.compress(toLinear16(pcm[i]))
    return this.frameSamples
  }

  /** G.711 has no memory. */
  reset(): void {}
}

/** G.711 to PCM; any length up to 120 ms, since the peer chooses the packet time. */
export class G711Decoder implements AudioDecoder {
  readonly sampleRateHz = RATE_HZ
  readonly maxSamples = MAX_SAMPLES
  readonly #levels: Float32Array
  readonly #continuation = new WaveformContinuation(RATE_HZ)

  constructor(law: G711Law) {
    this.#levels = lawOf(law).levels
  }

  decode(payload: Uint8Array, out: Float32Array): number {
    const samples = payload.length
    if (samples > MAX_SAMPLES) return 0
    for (let i = 0; i < samples; i++) out[i] = this.#levels[payload[i]]
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
