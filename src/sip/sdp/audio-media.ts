import { type Attribute, attribute, type MediaDescription, type SessionDescription } from './sdp.ts'

/** A codec as SDP names it (RFC 4566 §6 rtpmap); the table of them is passed in, in order of preference. */
export interface SdpCodec {
  /** Encoding name as registered, e.g. `PCMU`. */
  readonly name: string
  /** The RTP clock, which for G.722 is not its sampling rate. */
  readonly clockRateHz: number
  /** Written when more than 1. */
  readonly channels?: number
  /** Static (RFC 3551 table 4), or the dynamic one we offer. */
  readonly payloadType: number
  /** Our `a=fmtp` for it. */
  readonly fmtp?: string
}

export interface NegotiatedCodec {
  readonly codec: SdpCodec
  readonly payloadType: number
  /** The far end's `a=fmtp` for it. */
  readonly fmtp: string | undefined
}

/** RFC 4733. */
export interface TelephoneEvent {
  readonly payloadType: number
  readonly clockRateHz: number
}

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

const DIRECTIONS: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive']

/** RFC 3264 §6.1: what one side sends the other receives. */
export const MIRRORED: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
}

/** The far end's direction. RFC 3264 §8.4: the address 0.0.0.0 is an old way to say that it wants to hear nothing. */
export function directionOf(session: SessionDescription, media: MediaDescription): Direction {
  const said = directionIn(media.attributes) ?? directionIn(session.attributes) ?? 'sendrecv'
  const address = media.connection ?? session.connection
  if (address !== '0.0.0.0' && address !== '::') return said
  return said === 'sendrecv' || said === 'sendonly' ? 'sendonly' : 'inactive'
}

function directionIn(attributes: readonly Attribute[]): Direction | undefined {
  return DIRECTIONS.find((direction) => attribute(attributes, direction) !== undefined)
}

/** RFC 3551 table 4: names of the static payload types that may come without rtpmap. */
const STATIC: Readonly<Record<number, string>> = {
  0: 'PCMU/8000',
  3: 'GSM/8000',
  8: 'PCMA/8000',
  9: 'G722/8000',
  13: 'CN/8000',
  18: 'G729/8000',
}

interface Mapping {
  readonly payloadType: number
  readonly name: string
  readonly clockRateHz: number
  readonly channels: number
  readonly fmtp: string | undefined
}

/** The media's payload types in the far end's order; formats that are no payload types are skipped. */
function mappings(media: MediaDescription): Mapping[] {
  const rtpmaps = byPayloadType(media, 'rtpmap')
  const fmtps = byPayloadType(media, 'fmtp')
  return media.formats.flatMap((format) => {
    const payloadType = /^[0-9]{1,3}$/.test(format) ? Number(format) : -1
    const parts = /^([A-Za-z0-9.+-]+)\/([0-9]{1,6})(?:\/([0-9]{1,2}))?$/.exec(
      rtpmaps.get(format) ?? STATIC[payloadType] ?? '',
    )
    if (payloadType < 0 || payloadType > 127 || !parts) return []
    const [, name, clockRate, channels] = parts
    return [
      {
        payloadType,
        name: name!,
        clockRateHz: Number(clockRate),
        channels: Number(channels ?? 1),
        fmtp: fmtps.get(format),
      },
    ]
  })
}

function byPayloadType(media: MediaDescription, name: 'rtpmap' | 'fmtp'): Map<string, string> {
  const found = new Map<string, string>()
  for (const { name: key, value } of media.attributes) {
    const space = value.indexOf(' ')
    if (key === name && space > 0) found.set(value.slice(0, space), value.slice(space + 1).trim())
  }
  return found
}

/** Codecs that both sides know, in the far end's order of preference (RFC 3264 §6.1 asks the answerer to keep it). */
export function commonCodecs(media: MediaDescription, codecs: readonly SdpCodec[]): NegotiatedCodec[] {
  return mappings(media).flatMap((mapping) => {
    const codec = codecs.find((candidate) => matches(candidate, mapping))
    return codec ? [{ codec, payloadType: mapping.payloadType, fmtp: mapping.fmtp }] : []
  })
}

/** Encoding names have no case (RFC 4855 §3). */
function matches(codec: SdpCodec, mapping: Mapping): boolean {
  const isSameName = codec.name.toLowerCase() === mapping.name.toLowerCase()
  return isSameName && codec.clockRateHz === mapping.clockRateHz && (codec.channels ?? 1) === mapping.channels
}

/** The telephone-event of the codec's clock (RFC 4733 §2.5.1.1: events share the audio's timestamps), else the 8 kHz one. */
export function telephoneEventFor(media: MediaDescription, clockRateHz: number): TelephoneEvent | undefined {
  const events = mappings(media).filter(({ name }) => name.toLowerCase() === 'telephone-event')
  const chosen =
    events.find((event) => event.clockRateHz === clockRateHz) ?? events.find((event) => event.clockRateHz === 8000)
  return chosen && { payloadType: chosen.payloadType, clockRateHz: chosen.clockRateHz }
}

const DEFAULT_PTIME_MS = 20
const MIN_PTIME_MS = 10
const MAX_PTIME_MS = 60

/** RFC 4566 §6: how much audio the far end would like in a packet, within what we can send. */
export function ptimeOf(media: MediaDescription): number {
  const wished = milliseconds(media, 'ptime') ?? DEFAULT_PTIME_MS
  const most = milliseconds(media, 'maxptime') ?? MAX_PTIME_MS
  const wholeTens = Math.floor(Math.min(wished, most, MAX_PTIME_MS) / 10) * 10
  return Math.max(wholeTens, MIN_PTIME_MS)
}

function milliseconds(media: MediaDescription, name: string): number | undefined {
  const text = attribute(media.attributes, name) ?? ''
  return /^[0-9]{1,4}$/.test(text) && Number(text) > 0 ? Number(text) : undefined
}

/** `a=rtpmap` and `a=fmtp` lines of what we offer or answer. */
export function codecAttributes(
  codecs: readonly { codec: SdpCodec; payloadType: number }[],
  events: readonly TelephoneEvent[],
): Attribute[] {
  const lines: Attribute[] = []
  for (const { codec, payloadType } of codecs) {
    const channels = codec.channels !== undefined && codec.channels > 1 ? `/${codec.channels}` : ''
    lines.push({ name: 'rtpmap', value: `${payloadType} ${codec.name}/${codec.clockRateHz}${channels}` })
    if (codec.fmtp !== undefined) lines.push({ name: 'fmtp', value: `${payloadType} ${codec.fmtp}` })
  }
  for (const { payloadType, clockRateHz } of events) {
    lines.push({ name: 'rtpmap', value: `${payloadType} telephone-event/${clockRateHz}` })
    lines.push({ name: 'fmtp', value: `${payloadType} 0-16` })
  }
  return lines
}
