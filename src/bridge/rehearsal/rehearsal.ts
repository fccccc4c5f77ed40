import { VirtualClock } from '../../base/clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { type Random, seededRandom } from '../../base/random.ts'
import { noTracer } from '../../base/tracer.ts'
import { type AudioSource, BRIDGE_RATE_HZ } from '../../media/audio-source.ts'
import type { PlayoutStats } from '../../media/rtp-playout.ts'
import { SIP_CODECS, type SipCodecName } from '../../media/sip-codecs.ts'
import { type SipAgreement, SipMedia } from '../../media/sip-media.ts'
import type { RelayBlock } from '../../whatsapp/stanza/relay-block.ts'
import { WhatsAppMedia, type WhatsAppMediaSettings } from '../whatsapp-media.ts'
import { Wire } from './wire.ts'

export interface RehearsalOptions {
  readonly settings: WhatsAppMediaSettings
  /** All that calls may have towards SIP. */
  readonly codecs: readonly SipCodecName[]
}

/** What became of the packets, in the gateway's two directions. */
export interface Rehearsal {
  readonly fromSip: PlayoutStats
  readonly fromWhatsApp: PlayoutStats
}

/** Media time of the rehearsal, with each codec. */
const TALK_MS = 800
const PACKET_MS = 20
const SEED = 1
const [OURS, THEIRS] = ['1:1@lid', '2:0@lid']
const PLACE = { address: '127.0.0.1', port: 9 }
const EVENTS = { payloadType: 101, clockRateHz: 8000 }
const DIGIT_MS = 60
const ICE_KEY = 'abcdefghijklmnopqrstuvwx'
const SDES_BYTES = 30

/**
 * A call with nobody, in memory and in virtual time: a desk phone talks to a WhatsApp phone that echoes, over ways that
 * lose and delay. It is made of what real calls are made of; afterwards tables are built and code is compiled, which in
 * the first second of a real call would be heard. Other work gets its turn all the while.
 */
export async function rehearseCall({ settings, codecs }: RehearsalOptions): Promise<Rehearsal> {
  const clock = new VirtualClock()
  const random = seededRandom(SEED)
  const wire = new Wire(clock, random)
  const [ours, theirs] = whatsAppEnds(clock, random, settings, wire)
  const [gateway, phone] = await sipEnds(clock, random, wire, codecs[0] ?? 'PCMA')
  gateway.listenTo(ours)
  ours.listenTo(gateway.audio)
  theirs.listenTo(theirs)
  phone.listenTo(new Buzz(random))
  for (const end of [gateway, phone]) end.start()
  for (const name of codecs) {
    await Promise.all([gateway.renegotiate(agreement(name, 0, 1)), phone.renegotiate(agreement(name, 1, 0))])
    phone.sendDigit('1', DIGIT_MS)
    await clock.advance(TALK_MS)
  }
  const rehearsal = { fromSip: gateway.stats().playout, fromWhatsApp: ours.stats().playout }
  for (const end of [gateway, phone]) end.close()
  await Promise.all([ours.close(), theirs.close()])
  return rehearsal
}

function whatsAppEnds(clock: VirtualClock, random: Random, settings: WhatsAppMediaSettings, wire: Wire) {
  const callKey = random.bytes(32)
  const relay = wire.relay()
  const end = (self: string, peer: string, connect: WhatsAppMediaSettings['relay']['connect']) => {
    const media = new WhatsAppMedia(
      {
        callId: 'rehearsal',
        callKey,
        self,
        relays: relayBlock(random),
        redundancy: 'on-loss',
        log: silentLogger,
        tracer: noTracer,
        onRelayBound: () => {},
        onRelayRedialled: () => {},
      },
      { ...settings, clock, random, relay: { ...settings.relay, connect } },
    )
    media.setPeer(peer)
    return media
  }
  return [end(OURS, THEIRS, relay.here), end(THEIRS, OURS, relay.there)] as const
}

async function sipEnds(clock: VirtualClock, random: Random, wire: Wire, codec: SipCodecName) {
  const ends: SipMedia[] = []
  for (const [self, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const media = await SipMedia.create({
      clock,
      random,
      agreement: agreement(codec, self, other),
      onDigit: () => {},
      sendRtp: (datagram) => wire.carry(datagram, (copy) => ends[other]?.receiveRtp(copy, PLACE)),
      sendRtcp: (datagram) => wire.carry(datagram, (copy) => ends[other]?.receiveRtcp(copy, PLACE)),
    })
    ends.push(media)
  }
  return ends as [SipMedia, SipMedia]
}

function agreement(name: SipCodecName, local: number, remote: number): SipAgreement {
  const codec = SIP_CODECS[name]
  const key = (end: number) => new Uint8Array(SDES_BYTES).fill(end)
  return {
    remote: PLACE,
    codecs: [{ codec, payloadType: codec.payloadType, fmtp: undefined }],
    packetMs: PACKET_MS,
    events: EVENTS,
    maySend: true,
    rtcpMux: false,
    keys: { rtpTagBytes: 10, local: key(local), remote: key(remote) },
  }
}

function relayBlock(random: Random): RelayBlock {
  const token = random.bytes(16)
  return {
    uuid: undefined,
    selfPid: 0,
    peerPid: 1,
    participants: [],
    key: ICE_KEY,
    hbhKey: random.bytes(30),
    warpMiTagLength: 4,
    tokens: new Map([['0', token]]),
    authTokens: new Map([['0', token]]),
    endpoints: [
      {
        relayId: '0',
        relayName: 'rehearsal',
        endpoint: PLACE,
        family: 4,
        tokenId: '0',
        authTokenId: '0',
        isFna: false,
        protocol: 0,
        c2rRttMs: undefined,
      },
    ],
  }
}

const PITCH_SAMPLES = Math.round(BRIDGE_RATE_HZ / 150)
const SYLLABLE_SAMPLES = 0.2 * BRIDGE_RATE_HZ

/** A pulse train with some noise, in syllables: voiced and unvoiced sound and pauses all have their turn. */
class Buzz implements AudioSource {
  readonly #random: Random
  #sample = 0

  constructor(random: Random) {
    this.#random = random
  }

  pull(out: Float32Array): void {
    for (let i = 0; i < out.length; i++, this.#sample++) {
      const syllable = Math.floor(this.#sample / SYLLABLE_SAMPLES) % 3
      const pulse = syllable === 0 && this.#sample % PITCH_SAMPLES === 0 ? 0.5 : 0
      out[i] = syllable === 2 ? 0 : pulse + (this.#random.below(2001) - 1000) / 20_000
    }
  }
}
