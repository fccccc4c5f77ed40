import type { AudioEncoder } from '../../media/codecs/codec.ts'
import { MlowDecoder } from '../../media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../media/codecs/mlow/encoder.ts'
import { MlowOrOpusDecoder } from '../../media/codecs/mlow-or-opus.ts'
import { MlowOrOpusEncoder } from '../../media/codecs/mlow-or-opus-encoder.ts'
import { OpusDecoder, OpusEncoder } from '../../media/codecs/opus/opus.ts'

const PHONE_RATE_HZ = 16_000
const MAX_OPUS_BYTES = 1276
const OPUS = {
  sampleRateHz: PHONE_RATE_HZ,
  frameMs: 60,
  bitrate: 24_000,
  complexity: 5,
  expectedLossPercent: 5,
  dtx: false,
} as const

/** Phones decode whatever the gateway is set to speak. */
export function newPhoneDecoder(): MlowOrOpusDecoder {
  const decoder = new MlowOrOpusDecoder(new MlowDecoder(), () => OpusDecoder.create(PHONE_RATE_HZ))
  decoder.expectOpus()
  return decoder
}

export function newPhoneEncoder(codec: 'mlow' | 'opus' = 'mlow'): AudioEncoder {
  if (codec === 'mlow') return new MlowEncoder()
  const encoder = new MlowOrOpusEncoder(new MlowEncoder(), () => OpusEncoder.create(OPUS), MAX_OPUS_BYTES)
  void encoder.speakOpus()
  return encoder
}
