import { describe, expect, it } from 'vitest'
import { L16Decoder, L16Encoder } from '../../../src/media/codecs/l16.ts'
import { codecContract } from '../../contract/codec.ts'

codecContract('L16', async () => ({ encoder: new L16Encoder(), decoder: new L16Decoder() }))

describe('L16', () => {
  it('puts the high byte first, and loses nothing of 16 bits', () => {
    const values = [0, 1, -1, 256, -256, 32767, -32768, 0x1234]
    const encoder = new L16Encoder(values.length)
    const bytes = new Uint8Array(encoder.maxPayloadBytes)
    expect(
      encoder.encode(
        Float32Array.from(values, (value) => value / 32768),
        bytes,
      ),
    ).toBe(16)
    expect(Array.from(bytes.subarray(0, 8))).toEqual([0, 0, 0, 1, 0xff, 0xff, 1, 0])
    expect(Array.from(bytes.subarray(14))).toEqual([0x12, 0x34])
    const decoder = new L16Decoder()
    const out = new Float32Array(decoder.maxSamples)
    expect(decoder.decode(bytes, out)).toBe(values.length)
    expect(Array.from(out.subarray(0, values.length), (value) => value * 32768)).toEqual(values)
  })

  it('refuses half a sample', () => {
    const decoder = new L16Decoder()
    expect(decoder.decode(new Uint8Array(3), new Float32Array(decoder.maxSamples))).toBe(0)
  })
})
