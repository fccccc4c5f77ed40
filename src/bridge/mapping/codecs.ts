import { TandemError } from '../../base/errors.ts'
import { type AgreedCodec, SIP_CODECS, type SipCodec, type SipCodecName } from '../../media/sip-codecs.ts'
import type { NegotiatedCodec, SdpCodec, TelephoneEvent } from '../../sip/sdp/audio-media.ts'

/** What Asterisk, FreeSWITCH and most phones use for each clock; in an answer any other is taken as offered. */
const TELEPHONE_EVENT_PAYLOAD_TYPES: Readonly<Record<number, number>> = { 8000: 101, 48000: 102, 16000: 103 }

/** The SDP codec table, best first. */
export function sdpCodecs(names: readonly SipCodecName[]): readonly SdpCodec[] {
  return names.map((name) => {
    const { clockRateHz, payloadType, channels, fmtp } = SIP_CODECS[name]
    return { name, clockRateHz, payloadType, channels, ...(fmtp !== undefined && { fmtp }) }
  })
}

/** One for each clock that the codecs have (RFC 4733, section 2.5.1.1), in the same order. */
export function telephoneEvents(names: readonly SipCodecName[]): readonly TelephoneEvent[] {
  return [...new Set(names.map((name) => SIP_CODECS[name].clockRateHz))].flatMap((clockRateHz) => {
    const payloadType = TELEPHONE_EVENT_PAYLOAD_TYPES[clockRateHz]
    return payloadType === undefined ? [] : [{ payloadType, clockRateHz }]
  })
}

export function agreedCodec({ codec: { name }, payloadType, fmtp }: NegotiatedCodec): AgreedCodec {
  return { codec: mediaCodec(name), payloadType, fmtp }
}

function mediaCodec(name: string): SipCodec {
  const codec = SIP_CODECS[name as SipCodecName]
  if (!codec) throw new TandemError('internal.codec', `negotiated ${name}, which is not in the table`)
  return codec
}
