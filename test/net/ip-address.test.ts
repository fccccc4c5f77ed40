import { isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressBytes, canonicalAddress, isIpv4, isIpv6 } from '../../src/net/ip-address.ts'

const hex = (address: string) => Buffer.from(addressBytes(address)).toString('hex')

describe('address literals', () => {
  it.each([
    ['192.0.2.133', 'c0000285'],
    ['2001:db8::1', '20010db8000000000000000000000001'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['fe80::', 'fe800000000000000000000000000000'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['::ffff:192.0.2.133', '00000000000000000000ffffc0000285'],
  ])('%s is %s', (address, bytes) => {
    expect(hex(address)).toBe(bytes)
  })

  it.each([
    '',
    'localhost',
    '256.0.0.1',
    '1.2.3',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '12345::',
    'fe80::1%eth0',
    '::1\n',
  ])('refuses %j', (address) => {
    expect(isIpv4(address) || isIpv6(address)).toBe(false)
    expect(() => addressBytes(address)).toThrow(RangeError)
  })

  it('agrees with Node about what is an address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
        expect(isIpv4(text)).toBe(isIPv4(text))
        expect(isIpv6(text)).toBe(isIPv6(text) && !text.includes('%'))
      }),
    )
  })

  it.each([
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['1:0:0:2:0:0:3:4', '1::2:0:0:3:4'],
    ['0:0:0:0:0:ffff:c000:285', '::ffff:192.0.2.133'],
    ['192.0.2.133', '192.0.2.133'],
    ['relay.example', 'relay.example'],
  ])('%s is reported as %s', (address, reported) => {
    expect(canonicalAddress(address)).toBe(reported)
  })

  it('are the same bytes in either form', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        expect(hex(canonicalAddress(address))).toBe(hex(address))
      }),
    )
  })
})
