/**
 * The four ways that audio takes. Between them, across the bridge, it is 16 kHz mono float, pulled by the side that sends:
 *
 *   SIP      → RTP → jitter → G.711 → 8→16 kHz ─┐       ┌─ pulled every 60 ms → MLow → SRTP → WhatsApp
 *   WhatsApp → SRTP → jitter → MLow or Opus ────┴ pull ─┴─ pulled every 20 ms → 16→8 kHz → G.711 → RTP → SIP
 */
import type { Clock } from '../base/clock.ts'
import { BRIDGE_RATE_HZ } from './audio-source.ts'
import type { AudioDecoder, AudioEncoder } from './codecs/codec.ts'
import { G711Decoder, G711Encoder, type G711Law } from './codecs/g711/g711.ts'
import type { JitterBufferOptions } from './jitter/jitter-buffer.ts'
import { PacedEncoder, type PacedEncoderOptions } from './pacing/paced-encoder.ts'
import { SpeexResampler } from './resample/speex-resampler.ts'
import { WARP_AUDIO_PAYLOAD_TYPE } from './rtp/rtp-packet.ts'
import { RtpPlayout } from './rtp-playout.ts'

/** The clock of PCMU and PCMA, and of the telephone events beside them (RFC 3551, RFC 4733). */
export const SIP_CLOCK_RATE_HZ = 8_000
export const SIP_PACKET_MS = 20
const WHATSAPP_PACKET_MS = 60
const LONGEST_G711_PACKET_MS = 120

/** Static payload types (RFC 3551, table 4). A peer may change between them at any time. */
export const G711_PAYLOAD_TYPES = { pcmu: 0, pcma: 8 } as const satisfies Record<G711Law, number>

/** 20 ms cover an event loop that is late; 120 ms is what a conversation bears on top of all else. */
const DELAY_LIMITS = { minTargetMs: 20, maxTargetMs: 120 }

const SIP_JITTER: JitterBufferOptions = {
  ...DELAY_LIMITS,
  clockRateHz: SIP_CLOCK_RATE_HZ,
  packetMs: SIP_PACKET_MS,
}

const WHATSAPP_JITTER: JitterBufferOptions = {
  ...DELAY_LIMITS,
  clockRateHz: BRIDGE_RATE_HZ,
  packetMs: WHATSAPP_PACKET_MS,
}

/** A playout or sender with what has to be given back at its end. */
export interface Owned<T> {
  readonly stage: T
  /** Ends its timer, if any, and frees the memory. */
  close(): void
}

/** SIP RTP → jitter → PCMU or PCMA → 8→16 kHz → bridge. */
export async function fromSip(clock: Clock): Promise<Owned<RtpPlayout>> {
  const maxSamples = (LONGEST_G711_PACKET_MS * SIP_CLOCK_RATE_HZ) / 1000
  const resampler = await SpeexResampler.create(SIP_CLOCK_RATE_HZ, BRIDGE_RATE_HZ, maxSamples)
  const paths = new Map([
    [G711_PAYLOAD_TYPES.pcmu as number, { decoder: new G711Decoder('pcmu'), resampler }],
    [G711_PAYLOAD_TYPES.pcma as number, { decoder: new G711Decoder('pcma'), resampler }],
  ])
  return { stage: new RtpPlayout({ clock, jitter: SIP_JITTER, paths }), close: () => resampler.close() }
}

type PayloadPort = PacedEncoderOptions['onPayload']

/** bridge → 16→8 kHz → PCMU or PCMA → RTP payloads every 20 ms, or what `instead` sends in their place. */
export async function toSip(
  clock: Clock,
  law: G711Law,
  firstTimestamp: number,
  onPayload: PayloadPort,
  instead: (timestamp: number) => boolean,
): Promise<Owned<PacedEncoder>> {
  const samples = (SIP_PACKET_MS * BRIDGE_RATE_HZ) / 1000
  const resampler = await SpeexResampler.create(BRIDGE_RATE_HZ, SIP_CLOCK_RATE_HZ, samples)
  const encoder = new G711Encoder(law)
  const clockRateHz = SIP_CLOCK_RATE_HZ
  const stage = new PacedEncoder({ clock, encoder, resampler, clockRateHz, firstTimestamp, onPayload, instead })
  return {
    stage,
    close: () => {
      stage.stop()
      resampler.close()
    },
  }
}

/** WhatsApp RTP in clear → jitter → MLow or Opus, 16 kHz → bridge. The decoder remains the caller's. */
export function fromWhatsapp(clock: Clock, decoder: AudioDecoder): RtpPlayout {
  const paths = new Map([[WARP_AUDIO_PAYLOAD_TYPE, { decoder, resampler: undefined }]])
  return new RtpPlayout({ clock, jitter: WHATSAPP_JITTER, paths })
}

/** bridge → MLow → payloads every 60 ms, silence until something is listened to. The encoder remains the caller's. */
export function toWhatsapp(
  clock: Clock,
  encoder: AudioEncoder,
  firstTimestamp: number,
  onPayload: PayloadPort,
): PacedEncoder {
  const clockRateHz = BRIDGE_RATE_HZ
  return new PacedEncoder({ clock, encoder, resampler: undefined, clockRateHz, firstTimestamp, onPayload })
}
