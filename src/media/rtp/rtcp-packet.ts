/** RTCP packets (RFC 3550, section 6), and the two short ones that WhatsApp adds (docs/protocol/rtcp.md). */
import { ByteReader, ByteWriter } from '../../base/bytes.ts'
import { ParseError } from '../../base/errors.ts'

const TYPE_SENDER_REPORT = 200
const TYPE_RECEIVER_REPORT = 201
const TYPE_SOURCE_DESCRIPTION = 202
const TYPE_GOODBYE = 203
const TYPE_WARP_208 = 208
const TYPE_WARP_209 = 209

const SDES_ITEM_CNAME = 1
const VERSION_2 = 2
const REPORT_BLOCK_BYTES = 24
const MAX_COUNT = 31

/** Seconds from 1900-01-01 (NTP) to 1970-01-01 (Unix). */
const NTP_EPOCH_OFFSET_S = 2_208_988_800

export interface ReportBlock {
  readonly ssrc: number
  /** Loss since the last report, in 256ths. */
  readonly fractionLost: number
  /** 24-bit two's complement: duplicates can make it negative. */
  readonly cumulativeLost: number
  /** Sequence cycles in the upper, highest sequence number in the lower 16 bits. */
  readonly highestSequence: number
  /** In units of the stream's clock. */
  readonly jitter: number
  /** The middle 32 bits of the NTP time of the last sender report, 0 when there was none. */
  readonly lastSenderReport: number
  /** Time since that report, in 1/65536 s. */
  readonly delaySinceLastSenderReport: number
}

export interface SenderReport {
  readonly type: 'sender-report'
  readonly ssrc: number
  readonly ntpSeconds: number
  /** In 2^-32 s. */
  readonly ntpFraction: number
  readonly rtpTimestamp: number
  readonly packets: number
  readonly octets: number
  readonly blocks: readonly ReportBlock[]
}

export type RtcpPacket =
  | SenderReport
  | { readonly type: 'receiver-report'; readonly ssrc: number; readonly blocks: readonly ReportBlock[] }
  | { readonly type: 'source-description'; readonly chunks: readonly { ssrc: number; cname: string | undefined }[] }
  | { readonly type: 'goodbye'; readonly ssrcs: readonly number[] }
  /** WhatsApp 208: a sender says which remote stream it hears. */
  | { readonly type: 'warp-208'; readonly ssrc: number; readonly remoteSsrc: number }
  /** WhatsApp 209: a sender names its own stream. */
  | { readonly type: 'warp-209'; readonly ssrc: number }
  | { readonly type: 'other'; readonly payloadType: number }

/**
 * Parses a compound packet (RFC 3550, section 6.1), plain or decrypted. Its first packet need not be a report: WhatsApp
 * sends reduced-size packets. Throws `ParseError` when a length or count points outside.
 */
export function parseRtcp(compound: Uint8Array): RtcpPacket[] {
  const reader = new ByteReader(compound, 'RTCP')
  const packets: RtcpPacket[] = []
  while (reader.remaining > 0) {
    const first = reader.u8()
    if (first >>> 6 !== VERSION_2) throw new ParseError('parse.rtcp', `RTCP: version ${first >>> 6} instead of 2`)
    const payloadType = reader.u8()
    const body = unpadded(reader.take(4 * reader.u16()), (first & 0x20) !== 0)
    packets.push(parseBody(payloadType, first & 0x1f, new ByteReader(body, `RTCP ${payloadType}`)))
  }
  if (packets.length === 0) throw new ParseError('parse.rtcp', 'RTCP: an empty packet')
  return packets
}

function unpadded(body: Uint8Array, padded: boolean): Uint8Array {
  if (!padded) return body
  const paddingBytes = body.at(-1) ?? 0
  if (paddingBytes === 0 || paddingBytes > body.length) {
    throw new ParseError('parse.rtcp', `RTCP: padding of ${paddingBytes} in a body of ${body.length} bytes`)
  }
  return body.subarray(0, body.length - paddingBytes)
}

function parseBody(payloadType: number, count: number, body: ByteReader): RtcpPacket {
  switch (payloadType) {
    case TYPE_SENDER_REPORT:
      return {
        type: 'sender-report',
        ssrc: body.u32(),
        ntpSeconds: body.u32(),
        ntpFraction: body.u32(),
        rtpTimestamp: body.u32(),
        packets: body.u32(),
        octets: body.u32(),
        blocks: parseBlocks(body, count),
      }
    case TYPE_RECEIVER_REPORT:
      return { type: 'receiver-report', ssrc: body.u32(), blocks: parseBlocks(body, count) }
    case TYPE_SOURCE_DESCRIPTION:
      return { type: 'source-description', chunks: Array.from({ length: count }, () => parseChunk(body)) }
    case TYPE_GOODBYE:
      return { type: 'goodbye', ssrcs: Array.from({ length: count }, () => body.u32()) }
    case TYPE_WARP_208:
      return { type: 'warp-208', ssrc: body.u32(), remoteSsrc: body.u32() }
    case TYPE_WARP_209:
      return { type: 'warp-209', ssrc: body.u32() }
    default:
      return { type: 'other', payloadType }
  }
}

function parseBlocks(body: ByteReader, count: number): ReportBlock[] {
  return Array.from({ length: count }, () => {
    const block = new ByteReader(body.take(REPORT_BLOCK_BYTES), 'RTCP report block')
    const ssrc = block.u32()
    const lost = block.u32()
    return {
      ssrc,
      fractionLost: lost >>> 24,
      cumulativeLost: (lost << 8) >> 8,
      highestSequence: block.u32(),
      jitter: block.u32(),
      lastSenderReport: block.u32(),
      delaySinceLastSenderReport: block.u32(),
    }
  })
}

function parseChunk(body: ByteReader): { ssrc: number; cname: string | undefined } {
  const ssrc = body.u32()
  let cname: string | undefined
  let bytesRead = 0
  for (;;) {
    const item = body.u8()
    bytesRead += 1
    if (item === 0) break
    const text = body.take(body.u8())
    bytesRead += 1 + text.length
    if (item === SDES_ITEM_CNAME) cname = Buffer.from(text).toString('utf8')
  }
  body.take(Math.min(body.remaining, -bytesRead & 3))
  return { ssrc, cname }
}

/** The NTP time of a Unix time: whole seconds since 1900 and 2^-32 fractions. */
export function ntpTime(wallMs: number): { ntpSeconds: number; ntpFraction: number } {
  const unixSeconds = Math.floor(wallMs / 1000)
  return {
    ntpSeconds: (unixSeconds + NTP_EPOCH_OFFSET_S) >>> 0,
    ntpFraction: Math.floor(((wallMs - unixSeconds * 1000) / 1000) * 2 ** 32) >>> 0,
  }
}

export function buildSenderReport(report: Omit<SenderReport, 'type'>): Uint8Array {
  const body = new ByteWriter()
    .u32(report.ssrc)
    .u32(report.ntpSeconds)
    .u32(report.ntpFraction)
    .u32(report.rtpTimestamp)
    .u32(report.packets)
    .u32(report.octets)
  for (const block of report.blocks) writeBlock(body, block)
  return packet(TYPE_SENDER_REPORT, report.blocks.length, body)
}

export function buildReceiverReport(ssrc: number, blocks: readonly ReportBlock[]): Uint8Array {
  const body = new ByteWriter().u32(ssrc)
  for (const block of blocks) writeBlock(body, block)
  return packet(TYPE_RECEIVER_REPORT, blocks.length, body)
}

/** `cname` is at most 255 bytes of UTF-8. */
export function buildSourceDescription(ssrc: number, cname: string): Uint8Array {
  const text = Buffer.from(cname, 'utf8').subarray(0, 255)
  const body = new ByteWriter().u32(ssrc).u8(SDES_ITEM_CNAME).u8(text.length).raw(text).u8(0)
  while (body.length % 4 !== 0) body.u8(0)
  return packet(TYPE_SOURCE_DESCRIPTION, 1, body)
}

export function buildGoodbye(ssrc: number): Uint8Array {
  return packet(TYPE_GOODBYE, 1, new ByteWriter().u32(ssrc))
}

export function buildWarp208(ssrc: number, remoteSsrc: number): Uint8Array {
  return packet(TYPE_WARP_208, 1, new ByteWriter().u32(ssrc).u32(remoteSsrc))
}

export function buildWarp209(ssrc: number): Uint8Array {
  return packet(TYPE_WARP_209, 1, new ByteWriter().u32(ssrc))
}

function writeBlock(body: ByteWriter, block: ReportBlock): void {
  body
    .u32(block.ssrc)
    .u8(block.fractionLost)
    .u8(block.cumulativeLost >>> 16)
    .u16(block.cumulativeLost)
    .u32(block.highestSequence)
    .u32(block.jitter)
    .u32(block.lastSenderReport)
    .u32(block.delaySinceLastSenderReport)
}

function packet(payloadType: number, count: number, body: ByteWriter): Uint8Array {
  if (count > MAX_COUNT) throw new RangeError(`RTCP ${payloadType}: ${count} entries, at most ${MAX_COUNT}`)
  return new ByteWriter()
    .u8((VERSION_2 << 6) | count)
    .u8(payloadType)
    .u16(body.length / 4)
    .raw(body.finish())
    .finish()
}
