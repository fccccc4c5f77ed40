/**
 * The four ways that audio takes. Between them, across the bridge, it is 16 kHz mono float, pulled by the side that sends:
 *
 *   SIP      → RTP → jitter → decode → 8→16 kHz (G.711) ─┐       ┌─ pulled every 60 ms → MLow → SRTP → WhatsApp
 *   WhatsApp → SRTP → jitter → MLow or Opus ─────────────┴ pull ─┴─ pulled per packet → 16→8 kHz (G.711) → encode → RTP → SIP
 *
 * Those of the SIP side are in `sip-decoders.ts` and `sip-sender.ts`, since their codecs may change during the call.
 */
import type { Clock } from '../base/clock.ts'
import { BRIDGE_RATE_HZ } from './audio-source.ts'
import type { AudioDecoder, AudioEncoder } from './codecs/codec.ts'
import { SplitRedDecoder } from './codecs/mlow/split-red-decoder.ts'
import type { JitterBufferOptions } from './jitter/jitter-buffer.ts'
import { PacedEncoder, type PacedEncoderOptions } from './pacing/paced-encoder.ts'
import { WARP_AUDIO_PAYLOAD_TYPE, WARP_REDUNDANT_PAYLOAD_TYPE } from './rtp/rtp-packet.ts'
import { type DecodingPath, RtpPlayout } from './rtp-playout.ts'

const WHATSAPP_PACKET_MS = 60

/** 20 ms cover an event loop that is late; 120 ms is what a conversation bears on top of all else. */
const DELAY_LIMITS = { minTargetMs: 20, maxTargetMs: 120 }

/** The clock is that of the codec that was agreed on. */
export const SIP_JITTER = { ...DELAY_LIMITS, packetMs: 20 }

const WHATSAPP_JITTER: JitterBufferOptions = {
  ...DELAY_LIMITS,
  clockRateHz: BRIDGE_RATE_HZ,
  packetMs: WHATSAPP_PACKET_MS,
}

type PayloadPort = PacedEncoderOptions['onPayload']

/** WhatsApp RTP in clear → jitter → MLow or Opus, with or without copies, 16 kHz → bridge. The decoder remains the caller's. */
export function fromWhatsapp(clock: Clock, decoder: AudioDecoder): RtpPlayout {
  const path: DecodingPath = { decoder, clockRateHz: BRIDGE_RATE_HZ, resampler: undefined }
  const paths = new Map([
    [WARP_AUDIO_PAYLOAD_TYPE, path],
    [WARP_REDUNDANT_PAYLOAD_TYPE, { ...path, decoder: new SplitRedDecoder(decoder), carriesCopies: true }],
  ])
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
