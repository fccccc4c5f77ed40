import { MlowDecoder } from '../../../src/media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../../src/media/codecs/mlow/encoder.ts'
import { ToneDetector } from '../../../src/media/dtmf/tone-detector.ts'

/** The digits in sound of 16 kHz, and how long each lasted. */
export function heard(pcm: Float32Array, blockSamples = 320): { digits: string; durationsMs: number[] } {
  let digits = ''
  const durationsMs: number[] = []
  const detector = new ToneDetector((digit, durationMs) => {
    digits += digit
    durationsMs.push(durationMs)
  })
  for (let at = 0; at < pcm.length; at += blockSamples) detector.feed(pcm.subarray(at, at + blockSamples))
  return { digits, durationsMs }
}

/** As the far end of a WhatsApp call hears it: whole frames, without the encoder's delay. */
export function throughMlow(pcm: Float32Array): Float32Array {
  const [encoder, decoder] = [new MlowEncoder(), new MlowDecoder()]
  const payload = new Uint8Array(encoder.maxPayloadBytes)
  const frame = new Float32Array(decoder.maxSamples)
  const out = new Float32Array(pcm.length)
  for (let at = 0; at + encoder.frameSamples <= pcm.length; at += encoder.frameSamples) {
    const length = encoder.encode(pcm.subarray(at, at + encoder.frameSamples), payload)
    out.set(frame.subarray(0, decoder.decode(payload.slice(0, length), frame)), at)
  }
  return out
}
