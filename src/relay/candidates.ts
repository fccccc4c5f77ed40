import { isIpv4, isIpv6 } from '../net/ip-address.ts'
import type { Endpoint } from '../net/network.ts'
import type { RelayCandidate } from './relay-transport.ts'

/** The port that is tried at a relay: the one it advertises, WhatsApp Web's, or both (the first to open is kept). */
export type PortPolicy = 'advertised' | '3480' | 'both'

/** Which addresses are dialled; with both, a relay is reached over IPv6 only when it offers no IPv4 address. */
export type AddressFamily = 'ipv4' | 'ipv6' | 'both'

/** The parts of a `<relay>` block that say which relays there are and how to get in. */
export interface RelayOffer {
  readonly key: string
  readonly tokens: ReadonlyMap<string, Uint8Array>
  readonly authTokens: ReadonlyMap<string, Uint8Array>
  readonly endpoints: readonly (Omit<RelayCandidate, 'key' | 'token' | 'authToken'> & {
    readonly tokenId: string
    readonly authTokenId: string
  })[]
}

const UDP = 0
const WEB_PORT = 3480
const NO_AUTH_TOKEN = new Uint8Array(0)

/** Joins each endpoint of the block with its tokens. Endpoints whose token is missing are left out. */
export function relayCandidates({ key, tokens, authTokens, endpoints }: RelayOffer): RelayCandidate[] {
  return endpoints.flatMap(({ tokenId, authTokenId, ...endpoint }) => {
    const token = tokens.get(tokenId)
    return token ? [{ ...endpoint, key, token, authToken: authTokens.get(authTokenId) ?? NO_AUTH_TOKEN }] : []
  })
}

/**
 * The relays to bind: UDP, of the family, each relay's address once, the nearest first, at most `maxRelays`. The peer elects a relay
 * by its own measurements and sends to that one alone, and an FNA relay may be the only one that carries its stream:
 * so a place is kept for the nearest FNA relay (docs/protocol/relay.md).
 */
export function chooseRelays(
  candidates: readonly RelayCandidate[],
  maxRelays: number,
  family: AddressFamily,
): RelayCandidate[] {
  const usable = ofFamily(
    candidates.filter(({ protocol }) => protocol === UDP),
    family,
  )
  const byDistance = usable.toSorted((a, b) => (a.c2rRttMs ?? Infinity) - (b.c2rRttMs ?? Infinity) || 0)
  const seen = new Set<string>()
  const distinct = byDistance.filter(({ relayName, endpoint }) => {
    const place = `${relayName} ${endpoint.address}`
    const isNew = !seen.has(place)
    seen.add(place)
    return isNew
  })
  const chosen = distinct.slice(0, maxRelays)
  const fna = distinct.find(({ isFna }) => isFna)
  if (fna && chosen.length > 0 && !chosen.some(({ isFna }) => isFna)) chosen[chosen.length - 1] = fna
  return chosen
}

function ofFamily(candidates: readonly RelayCandidate[], family: AddressFamily): readonly RelayCandidate[] {
  const four = candidates.filter(({ endpoint }) => isIpv4(endpoint.address))
  if (family === 'ipv4') return four
  const six = candidates.filter(({ endpoint }) => isIpv6(endpoint.address))
  if (family === 'ipv6') return six
  const reachable = new Set(four.map(({ relayName }) => relayName))
  return [...four, ...six.filter(({ relayName }) => !reachable.has(relayName))]
}

/** Where to dial a relay, the preferred endpoint first. */
export function dialledEndpoints({ endpoint }: RelayCandidate, policy: PortPolicy): Endpoint[] {
  const web = { address: endpoint.address, port: WEB_PORT }
  if (policy === 'advertised' || endpoint.port === WEB_PORT) return [endpoint]
  return policy === '3480' ? [web] : [web, endpoint]
}
