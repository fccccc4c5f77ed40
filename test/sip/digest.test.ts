import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { ParseError } from '../../src/base/errors.ts'
import { seededRandom } from '../../src/base/random.ts'
import { Challenger } from '../../src/sip/auth/challenger.ts'
import { authorization, challengesOf } from '../../src/sip/auth/credentials.ts'
import { type DigestAlgorithm, digestResponse, parseDigestParams } from '../../src/sip/auth/digest.ts'
import { Headers } from '../../src/sip/message/headers.ts'
import { type OutgoingRequest, request, type SipRequest, type SipResponse } from '../../src/sip/message/message.ts'
import { parseMessage } from '../../src/sip/message/parser.ts'
import { serialize } from '../../src/sip/message/serializer.ts'

describe('vectors', () => {
  const rfc2617 = {
    algorithm: 'MD5',
    username: 'Mufasa',
    realm: 'testrealm@host.com',
    password: 'Circle Of Life',
    method: 'GET',
    uri: '/dir/index.html',
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    qop: 'auth',
    nc: '00000001',
    cnonce: '0a4f113b',
  } as const
  const rfc7616 = {
    ...rfc2617,
    realm: 'http-auth@example.org',
    password: 'Circle of Life',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  } as const
  const rfc7616Utf8 = {
    algorithm: 'SHA-512-256',
    username: '488869477bf257147b804c45308cd62ac4e25eb717b12b298c79e62dcea254ec',
    realm: 'api@example.org',
    nonce: '5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK',
    cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm',
  } as const

  test('RFC 2617 §3.5', () => {
    expect(digestResponse(rfc2617)).toBe('6629fae49393a05397450978507c4ef1')
  })

  test('RFC 7616 §3.9.1', () => {
    expect(digestResponse(rfc7616)).toBe('8ca523f5e9506fed4657c9700eebdbec')
    expect(digestResponse({ ...rfc7616, algorithm: 'SHA-256' })).toBe(
      '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    )
  })

  test('an algorithm nobody knows is a ParseError', () => {
    expect(() =>
      digestResponse({ ...rfc7616Utf8, password: 'x', method: 'GET', uri: '/', algorithm: 'ROT13' }),
    ).toThrow(ParseError)
  })
})

describe('header', () => {
  test('quoted commas and escapes', () => {
    const params = parseDigestParams('Digest realm="a, \\"b\\"", nonce=abc ,qop="auth,auth-int"')
    expect(Object.fromEntries(params)).toEqual({ realm: 'a, "b"', nonce: 'abc', qop: 'auth,auth-int' })
  })

  test.each([
    'Basic abc',
    'Digest realm="x',
    'Digest =x',
    'Digest realm=a, realm=b',
    '',
    'NoOneKnowsThisScheme opaque',
  ])('"%s" is refused', (text) => {
    expect(() => parseDigestParams(text)).toThrow(ParseError)
  })

  test('any text gives parameters or a ParseError', () => {
    const text = fc
      .array(fc.constantFrom('Digest ', 'realm', '=', '"', ',', '\\', 'x', ' '))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (input) => {
        try {
          expect(parseDigestParams(input)).toBeInstanceOf(Map)
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError)
        }
      }),
    )
  })
})

describe('client and server', () => {
  const clock = new VirtualClock()
  const server = (algorithms: DigestAlgorithm[] = ['SHA-256', 'MD5'], time = clock) =>
    new Challenger({
      clock: time,
      random: seededRandom(5),
      realm: 'tandem',
      algorithms,
      passwordOf: (name) => ({ alice: 'secret' })[name],
    })

  const register = (headers: readonly (readonly [string, string])[] = [], uri = 'sip:pbx'): OutgoingRequest =>
    request(
      'REGISTER',
      uri,
      Headers.of([
        ['Via', 'SIP/2.0/UDP h;branch=z9hG4bK1'],
        ['From', '<sip:alice@pbx>;tag=1'],
        ['To', '<sip:alice@pbx>'],
        ['Call-ID', 'x'],
        ['CSeq', '1 REGISTER'],
        ...headers,
      ]),
    )
  const received = (outgoing: OutgoingRequest) => parseMessage(serialize(outgoing)) as SipRequest
  const challenged = (fields: readonly (readonly [string, string])[], status = 401) => ({
    ...(parseMessage(serialize({ ...register(fields), startLine: `SIP/2.0 ${status} Unauthorized` })) as SipResponse),
  })

  function answer(to: Challenger, password = 'secret', username = 'alice', uri = 'sip:pbx') {
    const response = challenged(to.challenges('192.0.2.1', false))
    const [asked] = challengesOf(response)
    const value = authorization(asked!, register([], uri), { username, password }, 1, seededRandom(9))
    return received(register([[asked!.header, value]], uri))
  }

  test.each([[['SHA-256', 'MD5']], [['MD5', 'SHA-256']], [['MD5']], [['SHA-512-256']]])(
    '%s: the right password is accepted',
    (algorithms) => {
      const challenger = server(algorithms as DigestAlgorithm[])
      expect(challenger.verify(answer(challenger), '192.0.2.1')).toEqual({ outcome: 'accepted', username: 'alice' })
    },
  )

  test('the strongest challenge is answered, whatever its place', () => {
    for (const algorithms of [
      ['MD5', 'SHA-256'],
      ['SHA-256', 'MD5'],
    ] as DigestAlgorithm[][]) {
      expect(answer(server(algorithms)).headers.get('Authorization')).toContain('algorithm=SHA-256')
    }
  })

  test('no credentials: a challenge; another realm: a challenge too', () => {
    const challenger = server()
    expect(challenger.verify(received(register()), '192.0.2.1')).toEqual({ outcome: 'challenge', stale: false })
    const foreign = received(register([['Authorization', 'Digest realm="elsewhere", nonce="1"']]))
    expect(challenger.verify(foreign, '192.0.2.1')).toEqual({ outcome: 'challenge', stale: false })
  })

  test('a wrong password and an unknown user get the same answer', () => {
    const challenger = server()
    const refused = (username: string) => ({
      outcome: 'refused',
      failure: 'wrong-credentials',
      username,
      isProven: true,
    })
    expect(challenger.verify(answer(challenger, 'wrong'), '192.0.2.1')).toEqual(refused('alice'))
    expect(challenger.verify(answer(challenger, 'secret', 'mallory'), '192.0.2.1')).toEqual(refused('mallory'))
  })

  const stale = { outcome: 'challenge', stale: true }

  test('a nonce belongs to the address it was given to, and to this process', () => {
    const challenger = server()
    expect(challenger.verify(answer(challenger), '192.0.2.66')).toEqual(stale)
    const before = new Challenger({
      clock,
      random: seededRandom(6),
      realm: 'tandem',
      algorithms: ['MD5'],
      passwordOf: () => 'secret',
    })
    expect(challenger.verify(answer(before), '192.0.2.1')).toEqual(stale)
    expect(challenger.verify(answer(before, 'wrong'), '192.0.2.1')).toMatchObject({ failure: 'wrong-credentials' })
  })

  test('the same answer does not pass twice; the same nonce does, counted', () => {
    const challenger = server(['MD5'])
    const message = answer(challenger)
    expect(challenger.verify(message, '192.0.2.1').outcome).toBe('accepted')
    expect(challenger.verify(message, '192.0.2.1')).toEqual(stale)
    const params = parseDigestParams(message.headers.get('Authorization')!)
    const [nonce, cnonce, nc] = [params.get('nonce')!, params.get('cnonce')!, '00000002']
    const secret = { algorithm: 'MD5', username: 'alice', realm: 'tandem', password: 'secret', method: 'REGISTER' }
    const response = digestResponse({ ...secret, uri: 'sip:pbx', nonce, cnonce, nc, qop: 'auth' })
    const value = message.headers
      .get('Authorization')!
      .replace('nc=00000001', `nc=${nc}`)
      .replace(/response="\w+"/, `response="${response}"`)
    expect(challenger.verify(received(register([['Authorization', value]])), '192.0.2.1').outcome).toBe('accepted')
  })

  test('counts of many nonces are bounded: the oldest become stale', () => {
    const challenger = server(['MD5'])
    const first = answer(challenger)
    expect(challenger.verify(first, '192.0.2.1').outcome).toBe('accepted')
    for (let i = 0; i < 10_001; i++) challenger.verify(answer(challenger), '192.0.2.1')
    expect(challenger.verify(first, '192.0.2.1')).toEqual(stale)
  })

  test('a nonce of a minute ago is stale, but only to who knows the password', async () => {
    const time = new VirtualClock()
    const challenger = server(['MD5'], time)
    const right = answer(challenger)
    const wrong = answer(challenger, 'wrong')
    await time.advance(61_000)
    expect(challenger.verify(right, '192.0.2.1')).toEqual({ outcome: 'challenge', stale: true })
    expect(challenger.verify(wrong, '192.0.2.1')).toMatchObject({ outcome: 'refused' })
    expect(challenger.challenges('192.0.2.1', true)[0]![1]).toContain('stale=true')
  })

  test('an answer for one number does not dial another', () => {
    const challenger = server()
    const captured = answer(challenger, 'secret', 'alice', 'sip:100@pbx').headers.get('Authorization')!
    const turned = received(register([['Authorization', captured]], 'sip:900@pbx'))
    expect(challenger.verify(turned, '192.0.2.1')).toMatchObject({ failure: 'wrong-uri' })
  })

  test('an answer without qop or with a broken count is refused', () => {
    const challenger = server(['MD5'])
    const value = answer(challenger).headers.get('Authorization')!
    for (const broken of [
      value.replace(/, qop=auth/, ''),
      value.replace(/nc=\w+/, 'nc=1'),
      value.replace('algorithm=MD5', 'algorithm=SHA-256'),
    ]) {
      expect(challenger.verify(received(register([['Authorization', broken]])), '192.0.2.1')).toMatchObject({
        failure: 'malformed',
      })
    }
  })

  test('a challenge that we cannot meet is not answered', () => {
    for (const value of [
      'Digest realm="x", nonce="1", algorithm=ROT13',
      'Digest realm="x", nonce="1", qop="auth-int"',
      'Basic x',
      'Digest "',
    ]) {
      expect(challengesOf(challenged([['WWW-Authenticate', value]]))).toEqual([])
    }
  })

  test('407 is answered in Proxy-Authorization, RFC 2069 challenges without qop', () => {
    const response = challenged([['Proxy-Authenticate', 'Digest realm="x", nonce="1", opaque="o", stale=TRUE']], 407)
    const [asked] = challengesOf(response)
    expect(asked).toMatchObject({ header: 'Proxy-Authorization', realm: 'x', stale: true })
    const given = authorization(asked!, register(), { username: 'a', password: 'b' }, 1, seededRandom(1))
    expect(Object.fromEntries(parseDigestParams(given))).toEqual({
      username: 'a',
      realm: 'x',
      nonce: '1',
      uri: 'sip:pbx',
      opaque: 'o',
      response: digestResponse({
        algorithm: 'MD5',
        username: 'a',
        realm: 'x',
        password: 'b',
        method: 'REGISTER',
        uri: 'sip:pbx',
        nonce: '1',
      }),
    })
  })
})
