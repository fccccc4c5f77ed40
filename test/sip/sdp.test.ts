import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ParseError, TandemError } from '../../src/base/errors.ts'
import { AudioNegotiation } from '../../src/sip/sdp/offer-answer.ts'
import { formatSdp, parseSdp } from '../../src/sip/sdp/sdp.ts'

const PCMU = { name: 'PCMU', clockRateHz: 8000, payloadType: 0 }
const PCMA = { name: 'PCMA', clockRateHz: 8000, payloadType: 8 }
const OPUS = { name: 'opus', clockRateHz: 48_000, channels: 2, payloadType: 96, fmtp: 'useinbandfec=1' }

const negotiation = (codecs = [PCMA, PCMU]) =>
  new AudioNegotiation({
    local: { address: '192.0.2.1', port: 10_000 },
    codecs,
    telephoneEvents: [{ payloadType: 101, clockRateHz: 8000 }],
    sessionId: '42',
  })

const sdp = (media: string[], session: string[] = ['c=IN IP4 192.0.2.9']) =>
  ['v=0', 'o=- 1 2 IN IP4 192.0.2.9', 's=call', ...session, 't=0 0', ...media, ''].join('\r\n')

const ASTERISK = sdp([
  'm=audio 15002 RTP/AVP 107 8 0 101 102',
  'a=rtpmap:107 opus/48000/2',
  'a=fmtp:107 useinbandfec=1',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-16',
  'a=rtpmap:102 telephone-event/48000',
  'a=ptime:20',
  'a=maxptime:60',
  'a=sendrecv',
])

describe('answer', () => {
  test('has exactly one codec and its telephone-event', () => {
    const { sdp: text, audio } = negotiation().answer(ASTERISK)
    expect(parseSdp(text).media).toMatchObject([
      { type: 'audio', port: 10_000, protocol: 'RTP/AVP', formats: ['8', '101'] },
    ])
    expect(audio).toMatchObject({
      remote: { address: '192.0.2.9', port: 15_002 },
      codecs: [{ codec: PCMA, payloadType: 8 }],
      telephoneEvent: { payloadType: 101, clockRateHz: 8000 },
      direction: 'sendrecv',
      ptimeMs: 20,
    })
  })

  test('takes a dynamic codec by its offered number, with the telephone-event of its clock', () => {
    const { sdp: text, audio } = negotiation([OPUS, PCMU]).answer(ASTERISK)
    expect(parseSdp(text).media[0]!.formats).toEqual(['107', '102'])
    expect(text).toContain('a=rtpmap:107 opus/48000/2\r\na=fmtp:107 useinbandfec=1\r\n')
    expect(audio.codecs[0].fmtp).toBe('useinbandfec=1')
  })

  test("keeps the offerer's order, and a number without rtpmap is read by RFC 3551", () => {
    const { audio } = negotiation().answer(sdp(['m=audio 4000 RTP/AVP 18 0 8']))
    expect(audio.codecs.map(({ codec }) => codec.name)).toEqual(['PCMU'])
    expect(audio.telephoneEvent).toBeUndefined()
  })

  test('refuses other media with port 0 in their places', () => {
    const offer = sdp([
      'm=video 5000 RTP/AVP 31',
      'm=audio 4000 RTP/AVP 0',
      'm=audio 4002 RTP/AVP 8',
      'm=image 0 udptl t38',
    ])
    const media = parseSdp(negotiation().answer(offer).sdp).media
    expect(media.map(({ type, port }) => [type, port])).toEqual([
      ['video', 0],
      ['audio', 10_000],
      ['audio', 0],
      ['image', 0],
    ])
  })

  test.each([
    ['a=sendonly', 'recvonly'],
    ['a=recvonly', 'sendonly'],
    ['a=inactive', 'inactive'],
    ['a=sendrecv', 'sendrecv'],
  ])('to %s is %s', (line, direction) => {
    const { sdp: text, audio } = negotiation().answer(sdp(['m=audio 4000 RTP/AVP 0', line]))
    expect(audio.direction).toBe(direction)
    expect(text).toContain(`a=${direction}\r\n`)
    expect(negotiation().answer(sdp(['m=audio 4000 RTP/AVP 0'], ['c=IN IP4 192.0.2.9', line])).audio.direction).toBe(
      direction,
    )
  })

  test.each([
    ['192.0.2.9', 'sendrecv'],
    ['0.0.0.0', 'recvonly'],
  ])('to the address %s is %s', (address, direction) => {
    expect(negotiation().answer(sdp(['m=audio 4000 RTP/AVP 0', `c=IN IP4 ${address}`])).audio.direction).toBe(direction)
  })

  test.each([
    ['no common codec', sdp(['m=audio 4000 RTP/AVP 18', 'a=rtpmap:18 G729/8000'])],
    ['only SRTP', sdp(['m=audio 4000 RTP/SAVP 0'])],
    ['no audio', sdp(['m=video 4000 RTP/AVP 31'])],
    ['no media', sdp([])],
    ['no address', sdp(['m=audio 4000 RTP/AVP 0'], [])],
    ['audio switched off', sdp(['m=audio 0 RTP/AVP 0'])],
  ])('%s: refused with a stable code', (_, offer) => {
    expect(() => negotiation().answer(offer)).toThrow(expect.objectContaining({ code: 'sdp.no-common-codec' }) as Error)
  })

  test.each([
    ['a=ptime:30', 30],
    ['a=ptime:25', 20],
    ['a=ptime:5', 10],
    ['a=ptime:500', 60],
    ['a=ptime:0', 20],
    ['a=ptime:x', 20],
    ['a=maxptime:10', 10],
  ])('%s means %d ms', (line, ptimeMs) => {
    expect(negotiation().answer(sdp(['m=audio 4000 RTP/AVP 0', line])).audio.ptimeMs).toBe(ptimeMs)
  })
})

describe('offer', () => {
  test('lists every codec; the answer chooses', () => {
    const ours = negotiation()
    expect(parseSdp(ours.offer()).media[0]!.formats).toEqual(['8', '0', '101'])
    const audio = ours.readAnswer(sdp(['m=audio 4000 RTP/AVP 0 101', 'a=rtpmap:101 telephone-event/8000']))
    expect(audio).toMatchObject({ codecs: [{ codec: PCMU }], telephoneEvent: { payloadType: 101 } })
    expect(() => ours.readAnswer(sdp(['m=audio 0 RTP/AVP 0']))).toThrow(TandemError)
  })

  test('the version grows exactly when the description changes', () => {
    const ours = negotiation()
    const versions = [ours.offer(), ours.offer(), ours.offer('inactive'), ours.offer('inactive'), ours.offer()]
    expect(versions.map((text) => parseSdp(text).origin.version)).toEqual(['1', '1', '2', '2', '3'])
  })

  test('what one side offers the other answers', () => {
    const theirs = new AudioNegotiation({
      local: { address: '2001:db8::1', port: 4 },
      codecs: [PCMU],
      telephoneEvents: [],
      sessionId: '1',
    })
    const ours = negotiation()
    const { sdp: answer, audio } = theirs.answer(ours.offer())
    expect(audio.telephoneEvent?.payloadType).toBe(101)
    expect(ours.readAnswer(answer)).toMatchObject({
      remote: { address: '2001:db8::1', port: 4 },
      codecs: [{ codec: PCMU }],
    })
  })
})

describe('parser', () => {
  test.each([
    ['nothing', ''],
    ['no v=', 'o=- 1 1 IN IP4 h\r\n'],
    ['no o=', 'v=0\r\ns=-\r\n'],
    ['a short o=', 'v=0\r\no=- 1\r\n'],
    ['a bad c=', sdp([], ['c=IN ATM x'])],
    ['a port too large', sdp(['m=audio 70000 RTP/AVP 0'])],
    ['no formats', sdp(['m=audio 4000 RTP/AVP'])],
    ['20 media', sdp(Array<string>(20).fill('m=audio 4000 RTP/AVP 0'))],
    ['600 lines', sdp(Array<string>(600).fill('a=x'))],
    ['a long line', sdp([`a=${'x'.repeat(2000)}`])],
    ['100 formats', sdp([`m=audio 4000 RTP/AVP ${Array.from({ length: 100 }, (_, i) => i).join(' ')}`])],
  ])('%s is refused', (_, text) => {
    expect(() => parseSdp(text)).toThrow(ParseError)
  })

  test('bare LF will do, what is unknown is skipped', () => {
    expect(
      parseSdp(`${sdp(['b=AS:64', 'm=audio 4000/2 RTP/AVP 0']).replaceAll('\r', '')}k=clear:x\nnonsense`).media,
    ).toMatchObject([{ port: 4000 }])
  })

  test('any text gives a description that reads back the same, or a ParseError', () => {
    const line = fc.constantFrom(
      'v=0',
      'o=- 1 1 IN IP4 1.2.3.4',
      'c=IN IP4 1.2.3.4',
      'c=IN IP6 ::1',
      'm=audio 4000 RTP/AVP 0 101',
      'm=',
      'a=sendonly',
      'a=rtpmap:0 PCMU/8000',
      'a=:',
      'a=',
      't=0 0',
      'c=',
    )
    const text = fc
      .array(fc.oneof(line, fc.string()))
      .map((lines) => ['v=0', 'o=- 1 1 IN IP4 1.2.3.4', ...lines].join('\r\n'))
    fc.assert(
      fc.property(text, (input) => {
        try {
          const description = parseSdp(input)
          expect(parseSdp(formatSdp(description))).toEqual(description)
          negotiation().answer(input)
        } catch (error) {
          expect(error).toBeInstanceOf(TandemError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('SRTP by SDES', () => {
  const ours = new Uint8Array(30).fill(1)
  const OUR_INLINE = Buffer.from(ours).toString('base64')
  const theirs = new Uint8Array(30).fill(2)
  const INLINE = Buffer.from(theirs).toString('base64')
  const with_ = (policy?: 'accept' | 'optional' | 'required') =>
    new AudioNegotiation({
      local: { address: '192.0.2.1', port: 10_000 },
      codecs: [PCMA],
      telephoneEvents: [],
      sessionId: '42',
      srtp: policy && { policy, key: ours },
    })
  const offer = (protocol: string, ...lines: string[]) => sdp([`m=audio 4000 ${protocol} 8`, ...lines])

  test("takes the far end's first usable line, and answers with its tag and our key", () => {
    const { sdp: text, audio } = with_('accept').answer(
      offer(
        'RTP/SAVP',
        `a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:${'A'.repeat(62)}`,
        `a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:${INLINE} UNENCRYPTED_SRTP`,
        `a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:${INLINE}|2^20|1:4`,
        `a=crypto:4 AES_CM_128_HMAC_SHA1_32 inline:${INLINE}|2^20 -WSH=64`,
        `a=crypto:5 AES_CM_128_HMAC_SHA1_80 inline:${INLINE}`,
      ),
    )
    expect(audio.crypto).toEqual({ rtpTagBytes: 4, local: ours, remote: theirs })
    expect(text).toContain('m=audio 10000 RTP/SAVP 8\r\n')
    expect(text).toContain(`a=crypto:4 AES_CM_128_HMAC_SHA1_32 inline:${OUR_INLINE}\r\n`)
    expect(text.match(/a=crypto/g)).toHaveLength(1)
  })

  test('takes an optional one on an RTP/AVP line', () => {
    const { sdp: text, audio } = with_('accept').answer(
      offer('RTP/AVP', `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${INLINE}`),
    )
    expect(audio.crypto).toEqual({ rtpTagBytes: 10, local: ours, remote: theirs })
    expect(text).toContain('RTP/AVP 8\r\n')
  })

  test.each([
    [undefined, offer('RTP/SAVP', `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${INLINE}`)],
    ['accept', offer('RTP/SAVP')],
    ['accept', offer('RTP/SAVP', 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA')],
    ['required', offer('RTP/AVP')],
  ] as const)('policy %s refuses %j', (policy, text) => {
    expect(() => with_(policy).answer(text)).toThrow(expect.objectContaining({ code: 'sdp.no-common-codec' }))
  })

  test('without a policy, keys on an RTP/AVP line are passed over', () => {
    const { sdp: text, audio } = with_().answer(offer('RTP/AVP', `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${INLINE}`))
    expect(audio.crypto).toBeUndefined()
    expect(text).not.toContain('crypto')
  })

  test.each(['optional', 'required'] as const)('%s: both sides of an exchange have the same keys', (policy) => {
    const caller = with_(policy)
    const callee = new AudioNegotiation({
      local: { address: '192.0.2.9', port: 4000 },
      codecs: [PCMA],
      telephoneEvents: [],
      sessionId: '43',
      srtp: { policy: 'accept', key: theirs },
    })
    const answer = callee.answer(caller.offer())
    expect(answer.audio.crypto).toEqual({ rtpTagBytes: 10, local: theirs, remote: ours })
    expect(caller.readAnswer(answer.sdp).crypto).toEqual({ rtpTagBytes: 10, local: ours, remote: theirs })
    // A later offer of the side that only accepts goes on with SRTP.
    expect(callee.offer()).toContain(`${policy === 'required' ? 'RTP/SAVP' : 'RTP/AVP'} 8`)
    expect(callee.offer()).toContain('a=crypto:1 AES_CM_128_HMAC_SHA1_80')
  })

  test('an optional offer that is not taken leaves RTP in clear', () => {
    const caller = with_('optional')
    expect(caller.readAnswer(with_().answer(caller.offer()).sdp).crypto).toBeUndefined()
    expect(caller.offer()).not.toContain('crypto')
  })

  test('an answer with keys that were not asked for is not believed', () => {
    const caller = with_('accept')
    caller.offer()
    const keys = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${INLINE}`
    expect(caller.readAnswer(offer('RTP/AVP', keys)).crypto).toBeUndefined()
    expect(() => caller.readAnswer(offer('RTP/SAVP', keys))).toThrow()
  })

  test('an answer is measured against our offer, whatever another fork has offered since', () => {
    const keys = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${INLINE}`
    const asked = with_('optional')
    asked.offer()
    asked.answer(offer('RTP/AVP', 'a=rtcp-mux'))
    const audio = asked.readAnswer(offer('RTP/AVP', keys, 'a=rtcp-mux'))
    expect(audio).toMatchObject({ crypto: { local: ours, remote: theirs }, rtcpMux: false })

    const unasked = with_('accept')
    unasked.offer()
    expect(unasked.answer(offer('RTP/AVP', keys)).audio.crypto).toBeDefined()
    expect(unasked.readAnswer(offer('RTP/AVP', keys)).crypto).toBeUndefined()
  })

  test('any crypto line is read or passed over, never thrown at', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 120 }), (line) => {
        const text = offer('RTP/AVP', `a=crypto:${line.replace(/[\r\n]/g, '')}`)
        expect(with_('accept').answer(text).audio.crypto).toBeUndefined()
      }),
    )
  })
})

describe('rtcp-mux and ptime', () => {
  test('rtcp-mux is taken when offered, never asked for, and kept in later offers', () => {
    const ours = negotiation()
    expect(ours.offer()).not.toContain('rtcp-mux')
    const { sdp: text, audio } = ours.answer(sdp(['m=audio 4000 RTP/AVP 8', 'a=rtcp-mux']))
    expect(audio.rtcpMux).toBe(true)
    expect(text).toContain('a=rtcp-mux\r\n')
    expect(ours.offer()).toContain('a=rtcp-mux\r\n')
    expect(ours.readAnswer(sdp(['m=audio 4000 RTP/AVP 8'])).rtcpMux).toBe(false)
    expect(ours.offer()).not.toContain('rtcp-mux')
    expect(ours.readAnswer(sdp(['m=audio 4000 RTP/AVP 8', 'a=rtcp-mux'])).rtcpMux).toBe(false)
  })

  test('the answer asks for packets as long as those it promises', () => {
    const { sdp: text, audio } = negotiation().answer(sdp(['m=audio 4000 RTP/AVP 8', 'a=ptime:40']))
    expect(audio.ptimeMs).toBe(40)
    expect(text).toContain('a=ptime:40\r\n')
  })
})
