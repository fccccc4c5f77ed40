/** What a message on the data channel is (docs/protocol/relay.md; the split of RFC 7983 without DTLS). */
export type MessageKind = 'stun' | 'rtp' | 'rtcp' | 'unknown'

const KIND_MASK = 0xc0
const FIRST_RTCP_TYPE = 192
const LAST_RTCP_TYPE = 223

export function kindOf(message: Uint8Array): MessageKind {
  if (message.length < 2) return 'unknown'
  const kind = message[0]! & KIND_MASK
  if (kind === 0) return 'stun'
  if (kind !== 0x80) return 'unknown'
  const second = message[1]!
  return second >= FIRST_RTCP_TYPE && second <= LAST_RTCP_TYPE ? 'rtcp' : 'rtp'
}
