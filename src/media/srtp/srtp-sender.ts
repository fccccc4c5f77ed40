import { newRtpHeader, readRtpHeader } from '../rtp/rtp-packet.ts'
import { packetIndex } from './packet-index.ts'
import { SrtpCipher } from './srtp-cipher.ts'
import type { SrtpKeys } from './srtp-keys.ts'
import {
  SRTCP_CLEAR_BYTES,
  SRTCP_ENCRYPTED_FLAG,
  SRTCP_INDEX_BYTES,
  SRTCP_MAX_INDEX,
  type SrtpProfile,
} from './srtp-profile.ts'

/** Protects one outgoing stream: RTP of one SSRC in sequence order, and its RTCP (RFC 3711). */
export class SrtpSender {
  readonly #rtp: SrtpCipher
  readonly #rtcp: SrtpCipher
  readonly #profile: SrtpProfile
  readonly #header = newRtpHeader()
  #lastSequence = -1
  #rollover: number
  #rtcpIndex: number

  /** `rollover` and `rtcpIndex` are where the stream starts: 0 and 1 for a new one. */
  constructor(keys: SrtpKeys, profile: SrtpProfile, rollover = 0, rtcpIndex = 1) {
    this.#rtp = new SrtpCipher(keys.rtp)
    this.#rtcp = new SrtpCipher(keys.rtcp)
    this.#profile = profile
    this.#rollover = rollover
    this.#rtcpIndex = rtcpIndex
  }

  /**
   * Writes the protected form of `packet` into `out`, which may be the buffer that holds `packet` at its front and needs
   * room for the tag. Returns the bytes written. Sequence numbers must rise; a smaller one means that they wrapped.
   */
  protect(packet: Uint8Array, out: Uint8Array): number {
    const header = this.#header
    if (!readRtpHeader(packet, header)) throw new RangeError('SRTP: not an RTP packet')
    if (header.sequence < this.#lastSequence) this.#rollover += 1
    this.#lastSequence = header.sequence
    const { payloadStart } = header
    out.set(packet.subarray(0, payloadStart))
    const index = packetIndex(this.#rollover, header.sequence)
    this.#rtp.apply(header.ssrc, index, packet.subarray(payloadStart), out, payloadStart)
    const tag = this.#rtp.rtpTag(out.subarray(0, packet.length), this.#rollover)
    out.set(tag.subarray(0, this.#profile.rtpTagBytes), packet.length)
    return packet.length + this.#profile.rtpTagBytes
  }

  /** The protected form of a compound RTCP packet of at least 8 bytes. */
  protectRtcp(compound: Uint8Array): Uint8Array {
    const index = this.#rtcpIndex
    this.#rtcpIndex = index === SRTCP_MAX_INDEX ? 0 : index + 1
    const end = compound.length
    const out = new Uint8Array(end + SRTCP_INDEX_BYTES + this.#profile.rtcpTagBytes)
    const view = new DataView(out.buffer)
    out.set(compound)
    this.#rtcp.apply(view.getUint32(4), index, compound.subarray(SRTCP_CLEAR_BYTES), out, SRTCP_CLEAR_BYTES)
    view.setUint32(end, (SRTCP_ENCRYPTED_FLAG | index) >>> 0)
    const tag = this.#rtcp.rtcpTag(out.subarray(0, end + SRTCP_INDEX_BYTES))
    out.set(tag.subarray(0, this.#profile.rtcpTagBytes), end + SRTCP_INDEX_BYTES)
    return out
  }
}
