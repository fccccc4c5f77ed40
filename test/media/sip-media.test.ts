import { afterEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { seededRandom } from '../../src/base/random.ts'
import type { AudioSource } from '../../src/media/audio-source.ts'
import type { MediaEndpoint } from '../../src/media/rtp/endpoint.ts'
import { SIP_CODECS, type SipCodecName } from '../../src/media/sip-codecs.ts'
import { type SipAgreement, SipMedia } from '../../src/media/sip-media.ts'

const phoneAt = { address: '10.0.0.1', port: 4000 }
const gatewayAt = { address: '10.0.0.2', port: 6000 }

const open: SipMedia[] = []
afterEach(() => {
  for (const media of open.splice(0)) media.close()
})

interface Side {
  readonly media: SipMedia
  readonly digits: string[]
  /** Every RTP datagram sent, and where to. */
  readonly sent: { payloadType: number; bytes: number; timestamp: number; to: MediaEndpoint }[]
  /** Where RTCP went to. */
  readonly rtcp: MediaEndpoint[]
}

const agreed = (name: SipCodecName, payloadType = SIP_CODECS[name].payloadType) => ({
  codec: SIP_CODECS[name],
  payloadType,
  fmtp: name === 'opus' ? 'useinbandfec=1' : undefined,
})

function agreement(remote: MediaEndpoint, changes: Partial<SipAgreement> = {}): SipAgreement {
  return {
    remote,
    codecs: [agreed('PCMU')],
    packetMs: 20,
    events: { payloadType: 101, clockRateHz: 8000 },
    maySend: true,
    rtcpMux: false,
    keys: undefined,
    ...changes,
  }
}

/** Two media ends with a wire between them: RTP at the port, RTCP at the one above. `changes` are what both agree on. */
async function call(clock: VirtualClock, changes: Partial<SipAgreement> = {}, lose = (_: number) => false) {
  const make = async (here: MediaEndpoint, there: MediaEndpoint, seed: number, peer: () => SipMedia): Promise<Side> => {
    const digits: string[] = []
    const sent: Side['sent'] = []
    const rtcp: Side['rtcp'] = []
    const media = await SipMedia.create({
      clock,
      random: seededRandom(seed),
      agreement: agreement(there, seed === 1 ? changes : mirrored(changes)),
      onDigit: (digit, durationMs) => digits.push(`${digit} ${durationMs}`),
      sendRtp: (datagram, to) => {
        sent.push({
          payloadType: datagram[1] & 0x7f,
          bytes: datagram.length,
          timestamp: new DataView(datagram.buffer, datagram.byteOffset).getUint32(4),
          to,
        })
        if (!lose(sent.length)) peer().receiveRtp(datagram, here)
      },
      sendRtcp: (datagram, to) => {
        expect(to).toEqual({ ...there, port: there.port + 1 })
        rtcp.push(to)
        peer().receiveRtcp(datagram, { ...here, port: here.port + 1 })
      },
    })
    open.push(media)
    return { media, digits, sent, rtcp }
  }
  const phone = await make(phoneAt, gatewayAt, 1, () => gateway.media)
  const gateway: Side = await make(gatewayAt, phoneAt, 2, () => phone.media)
  return { phone, gateway }
}

const loud: AudioSource = {
  pull: (out) => {
    for (let i = 0; i < out.length; i++) out[i] = 0.5 * Math.sin((2 * Math.PI * i) / 32)
  },
}

/** What the other side has agreed on: its own key is the first one's peer's. */
function mirrored({ keys, ...rest }: Partial<SipAgreement>): Partial<SipAgreement> {
  return keys === undefined ? rest : { ...rest, keys: { ...keys, local: keys.remote, remote: keys.local } }
}

function level(source: AudioSource): number {
  const block = new Float32Array(320)
  source.pull(block)
  return Math.sqrt(block.reduce((sum, x) => sum + x * x, 0) / block.length)
}

/** Pulls every 20 ms for a while; the level of each block. */
async function listen(clock: VirtualClock, source: AudioSource, blocks: number): Promise<number[]> {
  const levels: number[] = []
  for (let i = 0; i < blocks; i++) {
    await clock.advance(20)
    levels.push(level(source))
  }
  return levels
}

describe('SipMedia', () => {
  it('carries sound both ways, silence before, at 50 packets a second', async () => {
    const clock = new VirtualClock()
    const { phone, gateway } = await call(clock)
    phone.media.start()
    gateway.media.start()
    expect((await listen(clock, gateway.media.audio, 10)).every((value) => value < 0.001)).toBe(true)
    phone.media.listenTo(loud)
    const levels = await listen(clock, gateway.media.audio, 90)
    expect(levels.at(-1)).toBeCloseTo(0.5 * Math.SQRT1_2, 1)
    expect(Math.abs(phone.sent.length - 100)).toBeLessThanOrEqual(1)
    expect(new Set(phone.sent.map(({ payloadType, to }) => JSON.stringify({ payloadType, to })))).toEqual(
      new Set([JSON.stringify({ payloadType: 0, to: gatewayAt })]),
    )
    expect(gateway.media.stats()).toMatchObject({ playout: { lost: 0, late: 0 }, skippedFrames: 0 })
  })

  it('sends digits in the place of audio, and the other side hears each once', async () => {
    const clock = new VirtualClock()
    const { phone, gateway } = await call(clock)
    phone.media.start()
    phone.media.listenTo(loud)
    for (const digit of '1*#') expect(phone.media.sendDigit(digit, 100)).toBe(true)
    expect(phone.media.sendDigit('?', 100)).toBe(false)
    await clock.advance(2000)
    expect(gateway.digits).toEqual(['1 100', '* 100', '# 100'])
    expect(phone.sent.filter(({ payloadType }) => payloadType === 101)).toHaveLength(3 * 7)
    expect(phone.sent).toHaveLength(101)
    expect(gateway.media.stats().session.rejected).toEqual({
      malformed: 0,
      unknownPayloadType: 0,
      looped: 0,
      foreign: 0,
    })
  })

  it('sends no digits when telephone events were not negotiated', async () => {
    const { phone } = await call(new VirtualClock(), { events: undefined })
    expect(phone.media.sendDigit('1', 100)).toBe(false)
  })

  it('follows a re-INVITE to another address and codec', async () => {
    const clock = new VirtualClock()
    const { phone, gateway } = await call(clock)
    phone.media.start()
    gateway.media.start()
    phone.media.listenTo(loud)
    await listen(clock, gateway.media.audio, 20)
    const elsewhere = { address: '10.0.0.9', port: 7000 }
    const pcma = { codecs: [agreed('PCMA')] as const, events: { payloadType: 96, clockRateHz: 8000 } }
    await gateway.media.renegotiate(agreement(elsewhere, pcma))
    await phone.media.renegotiate(agreement(gatewayAt, pcma))
    await clock.advance(20)
    expect(gateway.sent.at(-1)).toMatchObject({ payloadType: 8, to: elsewhere })
    // The phone still sends from its old address: four packets in a row take the lock back.
    const levels = await listen(clock, gateway.media.audio, 30)
    expect(levels.at(-1)).toBeCloseTo(0.5 * Math.SQRT1_2, 1)
    expect(phone.sent.at(-1)!.payloadType).toBe(8)
    phone.media.sendDigit('9', 100)
    await clock.advance(500)
    expect(phone.sent.some(({ payloadType }) => payloadType === 96)).toBe(true)
    expect(gateway.digits).toEqual(['9 100'])
    await phone.media.renegotiate(agreement(gatewayAt, { events: undefined }))
    expect(phone.media.sendDigit('9', 100)).toBe(false)
  })

  it('exchanges reports', async () => {
    const clock = new VirtualClock()
    const { phone, gateway } = await call(clock)
    phone.media.start()
    gateway.media.start()
    await clock.advance(20_000)
    const { session } = phone.media.stats()
    expect(session.remoteReport).toMatchObject({ fractionLost: 0, cumulativeLost: 0 })
    expect(session.remoteReport!.roundTripMs).toBeLessThan(1)
    expect(session.lastRtcpMs).toBeGreaterThan(10_000)
    expect(session.sentOctets).toBe(session.sentPackets * 160)
  })

  it('shrugs off garbage, and ends with no timer left', async () => {
    const clock = new VirtualClock()
    const { phone, gateway } = await call(clock)
    phone.media.start()
    gateway.media.start()
    gateway.media.receiveRtp(new Uint8Array(5), phoneAt)
    gateway.media.receiveRtcp(new Uint8Array(5), phoneAt)
    gateway.media.receiveRtcp(new Uint8Array(5), { address: '6.6.6.6', port: 4001 })
    await clock.advance(100)
    phone.media.close()
    gateway.media.close()
    open.length = 0
    expect(clock.pendingTimers).toBe(0)
  })
})
