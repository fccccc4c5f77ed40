import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AudioDecoder, AudioEncoder } from '../../media/codecs/codec.ts'
import { speech } from '../speech.ts'

const FRAMES = 40

/**
 * Lets a phone's codec say and hear the first words once: the words are synthesised and the codec's code is compiled
 * before the first call, whose sound would otherwise wait for both.
 */
export async function rehearseSpeech(encoder: AudioEncoder, decoder: AudioDecoder): Promise<void> {
  const words = speech()
  const payload = new Uint8Array(encoder.maxPayloadBytes)
  const heard = new Float32Array(decoder.maxSamples)
  for (let frame = 0; frame < FRAMES; frame++) {
    const start = frame * encoder.frameSamples
    const length = encoder.encode(words.subarray(start, start + encoder.frameSamples), payload)
    decoder.decode(payload.subarray(0, length), heard)
    await nextTurn()
  }
  encoder.close?.()
  decoder.close?.()
}
