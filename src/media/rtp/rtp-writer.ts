import { ByteViews } from '../byte-views.ts'
import { MAX_PAYLOAD_BYTES } from '../jitter/packet-store.ts'
import { NO_EXTENSION, newRtpHeader, writeRtpHeader } from './rtp-packet.ts'

const HEADER_BYTES = 12
/** A socket may still hold a datagram when the next ones are written: they take turns. */
const BUFFERS = 8

export interface RtpWriterOptions {
  readonly ssrc: number
  readonly firstSequence: number
  readonly clockRateHz: number
  /** Valid until seven more have been sent. */
  readonly send: (datagram: Uint8Array) => void
}

/** One outgoing RTP stream: numbers the packets and counts them. */
export class RtpWriter {
  readonly ssrc: number
  /** Of the timestamps at present. */
  clockRateHz: number
  /** For sender reports (RFC 3550, section 6.4.1). */
  packets = 0
  octets = 0
  /** The timestamp sent last. */
  timestamp = 0
  readonly #send: (datagram: Uint8Array) => void
  readonly #header = newRtpHeader()
  readonly #buffers = Array.from({ length: BUFFERS }, () => new ByteViews(HEADER_BYTES + MAX_PAYLOAD_BYTES))

  constructor(options: RtpWriterOptions) {
    this.ssrc = options.ssrc
    this.clockRateHz = options.clockRateHz
    this.#send = options.send
    this.#header.ssrc = options.ssrc
    this.#header.sequence = options.firstSequence & 0xffff
  }

  write(payloadType: number, payload: Uint8Array, timestamp: number, marker: boolean): void {
    const buffer = this.#buffers[this.packets % BUFFERS]!
    this.#header.payloadType = payloadType
    this.#header.timestamp = timestamp
    this.#header.marker = marker
    writeRtpHeader(this.#header, NO_EXTENSION, buffer.bytes)
    buffer.bytes.set(payload, HEADER_BYTES)
    this.#header.sequence = (this.#header.sequence + 1) & 0xffff
    this.packets++
    this.octets += payload.length
    this.timestamp = timestamp
    this.#send(buffer.first(HEADER_BYTES + payload.length))
  }
}
