import { TandemError } from '../../base/errors.ts'
import type { G711Law } from '../../media/codecs/g711/g711.ts'
import { G711_PAYLOAD_TYPES, SIP_CLOCK_RATE_HZ } from '../../media/pipeline.ts'
import type { NegotiatedCodec, SdpCodec, TelephoneEvent } from '../../sip/sdp/audio-media.ts'

/** A codec towards the PBX, by its name in SDP. */
export type SipCodecName = 'PCMU' | 'PCMA'

const LAWS: Readonly<Record<SipCodecName, G711Law>> = { PCMU: 'pcmu', PCMA: 'pcma' }

/** What Asterisk, FreeSWITCH and most phones use; any other is taken as offered. */
const TELEPHONE_EVENT_PAYLOAD_TYPE = 101

export const TELEPHONE_EVENTS: readonly TelephoneEvent[] = [
  { payloadType: TELEPHONE_EVENT_PAYLOAD_TYPE, clockRateHz: SIP_CLOCK_RATE_HZ },
]

/** The SDP codec table, best first. */
export function sdpCodecs(names: readonly SipCodecName[]): readonly SdpCodec[] {
  return names.map((name) => ({
    name,
    clockRateHz: SIP_CLOCK_RATE_HZ,
    payloadType: G711_PAYLOAD_TYPES[LAWS[name]],
  }))
}

export function lawOf({ codec }: NegotiatedCodec): G711Law {
  const law = LAWS[codec.name as SipCodecName]
  if (!law) throw new TandemError('internal.codec', `negotiated ${codec.name}, which is not in the table`)
  return law
}
