import { expect, it, vi } from 'vitest'
import { MlowDecoder } from '../../../src/media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../../src/media/codecs/mlow/encoder.ts'
import { MlowOrOpusDecoder } from '../../../src/media/codecs/mlow-or-opus.ts'
import { OpusDecoder } from '../../../src/media/codecs/opus/opus.ts'
import { voice } from '../voice-signal.ts'

/** A CELT-only packet of 20 ms whose coder finds nothing but its first byte: silence. */
const OPUS_PACKET = Uint8Array.of(0xf8, 0xff, 0xfe)

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

function bench() {
  const made: OpusDecoder[] = []
  const both = new MlowOrOpusDecoder(new MlowDecoder(), async () => {
    made.push(await OpusDecoder.create(16000))
    return made.at(-1)!
  })
  return { both, made, out: new Float32Array(both.maxSamples) }
}

it('decodes MLow as MLow does, and conceals with it', async () => {
  const { both, made, out } = bench()
  const alone = new MlowDecoder()
  const encoder = new MlowEncoder()
  const pcm = voice(16000, 1)
  const payload = new Uint8Array(encoder.maxPayloadBytes)
  const expected = new Float32Array(both.maxSamples)
  for (let i = 0; i < 10; i++) {
    const bytes = payload.slice(0, encoder.encode(pcm.subarray(i * 960, (i + 1) * 960), payload))
    expect(both.decode(bytes, out)).toBe(alone.decode(bytes, expected))
    expect(out).toEqual(expected)
  }
  both.conceal(960, out)
  alone.conceal(960, expected)
  expect(out.subarray(0, 960)).toEqual(expected.subarray(0, 960))
  expect(both.recover(payload, 960, out)).toBe(0)
  both.close()
  expect(made).toEqual([])
})

it('makes a decoder of Opus when the first packet of it comes, once, and frees it', async () => {
  const { both, made, out } = bench()
  expect(both.decode(OPUS_PACKET, out)).toBe(0)
  expect(both.decode(OPUS_PACKET, out)).toBe(0)
  await vi.waitUntil(() => both.decode(OPUS_PACKET, out) === 320)
  expect(made).toHaveLength(1)
  expect(both.conceal(320, out)).toBe(320)
  expect(out.subarray(0, 320).every((sample) => Math.abs(sample) < 0.01)).toBe(true)
  both.reset()
  expect(both.decode(OPUS_PACKET, out)).toBe(320)
  await turn()
  both.close()
  expect(made[0].decode(OPUS_PACKET, out)).toBe(0)
})

it('frees a decoder that is made too late', async () => {
  const { both, made, out } = bench()
  both.decode(OPUS_PACKET, out)
  both.close()
  await vi.waitUntil(() => made.length === 1)
  await turn()
  expect(made[0].decode(OPUS_PACKET, out)).toBe(0)
})
