/**
 * The first byte of an MLow frame. Layout and values: docs/protocol/mlow.md.
 *
 *   7 comfort noise | 6 voice activity | 5 32 kHz | 4-3 duration | 2 low rate | 1 coded as active | 0 unused
 *
 * Bits 7 and 6 together mark a standard Opus packet.
 */
export type FrameKind =
  /** Three coded frames with voice activity in at least one. */
  | 'active'
  /** Three coded frames without voice activity that follow speech. */
  | 'hangover'
  /** Three coded frames of background noise in the short syntax. */
  | 'inactive'
  /** Spectrum and energy of comfort noise. */
  | 'comfort-noise'
  /** Nothing; comfort noise goes on. */
  | 'no-data'
  | 'opus'
  /** A duration or rate that no known sender uses. */
  | 'unsupported'

export const TOC_ACTIVE = 0x50
export const TOC_HANGOVER = 0x12
export const TOC_INACTIVE = 0x10
export const TOC_COMFORT_NOISE = 0x90
export const TOC_NO_DATA = 0x00
const OPUS_BITS = 0xc0
const LOW_RATE_BIT = 0x04
const UNUSED_BIT = 0x01

const SAMPLES_PER_MS = 16
/** Longest duration that a first byte names; decoded frames have at most half of it. */
export const MAX_FRAME_SAMPLES = 120 * SAMPLES_PER_MS
const MLOW_PACKET_MS = 60
const MLOW_DURATIONS_MS = [10, 20, 60, 120] as const
/** CELT configurations, the only ones whose first byte has bits 7 and 6 set. */
const OPUS_DURATIONS_MS = [2.5, 5, 10, 20] as const

export function frameKind(toc: number): FrameKind {
  if ((toc & OPUS_BITS) === OPUS_BITS) return 'opus'
  switch (toc & ~LOW_RATE_BIT) {
    case TOC_ACTIVE:
      return 'active'
    case TOC_HANGOVER:
      return 'hangover'
    case TOC_INACTIVE:
      return 'inactive'
  }
  if (toc === TOC_COMFORT_NOISE) return 'comfort-noise'
  return toc === TOC_NO_DATA ? 'no-data' : 'unsupported'
}

/**
 * Whether a payload that begins so is standard Opus: MLow is named a frame of 60 ms or no data, and leaves bit 0 clear
 * (docs/protocol/voice-payloads.md).
 */
export function isOpus(first: number): boolean {
  if ((first & OPUS_BITS) === OPUS_BITS) return true
  return first !== TOC_NO_DATA && (frameDurationMs(first) !== MLOW_PACKET_MS || (first & UNUSED_BIT) !== 0)
}

/** Two subframes of 10 ms instead of four of 5 ms in an internal frame, with tables of their own. */
export function isLowRate(toc: number): boolean {
  return (toc & LOW_RATE_BIT) !== 0
}

/** Nominal duration of the frame; of one frame of the packet for standard Opus (RFC 6716, section 3.1). */
export function frameDurationMs(toc: number): number {
  const code = (toc >> 3) & 3
  return (toc & OPUS_BITS) === OPUS_BITS ? OPUS_DURATIONS_MS[code] : MLOW_DURATIONS_MS[code]
}

/** Samples that the frame `payload[from .. to)` stands for, from its first bytes. */
export function frameSamples(payload: Uint8Array, from: number, to: number): number {
  const toc = payload[from]
  let durationMs = frameDurationMs(toc)
  if (frameKind(toc) === 'opus') durationMs *= opusFrames(toc, from + 1 < to ? payload[from + 1] : 0)
  return Math.min(durationMs * SAMPLES_PER_MS, MAX_FRAME_SAMPLES)
}

/** Frames of a standard Opus packet, from its first two bytes (RFC 6716, section 3.2). */
function opusFrames(toc: number, second: number): number {
  const code = toc & 3
  if (code === 3) return second & 63
  return code === 0 ? 1 : 2
}
