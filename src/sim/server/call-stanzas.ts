import type { WaNode } from '../../whatsapp/wa-client.ts'
import { numberJid, type User, userJid } from './directory.ts'
import { childrenOf, element } from './node.ts'
import { relayNode } from './relay-block.ts'
import type { RelayBlock } from './relay-port.ts'

const abTestBucketIds = '125208,94276'
const clientVersion = '2.26.10'

export function voipSettingsNode(settings: Readonly<Record<string, unknown>>): WaNode {
  return element('voip_settings', { uncompressed: '1' }, new TextEncoder().encode(JSON.stringify(settings)))
}

/** Content of the ack of an offer: relays for the caller's device, and the devices that ring. */
export function offerAckContent(block: RelayBlock | undefined, callee: User, settings: WaNode): WaNode[] {
  const devices = [...callee.devices.values()].map(({ jid }) => element('device', { jid }))
  return [...(block ? [relayNode(block)] : []), element('user', { jid: userJid(callee) }, devices), settings]
}

export interface OfferForDevice {
  readonly caller: User
  readonly enc: WaNode
  readonly block: RelayBlock
  readonly settings: WaNode
  /** Six bytes whose meaning is unknown. */
  readonly rte: Uint8Array
  /** The caller's number is told. */
  readonly isNamed: boolean
}

/** The offer as one device of the callee gets it: its own `<enc>`, its own relay block, the caller's number. */
export function offerForDevice(offer: WaNode, parts: OfferForDevice): WaNode {
  const kept = (tags: readonly string[]) => childrenOf(offer).filter(({ tag }) => tags.includes(tag))
  return element(
    'offer',
    { ...offer.attrs, caller_pn: parts.isNamed ? numberJid(parts.caller) : undefined, joinable: '1' },
    [
      ...kept(['audio', 'video', 'net', 'capability']),
      parts.enc,
      ...kept(['encopt', 'device-identity']),
      relayNode(parts.block),
      parts.settings,
      element('metadata', { peer_abtest_bucket: '', peer_abtest_bucket_id_list: abTestBucketIds }),
      element('rte', {}, parts.rte),
    ],
  )
}

/** Any other action as the other side gets it: `<destination>` was for the server. */
export function actionForDevice(action: WaNode): WaNode {
  const content = action.content
  if (!Array.isArray(content)) return action
  return { ...action, content: (content as WaNode[]).filter((child) => child.tag !== 'destination') }
}

/** `<call>` around an action, as from a device of `sender`. */
export function callFrom(sender: User, device: string, id: string, timestamp: string, action: WaNode): WaNode {
  const platform = device.includes(':') ? 'web' : 'android'
  const attrs = { from: device, id, t: timestamp, e: '0', notify: sender.name, platform, version: clientVersion }
  return element('call', attrs, [action])
}
