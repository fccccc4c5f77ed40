import { expect, it } from 'vitest'
import { MlowDecoder } from '../../../src/media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../../src/media/codecs/mlow/encoder.ts'
import { MlowOrOpusDecoder } from '../../../src/media/codecs/mlow-or-opus.ts'
import { OpusDecoder } from '../../../src/media/codecs/opus/opus.ts'
import { voice } from '../voice-signal.ts'

/** A CELT-only packet of 20 ms whose coder finds nothing but its first byte: silence. */
const OPUS_PACKET = Uint8Array.of(0xf8, 0xff, 0xfe)

it('sends each payload to the codec that its first byte tells, and loss to the one heard last', async () => {
  const opus = await OpusDecoder.create(16000)
  const alone = new MlowDecoder()
  const both = new MlowOrOpusDecoder(new MlowDecoder(), opus)
  const encoder = new MlowEncoder()
  const pcm = voice(16000, 1)
  const payload = new Uint8Array(encoder.maxPayloadBytes)
  const [out, expected] = [new Float32Array(both.maxSamples), new Float32Array(both.maxSamples)]
  for (let i = 0; i < 10; i++) {
    const bytes = payload.slice(0, encoder.encode(pcm.subarray(i * 960, (i + 1) * 960), payload))
    expect(both.decode(bytes, out)).toBe(alone.decode(bytes, expected))
    expect(out).toEqual(expected)
  }
  both.conceal(960, out)
  alone.conceal(960, expected)
  expect(out.subarray(0, 960)).toEqual(expected.subarray(0, 960))
  expect(both.recover(payload, 960, out)).toBe(0)
  expect(both.decode(OPUS_PACKET, out)).toBe(320)
  expect(both.conceal(320, out)).toBe(320)
  expect(out.subarray(0, 320).every((sample) => Math.abs(sample) < 0.01)).toBe(true)
  both.reset()
  opus.close()
})

it('refuses an Opus decoder at another rate', async () => {
  const opus = await OpusDecoder.create(48000)
  expect(() => new MlowOrOpusDecoder(new MlowDecoder(), opus)).toThrow(RangeError)
  opus.close()
})
