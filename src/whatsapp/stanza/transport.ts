import type { WaNode } from '../wa-client.ts'
import { type CallIdentity, identityAttributes } from './call.ts'
import { netNode } from './media-children.ts'

/**
 * `<transport>` of message type 1, round 1: sent by the caller after the accept and by whoever has redialled its relays.
 * It names no address, because media goes through the relays only.
 */
export function buildTransport(call: CallIdentity): WaNode {
  return {
    tag: 'transport',
    attrs: { ...identityAttributes(call), 'transport-message-type': '1', 'p2p-cand-round': '1' },
    content: [netNode('2', '0')],
  }
}
