import { DOUBLE_BYTE_TOKENS, SINGLE_BYTE_TOKENS } from 'baileys/lib/WABinary/constants.js'
import { describe, expect, it } from 'vitest'
import {
  RtcpPacketConverter,
  RtcpReceiverInfo,
  RtcpSenderInfo,
  RtcpSourceDescriptionPacket,
  RtcpSrPacket,
} from 'werift'
import { buildSenderReport, buildSourceDescription, parseRtcp } from '../../src/media/rtp/rtcp-packet.ts'
import {
  attributeValue,
  hasFingerprint,
  hasIntegrity,
  parseStun,
  STUN_ATTRIBUTE,
  STUN_TYPE,
  xorAddress,
} from '../../src/relay/stun.ts'
import { buildAcceptWithKey } from '../../src/whatsapp/stanza/accept.ts'
import { buildCallAck } from '../../src/whatsapp/stanza/call-ack.ts'
import { buildMute } from '../../src/whatsapp/stanza/mute.ts'
import { buildTerminate } from '../../src/whatsapp/stanza/terminate.ts'
import type { WaNode } from '../../src/whatsapp/wa-client.ts'
import { fromHex } from './json-vectors.ts'

describe('RFC 5769, section 2.2: binding success with an IPv4 address', () => {
  const response = parseStun(
    fromHex(
      `0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f722000200008` +
        `0001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96`,
    ),
  )

  it('is read, and its trailers are right', () => {
    expect(response.type).toBe(STUN_TYPE.bindingSuccess)
    expect(hasIntegrity(response, new TextEncoder().encode('VOkJxbRl1RmTxUk/WvJxBt'))).toBe(true)
    expect(hasIntegrity(response, new TextEncoder().encode('VOkJxbRl1RmTxUk/WvJxBu'))).toBe(false)
    expect(hasFingerprint(response)).toBe(true)
  })

  it('has the address as we write it', () => {
    const written = xorAddress({ address: '192.0.2.1', port: 32_853 }, response.transactionId)
    expect(Buffer.from(written)).toEqual(Buffer.from(attributeValue(response, STUN_ATTRIBUTE.xorMappedAddress)!))
  })
})

describe('RTCP, as werift has it', () => {
  const block = {
    ssrc: 0x0102_0304,
    fractionLost: 26,
    cumulativeLost: 4321,
    highestSequence: 0x0003_fffe,
    jitter: 77,
    lastSenderReport: 0x1122_3344,
    delaySinceLastSenderReport: 0x5566,
  }
  const report = {
    ssrc: 0xa1b2_c3d4,
    ntpSeconds: 0xe9f0_1122,
    ntpFraction: 0x8000_0001,
    rtpTimestamp: 0xfedc_ba98,
    packets: 70_000,
    octets: 4_000_000,
    blocks: [block],
  }
  const cname = 'a1b2c@pj3d4e5f.org'
  const theirs = new RtcpSrPacket({
    ssrc: report.ssrc,
    senderInfo: new RtcpSenderInfo({
      ntpTimestamp: (BigInt(report.ntpSeconds) << 32n) | BigInt(report.ntpFraction),
      rtpTimestamp: report.rtpTimestamp,
      packetCount: report.packets,
      octetCount: report.octets,
    }),
    reports: [
      new RtcpReceiverInfo({
        ssrc: block.ssrc,
        fractionLost: block.fractionLost,
        packetsLost: block.cumulativeLost,
        highestSequence: block.highestSequence,
        jitter: block.jitter,
        lsr: block.lastSenderReport,
        dlsr: block.delaySinceLastSenderReport,
      }),
    ],
  })

  it('a sender report with its block is the same, byte for byte', () => {
    expect(Buffer.from(buildSenderReport(report))).toEqual(theirs.serialize())
    expect(parseRtcp(theirs.serialize())).toEqual([{ type: 'sender-report', ...report }])
  })

  it('our SDES is read, and theirs', () => {
    const [read] = RtcpPacketConverter.deSerialize(Buffer.from(buildSourceDescription(report.ssrc, cname)))
    expect(read).toBeInstanceOf(RtcpSourceDescriptionPacket)
    expect((read as RtcpSourceDescriptionPacket).chunks).toMatchObject([
      { source: report.ssrc, items: [{ type: 1, text: cname }] },
    ])
  })
})

describe('the words of stanzas that no vector pins', () => {
  /** The dictionary of WhatsApp's binary encoding: what its clients say has a number in it. */
  const dictionary = new Set([...SINGLE_BYTE_TOKENS, ...DOUBLE_BYTE_TOKENS.flat()])
  const call = { callId: 'CALL-ID-0001', callCreator: '111111111111111@lid' }
  const key = { jid: '3@lid', type: 'msg', ciphertext: Uint8Array.of(3) } as const
  const wordsOf = ({ tag, attrs, content }: WaNode): string[] => [
    tag,
    ...Object.keys(attrs),
    ...(Array.isArray(content) ? (content as readonly WaNode[]).flatMap(wordsOf) : []),
  ]

  it.each([
    ['accept with key', buildAcceptWithKey({ ...call, key, deviceIdentity: undefined })],
    ['terminate with destination', buildTerminate(call, undefined, ['3:1@lid', '3:2@lid'])],
    ['mute_v2', buildMute(call, true)],
    [
      'ack of a call stanza',
      buildCallAck({ tag: 'call', attrs: { id: '1', from: '3@lid' }, content: [{ tag: 'offer', attrs: {} }] })!,
    ],
  ])('%s: every one is in the dictionary of the encoding', (_, stanza) => {
    expect(wordsOf(stanza).filter((word) => !dictionary.has(word))).toEqual([])
  })
})
