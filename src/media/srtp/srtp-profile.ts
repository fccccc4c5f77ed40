/** Lengths of the authentication tags in bytes. */
export interface SrtpProfile {
  readonly rtpTagBytes: number
  readonly rtcpTagBytes: number
}

/** RTCP always carries 10 bytes, also where RTP is allowed 4 (RFC 3711, section 5.2). */
const RTCP_TAG_BYTES = 10

/**
 * The profile of a WhatsApp call. The relay block may ask for another tag length than 4; what is outside 1 to 20 is
 * not followed (docs/protocol/media-crypto.md).
 */
export function warpProfile(miTagBytes = 4): SrtpProfile {
  const allowed = Number.isInteger(miTagBytes) && miTagBytes >= 1 && miTagBytes <= 20
  return { rtpTagBytes: allowed ? miTagBytes : 4, rtcpTagBytes: RTCP_TAG_BYTES }
}

/** AES_CM_128_HMAC_SHA1_80 and _32 (RFC 4568, section 6.2), with 10 and 4 bytes. */
export function sdesProfile(rtpTagBytes: number): SrtpProfile {
  return { rtpTagBytes, rtcpTagBytes: RTCP_TAG_BYTES }
}

/** The index word of SRTCP: its top bit says that the packet is encrypted. */
export const SRTCP_INDEX_BYTES = 4
export const SRTCP_ENCRYPTED_FLAG = 0x8000_0000
export const SRTCP_MAX_INDEX = 0x7fff_ffff

/** Header and SSRC of the first RTCP packet stay in clear. */
export const SRTCP_CLEAR_BYTES = 8
