import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ParseError } from '../../src/base/errors.ts'
import { formatNameAddress, parseNameAddress } from '../../src/sip/message/name-address.ts'
import { contactIdentity, formatUri, parseUri, sipUri } from '../../src/sip/message/uri.ts'
import { formatVia, parseVia, responsePort, stampVia } from '../../src/sip/message/via.ts'

const onlyParseErrors = (parse: (text: string) => unknown, alphabet: string[]) => {
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...alphabet)).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(text, (input) => {
      try {
        expect(parse(input)).toBeDefined()
      } catch (error) {
        expect(error).toBeInstanceOf(ParseError)
      }
    }),
    { numRuns: 1000 },
  )
}

describe('URI', () => {
  test.each([
    ['sip:alice@atlanta.com', { scheme: 'sip', user: 'alice', host: 'atlanta.com', port: undefined }],
    ['sips:1212@gateway.com:5061', { scheme: 'sips', user: '1212', host: 'gateway.com', port: 5061 }],
    ['sip:alice;day=tuesday@atlanta.com', { user: 'alice;day=tuesday', host: 'atlanta.com' }],
    ['sip:user:secret@host', { user: 'user', password: 'secret' }],
    ['sip:%2B49170@host', { user: '+49170' }],
    ['sip:null-%00-null@example.com', { user: 'null-\0-null' }],
    ['sip:[2001:db8::9:1]', { user: undefined, host: '[2001:db8::9:1]', port: undefined }],
    ['sip:u@[2001:db8::9:1]:5070', { host: '[2001:db8::9:1]', port: 5070 }],
    ['SIP:a@b;lr?subject=x', { scheme: 'sip', headers: 'subject=x' }],
    ['tel:+15551234567;phone-context=x', { scheme: 'tel', user: '+15551234567', host: '' }],
    ['nobodyKnowsThisScheme:totallyopaquecontent', { scheme: 'nobodyknowsthisscheme', host: '' }],
  ])('%s', (text, parts) => {
    expect(parseUri(text)).toMatchObject(parts)
  })

  test.each([
    '',
    'alice',
    'sip:',
    'sip:@host',
    'sip:a@',
    'sip:a@b:99999',
    'sip:a@b:x',
    'sip:a b@c',
    'sip:%zz@h',
    'sip:a@[::1',
    ':x',
  ])('"%s" is refused', (text) => {
    expect(() => parseUri(text)).toThrow(ParseError)
  })

  test('any user survives being written and read', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (user) => {
        const uri = sipUri(user, '192.0.2.1', 5060)
        expect(parseUri(formatUri(uri))).toEqual(uri)
      }),
    )
  })

  test('any text gives a URI or a ParseError', () => {
    onlyParseErrors(parseUri, ['sip:', 'sips:', 'tel:', 'a', '@', ':', ';', '=', '?', '[', ']', '%41', '%', '.', '1'])
  })

  test('two contacts are one whatever their order of parameters, but not with another port', () => {
    const identity = (text: string) => contactIdentity(parseUri(text))
    expect(identity('sip:a@Host:5060;ob;transport=udp')).toBe(identity('sip:a@host:5060;transport=UDP'))
    expect(identity('sip:a@host:5060')).not.toBe(identity('sip:a@host:5061'))
  })
})

describe('name-addr', () => {
  test.each([
    ['"A. G. Bell" <sip:agb@bell.com> ;tag=a48s', 'A. G. Bell', 'agb', 'a48s'],
    ['Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8', 'Anonymous', 'c8oqz84zk7z', 'hyh8'],
    ['sip:+12125551212@phone2net.com;tag=887s', undefined, '+12125551212', '887s'],
    ['<sip:a@b;x=y>;tag=1', undefined, 'a', '1'],
    ['Jörg Müller <sip:j@b>;tag=1', 'Jörg Müller', 'j', '1'],
    ['"<sip:evil@x>" <sip:a@b>;tag=2', '<sip:evil@x>', 'a', '2'],
  ])('%s', (text, displayName, user, tag) => {
    const address = parseNameAddress(text)
    expect([address.displayName, address.uri.user, address.params.get('tag')]).toEqual([displayName, user, tag])
  })

  test.each([
    '"Bell, Alexander" sip:a@b',
    'Bell, Alexander <sip:a@b>',
    '<sip:a@b',
    '"x" y <sip:a@b>',
    '<sip:a@b> x',
    '',
  ])('"%s" is refused', (text) => {
    expect(() => parseNameAddress(text)).toThrow(ParseError)
  })

  test('any display name survives, control characters as spaces', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), (displayName) => {
        const text = formatNameAddress({ displayName, uri: sipUri('a', 'b') })
        expect(text).not.toMatch(/[\r\n]/)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what the writer replaces
        expect(parseNameAddress(text).displayName).toBe(displayName.replace(/[\x00-\x1f\x7f]/g, ' '))
      }),
    )
  })

  test('any text gives an address or a ParseError', () => {
    onlyParseErrors(parseNameAddress, ['"', '\\', '<', '>', 'sip:a@b', ';', 'tag=1', ',', ' ', 'Bob'])
  })
})

describe('Via', () => {
  test('received and rport tell the sender how it is seen (RFC 3581)', () => {
    const via = stampVia(parseVia('SIP/2.0/UDP 10.1.1.1:4540;rport;branch=z9hG4bKkjshdyff'), {
      address: '192.0.2.1',
      port: 9988,
    })
    expect(formatVia(via)).toBe('SIP/2.0/UDP 10.1.1.1:4540;rport=9988;branch=z9hG4bKkjshdyff;received=192.0.2.1')
    expect(responsePort(via, { address: '192.0.2.1', port: 9988 })).toBe(9988)
  })

  test('without rport the answer goes to the port the sender named', () => {
    const source = { address: '192.0.2.1', port: 9988 }
    expect(responsePort(parseVia('SIP/2.0/UDP 10.1.1.1:4540;branch=z9hG4bK1'), source)).toBe(4540)
    expect(responsePort(parseVia('SIP/2.0/UDP host;branch=z9hG4bK1'), source)).toBe(5060)
    const honest = parseVia('SIP/2.0/UDP 192.0.2.1:4540;branch=z9hG4bK1')
    expect(stampVia(honest, source)).toBe(honest)
  })

  test('any text gives a Via or a ParseError', () => {
    onlyParseErrors(parseVia, ['SIP/2.0/UDP ', 'SIP/2.0/TLS ', 'h', ':', '5060', ';', 'branch=', 'rport', '[::1]', ' '])
  })
})
