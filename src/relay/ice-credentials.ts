import { ProtocolError } from '../base/errors.ts'
import type { RelayCandidate } from './relay-transport.ts'

/** RFC 8839 asks for 4 to 256 and 22 to 256; libjuice cuts at 256 without a word, so the limit is below. */
const UFRAG = /^[A-Za-z0-9+/=]{4,255}$/
const PASSWORD = /^[A-Za-z0-9+/=]{22,255}$/

export interface IceCredentials {
  readonly ufrag: string
  readonly password: string
}

/** The relay's ICE credentials (docs/protocol/relay.md). Throws `ProtocolError` for what an ICE stack could choke on. */
export function iceCredentials(candidate: RelayCandidate): IceCredentials {
  const ufrag = authUfrag(candidate) ?? tokenUfrag(candidate)
  if (!UFRAG.test(ufrag)) {
    throw new ProtocolError(
      'relay.token',
      `relay token gives an ICE user fragment of ${ufrag.length} characters; 4 to 255`,
    )
  }
  if (!PASSWORD.test(candidate.key)) {
    throw new ProtocolError('relay.key', 'the relay key is not 22 to 255 characters of base64')
  }
  return { ufrag, password: candidate.key }
}

/** The second user fragment that a registration names, when it differs from the first. */
export function tokenUfrag(candidate: RelayCandidate): string {
  return base64(candidate.token)
}

function authUfrag(candidate: RelayCandidate): string | undefined {
  return candidate.authToken.length > 0 ? base64(candidate.authToken) : undefined
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
