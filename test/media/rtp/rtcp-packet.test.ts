import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ParseError } from '../../../src/base/errors.ts'
import {
  buildGoodbye,
  buildReceiverReport,
  buildSenderReport,
  buildSourceDescription,
  buildWarp208,
  buildWarp209,
  ntpTime,
  parseRtcp,
} from '../../../src/media/rtp/rtcp-packet.ts'

const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const blocks = fc.array(
  fc.record({
    ssrc: u32,
    fractionLost: fc.integer({ min: 0, max: 255 }),
    cumulativeLost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
    highestSequence: u32,
    jitter: u32,
    lastSenderReport: u32,
    delaySinceLastSenderReport: u32,
  }),
  { maxLength: 31 },
)

describe('RTCP', () => {
  it('reads back a compound of everything it can build', () => {
    const senderReports = fc.record({
      ssrc: u32,
      ntpSeconds: u32,
      ntpFraction: u32,
      rtpTimestamp: u32,
      packets: u32,
      octets: u32,
      blocks,
    })
    fc.assert(
      fc.property(senderReports, blocks, u32, u32, fc.string({ maxLength: 40 }), (report, others, a, b, cname) => {
        const compound = Buffer.concat([
          buildSenderReport(report),
          buildReceiverReport(a, others),
          buildSourceDescription(a, cname),
          buildWarp208(a, b),
          buildWarp209(a),
          buildGoodbye(b),
        ])
        expect(parseRtcp(compound)).toEqual([
          { type: 'sender-report', ...report },
          { type: 'receiver-report', ssrc: a, blocks: others },
          { type: 'source-description', chunks: [{ ssrc: a, cname: Buffer.from(cname).toString('utf8') }] },
          { type: 'warp-208', ssrc: a, remoteSsrc: b },
          { type: 'warp-209', ssrc: a },
          { type: 'goodbye', ssrcs: [b] },
        ])
      }),
    )
  })

  it('writes an 18-character CNAME as the 32 bytes that WhatsApp clients send', () => {
    const built = Buffer.from(buildSourceDescription(0x01020304, 'abcde@pjfghijk.org'))
    expect(built.subarray(0, 10).toString('hex')).toBe('81ca0007010203040112')
    expect(built.length).toBe(32)
    expect(built.subarray(28).toString('hex')).toBe('00000000')
  })

  it('reads several chunks, each padded to a word, and skips items other than the CNAME', () => {
    const chunks = '0000000101026162000000' + '00' + '000000020403787978010163' + '00000000'
    expect(parseRtcp(Buffer.from(`82ca0007${chunks}`, 'hex'))).toEqual([
      {
        type: 'source-description',
        chunks: [
          { ssrc: 1, cname: 'ab' },
          { ssrc: 2, cname: 'c' },
        ],
      },
    ])
  })

  it('passes over types it does not know, and padding', () => {
    const feedback = '81cd000200000001' + '00000002'
    const paddedGoodbye = 'a1cb000200000007' + '00000004'
    expect(parseRtcp(Buffer.from(feedback + paddedGoodbye, 'hex'))).toEqual([
      { type: 'other', payloadType: 205 },
      { type: 'goodbye', ssrcs: [7] },
    ])
  })

  it('turns Unix time into NTP time', () => {
    expect(ntpTime(0)).toEqual({ ntpSeconds: 2_208_988_800, ntpFraction: 0 })
    expect(ntpTime(1500)).toEqual({ ntpSeconds: 2_208_988_801, ntpFraction: 0x8000_0000 })
  })

  it('refuses more report blocks than the count field can say', () => {
    const block = {
      ssrc: 1,
      fractionLost: 0,
      cumulativeLost: 0,
      highestSequence: 0,
      jitter: 0,
      lastSenderReport: 0,
      delaySinceLastSenderReport: 0,
    }
    expect(() => buildReceiverReport(1, Array(32).fill(block))).toThrow(RangeError)
  })

  it.each([
    ['empty', ''],
    ['version 1', '41c9000100000001'],
    ['cut in the header', '80c9'],
    ['longer than the datagram', '80c9000200000001'],
    ['with more blocks than its length holds', '81c9000100000001'],
    ['with padding longer than the body', 'a0cb000100000009'],
    ['with an SDES item that leaves its chunk', '81ca00020000000101ff6161'],
    ['with an SDES chunk that never ends', '81ca00020000000101026161'],
  ])('refuses a packet %s', (_, hex) => {
    expect(() => parseRtcp(Buffer.from(hex, 'hex'))).toThrow(ParseError)
  })

  it('throws nothing but ParseError, whatever the bytes', () => {
    const typed = fc
      .tuple(fc.integer({ min: 0x80, max: 0xbf }), fc.integer({ min: 200, max: 210 }), fc.uint8Array({ maxLength: 60 }))
      .map(([first, type, body]) => Uint8Array.of(first, type, 0, Math.floor(body.length / 4), ...body))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), typed), (bytes) => {
        try {
          expect(parseRtcp(bytes).length).toBeGreaterThan(0)
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError)
        }
      }),
    )
  })
})
