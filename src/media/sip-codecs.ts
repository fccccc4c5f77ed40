import { BRIDGE_RATE_HZ } from './audio-source.ts'
import type { AudioDecoder, AudioEncoder } from './codecs/codec.ts'
import { G711Decoder, G711Encoder } from './codecs/g711/g711.ts'
import { G722Decoder, G722Encoder } from './codecs/g722/g722.ts'
import { L16Decoder, L16Encoder } from './codecs/l16.ts'
import { OpusDecoder, OpusEncoder } from './codecs/opus/opus.ts'
import { opusWishes } from './codecs/opus/opus-format.ts'

export type SipCodecName = 'PCMU' | 'PCMA' | 'G722' | 'opus' | 'L16'

/** All that a codec is on the SIP side: in SDP, in RTP, and in samples. */
export interface SipCodec {
  /** The encoding name in SDP. */
  readonly name: SipCodecName
  /** Of RTP timestamps; for G.722 and Opus not the rate of the samples. */
  readonly clockRateHz: number
  /** As `a=rtpmap` has to say. */
  readonly channels: number
  /** Static (RFC 3551, table 4), or the dynamic one that we offer. */
  readonly payloadType: number
  /** Our own `a=fmtp`. */
  readonly fmtp?: string
  /** The packets that we send, shortest first. */
  readonly packetsMs: readonly number[]
  /** `fmtp` is the far end's. */
  readonly newEncoder: (packetMs: number, fmtp: string | undefined) => AudioEncoder | Promise<AudioEncoder>
  readonly newDecoder: () => AudioDecoder | Promise<AudioDecoder>
}

const NARROWBAND_RATE_HZ = 8_000
const ANY_PACKET_MS = [10, 20, 30, 40, 50, 60]
/** The loss that redundancy is made for; libopus spends more bits on it the higher this is. */
const EXPECTED_LOSS_PERCENT = 10
/** Sounds like 10 for speech, and takes a third of the time. */
const OPUS_COMPLEXITY = 5

const samplesOf = (packetMs: number, rateHz: number) => (packetMs * rateHz) / 1000

/** RFC 3551, sections 4.5.2, 4.5.11 and 4.5.14; RFC 7587 for Opus. */
export const SIP_CODECS: Readonly<Record<SipCodecName, SipCodec>> = {
  PCMU: {
    name: 'PCMU',
    clockRateHz: NARROWBAND_RATE_HZ,
    channels: 1,
    payloadType: 0,
    packetsMs: ANY_PACKET_MS,
    newEncoder: (packetMs) => new G711Encoder('pcmu', samplesOf(packetMs, NARROWBAND_RATE_HZ)),
    newDecoder: () => new G711Decoder('pcmu'),
  },
  PCMA: {
    name: 'PCMA',
    clockRateHz: NARROWBAND_RATE_HZ,
    channels: 1,
    payloadType: 8,
    packetsMs: ANY_PACKET_MS,
    newEncoder: (packetMs) => new G711Encoder('pcma', samplesOf(packetMs, NARROWBAND_RATE_HZ)),
    newDecoder: () => new G711Decoder('pcma'),
  },
  G722: {
    name: 'G722',
    clockRateHz: 8_000,
    channels: 1,
    payloadType: 9,
    packetsMs: ANY_PACKET_MS,
    newEncoder: (packetMs) => new G722Encoder(samplesOf(packetMs, BRIDGE_RATE_HZ)),
    newDecoder: () => new G722Decoder(),
  },
  opus: {
    name: 'opus',
    clockRateHz: 48_000,
    channels: 2,
    payloadType: 107,
    fmtp: 'maxplaybackrate=16000;sprop-maxcapturerate=16000;stereo=0;sprop-stereo=0;useinbandfec=1',
    packetsMs: [10, 20, 40, 60],
    newEncoder: (packetMs, fmtp) => {
      const { bitrate, redundancy } = opusWishes(fmtp)
      return OpusEncoder.create({
        sampleRateHz: BRIDGE_RATE_HZ,
        frameMs: packetMs,
        bitrate,
        complexity: OPUS_COMPLEXITY,
        expectedLossPercent: redundancy ? EXPECTED_LOSS_PERCENT : 0,
        dtx: false,
      })
    },
    newDecoder: () => OpusDecoder.create(BRIDGE_RATE_HZ),
  },
  L16: {
    name: 'L16',
    clockRateHz: BRIDGE_RATE_HZ,
    channels: 1,
    payloadType: 110,
    // 50 ms would not fit into an Ethernet frame.
    packetsMs: [10, 20, 30, 40],
    newEncoder: (packetMs) => new L16Encoder(samplesOf(packetMs, BRIDGE_RATE_HZ)),
    newDecoder: () => new L16Decoder(),
  },
}

/** A codec as the two sides agreed on it. */
export interface AgreedCodec {
  readonly codec: SipCodec
  readonly payloadType: number
  /** The far end's `a=fmtp`. */
  readonly fmtp: string | undefined
}

/** The packet nearest below what the far end wishes. */
export function packetMsOf(codec: SipCodec, wishedMs: number): number {
  return codec.packetsMs.findLast((packetMs) => packetMs <= wishedMs) ?? codec.packetsMs[0]!
}
