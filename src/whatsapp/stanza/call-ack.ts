import { isJid } from '../jid.ts'
import type { Jid, WaNode } from '../wa-client.ts'
import { attributeOf, childOf, childrenNamed, countAttribute, descendantOf, element } from './node.ts'
import { parseRelayBlock, type RelayBlock } from './relay-block.ts'
import { parseVoipSettings, type VoipSettings } from './voip-settings.ts'

/** What the server says to an offer of ours. */
export interface OfferAck {
  /** Undefined when the offer went through. */
  readonly errorCode: number | undefined
  readonly relays: RelayBlock | undefined
  readonly voipSettings: VoipSettings | undefined
  /** Devices really rung; empty when the server does not say. */
  readonly devices: readonly Jid[]
}

const MAX_DEVICES = 128
const MAX_ERROR_CODE = 9999
const UNREADABLE_ERROR = 0

/**
 * The typed `<ack>` of an inbound `<call>`, whatever is inside it. Undefined only when the stanza has no id or sender,
 * for then there is nothing to acknowledge. Never throws: a stanza without ack comes again or costs the connection.
 */
export function buildCallAck(call: WaNode): WaNode | undefined {
  const { id, from, participant, recipient } = call.attrs
  if (!id || !from) return undefined
  const type = Array.isArray(call.content) ? (call.content as readonly WaNode[])[0]?.tag : undefined
  return element('ack', { class: 'call', type, id, to: from, participant, recipient })
}

export function parseOfferAck(ack: WaNode): OfferAck {
  return {
    errorCode: parseAckError(ack),
    relays: parseRelayBlock(ack),
    voipSettings: parseVoipSettings(ack),
    devices: parseDevices(ack),
  }
}

/** The server's error code, or undefined. It stands in an attribute or in an `<error>` child. */
export function parseAckError(ack: WaNode): number | undefined {
  const child = childOf(ack, 'error')
  if (child) return countAttribute(child, 'code', MAX_ERROR_CODE) ?? UNREADABLE_ERROR
  if (attributeOf(ack, 'error') === undefined) return undefined
  return countAttribute(ack, 'error', MAX_ERROR_CODE) ?? UNREADABLE_ERROR
}

function parseDevices(ack: WaNode): readonly Jid[] {
  const user = descendantOf(ack, 'user')
  if (!user) return []
  return childrenNamed(user, 'device', MAX_DEVICES)
    .map((device) => attributeOf(device, 'jid') ?? '')
    .filter(isJid)
}
