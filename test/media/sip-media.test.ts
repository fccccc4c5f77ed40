import { afterEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { seededRandom } from '../../src/base/random.ts'
import type { AudioSource } from '../../src/media/audio-source.ts'
import { G711Encoder } from '../../src/media/codecs/g711/g711.ts'
import { alignTo, estimateDelay } from '../../src/media/measure/align.ts'
import { stoi } from '../../src/media/measure/stoi.ts'
import type { MediaEndpoint } from '../../src/media/rtp/endpoint.ts'
import { SIP_CODECS, type SipCodecName } from '../../src/media/sip-codecs.ts'
import { type SipAgreement, SipMedia } from '../../src/media/sip-media.ts'
import { speech } from '../../src/sim/speech.ts'

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

/** One second, in which the jitter buffer finds its delay. */
function afterAPause(pcm: Float32Array): Float32Array {
  const spoken = new Float32Array(16_000 + pcm.length)
  spoken.set(pcm, 16_000)
  return spoken
}

function playing(pcm: Float32Array): AudioSource {
  let at = 0
  return {
    pull: (out) => {
      out.fill(0)
      out.set(pcm.subarray(at, at + out.length))
      at += out.length
    },
  }
}

async function record(clock: VirtualClock, source: AudioSource, forMs: number): Promise<Float32Array> {
  const heard = new Float32Array(forMs * 16)
  for (let at = 0; at < heard.length; at += 320) {
    await clock.advance(20)
    source.pull(heard.subarray(at, at + 320))
  }
  return heard
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

/** A packet of PCMU as loud as `loud`, or a description of comfort noise at −48 dBov. */
function packetOf(sequence: number, timestamp: number, isPause = false): Uint8Array {
  const packet = new Uint8Array(isPause ? 13 : 172)
  packet.set([0x80, isPause ? 13 : 0])
  const view = new DataView(packet.buffer)
  view.setUint16(2, sequence)
  view.setUint32(4, timestamp)
  view.setUint32(8, 9)
  if (isPause) packet[12] = 48
  else new G711Encoder('pcmu').encode(HUM, packet.subarray(12))
  return packet
}

const HUM = Float32Array.from({ length: 160 }, (_, i) => 0.5 * Math.sin((2 * Math.PI * i) / 16))

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

  it.each([
    ['PCMU', 0.97, 8000],
    ['PCMA', 0.97, 8000],
    ['G722', 0.99, 8000],
    ['opus', 0.97, 48_000],
    ['L16', 0.999, 16_000],
  ] as const)('carries speech by %s, in packets of the wished length', async (name, leastStoi, clockRateHz) => {
    for (const packetMs of [10, 20, 40]) {
      const clock = new VirtualClock()
      const codecs = [agreed(name, 96)] as const
      const { phone, gateway } = await call(clock, { codecs, packetMs, events: { payloadType: 102, clockRateHz } })
      phone.media.start()
      gateway.media.start()
      const spoken = afterAPause(speech().subarray(0, 3 * 16_000))
      phone.media.listenTo(playing(spoken))
      const heard = await record(clock, gateway.media.audio, 4200)
      const lag = estimateDelay(spoken, heard, 8000)
      const score = stoi(spoken, alignTo(spoken, heard, lag), 16_000)
      console.log(`${name} ${packetMs} ms: STOI ${score.toFixed(3)}, ${(lag / 16).toFixed(0)} ms`)
      expect(score).toBeGreaterThan(leastStoi)
      expect(new Set(phone.sent.map(({ payloadType }) => payloadType))).toEqual(new Set([96]))
      const steps = phone.sent.slice(1).map(({ timestamp }, i) => (timestamp - phone.sent[i].timestamp) >>> 0)
      expect(new Set(steps)).toEqual(new Set([(packetMs * clockRateHz) / 1000]))
      expect(gateway.media.stats()).toMatchObject({ playout: { lost: 0, late: 0, refused: 0 } })
      phone.media.sendDigit('5', 120)
      await clock.advance(1000)
      expect(gateway.digits).toEqual(['5 120'])
    }
  })

  it('sends no packet longer than a datagram, or than Opus has', async () => {
    for (const [name, wished, expected] of [
      ['L16', 60, 40],
      ['opus', 50, 40],
      ['opus', 30, 20],
      ['PCMA', 60, 60],
    ] as const) {
      const clock = new VirtualClock()
      const { phone } = await call(clock, { codecs: [agreed(name)], packetMs: wished })
      phone.media.start()
      await clock.advance(1200 - 1)
      expect(phone.sent).toHaveLength(1200 / expected)
    }
  })

  it('fills a gap from the redundancy of Opus', async () => {
    const clock = new VirtualClock()
    const { phone, gateway } = await call(clock, { codecs: [agreed('opus')] }, (packet) => packet % 10 === 9)
    phone.media.start()
    gateway.media.start()
    const spoken = afterAPause(speech().subarray(0, 3 * 16_000))
    phone.media.listenTo(playing(spoken))
    const heard = await record(clock, gateway.media.audio, 4200)
    const { recovered, lost } = gateway.media.stats().playout
    expect(lost).toBeGreaterThan(15)
    expect(recovered).toBeGreaterThan(0.9 * lost)
    expect(stoi(spoken, alignTo(spoken, heard, estimateDelay(spoken, heard, 8000)), 16_000)).toBeGreaterThan(0.93)
  })

  it('changes the codec, its clock and the packets in mid-call, both ways at their own time', async () => {
    const clock = new VirtualClock()
    const { phone, gateway } = await call(clock)
    phone.media.start()
    gateway.media.start()
    phone.media.listenTo(loud)
    await listen(clock, gateway.media.audio, 25)
    const changes = {
      codecs: [agreed('opus'), agreed('PCMU')] as const,
      packetMs: 40,
      events: { payloadType: 102, clockRateHz: 48_000 },
    }
    await gateway.media.renegotiate(agreement(phoneAt, changes))
    // The gateway understands both while the phone has not yet changed.
    expect((await listen(clock, gateway.media.audio, 10)).at(-1)).toBeCloseTo(0.5 * Math.SQRT1_2, 1)
    await phone.media.renegotiate(agreement(gatewayAt, changes))
    const levels = await listen(clock, gateway.media.audio, 60)
    expect(levels.at(-1)).toBeCloseTo(0.5 * Math.SQRT1_2, 1)
    const [before, after] = phone.sent.slice(-2)
    expect(after.payloadType).toBe(107)
    expect((after.timestamp - before.timestamp) >>> 0).toBe(1920)
    expect(levels.filter((value) => value < 0.2).length).toBeLessThan(8)
    phone.media.sendDigit('7', 200)
    await clock.advance(1000)
    expect(gateway.digits).toEqual(['7 200'])
    expect(gateway.media.stats().session.rejected.unknownPayloadType).toBe(0)
  })

  it('a digit goes on through an offer that changes nothing', async () => {
    const clock = new VirtualClock()
    const { phone, gateway } = await call(clock)
    phone.media.start()
    phone.media.sendDigit('4', 200)
    await clock.advance(100)
    await phone.media.renegotiate(agreement(gatewayAt))
    await clock.advance(1000)
    expect(gateway.digits).toEqual(['4 200'])
  })

  it('sends no RTP while it may not, and goes on with RTCP; then resumes in time', async () => {
    const clock = new VirtualClock()
    const { phone, gateway } = await call(clock)
    phone.media.start()
    gateway.media.start()
    phone.media.listenTo(loud)
    await clock.advance(990)
    await phone.media.renegotiate(agreement(gatewayAt, { maySend: false }))
    const { length } = phone.sent
    const last = phone.sent.at(-1)!
    const reports = phone.rtcp.length
    await clock.advance(20_000)
    expect(phone.sent).toHaveLength(length)
    expect(phone.rtcp.length).toBeGreaterThan(reports + 1)
    await phone.media.renegotiate(agreement(gatewayAt))
    await clock.advance(100)
    // 20 s of 8 kHz have gone by for the timestamps too.
    expect((phone.sent[length].timestamp - last.timestamp) >>> 0).toBe(160_160)
    expect((await listen(clock, gateway.media.audio, 20)).at(-1)).toBeCloseTo(0.5 * Math.SQRT1_2, 1)
  })

  it('hears comfort noise in pauses, and nothing of them counts as lost', async () => {
    const clock = new VirtualClock()
    const { gateway } = await call(clock)
    const pauses: number[] = []
    let sequence = 0
    for (let i = 0; i < 400; i++) {
      const inPause = i % 100 >= 50
      // One description at the beginning of each pause of a second, and one in its middle.
      if (!inPause || i % 25 === 0) gateway.media.receiveRtp(packetOf(sequence++, i * 160, inPause), phoneAt)
      await clock.advance(20)
      const heard = level(gateway.media.audio)
      if (i % 100 >= 60) pauses.push(20 * Math.log10(heard))
    }
    expect(Math.max(...pauses)).toBeLessThan(-42)
    expect(Math.min(...pauses)).toBeGreaterThan(-54)
    expect(gateway.media.stats().playout).toMatchObject({ lost: 0, late: 0, concealedMs: 0, refused: 0 })
    expect(gateway.media.stats().session.rejected.unknownPayloadType).toBe(0)
  })

  it('shares one port for RTP and RTCP when that was agreed on', async () => {
    const clock = new VirtualClock()
    const { phone, gateway } = await call(clock, { rtcpMux: true })
    phone.media.start()
    gateway.media.start()
    await clock.advance(20_000)
    expect(phone.rtcp).toEqual([])
    expect(phone.media.stats().session.remoteReport).toMatchObject({ fractionLost: 0 })
    expect(phone.media.stats().session.rejected.malformed).toBe(0)
  })

  it.each([10, 4])('encrypts RTP and RTCP, with tags of %i bytes, and hears nothing in clear', async (rtpTagBytes) => {
    const clock = new VirtualClock()
    const keys = { rtpTagBytes, local: new Uint8Array(30).fill(3), remote: new Uint8Array(30).fill(4) }
    const { phone, gateway } = await call(clock, { keys, rtcpMux: true })
    phone.media.start()
    gateway.media.start()
    phone.media.listenTo(loud)
    expect((await listen(clock, gateway.media.audio, 500)).at(-1)).toBeCloseTo(0.5 * Math.SQRT1_2, 1)
    expect(phone.sent[0].bytes).toBe(12 + 160 + rtpTagBytes)
    expect(gateway.media.stats().srtp).toMatchObject({ forged: 0, replayed: 0, malformed: 0 })
    expect(phone.media.stats().session.remoteReport).toMatchObject({ fractionLost: 0 })
    gateway.media.receiveRtp(packetOf(1, 160), phoneAt)
    expect(gateway.media.stats().srtp!.forged).toBe(1)
    // The same keys in a later offer go on where they were; a new key begins anew.
    await gateway.media.renegotiate(agreement(phoneAt, { keys: mirrored({ keys }).keys, rtcpMux: true }))
    await listen(clock, gateway.media.audio, 10)
    expect(gateway.media.stats().srtp!.forged).toBe(1)
    const rekeyed = { ...keys, local: new Uint8Array(30).fill(5) }
    await phone.media.renegotiate(agreement(gatewayAt, { keys: rekeyed, rtcpMux: true }))
    await gateway.media.renegotiate(agreement(phoneAt, { keys: mirrored({ keys: rekeyed }).keys, rtcpMux: true }))
    expect((await listen(clock, gateway.media.audio, 20)).at(-1)).toBeCloseTo(0.5 * Math.SQRT1_2, 1)
    expect(gateway.media.stats().srtp).toMatchObject({ forged: 0 })
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

describe('media that cannot be made', () => {
  it('frees the decoder that was made before the encoder failed', async () => {
    const clock = new VirtualClock()
    const closed: string[] = []
    const decoder = { ...SIP_CODECS.PCMU.newDecoder(), close: () => closed.push('decoder') }
    const codec = {
      ...SIP_CODECS.opus,
      newDecoder: () => decoder as never,
      newEncoder: () => Promise.reject(new Error('no memory for an encoder')),
    }
    const making = SipMedia.create({
      clock,
      random: seededRandom(1),
      agreement: agreement(phoneAt, { codecs: [{ codec, payloadType: 96, fmtp: undefined }] }),
      onDigit: () => {},
      sendRtp: () => expect.unreachable('nothing may be sent'),
      sendRtcp: () => expect.unreachable('nothing may be sent'),
    })
    await expect(making).rejects.toThrow('no memory for an encoder')
    expect(closed).toEqual(['decoder'])
    expect(clock.pendingTimers).toBe(0)
  })
})
