import type { Endpoint } from '../../net/network.ts'
import type { WaNode } from '../wa-client.ts'
import { addressBytes, parseAddress } from './address.ts'
import { type CallIdentity, identityAttributes } from './call.ts'
import { attributeOf, bytesOf, childrenNamed, countAttribute, element } from './node.ts'

export interface RelayLatency {
  readonly relayName: string
  readonly endpoint: Endpoint
  readonly rttMs: number
}

/** The attribute holds this plus the round trip in milliseconds. */
const LATENCY_FLAG = 0x0200_0000
const MAX_RTT_MS = 60_000
const MAX_MEASUREMENTS = 64

/** `<relaylatency>` with one measurement. */
export function buildRelayLatency(call: CallIdentity, latency: RelayLatency): WaNode {
  const rttMs = Math.min(MAX_RTT_MS, Math.max(0, Math.round(latency.rttMs)))
  return element('relaylatency', identityAttributes(call), [
    element(
      'te',
      { latency: String(LATENCY_FLAG + rttMs), relay_name: latency.relayName },
      addressBytes(latency.endpoint),
    ),
  ])
}

/** The measurements of a `<relaylatency>`; those out of form are left out. */
export function parseRelayLatency(action: WaNode): readonly RelayLatency[] {
  return childrenNamed(action, 'te', MAX_MEASUREMENTS).flatMap((node) => {
    const relayName = attributeOf(node, 'relay_name')
    const latency = countAttribute(node, 'latency', LATENCY_FLAG + MAX_RTT_MS)
    const bytes = bytesOf(node, 64)
    if (!relayName || latency === undefined || latency < LATENCY_FLAG) return []
    if (bytes?.length !== 6 && bytes?.length !== 18) return []
    return [{ relayName, endpoint: parseAddress(bytes), rttMs: latency - LATENCY_FLAG }]
  })
}
