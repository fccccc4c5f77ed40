import { timingSafeEqual } from 'node:crypto'
import { newRtpHeader, readRtpHeader } from '../rtp/rtp-packet.ts'
import { estimateRollover, packetIndex, ReplayWindow } from './packet-index.ts'
import { SrtpCipher } from './srtp-cipher.ts'
import type { SrtpKeys } from './srtp-keys.ts'
import { SRTCP_CLEAR_BYTES, SRTCP_INDEX_BYTES, SRTCP_MAX_INDEX, type SrtpProfile } from './srtp-profile.ts'

/** A sender may change its SSRC on a transfer; the oldest stream is forgotten when a packet of one more is authentic. */
const MAX_STREAMS = 16

/** Packets by what became of them. */
export interface SrtpReceiverStats {
  accepted: number
  /** Too short, or not RTP or RTCP. */
  malformed: number
  /** The tag does not fit. */
  forged: number
  /** Received before, or too old to tell. */
  replayed: number
}

/** Checks and decrypts what one peer sends: RTP of up to 16 SSRCs, and RTCP (RFC 3711). Never throws. */
export class SrtpReceiver {
  readonly stats: SrtpReceiverStats = { accepted: 0, malformed: 0, forged: 0, replayed: 0 }
  readonly #rtp: SrtpCipher
  readonly #rtcp: SrtpCipher
  readonly #profile: SrtpProfile
  readonly #header = newRtpHeader()
  readonly #streams = new Map<number, ReplayWindow>()
  readonly #rtcpStreams = new Map<number, ReplayWindow>()
  readonly #firstRollover: number
  /** Stands for a stream of which no authentic packet has come. */
  readonly #unseen = new ReplayWindow()

  /** `firstRollover` is the counter of a stream's first packet: 0 unless it is known to have begun earlier. */
  constructor(keys: SrtpKeys, profile: SrtpProfile, firstRollover = 0) {
    this.#rtp = new SrtpCipher(keys.rtp)
    this.#rtcp = new SrtpCipher(keys.rtcp)
    this.#profile = profile
    this.#firstRollover = firstRollover
  }

  /**
   * Writes the RTP packet in clear into `out`, which may be the buffer of `packet`. Returns its length, or 0 when the
   * packet is refused; `stats` says why. Nothing of the state changes before the tag has been checked.
   */
  unprotect(packet: Uint8Array, out: Uint8Array): number {
    const end = packet.length - this.#profile.rtpTagBytes
    const header = this.#header
    if (!readRtpHeader(packet, header) || header.payloadStart > end) return this.#refuse('malformed')
    const stream = this.#streams.get(header.ssrc) ?? this.#unseen
    const rollover = this.#rolloverOf(header.sequence, stream)
    const index = packetIndex(rollover, header.sequence)
    if (!stream.isFresh(index)) return this.#refuse('replayed')
    const tag = this.#rtp.rtpTag(packet.subarray(0, end), rollover)
    if (!tagFits(tag, packet, end, this.#profile.rtpTagBytes)) return this.#refuse('forged')

    committed(this.#streams, header.ssrc).commit(index)
    this.stats.accepted += 1
    out.set(packet.subarray(0, header.payloadStart))
    this.#rtp.apply(header.ssrc, index, packet.subarray(header.payloadStart, end), out, header.payloadStart)
    return end
  }

  /** The compound RTCP packet in clear, or undefined when it is refused. */
  unprotectRtcp(packet: Uint8Array): Uint8Array | undefined {
    const signedBytes = packet.length - this.#profile.rtcpTagBytes
    const end = signedBytes - SRTCP_INDEX_BYTES
    if (end < SRTCP_CLEAR_BYTES) return void this.#refuse('malformed')
    const view = new DataView(packet.buffer, packet.byteOffset)
    const word = view.getUint32(end)
    const index = word & SRTCP_MAX_INDEX
    const ssrc = view.getUint32(4)
    // The tag first, so that what counts as replayed is surely of these keys: of others may come the same SSRC and index.
    const tag = this.#rtcp.rtcpTag(packet.subarray(0, signedBytes))
    if (!tagFits(tag, packet, signedBytes, this.#profile.rtcpTagBytes)) return void this.#refuse('forged')
    if (!(this.#rtcpStreams.get(ssrc) ?? this.#unseen).isFresh(index)) return void this.#refuse('replayed')

    committed(this.#rtcpStreams, ssrc).commit(index)
    this.stats.accepted += 1
    // Not slice(): of a Buffer that is a view, and this writes.
    const clear = new Uint8Array(packet.subarray(0, end))
    const isEncrypted = word !== index
    if (isEncrypted) this.#rtcp.apply(ssrc, index, clear.subarray(SRTCP_CLEAR_BYTES), clear, SRTCP_CLEAR_BYTES)
    return clear
  }

  #rolloverOf(sequence: number, stream: ReplayWindow): number {
    if (stream.highest < 0) return this.#firstRollover
    return estimateRollover(sequence, stream.highest % 0x1_0000, Math.floor(stream.highest / 0x1_0000))
  }

  #refuse(reason: 'malformed' | 'forged' | 'replayed'): 0 {
    this.stats[reason] += 1
    return 0
  }
}

function tagFits(expected: Uint8Array, packet: Uint8Array, at: number, tagBytes: number): boolean {
  return timingSafeEqual(expected.subarray(0, tagBytes), packet.subarray(at, at + tagBytes))
}

function committed(streams: Map<number, ReplayWindow>, ssrc: number): ReplayWindow {
  const known = streams.get(ssrc)
  if (known) return known
  if (streams.size >= MAX_STREAMS) streams.delete(streams.keys().next().value!)
  const stream = new ReplayWindow()
  streams.set(ssrc, stream)
  return stream
}
