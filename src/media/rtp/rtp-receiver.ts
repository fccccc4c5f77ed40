import { type MediaEndpoint, sameEndpoint } from './endpoint.ts'
import { newRtpHeader, type RtpHeader, readRtpPacket } from './rtp-packet.ts'

/** Packets in a row, from one address and SSRC, that make an address nobody announced the source. */
const PROOF_PACKETS = 4
/** Only a source that has been quiet for this long can be replaced by one nobody announced. */
const QUIET_MS = 5_000

export interface RtpReceiverOptions {
  /** Where the other side's SDP says that it is; behind a NAT it comes from elsewhere. */
  readonly announced: MediaEndpoint
  /** What of ours must not come back. */
  readonly ownSsrc: number
  readonly accepts: (payloadType: number) => boolean
}

export interface RejectedPackets {
  /** No RTP of version 2. */
  malformed: number
  /** A payload type that was not negotiated. */
  unknownPayloadType: number
  /** Our own stream, sent back. */
  looped: number
  /** Not from the source that this stream is locked to. */
  foreign: number
}

/**
 * Symmetric RTP with a lock: the first valid packet from the announced address, or several in a row from another one,
 * decide where this stream comes from and goes to. After that nobody else is heard, until the source falls silent, or
 * packets come from an address that was announced anew.
 */
export class RtpReceiver {
  readonly rejected: RejectedPackets = { malformed: 0, unknownPayloadType: 0, looped: 0, foreign: 0 }
  readonly #options: RtpReceiverOptions
  readonly #header = newRtpHeader()
  #announced: MediaEndpoint
  #source: MediaEndpoint | undefined
  #lastMs = Number.NEGATIVE_INFINITY
  #candidate: MediaEndpoint | undefined
  #candidateSsrc = 0
  #candidateNext = 0
  #candidateRun = 0

  constructor(options: RtpReceiverOptions) {
    this.#options = options
    this.#announced = options.announced
  }

  /** Where to send: the source, or the announced address until there is one. */
  get remote(): MediaEndpoint {
    return this.#source ?? this.#announced
  }

  get locked(): boolean {
    return this.#source !== undefined
  }

  /** When the last packet was accepted; −Infinity before the first. */
  get lastPacketMs(): number {
    return this.#lastMs
  }

  /** The other side's SDP names another address: the lock opens. The same address changes nothing. */
  announce(announced: MediaEndpoint): void {
    if (sameEndpoint(announced, this.#announced)) return
    this.#announced = announced
    this.#source = undefined
    this.#candidate = undefined
  }

  /** The header of a packet that belongs to the stream, valid until the next call; undefined when it does not. */
  receive(datagram: Uint8Array, from: MediaEndpoint, nowMs: number): RtpHeader | undefined {
    const header = this.#header
    if (!readRtpPacket(datagram, header)) this.rejected.malformed++
    else if (!this.#options.accepts(header.payloadType)) this.rejected.unknownPayloadType++
    else if (header.ssrc === this.#options.ownSsrc) this.rejected.looped++
    else if (!this.#isSource(header, from, nowMs)) this.rejected.foreign++
    else {
      this.#lastMs = nowMs
      return header
    }
    return undefined
  }

  #isSource(header: RtpHeader, from: MediaEndpoint, nowMs: number): boolean {
    if (sameEndpoint(from, this.#source)) return true
    if (!sameEndpoint(from, this.#announced)) {
      if (this.#source !== undefined && nowMs - this.#lastMs < QUIET_MS) return false
      if (!this.#isProven(header, from)) return false
    }
    this.#source = { address: from.address, port: from.port }
    this.#candidate = undefined
    return true
  }

  #isProven(header: RtpHeader, from: MediaEndpoint): boolean {
    const follows =
      sameEndpoint(from, this.#candidate) &&
      header.ssrc === this.#candidateSsrc &&
      header.sequence === this.#candidateNext
    if (!follows) {
      this.#candidate = { address: from.address, port: from.port }
      this.#candidateSsrc = header.ssrc
      this.#candidateRun = 0
    }
    this.#candidateRun++
    this.#candidateNext = (header.sequence + 1) & 0xffff
    return this.#candidateRun >= PROOF_PACKETS
  }
}
