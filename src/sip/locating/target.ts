import type { Random } from '../../base/random.ts'
import type { Endpoint, ServiceRecord } from '../../net/network.ts'
import type { TransportName } from '../sip-engine.ts'

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
