import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RangeDecoder } from '../../../../src/media/codecs/mlow/range-decoder.ts'
import { RangeEncoder } from '../../../../src/media/codecs/mlow/range-encoder.ts'

const frequencies = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 80 })
const cdfOf = (weights: number[]) => {
  let sum = 7
  return Uint16Array.from([sum, ...weights.map((w) => (sum += w))])
}
const step = fc.oneof(
  fc.record({ weights: frequencies, pick: fc.nat() }),
  fc.record({ bits: fc.integer({ min: 1, max: 15 }), pick: fc.nat() }),
)

describe('range coder', () => {
  test('what was encoded is decoded, whatever the tables', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const bytes = new Uint8Array(400)
        const encoder = new RangeEncoder()
        encoder.start(bytes, 1)
        for (const s of steps) {
          if ('bits' in s) encoder.bits(s.bits, s.pick & ((1 << s.bits) - 1))
          else encoder.symbol(cdfOf(s.weights), 0, s.weights.length + 1, s.pick % s.weights.length)
        }
        const length = encoder.finish()
        expect(encoder.error).toBe(false)
        const decoder = new RangeDecoder()
        decoder.start(bytes, 1, length + 1)
        for (const s of steps) {
          if ('bits' in s) expect(decoder.bits(s.bits)).toBe(s.pick & ((1 << s.bits) - 1))
          else expect(decoder.symbol(cdfOf(s.weights), 0, s.weights.length + 1)).toBe(s.pick % s.weights.length)
        }
        expect(decoder.error).toBe(false)
      }),
    )
  })

  test('any bytes give symbols inside their tables', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.array(frequencies), (bytes, tables) => {
        const decoder = new RangeDecoder()
        decoder.start(bytes, 0, bytes.length)
        expect(decoder.tell).toBe(1)
        for (const weights of tables) {
          expect(decoder.symbol(cdfOf(weights), 0, weights.length + 1)).toBeLessThan(weights.length)
        }
      }),
    )
  })

  test('an output that is too small is an error, not a write past its end', () => {
    const bytes = new Uint8Array(8)
    const encoder = new RangeEncoder()
    encoder.start(bytes.subarray(0, 3), 0)
    for (let i = 0; i < 20; i++) encoder.bits(15, 0x5555)
    encoder.finish()
    expect(encoder.error).toBe(true)
    expect([...bytes.subarray(3)]).toEqual([0, 0, 0, 0, 0])
  })

  test('a symbol outside its table is an error of the encoder', () => {
    const encoder = new RangeEncoder()
    encoder.start(new Uint8Array(8), 0)
    encoder.symbol(Uint16Array.of(0, 3, 9), 0, 3, 2)
    expect(encoder.error).toBe(true)
  })

  test('a table without a symbol is an error of the decoder', () => {
    const decoder = new RangeDecoder()
    decoder.start(Uint8Array.of(1, 2, 3), 0, 3)
    expect(decoder.symbol(Uint16Array.of(5, 5), 0, 2)).toBe(0)
    expect(decoder.error).toBe(true)
  })

  test('trailing zero bytes are dropped, the first byte stays', () => {
    const encoder = new RangeEncoder()
    encoder.start(new Uint8Array(64), 0)
    for (let i = 0; i < 24; i++) encoder.bits(15, 0)
    expect(encoder.finish()).toBe(1)
  })
})
