import { type Clock, VirtualClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { noTracer } from '../../src/base/tracer.ts'
import { WhatsAppMedia } from '../../src/bridge/whatsapp-media.ts'
import { defaultConfig } from '../../src/config/load.ts'
import type { AudioSource } from '../../src/media/audio-source.ts'
import { MlowDecoder } from '../../src/media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../src/media/codecs/mlow/encoder.ts'
import { MlowOrOpusDecoder } from '../../src/media/codecs/mlow-or-opus.ts'
import { MlowOrOpusEncoder } from '../../src/media/codecs/mlow-or-opus-encoder.ts'
import { Pacer } from '../../src/media/pacing/pacer.ts'
import { agreedRedundancy } from '../../src/media/rtp/redundancy-control.ts'
import { SIP_CODECS } from '../../src/media/sip-codecs.ts'
import { SipMedia } from '../../src/media/sip-media.ts'
import { DriftingClock } from '../../src/sim/media/drifting-clock.ts'
import { speech } from '../../src/sim/speech.ts'
import type { RelayBlock } from '../../src/whatsapp/stanza/relay-block.ts'
import { MemoryRelay } from '../bridge/memory-relay.ts'
import type { Condition } from './conditions.ts'
import { FaultyLink } from './faulty-link.ts'
import { type Heard, RATE_HZ } from './hearing.ts'

/**
 * The media of one whole call in virtual time: a SIP phone, the gateway's two legs and a WhatsApp phone, each with the
 * product's own RTP, SRTP, RTCP, jitter buffer, codecs and pacing; between them a link each, one of which has faults.
 */

const BLOCK_MS = 20
const BLOCK = (RATE_HZ * BLOCK_MS) / 1000
const WHATSAPP_FRAME_MS = 60
const SELF = '1:7@lid'
const PEER = '2:3@lid'
const CALL_ID = 'CALL'
const callKey = Uint8Array.from({ length: 32 }, (_, i) => i)
const deskAt = { address: '10.0.0.1', port: 4000 }
const gatewayAt = { address: '10.0.0.2', port: 6000 }

export interface MeasuredCall {
  /** What the SIP phone said, as the WhatsApp phone heard it. */
  readonly toWhatsApp: Heard
  readonly fromWhatsApp: Heard
}

export async function measureCall(condition: Condition, seed: number, seconds: number): Promise<MeasuredCall> {
  const clock = new VirtualClock()
  const random = seededRandom(seed)
  const skewOf = (link: Condition['link']) => new DriftingClock(clock, condition.link === link ? condition.skewPpm : 0)
  const link = (name: Condition['link']) =>
    new FaultyLink(clock, condition.link === name ? condition.faults : {}, random.below(2 ** 31))
  const desk = await sipPair(clock, skewOf('sip'), [link('sip'), link('sip')])
  const mobile = whatsAppPair(clock, skewOf('whatsapp'), [link('whatsapp'), link('whatsapp')], condition.announceCopies)
  desk.gateway.listenTo(mobile.gateway)
  mobile.gateway.listenTo(desk.gateway.audio)
  const [deskVoice, mobileVoice] = [new Voice(BLOCK_MS), new Voice(WHATSAPP_FRAME_MS)]
  desk.phone.listenTo(deskVoice)
  mobile.phone.listenTo(mobileVoice)
  const deskEar = new Ear(clock, skewOf('sip'), desk.phone.audio, seconds)
  const mobileEar = new Ear(clock, skewOf('whatsapp'), mobile.phone, seconds)
  for (const voice of [deskVoice, mobileVoice]) voice.clock = clock
  desk.phone.start()
  // The two sides of the gateway tick in no particular phase to each other.
  await clock.advance(7)
  desk.gateway.start()
  await clock.advance(seconds * 1000)
  const concealed = (...playouts: { readonly concealedMs: number }[]) =>
    playouts.reduce((sum, { concealedMs }) => sum + concealedMs, 0) / (seconds * 1000)
  const result = {
    toWhatsApp: {
      ...mobileEar.heard(deskVoice, skewed(condition, 'sip'), skewed(condition, 'whatsapp')),
      concealedShare: concealed(desk.gateway.stats().playout, mobile.phone.stats().playout),
      recovered: mobile.phone.stats().playout.recovered,
    },
    fromWhatsApp: {
      ...deskEar.heard(mobileVoice, skewed(condition, 'whatsapp'), skewed(condition, 'sip')),
      concealedShare: concealed(mobile.gateway.stats().playout, desk.phone.stats().playout),
      recovered: mobile.gateway.stats().playout.recovered,
    },
  }
  for (const ear of [deskEar, mobileEar]) ear.stop()
  desk.phone.close()
  desk.gateway.close()
  await Promise.all([mobile.gateway.close(), mobile.phone.close()])
  return result
}

const skewed = ({ link, skewPpm }: Condition, name: Condition['link']) => (link === name ? skewPpm : 0)

/** Speech over and over; remembers when it began, which is a frame before it is asked for the first one. */
class Voice implements AudioSource {
  clock: Clock | undefined
  startedAtMs: number | undefined
  readonly #frameMs: number
  readonly #words = speech()
  #position = 0

  constructor(frameMs: number) {
    this.#frameMs = frameMs
  }

  pull(out: Float32Array): void {
    if (this.clock === undefined) return void out.fill(0)
    this.startedAtMs ??= this.clock.nowMs() - this.#frameMs
    for (let i = 0; i < out.length; i++) out[i] = this.#words[this.#position++ % this.#words.length]!
  }
}

/** Plays what comes, 20 ms at a time, on the clock of its phone, and keeps it. */
class Ear {
  readonly #pcm: Float32Array
  readonly #block = new Float32Array(BLOCK)
  readonly #pacer: Pacer
  #startedAtMs: number | undefined
  #length = 0

  constructor(clock: Clock, ownClock: Clock, source: AudioSource, seconds: number) {
    this.#pcm = new Float32Array((seconds + 1) * RATE_HZ)
    const onFrame = () => {
      this.#startedAtMs ??= clock.nowMs()
      source.pull(this.#block)
      if (this.#length + BLOCK > this.#pcm.length) return
      this.#pcm.set(this.#block, this.#length)
      this.#length += BLOCK
    }
    this.#pacer = new Pacer({ clock: ownClock, periodMs: BLOCK_MS, onFrame })
    this.#pacer.start()
  }

  heard(voice: Voice, voicePpm: number, earPpm: number) {
    return {
      pcm: this.#pcm.subarray(0, this.#length),
      startedAtMs: this.#startedAtMs ?? 0,
      spokenFromMs: voice.startedAtMs ?? 0,
      voicePpm,
      earPpm,
    }
  }

  stop(): void {
    this.#pacer.stop()
  }
}

type Pair<T> = { readonly phone: T; readonly gateway: T }
type Links = readonly [FaultyLink, FaultyLink]

async function sipPair(clock: Clock, phoneClock: Clock, [up, down]: Links): Promise<Pair<SipMedia>> {
  const make = (
    own: Clock,
    seed: number,
    here: typeof deskAt,
    there: typeof deskAt,
    link: FaultyLink,
    to: () => SipMedia,
  ) =>
    SipMedia.create({
      clock: own,
      random: seededRandom(seed),
      agreement: {
        remote: there,
        codecs: [{ codec: SIP_CODECS.PCMA, payloadType: SIP_CODECS.PCMA.payloadType, fmtp: undefined }],
        packetMs: BLOCK_MS,
        events: undefined,
        maySend: true,
        rtcpMux: false,
        keys: undefined,
      },
      onDigit: () => {},
      sendRtp: (datagram) => link.carry(datagram, (packet) => to().receiveRtp(packet, here)),
      sendRtcp: (datagram) =>
        link.carry(datagram, (packet) => to().receiveRtcp(packet, { ...here, port: here.port + 1 })),
    })
  const phone = await make(phoneClock, 1, deskAt, gatewayAt, up, () => gateway)
  const gateway: SipMedia = await make(clock, 2, gatewayAt, deskAt, down, () => phone)
  return { phone, gateway }
}

function whatsAppPair(
  clock: Clock,
  phoneClock: Clock,
  [up, down]: Links,
  announceCopies: boolean,
): Pair<WhatsAppMedia> {
  const [phoneRelay, gatewayRelay] = [0, 1].map((i) => new MemoryRelay(clock, [passOf(i)])) as [
    MemoryRelay,
    MemoryRelay,
  ]
  phoneRelay.onForwarded = (packet) => up.carry(packet, (copy) => gatewayRelay.forward(copy))
  gatewayRelay.onForwarded = (packet) => down.carry(packet, (copy) => phoneRelay.forward(copy))
  const phone = openWhatsApp(phoneClock, phoneRelay, 0, announceCopies)
  const gateway = openWhatsApp(clock, gatewayRelay, 1, announceCopies)
  phone.setPeer(SELF)
  gateway.setPeer(PEER)
  return { phone, gateway }
}

const passOf = (i: number) => ({
  callId: CALL_ID,
  pid: 1,
  key: 'AAECAwQFBgcICQoLDA0ODw==',
  token: Uint8Array.of(i, 9),
  authToken: Uint8Array.of(i, 8),
})

function openWhatsApp(clock: Clock, relay: MemoryRelay, side: 0 | 1, announcesCopies: boolean): WhatsAppMedia {
  const pass = passOf(side)
  const relays: RelayBlock = {
    uuid: undefined,
    selfPid: 1,
    peerPid: 2,
    participants: [],
    key: pass.key,
    hbhKey: undefined,
    warpMiTagLength: 4,
    tokens: new Map([['0', pass.token]]),
    authTokens: new Map(),
    endpoints: [
      {
        relayId: '0',
        relayName: 'relay',
        endpoint: { address: '192.0.2.1', port: 3480 },
        family: 4,
        tokenId: '0',
        authTokenId: '0',
        isFna: false,
        protocol: 0,
        c2rRttMs: 1,
      },
    ],
  }
  return new WhatsAppMedia(
    {
      callId: CALL_ID,
      callKey,
      self: side === 0 ? PEER : SELF,
      relays,
      redundancy: agreedRedundancy(defaultConfig().whatsapp.voice.redundancy, undefined, announcesCopies),
      log: silentLogger,
      tracer: noTracer,
      onRelayBound: () => {},
      onRelayRedialled: () => {},
    },
    {
      clock,
      random: seededRandom(5 + side),
      relay: {
        connect: () => relay.connect(),
        portPolicy: 'advertised',
        addressFamily: 'ipv4',
        maxRelays: 1,
        connectTimeoutMs: 10_000,
      },
      newEncoder: () => new MlowOrOpusEncoder(new MlowEncoder(), noOpus),
      newDecoder: () => new MlowOrOpusDecoder(new MlowDecoder(), noOpus),
      pauseHeader: 'long',
    },
  )
}

async function noOpus(): Promise<never> {
  throw new Error('no Opus is spoken here')
}
