import type { Random } from '../../base/random.ts'
import type { Endpoint, NamingPointer, ServiceRecord } from '../../net/network.ts'
import type { TransportName } from '../sip-engine.ts'

/** More ways than this to one server are not tried, nor more names asked for. */
export const MAX_TARGETS = 8

/** RFC 3263: one way to a server; a URI may have several. */
export interface Target {
  readonly remote: Endpoint
  readonly transport: TransportName
  /** What a TLS certificate must be for: the name in the URI, not the one that DNS gave (RFC 5922 §7.2). */
  readonly serverName: string
}

/** RFC 2782: by priority; within one, by chance in proportion to the weights. */
export function inServiceOrder(records: readonly ServiceRecord[], random: Random): ServiceRecord[] {
  const left = records.filter(({ host }) => host !== '' && host !== '.')
  const ordered: ServiceRecord[] = []
  while (left.length > 0) {
    const priority = Math.min(...left.map((record) => record.priority))
    const candidates = left.filter((record) => record.priority === priority)
    const total = candidates.reduce((sum, { weight }) => sum + weight, 0)
    const drawn = random.below(total + 1)
    let sum = 0
    let chosen = candidates[0]!
    for (const candidate of candidates) {
      chosen = candidate
      sum += candidate.weight
      if (sum >= drawn) break
    }
    ordered.push(chosen)
    left.splice(left.indexOf(chosen), 1)
  }
  return ordered
}

/** RFC 3263 §4.1: what NAPTR records call our transports. */
const SERVICES: ReadonlyMap<string, TransportName> = new Map([
  ['SIP+D2U', 'udp'],
  ['SIP+D2T', 'tcp'],
  ['SIPS+D2T', 'tls'],
])

/** A name with SRV records, and the transport that they are for. */
export interface ServiceName {
  readonly name: string
  readonly transport: TransportName
}

/**
 * RFC 3263 §4.1, RFC 3403 §4.1: of the records whose transport we have, those with the lowest order, by preference. Lower order
 * numbers are the zone's wish; a higher one must not be looked at once one fits.
 */
export function servicesNamedBy(
  pointers: readonly NamingPointer[],
  isOurs: (transport: TransportName) => boolean,
): ServiceName[] {
  const usable = pointers.flatMap(({ order, preference, flags, service, replacement }) => {
    const transport = SERVICES.get(service.toUpperCase())
    const isUsable = flags.toLowerCase() === 's' && replacement !== '' && transport !== undefined && isOurs(transport)
    return isUsable ? [{ order, preference, name: replacement, transport }] : []
  })
  const lowest = Math.min(...usable.map(({ order }) => order))
  const chosen = usable.filter(({ order }) => order === lowest).sort((a, b) => a.preference - b.preference)
  return chosen.slice(0, MAX_TARGETS).map(({ name, transport }) => ({ name, transport }))
}
