import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ParseError } from '../../../src/base/errors.ts'
import { bareJid, formatJid, isLid, parseJid, phoneJid } from '../../../src/whatsapp/numbers/jid.ts'

const parts = fc.record({
  user: fc.stringMatching(/^[0-9]{1,18}$/),
  device: fc.integer({ min: 0, max: 255 }),
  server: fc.constantFrom('lid', 's.whatsapp.net', 'g.us', 'call'),
})

describe('JIDs', () => {
  it.each([
    ['123@lid', { user: '123', device: 0, server: 'lid' }],
    ['123:7@lid', { user: '123', device: 7, server: 'lid' }],
    ['123:0@lid', { user: '123', device: 0, server: 'lid' }],
    ['4915@c.us', { user: '4915', device: 0, server: 's.whatsapp.net' }],
    ['4915_1:3@s.whatsapp.net', { user: '4915', device: 3, server: 's.whatsapp.net' }],
    ['123:7@lid/phone', { user: '123', device: 7, server: 'lid' }],
    ['0011AABB@call', { user: '0011AABB', device: 0, server: 'call' }],
  ])('reads %s', (text, expected) => {
    expect(parseJid(text)).toEqual(expected)
  })

  it('writes what it reads', () => {
    fc.assert(
      fc.property(parts, (jid) => {
        expect(parseJid(formatJid(jid))).toEqual(jid)
      }),
    )
  })

  it('drops the device', () => {
    expect(bareJid('123:9@lid')).toBe('123@lid')
    expect(bareJid('123@lid')).toBe('123@lid')
  })

  it('tells a LID from a phone number', () => {
    expect(isLid('123:1@lid')).toBe(true)
    expect(isLid(phoneJid('4915'))).toBe(false)
  })

  it('throws nothing but a ParseError', () => {
    const malformed = ['', '@', '123', '123@', '@lid', '123:256@lid', '123:@lid', '1 2@lid', `${'1'.repeat(200)}@lid`]
    for (const text of malformed) expect(() => parseJid(text), text).toThrow(ParseError)
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9:@a-z._/]*$/)), (text) => {
        try {
          parseJid(text)
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError)
        }
      }),
    )
  })
})
