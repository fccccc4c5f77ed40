import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MlowDecoder } from '../../../../src/media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../../../src/media/codecs/mlow/encoder.ts'
import { SplitRedDecoder } from '../../../../src/media/codecs/mlow/split-red-decoder.ts'
import { voice } from '../../voice-signal.ts'

function packets(redundancyLevel: 0 | 1): Uint8Array[] {
  const encoder = new MlowEncoder({ redundancyLevel })
  const pcm = voice(16000, 1)
  return Array.from({ length: 15 }, (_, i) => {
    const payload = new Uint8Array(encoder.maxPayloadBytes)
    return payload.slice(0, encoder.encode(pcm.subarray(i * 960, (i + 1) * 960), payload))
  })
}

it('hears in payloads with copies what is in those without, and repairs a loss as if it had not been', () => {
  const bare = new MlowDecoder()
  const inner = new MlowDecoder()
  const redundant = new SplitRedDecoder(inner)
  const expected = new Float32Array(bare.maxSamples)
  const out = new Float32Array(bare.maxSamples)
  const plain = packets(0)
  for (const [i, payload] of packets(1).entries()) {
    if (i === 7) continue
    if (i === 8) {
      bare.decode(plain[7], expected)
      expect(redundant.recover(payload, 960, out)).toBe(960)
      expect(out).toEqual(expected)
    }
    expect(redundant.decode(payload, out)).toBe(bare.decode(plain[i], expected))
    expect(out).toEqual(expected)
  }
  redundant.conceal(960, out)
  bare.conceal(960, expected)
  expect(out).toEqual(expected)
})

it('never throws, whatever the bytes, and finds no copy where none is', () => {
  const decoder = new SplitRedDecoder(new MlowDecoder())
  const out = new Float32Array(decoder.maxSamples)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      expect(decoder.decode(bytes, out)).toBeLessThanOrEqual(decoder.maxSamples)
      expect(decoder.recover(bytes, 960, out)).toBeLessThanOrEqual(decoder.maxSamples)
    }),
  )
  expect(decoder.decode(Uint8Array.of(0x90, 1), out)).toBe(0)
  expect(decoder.recover(Uint8Array.of(0, 0x50, 1), 960, out)).toBe(0)
})

describe('recovery', () => {
  const [first, second] = packets(0).slice(3)
  const carrier = Uint8Array.of(0x81, first.length, 0, ...first, ...second)

  it('gives the very packet that was lost', () => {
    const complete = new MlowDecoder()
    const lossy = new SplitRedDecoder(new MlowDecoder())
    const expected = new Float32Array(complete.maxSamples)
    const actual = new Float32Array(complete.maxSamples)
    complete.decode(first, expected)
    expect(lossy.recover(carrier, 960, actual)).toBe(960)
    expect(actual).toEqual(expected)
    complete.decode(second, expected)
    expect(lossy.decode(carrier, actual)).toBe(960)
    expect(actual).toEqual(expected)
  })

  it.each([
    ['no copy', Uint8Array.of(0, ...second), 960],
    ['a copy of an older packet', Uint8Array.of(0x82, first.length, 0, ...first, ...second), 960],
    ['an empty copy', Uint8Array.of(0x81, 0, 0, ...second), 960],
    ['another duration', carrier, 320],
  ])('%s: none, and the state stays', (_, next, samples) => {
    const inner = new MlowDecoder()
    const pcm = new Float32Array(inner.maxSamples)
    expect(new SplitRedDecoder(inner).recover(next, samples, pcm)).toBe(0)
    expect(inner.renderer.started).toBe(false)
  })
})
