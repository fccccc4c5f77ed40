import { proto } from 'baileys'
import { DOUBLE_BYTE_TOKENS, SINGLE_BYTE_TOKENS } from 'baileys/lib/WABinary/constants.js'
import { describe, expect, it } from 'vitest'
import {
  classes,
  Message,
  methods,
  RtcpPacketConverter,
  RtcpReceiverInfo,
  RtcpSenderInfo,
  RtcpSourceDescriptionPacket,
  RtcpSrPacket,
} from 'werift'
import { buildSenderReport, buildSourceDescription, parseRtcp } from '../../src/media/rtp/rtcp-packet.ts'
import { warpProfile } from '../../src/media/srtp/srtp-profile.ts'
import { SrtpSender } from '../../src/media/srtp/srtp-sender.ts'
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
  xorAddress,
} from '../../src/relay/stun.ts'
import { buildAcceptWithKey } from '../../src/whatsapp/stanza/accept.ts'
import { buildCallAck } from '../../src/whatsapp/stanza/call-ack.ts'
import { buildMute } from '../../src/whatsapp/stanza/mute.ts'
import { buildCallReceipt } from '../../src/whatsapp/stanza/receipt.ts'
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

describe('RFC 5769, section 2.1: binding request of an ICE agent', () => {
  const request = parseStun(
    fromHex(
      `000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b1` +
        `51263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf`,
    ),
  )
  const key = new TextEncoder().encode('VOkJxbRl1RmTxUk/WvJxBt')

  it('is read as one of a relay is, and its trailers are right', () => {
    expect(request.type).toBe(STUN_TYPE.bindingRequest)
    expect(Buffer.from(attributeValue(request, STUN_ATTRIBUTE.username)!).toString()).toBe('evtj:h6vY')
    expect(hasIntegrity(request, key)).toBe(true)
    expect(hasFingerprint(request)).toBe(true)
  })

  it('has PRIORITY, USERNAME and the controlling side’s number as we write them', () => {
    const { attributes } = request
    const start = buildStun(STUN_TYPE.bindingRequest, request.transactionId, attributes.slice(0, 3))
    expect(Buffer.from(start).subarray(20)).toEqual(Buffer.from(request.bytes).subarray(20, 20 + start.length - 20))
    expect(attributes.map(({ type }) => type).slice(1, 2)).toEqual([STUN_ATTRIBUTE.priority])
  })
})

describe('RFC 5769, section 2.3: address of IPv6', () => {
  it('is masked with the transaction id too', () => {
    const endpoint = { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32853 }
    const id = fromHex('b7e7a701bc34d686fa87dfae')
    expect(Buffer.from(xorAddress(endpoint, id)).toString('hex')).toBe('0002a1470113a9faa5d3f179bc25f4b5bed2b9d9')
  })
})

describe('STUN, as werift has it', () => {
  const transactionId = Buffer.from('0102030405060708090a0b0c', 'hex')

  it.each([
    ['allocate', methods.ALLOCATE, STUN_TYPE.allocateError],
    ['binding', methods.BINDING, STUN_TYPE.bindingError],
  ] as const)('%s error with its code is the same, byte for byte', (_, method, type) => {
    const theirs = new Message(method, classes.ERROR, transactionId)
    theirs.setAttribute('ERROR-CODE', [401, 'Unauthorized'])
    const value = errorCodeValue(401, 'Unauthorized')
    const ours = buildStun(type, transactionId, [{ type: STUN_ATTRIBUTE.errorCode, value }])
    expect(Buffer.from(ours)).toEqual(theirs.bytes)
    expect(errorCodeOf(parseStun(theirs.bytes))).toBe(401)
  })

  it('binding request with user, priority and the controlling side’s number is the same, byte for byte', () => {
    const theirs = new Message(methods.BINDING, classes.REQUEST, transactionId)
    theirs.setAttribute('USERNAME', 'remote:local')
    theirs.setAttribute('PRIORITY', 0x00ff_ffff)
    theirs.setAttribute('ICE-CONTROLLING', 0x0102_0304_0506_0708n)
    theirs.addMessageIntegrity(Buffer.from('the key'))
    theirs.addFingerprint()
    const attributes = [
      { type: STUN_ATTRIBUTE.username, value: Buffer.from('remote:local') },
      { type: STUN_ATTRIBUTE.priority, value: fromHex('00ffffff') },
      { type: STUN_ATTRIBUTE.iceControlling, value: fromHex('0102030405060708') },
    ]
    const trailer = { integrityKey: Buffer.from('the key'), fingerprint: true }
    const ours = buildStun(STUN_TYPE.bindingRequest, transactionId, attributes, trailer)
    expect(Buffer.from(ours)).toEqual(theirs.bytes)
  })
})

describe('SRTCP of a whole packet, as whatsapp-rust 1489b7da states it (wacore/src/voip/testdata/kats.json)', () => {
  it('is the same, byte for byte, with its index and its tag of 10 bytes', () => {
    const session = {
      cipherKey: fromHex('f065528cfce4757f444bb8b5892aad7c'),
      salt: fromHex('54bc95ca04c05be16456f0f12dc0'),
      authKey: fromHex('6e6b37a126a522302a578c9713d38e85606048eb'),
    }
    const report = fromHex('80c8000612345678ea11180000000000000006400000000500000258')
    const wire = new SrtpSender({ rtp: session, rtcp: session }, warpProfile(), 0, 1).protectRtcp(report)
    expect(Buffer.from(wire).toString('hex')).toBe(
      '80c80006123456787d74643dbb62b23f5005bf9b4296de885c3ff6e280000001cc486281b0510f8b2a83',
    )
  })
})

describe('the call key, as the library writes it', () => {
  it('is field 1 of field 10 of a message', () => {
    const callKey = new Uint8Array(32).fill(7)
    const message = proto.Message.encode({ call: { callKey } }).finish()
    expect(Buffer.from(message).toString('hex')).toBe(`52220a20${'07'.repeat(32)}`)
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
    ['accept’s receipt', buildCallReceipt('accept', call, { id: '1', from: '3@lid' }, '4@lid')],
    ['terminate without a reason', buildTerminate(call)],
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
