import { expect, it } from 'vitest'
import { OpusDecoder, OpusEncoder } from '../../../src/media/codecs/opus/opus.ts'
import { Renewable } from '../../../src/media/codecs/opus/renewable.ts'
import { voice } from '../voice-signal.ts'
import { memoryGrowths, openAndClose } from '../wasm-growth.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

function pool() {
  const freed: number[] = []
  let made = 0
  const make = async () => {
    const id = ++made
    return { id, free: () => void freed.push(id) }
  }
  return { freed, make, made: () => made }
}

it('a renewable codec is fresh at once, and frees every instance that it made', async () => {
  const { freed, make, made } = pool()
  const codec = await Renewable.create(make)
  expect(codec.current.id).toBe(1)
  codec.renew()
  expect(codec.current.id).toBe(2)
  codec.renew()
  expect(codec.current.id).toBe(2)
  await turn()
  codec.renew()
  expect(codec.current.id).toBe(3)
  codec.close()
  codec.close()
  await turn()
  codec.renew()
  expect(freed.sort()).toEqual(Array.from({ length: made() }, (_, i) => i + 1))
})

it('Opus recovers a lost frame from the next packet, better than concealment does', async () => {
  const options = {
    sampleRateHz: 16000,
    frameMs: 20,
    bitrate: 32000,
    complexity: 5,
    expectedLossPercent: 30,
    dtx: false,
  } as const
  const encoder = await OpusEncoder.create(options)
  const [whole, recovering, concealing] = await Promise.all([1, 2, 3].map(() => OpusDecoder.create(16000)))
  const pcm = voice(16000, 3)
  const out = new Uint8Array(encoder.maxPayloadBytes)
  const payloads = Array.from({ length: 150 }, (_, i) =>
    out.slice(0, encoder.encode(pcm.subarray(i * 320, i * 320 + 320), out)),
  )
  const distance = { recovered: 0, concealed: 0 }
  const [a, b, c] = [1, 2, 3].map(() => new Float32Array(whole.maxSamples))
  const apart = (x: Float32Array, y: Float32Array) =>
    x.subarray(0, 320).reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0)
  payloads.slice(0, -1).forEach((payload, i) => {
    whole.decode(payload, a)
    if (i % 7 !== 6) {
      recovering.decode(payload, b)
      concealing.decode(payload, c)
      return
    }
    expect(recovering.recover(payloads[i + 1], 320, b)).toBe(320)
    concealing.conceal(320, c)
    distance.recovered += apart(a, b)
    distance.concealed += apart(a, c)
  })
  expect(distance.recovered).toBeLessThan(0.5 * distance.concealed)
  expect(recovering.recover(new Uint8Array(0), 320, b)).toBe(0)
  for (const codec of [encoder, whole, recovering, concealing]) codec.close()
})

it('thousands of codecs, opened and closed, need the memory of those that were open at once', async () => {
  const pcm = voice(16000, 1).subarray(0, 960)
  const payload = new Uint8Array(1276)
  const heard = new Float32Array(1920)
  const open = async (i: number) => {
    const encoder = await OpusEncoder.create({
      sampleRateHz: 16000,
      frameMs: 60,
      bitrate: 20000,
      complexity: 1,
      expectedLossPercent: 0,
      dtx: false,
    })
    const decoder = await OpusDecoder.create(16000)
    decoder.decode(payload.subarray(0, encoder.encode(pcm, payload)), heard)
    decoder.conceal(960, heard)
    // Closed while its successor is being made, or after.
    if (i % 3 === 0) decoder.reset()
    const close = () => {
      if (i % 3 === 1) encoder.reset()
      encoder.close()
      decoder.close()
    }
    return { close }
  }
  expect(await memoryGrowths(() => openAndClose(400, open))).toBeGreaterThan(0)
  const growths = await memoryGrowths(async () => {
    for (let round = 0; round < 4; round++) await openAndClose(400, open)
  })
  expect(growths).toBe(0)
}, 30_000)
