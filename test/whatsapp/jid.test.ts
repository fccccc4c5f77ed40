import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ParseError } from '../../src/base/errors.ts'
import {
  bareJid,
  deviceOfUser,
  formatJid,
  isJid,
  isLid,
  parseJid,
  phoneJid,
  sameDevice,
  sameUser,
} from '../../src/whatsapp/jid.ts'

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
    expect(bareJid('123:99@hosted.lid')).toBe('123@lid')
    expect(bareJid('4915:99@hosted')).toBe('4915@s.whatsapp.net')
  })

  it('tells one device, and one user, under its different names', () => {
    expect(sameDevice('123@lid', '123:0@lid')).toBe(true)
    expect(sameDevice('123:7@lid/resource', '123:7@lid')).toBe(true)
    expect(sameDevice('123:1@lid', '123:0@lid')).toBe(false)
    expect(sameUser('123:99@hosted.lid', '123@lid')).toBe(true)
    expect(sameUser('123@s.whatsapp.net', '123@lid')).toBe(false)
  })

  it('finds the device of a phone number under the user’s LID', () => {
    expect(deviceOfUser('123@lid', '4915:7@s.whatsapp.net')).toBe('123:7@lid')
    expect(deviceOfUser('123@lid', '4915@s.whatsapp.net')).toBe('123@lid')
  })

  it('tells a LID from a phone number', () => {
    expect(isLid('123:1@lid')).toBe(true)
    expect(isLid(phoneJid('4915'))).toBe(false)
  })

  it('throws nothing but a ParseError', () => {
    const malformed = ['', '@', '123', '123@', '@lid', '123:256@lid', '123:@lid', '1 2@lid', `${'1'.repeat(200)}@lid`]
    for (const text of malformed) {
      expect(() => parseJid(text), text).toThrow(ParseError)
      expect(isJid(text), text).toBe(false)
    }
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9:@a-z._/]*$/)), (text) => {
        if (isJid(text)) expect(parseJid(text).user).not.toBe('')
        else expect(() => parseJid(text)).toThrow(ParseError)
      }),
    )
  })
})
