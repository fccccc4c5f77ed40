import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ParseError } from '../../src/base/errors.ts'
import {
  attributeValue,
  buildStun,
  errorCodeOf,
  errorCodeValue,
  hasFingerprint,
  hasIntegrity,
  parseStun,
  STUN_ATTRIBUTE,
  STUN_TYPE,
} from '../../src/relay/stun.ts'

const key = new TextEncoder().encode('AAAAAAAAAAAAAAAAAAAAAA==')
const transactionId = Uint8Array.from({ length: 12 }, (_, i) => i)

const attributes = fc.array(
  fc.record({
    type: fc.integer({ min: 0, max: 0xffff }).filter((type) => type !== 8 && type !== 0x8028),
    value: fc.uint8Array({ maxLength: 40 }),
  }),
  { maxLength: 20 },
)
const types = fc.integer({ min: 0, max: 0x3fff })
const ids = fc.uint8Array({ minLength: 12, maxLength: 12 })

describe('STUN', () => {
  it('reads back what it writes, and knows its trailers', () => {
    fc.assert(
      fc.property(types, ids, attributes, fc.boolean(), fc.boolean(), (type, id, list, signed, fingerprint) => {
        const bytes = buildStun(type, id, list, { ...(signed ? { integrityKey: key } : {}), fingerprint })
        const stun = parseStun(bytes)
        expect(stun.type).toBe(type)
        expect(stun.transactionId).toEqual(id)
        expect(stun.attributes.slice(0, list.length)).toEqual(list)
        expect(stun.attributes.length).toBe(list.length + Number(signed) + Number(fingerprint))
        expect(hasIntegrity(stun, key)).toBe(signed)
        expect(hasFingerprint(stun)).toBe(fingerprint)
      }),
    )
  })

  it('notices any change of a signed message', () => {
    const list = [{ type: STUN_ATTRIBUTE.token, value: Uint8Array.of(1, 2, 3) }]
    const bytes = buildStun(STUN_TYPE.allocateRequest, transactionId, list, { integrityKey: key })
    let parsed = 0
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice()
      changed[bit >> 3] ^= 1 << (bit & 7)
      try {
        expect(hasIntegrity(parseStun(changed), key)).toBe(false)
        parsed += 1
      } catch (error) {
        expect(error).toBeInstanceOf(ParseError)
      }
    }
    expect(parsed).toBeGreaterThan(300)
  })

  it('leaves the received bytes alone, also those of a Buffer', () => {
    const bytes = Buffer.from(buildStun(STUN_TYPE.ping, transactionId, [], { integrityKey: key, fingerprint: true }))
    const before = Buffer.from(bytes)
    const stun = parseStun(bytes)
    expect([hasIntegrity(stun, key), hasFingerprint(stun), hasIntegrity(stun, key)]).toEqual([true, true, true])
    expect(bytes).toEqual(before)
  })

  it('takes the first of several attributes of a type', () => {
    const list = [1, 2].map((byte) => ({ type: STUN_ATTRIBUTE.username, value: Uint8Array.of(byte) }))
    const stun = parseStun(buildStun(STUN_TYPE.bindingRequest, transactionId, list))
    expect(attributeValue(stun, STUN_ATTRIBUTE.username)).toEqual(Uint8Array.of(1))
  })

  it('carries error codes', () => {
    const error = { type: STUN_ATTRIBUTE.errorCode, value: errorCodeValue(437, 'Allocation Mismatch') }
    expect(errorCodeOf(parseStun(buildStun(STUN_TYPE.allocateError, transactionId, [error])))).toBe(437)
    expect(errorCodeOf(parseStun(buildStun(STUN_TYPE.allocateError, transactionId)))).toBeUndefined()
    const cut = { type: STUN_ATTRIBUTE.errorCode, value: Uint8Array.of(0, 0, 4) }
    expect(errorCodeOf(parseStun(buildStun(STUN_TYPE.allocateError, transactionId, [cut])))).toBeUndefined()
  })

  it.each([
    ['empty', ''],
    ['without the magic cookie', '000100000000000000010203040506070809'.padEnd(40, '0')],
    ['with the first bits set', '400100002112a442000102030405060708090a0b'],
    ['whose length is not that of the datagram', '000100082112a442000102030405060708090a0b'],
    ['whose length is not a multiple of 4', '000100022112a442000102030405060708090a0b0000'],
    ['with an attribute longer than the message', '000100042112a442000102030405060708090a0b00060001'],
    ['with an attribute whose padding is missing', '000100082112a442000102030405060708090a0b0006000561626364'],
  ])('refuses a message %s', (_, hex) => {
    expect(() => parseStun(Buffer.from(hex, 'hex'))).toThrow(ParseError)
  })

  it('bounds size and count', () => {
    const many = Array.from({ length: 65 }, () => ({ type: 1, value: new Uint8Array(0) }))
    expect(() => parseStun(buildStun(1, transactionId, many))).toThrow(ParseError)
    expect(() => parseStun(buildStun(1, transactionId, [{ type: 1, value: new Uint8Array(4096) }]))).toThrow(ParseError)
  })

  it('throws nothing but ParseError, whatever the bytes', () => {
    const framed = fc.uint8Array({ maxLength: 80 }).map((body) => {
      const bytes = Buffer.concat([Buffer.from('000100002112a442000102030405060708090a0b', 'hex'), body])
      bytes.writeUInt16BE(body.length, 2)
      return new Uint8Array(bytes)
    })
    fc.assert(
      fc.property(fc.oneof(framed, fc.uint8Array({ maxLength: 100 })), (bytes) => {
        try {
          const stun = parseStun(bytes)
          hasIntegrity(stun, key)
          hasFingerprint(stun)
          errorCodeOf(stun)
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError)
        }
      }),
    )
  })
})
