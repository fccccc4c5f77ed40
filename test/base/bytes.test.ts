import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter, equalConstantTime } from '../../src/base/bytes.ts'
import { ParseError } from '../../src/base/errors.ts'

describe('ByteReader and ByteWriter', () => {
  it('read back what was written', () => {
    fc.assert(
      fc.property(
        fc.nat(0xff),
        fc.nat(0xffff),
        fc.nat(0xffffffff),
        fc.uint8Array({ maxLength: 200 }),
        (a, b, c, rest) => {
          const bytes = new ByteWriter().u8(a).u16(b).u32(c).raw(rest).finish()
          const reader = new ByteReader(bytes, 'test')
          expect([reader.u8(), reader.u16(), reader.u32()]).toEqual([a, b, c])
          expect(reader.take(reader.remaining)).toEqual(rest)
        },
      ),
    )
  })

  it('name what was cut short, with both numbers', () => {
    const reader = new ByteReader(new Uint8Array(3), 'STUN header')
    expect(() => reader.u32()).toThrow(new ParseError('parse.truncated', 'STUN header: 4 bytes needed, 3 left'))
    expect(reader.remaining).toBe(3)
  })
})

describe('equalConstantTime', () => {
  it('compares content and length', () => {
    expect(equalConstantTime(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true)
    expect(equalConstantTime(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false)
    expect(equalConstantTime(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false)
  })
})
