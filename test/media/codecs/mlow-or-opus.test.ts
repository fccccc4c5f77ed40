import { expect, it, vi } from 'vitest'
import { MlowDecoder } from '../../../src/media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../../src/media/codecs/mlow/encoder.ts'
import { SplitRedDecoder } from '../../../src/media/codecs/mlow/split-red-decoder.ts'
import { isOpus } from '../../../src/media/codecs/mlow/toc.ts'
import { MlowOrOpusDecoder } from '../../../src/media/codecs/mlow-or-opus.ts'
import { MlowOrOpusEncoder, OPUS_LIKE_MLOW } from '../../../src/media/codecs/mlow-or-opus-encoder.ts'
import { OpusDecoder, OpusEncoder } from '../../../src/media/codecs/opus/opus.ts'
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

it('speaks MLow until Opus is asked for and there, and each is heard as what it is', async () => {
  const { both, out } = bench()
  const mlow = new MlowEncoder()
  const speaker = new MlowOrOpusEncoder(mlow)
  const alone = await OpusDecoder.create(16000)
  const aloneMlow = new MlowDecoder()
  const pcm = voice(3 * 16000, 1)
  const payload = new Uint8Array(speaker.maxPayloadBytes)
  const expected = new Float32Array(both.maxSamples)
  const hears = (frame: number, decoder: OpusDecoder | MlowDecoder) => {
    const bytes = payload.slice(0, speaker.encode(pcm.subarray(frame * 960, (frame + 1) * 960), payload))
    expect(both.decode(bytes, out)).toBe(960)
    expect(decoder.decode(bytes, expected)).toBe(960)
    expect(out.subarray(0, 960)).toEqual(expected.subarray(0, 960))
  }
  await vi.waitUntil(() => both.decode(OPUS_PACKET, out) === 320)
  both.reset()
  for (let frame = 0; frame < 10; frame++) hears(frame, aloneMlow)
  await speaker.speakOpus()
  for (let frame = 10; frame < 40; frame++) hears(frame, alone)
  both.close()
  speaker.close()
  alone.close()
})

it('hears ordinary Opus speech that nobody announced, in the middle of MLow', async () => {
  const { both, out } = bench()
  const mlow = new MlowEncoder()
  const opus = await OpusEncoder.create(OPUS_LIKE_MLOW)
  const alone = await OpusDecoder.create(16000)
  const expected = new Float32Array(both.maxSamples)
  const payload = new Uint8Array(1276)
  const pcm = voice(3 * 16000, 1)
  const packet = (encoder: MlowEncoder | OpusEncoder, frame: number) =>
    payload.slice(0, encoder.encode(pcm.subarray(frame * 960, (frame + 1) * 960), payload))
  const firstBytes = new Set<number>()
  let loudest = 0
  expect(both.decode(packet(mlow, 0), out)).toBe(960)
  const first = packet(opus, 1)
  expect(both.decode(first, out)).toBe(0)
  await vi.waitUntil(() => both.decode(first, out) === 960)
  alone.decode(first, expected)
  for (let frame = 2; frame < 40; frame++) {
    const bytes = packet(opus, frame)
    firstBytes.add(bytes[0])
    expect(both.decode(bytes, out)).toBe(960)
    alone.decode(bytes, expected)
    expect(out.subarray(0, 960)).toEqual(expected.subarray(0, 960))
    loudest = Math.max(loudest, ...out.subarray(0, 960))
  }
  expect([...firstBytes]).toEqual([0x58])
  expect(loudest).toBeGreaterThan(0.1)
  expect(both.decode(packet(mlow, 40), out)).toBe(960)
  for (const codec of [both, opus, alone]) codec.close()
})

it('fills the place of a packet without data with the comfort noise before it', () => {
  const { both, out } = bench()
  // What the web client sends before it speaks (docs/protocol/rtp.md).
  const update = Uint8Array.of(0x90, 0xb8, 0x14, 0x14, 0xc4)
  for (let i = 0; i < 5; i++) expect(both.decode(update, out)).toBe(960)
  const loudness = () => Math.sqrt(out.subarray(0, 960).reduce((sum, x) => sum + x * x, 0) / 960)
  const before = loudness()
  for (let i = 0; i < 10; i++) expect(both.decode(Uint8Array.of(0x00), out)).toBe(960)
  expect(before).toBeGreaterThan(0)
  expect(loudness()).toBeGreaterThan(before / 2)
  expect(new MlowDecoder().decode(Uint8Array.of(0x00), out)).toBe(160)
  const copies = new SplitRedDecoder(both)
  expect(copies.recover(Uint8Array.of(0x81, 1, 0, 0x00, 0x90), 960, out)).toBe(960)
  both.close()
})

it('takes for Opus what is no MLow of 60 ms', () => {
  const mlow = [0x00, 0x10, 0x12, 0x14, 0x16, 0x50, 0x54, 0x90]
  // What opens a container, and what the web client begins with: MLow at 32 kHz, which is not decoded.
  const alsoNoOpus = [0x92, 0x32]
  // One frame of 60 ms narrow, medium and wide; three of 20 ms as SILK, hybrid and CELT; a single one of 20 ms.
  const opus = [0x18, 0x38, 0x58, 0x5c, 0x4b, 0x7b, 0x9b, 0xfb, 0x48, 0xf8]
  expect([...mlow, ...alsoNoOpus].filter(isOpus)).toEqual([])
  expect(opus.filter(isOpus)).toEqual(opus)
})

it('frees the encoder of Opus that is made too late', async () => {
  let closed = 0
  const opus = await OpusEncoder.create(OPUS_LIKE_MLOW)
  const speaker = new MlowOrOpusEncoder(new MlowEncoder(), async () =>
    Object.assign(opus, { close: () => void closed++ }),
  )
  const speaking = speaker.speakOpus()
  speaker.close()
  await speaking
  const payload = new Uint8Array(speaker.maxPayloadBytes)
  speaker.encode(new Float32Array(960), payload)
  expect([closed, payload[0] & 0x80]).toEqual([1, 0])
})
