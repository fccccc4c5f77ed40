import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { G722Decoder, G722Encoder } from '../../../src/media/codecs/g722/g722.ts'
import { codecContract } from '../../contract/codec.ts'

codecContract('G.722', async () => ({ encoder: new G722Encoder(), decoder: new G722Decoder() }))

const SAMPLES = 5 * 16_000

/** Integers only: a rising tone, noise, nothing, a square wave, noise in bursts. Half of full scale, so nothing is cut. */
function probe(): Int16Array {
  let seed = 1
  const noise = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    return (seed >>> 16) - 32768
  }
  let phase = 0
  return Int16Array.from({ length: SAMPLES }, (_, i) => {
    phase = (phase + 800 + (i >> 1)) & 0xffff
    const kind = Math.floor(i / 16_000)
    if (kind === 0) return (Math.abs(phase - 32768) - 16384) >> 1
    if (kind === 1) return noise() >> 2
    if (kind === 2) return 0
    if (kind === 3) return (i >> 5) & 1 ? 12_000 : -12_000
    return (noise() * (i & 2047)) >> 14
  })
}

const digest = (bytes: Uint8Array | Int16Array) =>
  createHash('sha256')
    .update(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    .digest('hex')

function encode(pcm: Int16Array): Uint8Array {
  const encoder = new G722Encoder(320)
  const codes = new Uint8Array(pcm.length / 2)
  for (let at = 0; at < pcm.length; at += 320) {
    encoder.encode(
      Float32Array.from(pcm.subarray(at, at + 320), (value) => value / 32768),
      codes.subarray(at / 2),
    )
  }
  return codes
}

function decode(codes: Uint8Array): Int16Array {
  const decoder = new G722Decoder()
  const frame = new Float32Array(decoder.maxSamples)
  const pcm = new Int16Array(2 * codes.length)
  for (let at = 0; at < codes.length; at += 160) {
    const samples = decoder.decode(codes.subarray(at, at + 160), frame)
    for (let i = 0; i < samples; i++) pcm[2 * at + i] = frame[i] * 32768
  }
  return pcm
}

describe('G.722', () => {
  // The digests are those of g722_encode and g722_decode of libspandsp 0.0.6 (Debian libspandsp2) for the same input.
  it('encodes to the very bits of libspandsp', () => {
    expect(digest(encode(probe()))).toBe('810c73508f7fc4a08428c136f2fee428b06150d061012ad14b6f8f4ab74efafe')
  })

  it('decodes to the very samples of libspandsp', () => {
    expect(digest(decode(encode(probe())))).toBe('3a0b83a05d13b26027db7b3df707801866e7252ce14e4b3ccf0a53fbab2b46c5')
  })

  it('saturates instead of wrapping around', () => {
    const square = Int16Array.from({ length: 3200 }, (_, i) => ((i >> 4) & 1 ? 32767 : -32768))
    const heard = decode(encode(square))
    for (let i = 320; i < heard.length; i++) {
      if (Math.abs(heard[i]) > 30_000) expect(Math.abs(heard[i] - square[i - 22])).toBeLessThan(40_000)
    }
    expect(heard).toContain(32767)
  })

  it('takes packets of any length up to 120 ms', () => {
    const decoder = new G722Decoder()
    const out = new Float32Array(decoder.maxSamples)
    expect(decoder.decode(new Uint8Array(80), out)).toBe(160)
    expect(decoder.decode(new Uint8Array(960), out)).toBe(1920)
    expect(decoder.decode(new Uint8Array(961), out)).toBe(0)
  })
})
