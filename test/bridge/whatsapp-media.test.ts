import { createCipheriv, hkdfSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { noTracer } from '../../src/base/tracer.ts'
import { mediaSummary, mediaTrace } from '../../src/bridge/whatsapp-figures.ts'
import { WhatsAppMedia, type WhatsAppMediaRequest } from '../../src/bridge/whatsapp-media.ts'
import type { AudioDecoder } from '../../src/media/codecs/codec.ts'
import { SplitRedWriter } from '../../src/media/codecs/mlow/split-red-writer.ts'
import { MlowOrOpusEncoder } from '../../src/media/codecs/mlow-or-opus-encoder.ts'
import { buildSenderReport, ntpTime } from '../../src/media/rtp/rtcp-packet.ts'
import { newRtpHeader, readRtpPacket, WARP_SPEECH_EXTENSION, writeRtpHeader } from '../../src/media/rtp/rtp-packet.ts'
import { deriveSenderKeys, deriveSsrc } from '../../src/media/srtp/call-keys.ts'
import { deriveHopKeys } from '../../src/media/srtp/hop-keys.ts'
import { warpProfile } from '../../src/media/srtp/srtp-profile.ts'
import { SrtpReceiver } from '../../src/media/srtp/srtp-receiver.ts'
import { SrtpSender } from '../../src/media/srtp/srtp-sender.ts'
import type { RelayPass } from '../../src/sim/relay/relay-party.ts'
import type { RelayBlock } from '../../src/whatsapp/stanza/relay-block.ts'
import { MemoryRelay } from './memory-relay.ts'

const SELF = '1:7@lid'
const PEER = '2:3@lid'
const CALL_ID = 'CALL'
const KEY = 'AAECAwQFBgcICQoLDA0ODw=='
const callKey = Uint8Array.from({ length: 32 }, (_, i) => i)
const hbhKey = Uint8Array.from({ length: 30 }, (_, i) => 100 + i)
const FRAME_MS = 60
const FRAME_SAMPLES = 960
const FIRST_BYTE = { mlow: 0x50, pause: 0x90, opus: 0x77 }

const passes: RelayPass[] = [0, 1, 2].map((i) => ({
  callId: CALL_ID,
  pid: 1,
  key: KEY,
  token: Uint8Array.of(i, 9),
  authToken: Uint8Array.of(i, 8),
}))

const block: RelayBlock = {
  uuid: undefined,
  selfPid: 1,
  peerPid: 2,
  participants: [
    { jid: SELF, pid: 1 },
    { jid: PEER, pid: 2 },
  ],
  key: KEY,
  hbhKey,
  warpMiTagLength: 4,
  tokens: new Map(passes.map(({ token }, i) => [`${i}`, token])),
  authTokens: new Map(),
  endpoints: passes.map((_, i) => ({
    relayId: `${i}`,
    relayName: `sim1c0${i + 1}`,
    endpoint: { address: `192.0.2.${i + 1}`, port: 3480 },
    family: 4,
    tokenId: `${i}`,
    authTokenId: `${i}`,
    isFna: i === 2,
    protocol: 0,
    c2rRttMs: i,
  })),
}

interface Heard {
  readonly payloadType: number
  readonly sequence: number
  readonly headerBytes: number
  readonly payload: readonly number[]
}

/** Frames are one tag byte and a running number; what is decoded is counted. */
class CountingDecoder implements AudioDecoder {
  readonly sampleRateHz = 16_000
  readonly maxSamples = FRAME_SAMPLES
  readonly decoded: number[] = []
  readonly unsupportedFrames = 0
  concealed = 0
  decode(payload: Uint8Array, out: Float32Array): number {
    this.decoded.push(payload[1])
    out.fill(0.1, 0, FRAME_SAMPLES)
    return FRAME_SAMPLES
  }
  conceal(samples: number, out: Float32Array): number {
    this.concealed += 1
    out.fill(0, 0, samples)
    return samples
  }
  reset(): void {}
  close(): void {}
}

describe('WhatsAppMedia', () => {
  let clock: VirtualClock
  let relays: MemoryRelay[]
  let heard: Heard[]
  let decoder: CountingDecoder
  let firstByte: number
  let redialled: number
  let media: WhatsAppMedia | undefined
  const peerSsrc = deriveSsrc(CALL_ID, PEER, 0)
  let peer: SrtpSender
  let sequence: number

  beforeEach(() => {
    clock = new VirtualClock()
    relays = passes.map((pass) => new MemoryRelay(clock, [pass]))
    const receiver = new SrtpReceiver(deriveSenderKeys(callKey, SELF), warpProfile())
    heard = []
    for (const relay of relays) relay.onForwarded = (packet) => note(receiver, packet)
    decoder = new CountingDecoder()
    firstByte = FIRST_BYTE.mlow
    redialled = 0
    peer = new SrtpSender(deriveSenderKeys(callKey, PEER), warpProfile())
    sequence = 0
  })
  afterEach(async () => {
    await media?.close()
    media = undefined
    expect(clock.pendingTimers).toBe(0)
  })

  function note(receiver: SrtpReceiver, packet: Uint8Array): void {
    const clear = new Uint8Array(1500)
    const isRtcp = packet[1] >= 192 && packet[1] <= 223
    const length = isRtcp ? 0 : receiver.unprotect(packet, clear)
    if (length === 0) return
    const header = newRtpHeader()
    readRtpPacket(clear.subarray(0, length), header)
    const { payloadType, sequence: number, payloadStart } = header
    heard.push({
      payloadType,
      sequence: number,
      headerBytes: payloadStart,
      payload: [...clear.slice(payloadStart, length)],
    })
  }

  async function open(overrides: Partial<WhatsAppMediaRequest> = {}, pauseHeader: 'long' | 'short' = 'long') {
    let count = 0
    const encoder = (tag: () => number) => ({
      sampleRateHz: 16_000,
      frameSamples: FRAME_SAMPLES,
      maxPayloadBytes: 1276,
      encode: (_: Float32Array, out: Uint8Array) => {
        out.set([tag(), count++ & 0xff, 3])
        return 3
      },
      reset: () => {},
      close: () => {},
    })
    media = new WhatsAppMedia(
      {
        callId: CALL_ID,
        callKey,
        self: SELF,
        relays: block,
        redundancy: 'off',
        log: silentLogger,
        tracer: noTracer,
        onRelayBound: () => {},
        onRelayRedialled: () => {
          redialled += 1
        },
        ...overrides,
      },
      {
        clock,
        random: seededRandom(5),
        relay: {
          connect: (candidate) => relays[Number(candidate.relayId)].connect(),
          portPolicy: 'advertised',
          addressFamily: 'ipv4',
          maxRelays: 4,
          connectTimeoutMs: 10_000,
        },
        newEncoder: () =>
          new MlowOrOpusEncoder(
            encoder(() => firstByte),
            async () => encoder(() => FIRST_BYTE.opus),
          ),
        newDecoder: () => decoder,
        pauseHeader,
      },
    )
    media.setPeer(PEER)
    await clock.advance(100)
    expect(media.openRelays).toBe(3)
    return media
  }

  /** One packet of the peer over some relays. */
  function say(
    payload: Uint8Array,
    over: readonly number[],
    payloadType = 120,
    numbered = ++sequence,
    ssrc = peerSsrc,
  ): void {
    const packet = new Uint8Array(16 + payload.length + 4)
    const timestamp = (numbered * FRAME_SAMPLES) >>> 0
    const header = { ...newRtpHeader(), payloadType, sequence: numbered & 0xffff, timestamp }
    writeRtpHeader({ ...header, ssrc }, WARP_SPEECH_EXTENSION, packet)
    packet.set(payload, 16)
    const length = peer.protect(packet.subarray(0, 16 + payload.length), packet)
    for (const relay of over) relays[relay].forward(packet.subarray(0, length))
  }

  async function talk(frames: number, over: readonly number[] | ((frame: number) => readonly number[])): Promise<void> {
    const out = new Float32Array(FRAME_SAMPLES)
    for (let i = 0; i < frames; i++) {
      say(Uint8Array.of(FIRST_BYTE.mlow, i & 0xff), typeof over === 'function' ? over(i) : over)
      media!.pull(out)
      await clock.advance(FRAME_MS)
    }
  }

  /** The peer's sender report with a block about our stream. */
  function reportLoss(fractionLost: number): void {
    const report = buildSenderReport({
      ssrc: peerSsrc,
      ...ntpTime(clock.wallMs()),
      rtpTimestamp: 0,
      packets: 1,
      octets: 1,
      blocks: [
        {
          ssrc: deriveSsrc(CALL_ID, SELF, 0),
          fractionLost,
          cumulativeLost: 0,
          highestSequence: 0,
          jitter: 0,
          lastSenderReport: 0,
          delaySinceLastSenderReport: 0,
        },
      ],
    })
    relays[0].forward(peer.protectRtcp(report))
  }

  it('counts what the peer says that is not played, and what came over each relay', async () => {
    await open()
    await talk(10, [1])
    for (let i = 0; i < 3; i++) say(Uint8Array.of(FIRST_BYTE.mlow), [1], 111)
    for (let i = 0; i < 2; i++) say(Uint8Array.of(FIRST_BYTE.mlow), [2], 120, ++sequence, peerSsrc + 1)
    reportLoss(0)
    const stats = media!.stats()
    expect(stats.srtp).toMatchObject({ unplayed: 3, unplayedType: 111, otherSsrc: 2 })
    expect(stats.playout.received).toBe(10)
    expect(stats.relays.map(({ rtp, rtcp }) => [rtp, rtcp])).toEqual([
      [0, 1],
      [13, 0],
      [2, 0],
    ])
    const [figures, ...places] = mediaTrace(stats, 40)
    expect(figures).toMatchObject({ what: 'media', side: 'whatsapp' })
    expect(figures).toHaveProperty('figures.otherSsrc', 2)
    expect(figures).toHaveProperty('figures.mutedMs', 40)
    expect(places[1]).toMatchObject({
      what: 'relay',
      event: 'figures',
      relay: 'sim1c02',
      endpoint: '192.0.2.2:3480',
      rttMs: 0,
      figures: { registered: 1, dials: 1, rtp: 13 },
    })
    const summary = mediaSummary(stats, 40)
    expect(summary).toMatchObject({ received: 10, unplayed: 3, relays: [{ rtcp: 1 }, { rtp: 13 }, { rtp: 2 }] })
  })

  it('is not cut off where silence towards RTCP is punished after 20 s', async () => {
    for (const relay of relays) relay.faults.cutSilentMs = 20_000
    await open()
    await talk(1000, [0])
    expect(relays.map(({ stats }) => stats.cut)).toEqual([0, 0, 0])
    expect(relays.map(({ isHolding }) => isHolding)).toEqual([true, true, true])
    expect(heard.length).toBe(1002)
    expect(media!.stats().playout.lost).toBe(0)
  })

  it('goes on for 70 minutes, past the wrap of both sequence numbers', { timeout: 180_000 }, async () => {
    const MINUTES = 70
    const FRAMES_PER_MINUTE = 1000
    await open()
    let last = heard.at(-1)!.sequence
    let wraps = 0
    for (let minute = 0; minute < MINUTES; minute++) {
      heard = []
      await talk(FRAMES_PER_MINUTE, [0])
      expect(heard).toHaveLength(FRAMES_PER_MINUTE)
      for (const { sequence: number } of heard) {
        expect(number).toBe((last + 1) & 0xffff)
        if (number < last) wraps += 1
        last = number
      }
    }
    expect([wraps, sequence >> 16]).toEqual([1, 1])
    const { playout, srtp } = media!.stats()
    expect(playout).toMatchObject({ received: MINUTES * FRAMES_PER_MINUTE, lost: 0, late: 0 })
    expect(srtp).toMatchObject({ forged: 0, malformed: 0 })
    expect(decoder.concealed).toBe(0)
  })

  it('reports every second from the first one on, and pings before it sends', async () => {
    for (const relay of relays) relay.faults.cutSilentMs = 1050
    await open()
    await talk(50, [0])
    expect(relays.map(({ stats }) => [stats.cut, stats.droppedBeforePing])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ])
  })

  it('follows the peer to another relay without losing a packet', async () => {
    await open()
    await talk(100, (frame) => [frame < 40 ? 0 : 2])
    const { playout, srtp } = media!.stats()
    expect(srtp.accepted).toBe(100)
    expect(playout.lost).toBe(0)
    expect(decoder.concealed).toBe(0)
  })

  it('plays once what comes over every relay', async () => {
    await open()
    await talk(100, [0, 1, 2])
    const { playout, srtp } = media!.stats()
    expect(srtp).toMatchObject({ accepted: 100, replayed: 200, forged: 0 })
    expect(playout).toMatchObject({ received: 100, lost: 0 })
    expect(new Set(decoder.decoded).size).toBe(decoder.decoded.length)
  })

  it('carries on over the other relays when one dies, and says when it is back', async () => {
    await open()
    await talk(20, [0, 1, 2])
    relays[0].die()
    const before = heard.length
    await talk(50, [0, 1, 2])
    expect(heard.length - before).toBe(50)
    expect(media!.openRelays).toBe(2)
    expect(redialled).toBe(0)
    relays[0].revive()
    await talk(300, [0, 1, 2])
    expect(media!.openRelays).toBe(3)
    expect(redialled).toBe(1)
    expect(media!.stats().playout.lost).toBe(0)
  })

  it('says once that relays are back which went together', async () => {
    await open()
    for (const relay of relays) relay.die()
    await talk(200, [0])
    expect([media!.openRelays, redialled]).toEqual([0, 0])
    for (const relay of relays) relay.revive()
    await talk(300, [0])
    expect([media!.openRelays, redialled]).toEqual([3, 1])
  })

  it.each([
    ['long', 20],
    ['short', 16],
  ] as const)('marks packets without speech by a %s header of %i bytes', async (form, bytes) => {
    await open({}, form)
    firstByte = FIRST_BYTE.pause
    heard = []
    await clock.advance(120)
    expect(heard.map(({ headerBytes }) => headerBytes)).toEqual([bytes, bytes])
    firstByte = FIRST_BYTE.mlow
    heard = []
    await clock.advance(60)
    expect(heard.map(({ headerBytes }) => headerBytes)).toEqual([16])
  })

  it('sends copies from 5 % loss in the mean of eight reports on, until 15 s after the loss is over', async () => {
    await open({ redundancy: 'on-loss' })
    for (const fractionLost of [20, 0, 10, 20, 10, 20, 10]) reportLoss(fractionLost)
    await clock.advance(60)
    expect(heard.at(-1)!.payloadType).toBe(120)
    reportLoss(10)
    await clock.advance(120)
    const [one, two] = heard.slice(-2)
    expect([one.payloadType, two.payloadType]).toEqual([121, 121])
    const [, number] = two.payload.slice(-3)
    expect(two.payload).toEqual([0x81, 3, 0, 0x50, number - 1, 3, 0x50, number, 3])
    for (let second = 0; second < 15; second++) {
      reportLoss(0)
      await clock.advance(1000)
    }
    expect(heard.at(-1)!.payloadType).toBe(121)
    reportLoss(0)
    await clock.advance(60)
    expect(heard.at(-1)!.payloadType).toBe(120)
    const numbers = heard.map(({ sequence: number }) => number)
    expect(numbers).toEqual(numbers.map((_, i) => i + 1))
  })

  it('sends no copies when they are off', async () => {
    await open()
    reportLoss(255)
    await clock.advance(120)
    expect(heard.at(-1)!.payloadType).toBe(120)
  })

  it('repairs a loss from the copy in the next packet, whatever the type of the packets before', async () => {
    await open()
    const copies = new SplitRedWriter()
    const wrap = (number: number) => {
      const out = new Uint8Array(300)
      out.set([FIRST_BYTE.mlow, number])
      return out.slice(0, copies.wrap(out, 2))
    }
    await talk(10, [0])
    const out = new Float32Array(FRAME_SAMPLES)
    for (let number = 200; number < 210; number++) {
      const payload = wrap(number)
      sequence += 1
      if (number !== 200 && number !== 205) say(payload, [0], 121, sequence)
      media!.pull(out)
      await clock.advance(FRAME_MS)
    }
    await talk(10, [0])
    expect(media!.stats().playout).toMatchObject({ lost: 2, recovered: 2, refused: 0 })
    expect(decoder.decoded.filter((number) => number >= 200)).toEqual([
      200, 201, 202, 203, 204, 205, 206, 207, 208, 209,
    ])
    expect(decoder.concealed).toBe(0)
  })

  it('waits long enough for copies when one packet in ten is lost, and no longer once the loss is over', async () => {
    await open()
    const copies = new SplitRedWriter()
    const out = new Float32Array(FRAME_SAMPLES / 3)
    const hear = async (frames: number, isLost: (frame: number) => boolean) => {
      for (let frame = 0; frame < frames; frame++) {
        const payload = new Uint8Array(300)
        payload.set([FIRST_BYTE.mlow, frame & 0xff])
        const length = copies.wrap(payload, 2)
        sequence += 1
        if (!isLost(frame)) say(payload.subarray(0, length), [0], 121, sequence)
        for (let pull = 0; pull < 3; pull++) {
          media!.pull(out)
          await clock.advance(FRAME_MS / 3)
        }
      }
    }
    await hear(100, () => false)
    const quietMs = media!.stats().playout.targetMs
    await hear(200, (frame) => frame % 10 === 5)
    const before = media!.stats().playout
    expect(before.targetMs).toBeGreaterThan(FRAME_MS)
    await hear(500, (frame) => frame % 10 === 5)
    const after = media!.stats().playout
    expect(after.recovered - before.recovered).toBe(50)
    await hear(1500, () => false)
    expect(media!.stats().playout.targetMs).toBe(quietMs)
  })

  it('speaks ordinary Opus when told to, without copies', async () => {
    await open({ redundancy: 'always' })
    expect(heard.at(-1)!.payloadType).toBe(121)
    await media!.speakOpus()
    await clock.advance(120)
    expect(heard.slice(-2).map(({ payloadType, payload }) => [payloadType, payload[0]])).toEqual([
      [120, FIRST_BYTE.opus],
      [120, FIRST_BYTE.opus],
    ])
  })

  it('opens speech that is wrapped as SFrame within SRTP', async () => {
    await open()
    const key = new Uint8Array(
      hkdfSync('sha256', callKey.subarray(16), callKey.subarray(0, 16), `e2e sframe key${SELF}`, 16),
    )
    const out = new Float32Array(FRAME_SAMPLES)
    for (let counter = 0; counter < 10; counter++) {
      const iv = Buffer.alloc(16)
      iv.writeBigUInt64LE(BigInt(counter), 8)
      const cipher = createCipheriv('aes-128-gcm', key, iv)
      const sealed = Buffer.concat([cipher.update(Uint8Array.of(FIRST_BYTE.mlow, 50 + counter)), cipher.final()])
      say(Buffer.concat([sealed, cipher.getAuthTag(), Uint8Array.of(counter, 0, 3)]), [0])
      media!.pull(out)
      await clock.advance(FRAME_MS)
    }
    expect(media!.stats().srtp.sframes).toBe(10)
    expect(decoder.decoded.slice(0, 3)).toEqual([50, 51, 52])
  })

  it('tells RTCP under the keys of the relay from forgeries', async () => {
    await open()
    const relay = new SrtpSender(deriveHopKeys(hbhKey, 'downlink'), warpProfile())
    const report = Uint8Array.of(0x81, 209, 0, 1, 1, 2, 3, 4)
    relays[0].forward(relay.protectRtcp(report))
    relays[0].forward(new SrtpSender(deriveHopKeys(hbhKey, 'uplink'), warpProfile()).protectRtcp(report))
    expect(media!.stats().srtp).toMatchObject({ hopRtcp: 1, forged: 1 })
  })

  it('does not take a repeated report of the relay for a forged one, nor one of the peer for a repeated one', async () => {
    await open()
    const ofPeer = Uint8Array.of(0x80, 201, 0, 1, 1, 2, 3, 4)
    const byRelay = new SrtpSender(deriveHopKeys(hbhKey, 'downlink'), warpProfile()).protectRtcp(ofPeer)
    relays[0].forward(byRelay)
    relays[1].forward(byRelay)
    expect(media!.stats().srtp).toMatchObject({ hopRtcp: 1, forged: 0 })
    const { accepted } = media!.stats().srtp
    relays[0].forward(peer.protectRtcp(ofPeer))
    expect(media!.stats().srtp).toMatchObject({ hopRtcp: 1, accepted: accepted + 1, forged: 0, replayed: 0 })
  })
})
