/**
 * The RTP header (RFC 3550, section 5.1), read and written in place: nothing here allocates.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *   |                           timestamp                           |
 *   |                             SSRC                              |
 *   |                    CSRC (0 to 15 words)                       |
 *   |    extension profile (X=1)    |   extension length in words   |
 */

const FIXED_HEADER_BYTES = 12
const CSRC_BYTES = 4
const EXTENSION_HEADER_BYTES = 4

const VERSION_MASK = 0xc0
const VERSION_2 = 0x80
const PADDING_BIT = 0x20
const EXTENSION_BIT = 0x10
const CSRC_COUNT_MASK = 0x0f
const MARKER_BIT = 0x80
const PAYLOAD_TYPE_MASK = 0x7f

/** No header extension: what a SIP peer gets. */
export const NO_EXTENSION = new Uint8Array(0)

/** The empty extension in front of every WhatsApp speech packet (docs/protocol/rtp.md). */
export const WARP_SPEECH_EXTENSION = Uint8Array.of(0xde, 0xbe, 0x00, 0x00)

/** The one-word extension of a WhatsApp packet without speech (docs/protocol/rtp.md). */
export const WARP_DTX_EXTENSION = Uint8Array.of(0xde, 0xbe, 0x00, 0x01, 0x30, 0x01, 0x00, 0x00)

/** The payload type of a WhatsApp voice call, MLow or Opus, on a 16 kHz clock (docs/protocol/rtp.md). */
export const WARP_AUDIO_PAYLOAD_TYPE = 120

/** The same with redundancy: SplitRed (docs/protocol/mlow.md). */
export const WARP_REDUNDANT_PAYLOAD_TYPE = 121

/** RFC 5761, section 4: RTCP's packet types stand where RTP has its marker and payload type. */
export function isMuxedRtcp(datagram: Uint8Array): boolean {
  const packetType = datagram[1] ?? 0
  return packetType >= 192 && packetType <= 223
}

/** One per stream and direction, used again for every packet. */
export interface RtpHeader {
  marker: boolean
  /** 0 to 127. */
  payloadType: number
  /** 16 bits. */
  sequence: number
  /** 32 bits, in units of the payload type's clock. */
  timestamp: number
  ssrc: number
  /** Where the payload begins: bytes of fixed header, CSRCs and extension. */
  payloadStart: number
  /** Where it ends: the packet's length less the padding. */
  payloadEnd: number
}

export function newRtpHeader(): RtpHeader {
  return { marker: false, payloadType: 0, sequence: 0, timestamp: 0, ssrc: 0, payloadStart: 0, payloadEnd: 0 }
}

/**
 * Reads the part of the packet that SRTP leaves in clear. The padding is not looked at, so `payloadEnd` is the
 * packet's length. Returns false, with `into` in an undefined state, when this is no RTP packet of version 2.
 */
export function readRtpHeader(packet: Uint8Array, into: RtpHeader): boolean {
  if (packet.length < FIXED_HEADER_BYTES) return false
  const first = packet[0]!
  if ((first & VERSION_MASK) !== VERSION_2) return false
  let start = FIXED_HEADER_BYTES + CSRC_BYTES * (first & CSRC_COUNT_MASK)
  if ((first & EXTENSION_BIT) !== 0) {
    if (packet.length < start + EXTENSION_HEADER_BYTES) return false
    start += EXTENSION_HEADER_BYTES + 4 * ((packet[start + 2]! << 8) | packet[start + 3]!)
  }
  if (packet.length < start) return false
  const second = packet[1]!
  into.marker = (second & MARKER_BIT) !== 0
  into.payloadType = second & PAYLOAD_TYPE_MASK
  into.sequence = (packet[2]! << 8) | packet[3]!
  into.timestamp = readU32(packet, 4)
  into.ssrc = readU32(packet, 8)
  into.payloadStart = start
  into.payloadEnd = packet.length
  return true
}

/** Reads a packet in clear: the header, and the padding's length from its last byte. False when it is not RTP. */
export function readRtpPacket(packet: Uint8Array, into: RtpHeader): boolean {
  if (!readRtpHeader(packet, into)) return false
  if ((packet[0]! & PADDING_BIT) === 0) return true
  if (into.payloadEnd === into.payloadStart) return false
  const paddingBytes = packet[into.payloadEnd - 1]!
  if (paddingBytes === 0 || paddingBytes > into.payloadEnd - into.payloadStart) return false
  into.payloadEnd -= paddingBytes
  return true
}

/**
 * Writes the fixed header and `extension` (its profile and length words included; empty for none) at the front of
 * `out`, and sets `payloadStart`. Returns `payloadStart`. `out` must hold 12 bytes and the extension.
 */
export function writeRtpHeader(header: RtpHeader, extension: Uint8Array, out: Uint8Array): number {
  out[0] = VERSION_2 | (extension.length > 0 ? EXTENSION_BIT : 0)
  out[1] = (header.marker ? MARKER_BIT : 0) | (header.payloadType & PAYLOAD_TYPE_MASK)
  out[2] = header.sequence >>> 8
  out[3] = header.sequence
  writeU32(out, 4, header.timestamp)
  writeU32(out, 8, header.ssrc)
  out.set(extension, FIXED_HEADER_BYTES)
  header.payloadStart = FIXED_HEADER_BYTES + extension.length
  return header.payloadStart
}

function readU32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}
