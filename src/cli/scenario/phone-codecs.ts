import type { AudioDecoder, AudioEncoder } from '../../media/codecs/codec.ts'
import { MlowDecoder } from '../../media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../media/codecs/mlow/encoder.ts'
import { MlowOrOpusDecoder } from '../../media/codecs/mlow-or-opus.ts'
import { MlowOrOpusEncoder } from '../../media/codecs/mlow-or-opus-encoder.ts'
import { OpusDecoder } from '../../media/codecs/opus/opus.ts'
import { payloadKind } from '../../sim/media/heard-packets.ts'

const PHONE_RATE_HZ = 16_000

/** A phone with MLow decodes Opus too; one without hears nothing in MLow. */
export function newPhoneDecoder(codec: 'mlow' | 'opus' = 'mlow'): AudioDecoder {
  const decoder = new MlowOrOpusDecoder(new MlowDecoder(), () => OpusDecoder.create(PHONE_RATE_HZ))
  return codec === 'mlow' ? decoder : new WithoutMlow(decoder)
}

export function newPhoneEncoder(codec: 'mlow' | 'opus' = 'mlow'): AudioEncoder {
  if (codec === 'mlow') return new MlowEncoder()
  const encoder = new MlowOrOpusEncoder(new MlowEncoder())
  void encoder.speakOpus()
  return encoder
}

/** Refuses MLow, as a phone whose capability lacks it. */
class WithoutMlow implements AudioDecoder {
  readonly sampleRateHz: number
  readonly maxSamples: number
  readonly #inner: MlowOrOpusDecoder

  constructor(inner: MlowOrOpusDecoder) {
    this.#inner = inner
    this.sampleRateHz = inner.sampleRateHz
    this.maxSamples = inner.maxSamples
  }

  decode(payload: Uint8Array, out: Float32Array): number {
    return payloadKind(payload) === 'mlow' ? 0 : this.#inner.decode(payload, out)
  }

  conceal(samples: number, out: Float32Array): number {
    return this.#inner.conceal(samples, out)
  }

  recover(next: Uint8Array, samples: number, out: Float32Array): number {
    return this.#inner.recover(next, samples, out)
  }

  reset(): void {
    this.#inner.reset()
  }

  close(): void {
    this.#inner.close()
  }
}
