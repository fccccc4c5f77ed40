import { parseAccept } from '../stanza/accept.ts'
import { parseReason } from '../stanza/call.ts'
import { parseCapability } from '../stanza/media-children.ts'
import { parseMute } from '../stanza/mute.ts'
import { parseRelayBlock } from '../stanza/relay-block.ts'
import { parseRelayLatency } from '../stanza/relaylatency.ts'
import type { Jid, WaNode } from '../wa-client.ts'
import type { CallEnd } from './call-event.ts'
import type { CallInput } from './machine.ts'

/** What an action of the peer's device `from` is to its call; nothing for actions that we only acknowledge. */
export function inputsFromPeer(action: WaNode, from: Jid): readonly CallInput[] {
  switch (action.tag) {
    case 'preaccept':
      return [{ type: 'preaccept', from, capability: parseCapability(action) }]
    case 'accept':
      return [{ type: 'accept', from, accept: parseAccept(action) }]
    case 'reject':
      return [{ type: 'reject', from, reason: parseReason(action) }]
    case 'terminate':
      return [{ type: 'terminate', from, reason: parseReason(action) }]
    case 'mute_v2':
      return [{ type: 'peer-mute', from, muted: parseMute(action) }]
    case 'relaylatency':
      return [{ type: 'latency', from, measurements: parseRelayLatency(action) }, ...lateRelays(action)]
    case 'transport':
      return lateRelays(action)
    default:
      return []
  }
}

/** What another device of our own account tells about a call that rings there too. */
export function inputsFromOwnDevice(action: WaNode): readonly CallInput[] {
  if (action.tag === 'accept') return [{ type: 'own-accept' }]
  if (action.tag === 'reject') return [{ type: 'own-reject', reason: parseReason(action) }]
  return []
}

/** How a call ended whose offer has not come yet: stanzas overtake each other. Undefined when it has not. */
export function endBeforeOffer(action: WaNode, isOwnDevice: boolean): CallEnd | undefined {
  if (action.tag === 'terminate') return causeBeforeAnswer(parseReason(action))
  if (!isOwnDevice) return undefined
  if (action.tag === 'accept') return 'answered-elsewhere'
  return action.tag === 'reject' && parseReason(action) === undefined ? 'declined-elsewhere' : undefined
}

/** What the caller's terminate says of a call that nobody has answered here. */
export function causeBeforeAnswer(reason: string | undefined): CallEnd {
  if (reason === 'accepted_elsewhere') return 'answered-elsewhere'
  if (reason === 'rejected_elsewhere') return 'declined-elsewhere'
  return reason === 'timeout' ? 'no-answer' : 'cancelled'
}

/** A server that left the relays out of ack or offer may send them here. */
function lateRelays(action: WaNode): readonly CallInput[] {
  const relays = parseRelayBlock(action)
  return relays ? [{ type: 'relays', relays }] : []
}
