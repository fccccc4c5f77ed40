import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MlowDecoder } from '../../../../src/media/codecs/mlow/decoder.ts'
import { FrameSymbols } from '../../../../src/media/codecs/mlow/frame-symbols.ts'
import { codeComfortNoise } from '../../../../src/media/codecs/mlow/frame-syntax.ts'
import { RangeEncoder } from '../../../../src/media/codecs/mlow/range-encoder.ts'
import { SplitRedDecoder } from '../../../../src/media/codecs/mlow/split-red-decoder.ts'

const PACKET = 960
const SILENT_UPDATE = noiseUpdate(0)
const FIRST_BYTES = [0x50, 0x12, 0x10, 0x90, 0x00, 0x54, 0x14, 0x16, 0x92]

const payload = fc
  .tuple(fc.oneof(fc.constantFrom(...FIRST_BYTES), fc.nat(255)), fc.uint8Array({ maxLength: 200 }))
  .map(([toc, body]) => Uint8Array.of(toc, ...body))

/** A comfort-noise update of flat spectrum and the mean energy `energyMean`. */
function noiseUpdate(energyMean: number): Uint8Array {
  const frame = new FrameSymbols()
  frame.centroid = 10
  frame.stage2.set([2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 4, 6, 14])
  frame.energyMean = energyMean
  const packet = new Uint8Array(64)
  packet[0] = 0x90
  const encoder = new RangeEncoder()
  encoder.start(packet, 1)
  codeComfortNoise(encoder, frame)
  return packet.slice(0, 1 + encoder.finish())
}

/** A deterministic packet that decodes to sound. */
function noisyPacket(seed: number, toc = 0x50): Uint8Array {
  let state = seed
  return Uint8Array.from({ length: 120 }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return i === 0 ? toc : state >>> 24
  })
}

const loudness = (pcm: Float32Array, samples: number) =>
  Math.sqrt(pcm.subarray(0, samples).reduce((sum, x) => sum + x * x, 0) / samples)

describe('any payload', () => {
  test('decodes to a bounded number of finite samples, or none', () => {
    const decoder = new MlowDecoder()
    const redundant = new SplitRedDecoder(new MlowDecoder())
    const pcm = new Float32Array(decoder.maxSamples)
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 12 }), fc.nat(2000), (payloads, lost) => {
        for (const bytes of payloads) {
          for (const each of [decoder, redundant]) {
            const samples = each.decode(bytes, pcm)
            expect(samples).toBeLessThanOrEqual(each.maxSamples)
            expect(pcm.subarray(0, samples).every((x) => Math.abs(x) <= 1)).toBe(true)
          }
        }
        expect(decoder.conceal(lost, pcm)).toBe(lost)
        expect(pcm.subarray(0, lost).every((x) => Math.abs(x) <= 1)).toBe(true)
        for (const next of payloads) {
          for (const each of [decoder, redundant]) {
            expect(each.concealBefore(next, lost, pcm)).toBe(lost)
            expect(pcm.subarray(0, lost).every((x) => Math.abs(x) <= 1)).toBe(true)
          }
        }
      }),
    )
  })

  test('leaves no trace that outlasts it: noise after garbage becomes quiet', () => {
    for (const toc of [0x50, 0x54, 0x10]) {
      const decoder = new MlowDecoder()
      const pcm = new Float32Array(decoder.maxSamples)
      for (let i = 0; i < 200; i++) decoder.decode(noisyPacket(i, toc), pcm)
      for (let i = 0; i < 40; i++) decoder.decode(SILENT_UPDATE, pcm)
      expect(loudness(pcm, PACKET)).toBeLessThan(1e-4)
    }
  })

  test('after a reset nothing is left', () => {
    const used = new MlowDecoder()
    const fresh = new MlowDecoder()
    const a = new Float32Array(used.maxSamples)
    const b = new Float32Array(used.maxSamples)
    for (let i = 0; i < 10; i++) used.decode(noisyPacket(i, i % 2 ? 0x50 : 0x54), a)
    used.conceal(PACKET, a)
    used.reset()
    for (let i = 20; i < 26; i++) {
      expect(used.decode(noisyPacket(i), a)).toBe(fresh.decode(noisyPacket(i), b))
      expect(a).toEqual(b)
    }
  })
})

test('in steady state a packet allocates nothing', () => {
  setFlagsFromString('--expose-gc')
  // A number with a fraction needs a box when it passes a call that is not inlined, which is the engine's to choose.
  setFlagsFromString('--no-turbo-inlining')
  const collect = runInNewContext('gc') as () => void
  const decoder = new MlowDecoder()
  const pcm = new Float32Array(decoder.maxSamples)
  const packets = Array.from({ length: 35 }, (_, i) =>
    i % 5 < 3 ? noisyPacket(i, [0x50, 0x12, 0x10][i % 5]) : i % 5 === 3 ? noiseUpdate(40) : Uint8Array.of(0),
  )
  const run = (count: number) => {
    for (let i = 0; i < count; i++) {
      if (i % 6 === 2) decoder.conceal(PACKET, pcm)
      else if (i % 6 === 5) decoder.concealBefore(packets[(i + 1) % packets.length]!, PACKET, pcm)
      else decoder.decode(packets[i % packets.length]!, pcm)
    }
  }
  // What the engine still interprets, it boxes; so until it has compiled all of it.
  let bytes = Number.POSITIVE_INFINITY
  for (let batch = 0; batch < 100 && !(bytes >= 0 && bytes < 8); batch++) {
    collect()
    const before = process.memoryUsage().heapUsed
    run(1000)
    bytes = (process.memoryUsage().heapUsed - before) / 1000
  }
  expect(bytes).toBeGreaterThanOrEqual(0)
  expect(bytes).toBeLessThan(8)
}, 30_000)

describe('what is not decoded here', () => {
  test('an empty payload is refused', () => {
    expect(new MlowDecoder().decode(new Uint8Array(0), new Float32Array(10))).toBe(0)
  })

  test.each([
    ['other duration', [0x48, 1, 2], 320],
    ['32 kHz', [0x70, 1, 2], 960],
    ['120 ms', [0x58, 1, 2], 1920],
    ['Opus, one frame of 20 ms', [0xd8, 1, 2], 320],
    ['Opus, two frames of 10 ms', [0xd1, 1, 2], 320],
    ['Opus, three frames of 5 ms', [0xcb, 3, 2], 240],
    ['Opus, more than 120 ms', [0xdb, 63], 1920],
  ])('%s: silence of its duration', (_, bytes, samples) => {
    const decoder = new MlowDecoder()
    const pcm = new Float32Array(decoder.maxSamples).fill(1)
    expect(decoder.decode(Uint8Array.from(bytes), pcm)).toBe(samples)
    expect(pcm.subarray(0, samples).every((x) => x === 0)).toBe(true)
    expect(decoder.unsupportedFrames).toBe(1)
  })
})

describe('lost packets', () => {
  test('before anything was heard they are silence', () => {
    const decoder = new MlowDecoder()
    const pcm = new Float32Array(PACKET).fill(1)
    decoder.conceal(PACKET, pcm)
    expect(pcm.every((x) => x === 0)).toBe(true)
  })

  test('speech goes on, fades, and is gone after 300 ms', () => {
    const decoder = new MlowDecoder()
    const pcm = new Float32Array(decoder.maxSamples)
    for (let i = 0; i < 5; i++) decoder.decode(noisyPacket(i), pcm)
    const heard = loudness(pcm, PACKET)
    const levels = Array.from({ length: 6 }, () => loudness(pcm, decoder.conceal(PACKET, pcm)))
    expect(levels[0]).toBeGreaterThan(heard / 10)
    expect(levels[1]).toBeLessThan(levels[0])
    expect(levels[5]).toBeLessThan(levels[0] / 100)
  })

  test('comfort noise goes on at its level', () => {
    const decoder = new MlowDecoder()
    const pcm = new Float32Array(decoder.maxSamples)
    const update = noiseUpdate(50)
    for (let i = 0; i < 20; i++) decoder.decode(update, pcm)
    const level = loudness(pcm, PACKET)
    for (let i = 0; i < 20; i++) decoder.conceal(PACKET, pcm)
    expect(loudness(pcm, PACKET) / level).toBeGreaterThan(0.7)
    expect(loudness(pcm, PACKET) / level).toBeLessThan(1.4)
  })

  test('any split of the same loss gives the same noise', () => {
    const whole = new MlowDecoder()
    const parts = new MlowDecoder()
    const a = new Float32Array(whole.maxSamples)
    const b = new Float32Array(whole.maxSamples)
    for (const decoder of [whole, parts]) decoder.decode(SILENT_UPDATE, a)
    whole.conceal(PACKET, a)
    for (let at = 0; at < PACKET; at += 320) parts.conceal(320, b.subarray(at))
    expect(b.subarray(0, PACKET)).toEqual(a.subarray(0, PACKET))
  })
})
