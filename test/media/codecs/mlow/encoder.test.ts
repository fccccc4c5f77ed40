import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MlowDecoder } from '../../../../src/media/codecs/mlow/decoder.ts'
import { MlowEncoder, type MlowEncoderOptions } from '../../../../src/media/codecs/mlow/encoder.ts'
import { FrameSymbols } from '../../../../src/media/codecs/mlow/frame-symbols.ts'
import { FrameSyntax } from '../../../../src/media/codecs/mlow/frame-syntax.ts'
import { RangeDecoder } from '../../../../src/media/codecs/mlow/range-decoder.ts'
import { SplitRedDecoder } from '../../../../src/media/codecs/mlow/split-red-decoder.ts'
import {
  TOC_ACTIVE,
  TOC_COMFORT_NOISE,
  TOC_HANGOVER,
  TOC_INACTIVE,
  TOC_NO_DATA,
} from '../../../../src/media/codecs/mlow/toc.ts'
import { segmentalSnr } from '../../../../src/media/measure/segmental-snr.ts'

const RATE_HZ = 16000
const PACKET = 960
const CODEC_DELAY = 80

/**
 * Syllables of a gliding voice (90 to 150 Hz) through two resonances, on for `onSeconds` out of every `periodSeconds`,
 * over a faint hiss.
 */
function voiceLike(seconds: number, onSeconds: number, periodSeconds: number): Float32Array {
  let seed = 1
  let y1 = 0
  let y2 = 0
  let z1 = 0
  let z2 = 0
  let phase = 0
  return Float32Array.from({ length: Math.floor((seconds * RATE_HZ) / PACKET) * PACKET }, (_, n) => {
    seed = (Math.imul(1664525, seed) + 1013904223) >>> 0
    const hiss = (seed / 2 ** 31 - 1) * 0.0005
    const t = n / RATE_HZ
    phase += (120 + 30 * Math.sin(2 * Math.PI * 0.9 * t)) / RATE_HZ
    const syllable = t % periodSeconds < onSeconds ? Math.sin(Math.PI * 4 * t) ** 2 : 0
    const pulse = phase >= 1 ? 0.5 * syllable : 0
    if (phase >= 1) phase -= 1
    const y = pulse + 1.82 * y1 - 0.88 * y2
    y2 = y1
    y1 = y
    const z = 0.2 * y + 1.4 * z1 - 0.85 * z2
    z2 = z1
    z1 = z
    return 0.25 * z + hiss
  })
}

function encodeAll(pcm: Float32Array, options: MlowEncoderOptions = {}): Uint8Array[] {
  const encoder = new MlowEncoder(options)
  const out = new Uint8Array(encoder.maxPayloadBytes)
  const packets: Uint8Array[] = []
  for (let at = 0; at + PACKET <= pcm.length; at += PACKET) {
    packets.push(out.slice(0, encoder.encode(pcm.subarray(at, at + PACKET), out)))
  }
  return packets
}

/** Decodes a packet per 60 ms; after one without data the noise goes on until the next is due. */
function decodeAll(packets: readonly Uint8Array[]): Float32Array {
  const decoder = new MlowDecoder()
  const buffer = new Float32Array(decoder.maxSamples)
  const pcm = new Float32Array(packets.length * PACKET)
  for (const [i, packet] of packets.entries()) {
    let filled = 0
    while (filled < PACKET) {
      const samples = decoder.decode(packet, buffer)
      expect(samples).toBeGreaterThan(0)
      pcm.set(buffer.subarray(0, Math.min(samples, PACKET - filled)), i * PACKET + filled)
      filled += samples
    }
  }
  return pcm
}

function readsWithoutError(packet: Uint8Array): boolean {
  const coder = new RangeDecoder()
  const syntax = new FrameSyntax()
  const frame = new FrameSymbols()
  coder.start(packet, 1, packet.length)
  syntax.begin(packet[0] === TOC_INACTIVE, false)
  for (let f = 0; f < 3; f++) syntax.code(coder, frame)
  return !coder.error && coder.tell <= 8 * (packet.length - 1) + 7
}

const kbps = (packets: readonly Uint8Array[]) =>
  packets.reduce((sum, p) => sum + 8 * p.length, 0) / (60 * packets.length)

describe('MlowEncoder', () => {
  it('follows the waveform of voiced speech', () => {
    const pcm = voiceLike(2, 2, 2)
    const packets = encodeAll(pcm)
    expect(packets.every((packet) => packet[0] === TOC_ACTIVE)).toBe(true)
    expect(segmentalSnr(pcm, decodeAll(packets).subarray(CODEC_DELAY), RATE_HZ)).toBeGreaterThan(6)
  })

  it('spends more and gets closer as the bit rate rises', () => {
    const pcm = voiceLike(3, 3, 3)
    const results = [8000, 14000, 20000, 26000].map((bitRate) => {
      const packets = encodeAll(pcm, { bitRate })
      return { kbps: kbps(packets), snr: segmentalSnr(pcm, decodeAll(packets).subarray(CODEC_DELAY), RATE_HZ) }
    })
    for (let i = 1; i < results.length; i++) {
      expect(results[i].kbps).toBeGreaterThan(results[i - 1].kbps)
      expect(results[i].snr).toBeGreaterThan(results[i - 1].snr)
    }
  })

  it.each([5999, 30001, Number.NaN])('refuses a bit rate of %s', (bitRate) => {
    expect(() => new MlowEncoder({ bitRate })).toThrow(RangeError)
  })

  it('codes digital silence in 14 bytes after the hangover', () => {
    const packets = encodeAll(new Float32Array(10 * PACKET))
    expect(packets[0][0]).toBe(TOC_HANGOVER)
    for (const packet of packets.slice(1)) {
      expect(packet[0]).toBe(TOC_INACTIVE)
      expect(packet).toHaveLength(14)
    }
    expect(decodeAll(packets).every((sample) => Math.abs(sample) < 1e-3)).toBe(true)
  })

  it('begins anew after reset', () => {
    const pcm = voiceLike(1, 0.5, 0.7)
    const encoder = new MlowEncoder()
    const out = new Uint8Array(encoder.maxPayloadBytes)
    const run = () => {
      const packets: Buffer[] = []
      for (let at = 0; at + PACKET <= pcm.length; at += PACKET) {
        packets.push(Buffer.from(out.slice(0, encoder.encode(pcm.subarray(at, at + PACKET), out))))
      }
      return packets
    }
    const first = run()
    encoder.reset()
    expect(run()).toEqual(first)
  })

  it('recovers from samples that are no numbers', () => {
    const pcm = voiceLike(1, 1, 1)
    const broken = pcm.slice()
    broken.fill(Number.NaN, PACKET, PACKET + 500)
    broken.fill(Number.POSITIVE_INFINITY, PACKET + 500, 2 * PACKET)
    const packets = encodeAll(broken)
    expect(packets.every(readsWithoutError)).toBe(true)
    const heard = decodeAll(packets).subarray(CODEC_DELAY)
    expect(segmentalSnr(pcm.subarray(6 * PACKET), heard.subarray(6 * PACKET), RATE_HZ)).toBeGreaterThan(5)
  })

  it('makes valid packets of any samples at any rate', () => {
    const segment = fc.record({
      samples: fc.float32Array({ minLength: 1, maxLength: 64 }),
      gain: fc.constantFrom(0, 1e-6, 1e-3, 1, 1e3),
      repeat: fc.integer({ min: 1, max: 40 }),
    })
    fc.assert(
      fc.property(
        fc.array(segment, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 6000, max: 30000 }),
        (segments, bitRate) => {
          const pcm = new Float32Array(3 * PACKET)
          let at = 0
          for (const { samples, gain, repeat } of segments) {
            for (let r = 0; r < repeat * samples.length && at < pcm.length; r++, at++) {
              pcm[at] = samples[r % samples.length] * gain
            }
          }
          for (const packet of encodeAll(pcm, { bitRate })) {
            expect(packet.length).toBeLessThanOrEqual(513)
            expect(readsWithoutError(packet)).toBe(true)
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('MlowEncoder with discontinuous transmission', () => {
  const pcm = voiceLike(6, 1, 2)
  const packets = encodeAll(pcm, { dtx: true })
  const kinds = packets.map((packet) => packet[0])

  it('opens each pause with updates and then mostly sends nothing', () => {
    const pauses = kinds
      .map((kind) =>
        kind === TOC_COMFORT_NOISE ? 'u' : kind === TOC_NO_DATA ? '.' : kind === TOC_HANGOVER ? 'h' : 's',
      )
      .join('')
      .split(/s+/)
      .filter((pause) => pause !== '')
    expect(pauses).toHaveLength(3)
    for (const pause of pauses) expect(pause).toMatch(/^h+uuuu(\.{1,5}u{0,4})*$/)
    for (const packet of packets) {
      if (packet[0] === TOC_NO_DATA) expect(packet).toHaveLength(1)
      if (packet[0] === TOC_COMFORT_NOISE) expect(packet.length).toBeLessThan(12)
    }
  })

  it('lets the decoder follow: speech after a pause is as good as without', () => {
    const continuous = decodeAll(encodeAll(pcm)).subarray(CODEC_DELAY)
    const paused = decodeAll(packets).subarray(CODEC_DELAY)
    const speech = (signal: Float32Array) => signal.subarray(2 * RATE_HZ, 3 * RATE_HZ)
    const difference =
      segmentalSnr(speech(pcm), speech(paused), RATE_HZ) - segmentalSnr(speech(pcm), speech(continuous), RATE_HZ)
    expect(difference).toBeGreaterThan(-0.5)
  })

  it('keeps the level of the noise', () => {
    const level = (signal: Float32Array) => Math.sqrt(signal.reduce((sum, x) => sum + x * x, 0) / signal.length)
    const pause = (signal: Float32Array) => signal.subarray(1.6 * RATE_HZ, 1.95 * RATE_HZ)
    const ratio = level(pause(decodeAll(packets).subarray(CODEC_DELAY))) / level(pause(pcm))
    expect(ratio).toBeGreaterThan(0.7)
    expect(ratio).toBeLessThan(1.4)
  })
})

describe('MlowEncoder with redundancy', () => {
  const pcm = voiceLike(2, 1, 2)
  const plain = encodeAll(pcm)
  const payloads = encodeAll(pcm, { redundancyLevel: 1 })

  it('decodes to the same', () => {
    const [one, other] = [new MlowDecoder(), new SplitRedDecoder(new MlowDecoder())]
    const [a, b] = [new Float32Array(one.maxSamples), new Float32Array(other.maxSamples)]
    for (const [i, payload] of payloads.entries()) {
      expect(other.decode(payload, b)).toBe(one.decode(plain[i], a))
      expect(b).toEqual(a)
    }
  })

  it('repairs a single loss entirely', () => {
    const decoder = new SplitRedDecoder(new MlowDecoder())
    const buffer = new Float32Array(decoder.maxSamples)
    const heard = new Float32Array(pcm.length)
    for (const [i, payload] of payloads.entries()) {
      const isLost = i % 3 === 1 && i + 1 < payloads.length
      const samples = isLost ? decoder.recover(payloads[i + 1], PACKET, buffer) : decoder.decode(payload, buffer)
      expect(samples).toBe(PACKET)
      heard.set(buffer.subarray(0, PACKET), i * PACKET)
    }
    expect(heard).toEqual(decodeAll(plain))
  })
})

describe('MlowEncoder in steady state', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void

  it.each<[string, MlowEncoderOptions]>([
    ['all packets coded', {}],
    ['pauses as comfort noise', { dtx: true }],
    ['redundant copies', { redundancyLevel: 1 }],
  ])(
    'allocates nothing: %s',
    (_, options) => {
      const encoder = new MlowEncoder(options)
      const out = new Uint8Array(encoder.maxPayloadBytes)
      const pcm = voiceLike(6, 1.5, 3)
      const packets = Array.from({ length: pcm.length / PACKET }, (_, i) => pcm.slice(i * PACKET, (i + 1) * PACKET))
      // What the engine still interprets, it boxes; so until it has compiled all of it.
      const count = 3 * packets.length
      let bytes = Number.POSITIVE_INFINITY
      for (let batch = 0; batch < 100 && !(bytes >= 0 && bytes < 8); batch++) {
        collect()
        const before = process.memoryUsage().heapUsed
        for (let i = 0; i < count; i++) encoder.encode(packets[i % packets.length], out)
        bytes = (process.memoryUsage().heapUsed - before) / count
      }
      expect(bytes).toBeGreaterThanOrEqual(0)
      expect(bytes).toBeLessThan(8)
    },
    60_000,
  )
})

describe('MlowEncoder at low complexity', () => {
  it('sounds about the same', () => {
    const pcm = voiceLike(3, 3, 3)
    const snr = (complexity: number) =>
      segmentalSnr(pcm, decodeAll(encodeAll(pcm, { complexity })).subarray(CODEC_DELAY), RATE_HZ)
    expect(snr(0)).toBeGreaterThan(snr(10) - 0.5)
  })

  it.each([-1, 11, 2.5])('refuses %s', (complexity) => {
    expect(() => new MlowEncoder({ complexity })).toThrow(RangeError)
  })
})
