import { isJid, isPhone, sameDevice } from '../jid.ts'
import type { EncryptedKey, Jid, WaNode } from '../wa-client.ts'
import { type CallIdentity, identityAttributes, parseIdentity } from './call.ts'
import {
  audioNodes,
  capabilityNode,
  destinationNode,
  type Enc,
  encNode,
  encoptNode,
  netNode,
  parseAudioRates,
  parseCapability,
  parseEnc,
} from './media-children.ts'
import { attributeOf, bytesOf, childOf, childrenNamed, element } from './node.ts'
import { parseRelayBlock, type RelayBlock } from './relay-block.ts'
import { parseVoipSettings, type VoipSettings } from './voip-settings.ts'

export interface OutgoingOffer extends CallIdentity {
  /** Of the called user; without it the server refuses calls to strangers with error 463. */
  readonly privacyToken: Uint8Array | undefined
  readonly audioRatesHz: readonly number[]
  readonly capability: Uint8Array
  readonly keys: readonly EncryptedKey[]
  /** Goes out exactly when a key is a `pkmsg`. */
  readonly deviceIdentity: Uint8Array | undefined
}

/** An `<enc>` of an offer; `to` is undefined when it is bare, that is, for whoever receives it. */
export interface OfferEnc extends Enc {
  readonly to: Jid | undefined
}

/** `<metadata>`: goes back unchanged in an accept. */
export interface OfferMetadata {
  readonly bucket: string | undefined
  readonly bucketIdList: string | undefined
}

export interface IncomingOffer extends CallIdentity {
  readonly audioRatesHz: readonly number[]
  readonly hasVideo: boolean
  readonly capability: Uint8Array | undefined
  readonly encs: readonly OfferEnc[]
  readonly relays: RelayBlock | undefined
  readonly voipSettings: VoipSettings | undefined
  readonly metadata: OfferMetadata | undefined
  /** Six bytes; goes back unchanged in an accept. */
  readonly rte: Uint8Array | undefined
  readonly callerPn: Jid | undefined
  readonly groupJid: Jid | undefined
  readonly isCallEnded: boolean
  readonly terminateReason: string | undefined
}

const MAX_DEVICES = 128
const MAX_RTE_BYTES = 64

/** `<offer>`. The server checks the order of the children and refuses a wrong one with error 439. */
export function buildOffer(offer: OutgoingOffer): WaNode {
  const children: WaNode[] = []
  if (offer.privacyToken) children.push(element('privacy', {}, offer.privacyToken))
  children.push(...audioNodes(offer.audioRatesHz), netNode('3'), capabilityNode(offer.capability))
  children.push(
    destinationNode(
      offer.keys.map((key) => key.jid),
      (index) => [encNode(offer.keys[index]!)],
    ),
  )
  children.push(encoptNode())
  if (offer.deviceIdentity && offer.keys.some((key) => key.type === 'pkmsg')) {
    children.push(element('device-identity', {}, offer.deviceIdentity))
  }
  return element('offer', identityAttributes(offer), children)
}

export function parseOffer(action: WaNode): IncomingOffer {
  const metadata = childOf(action, 'metadata')
  const rte = childOf(action, 'rte')
  return {
    ...parseIdentity(action),
    audioRatesHz: parseAudioRates(action),
    hasVideo: childOf(action, 'video') !== undefined,
    capability: parseCapability(action),
    encs: parseEncs(action),
    relays: parseRelayBlock(action),
    voipSettings: parseVoipSettings(action),
    metadata: metadata && {
      bucket: attributeOf(metadata, 'peer_abtest_bucket'),
      bucketIdList: attributeOf(metadata, 'peer_abtest_bucket_id_list'),
    },
    rte: rte && bytesOf(rte, MAX_RTE_BYTES),
    callerPn: phoneAttribute(action, 'caller_pn'),
    groupJid: jidAttribute(action, 'group-jid'),
    isCallEnded: attributeOf(action, 'is_call_ended') === '1',
    terminateReason: attributeOf(action, 'terminate_reason'),
  }
}

/** The key meant for `device`: addressed to it, or bare. */
export function encFor(device: Jid, offer: IncomingOffer): OfferEnc | undefined {
  return (
    offer.encs.find((enc) => enc.to !== undefined && sameDevice(enc.to, device)) ??
    offer.encs.find((enc) => enc.to === undefined)
  )
}

function parseEncs(action: WaNode): readonly OfferEnc[] {
  const bare = parseEnc(action)
  const destination = childOf(action, 'destination')
  const addressed = destination ? childrenNamed(destination, 'to', MAX_DEVICES).flatMap(parseAddressed) : []
  return bare ? [{ to: undefined, ...bare }, ...addressed] : addressed
}

function parseAddressed(node: WaNode): readonly OfferEnc[] {
  const to = jidAttribute(node, 'jid')
  const enc = parseEnc(node)
  return to && enc ? [{ to, ...enc }] : []
}

/** Digits of a LID look like a number, so only a JID that is one is taken. */
function phoneAttribute(node: WaNode, name: string): Jid | undefined {
  const jid = jidAttribute(node, name)
  return jid !== undefined && isPhone(jid) ? jid : undefined
}

function jidAttribute(node: WaNode, name: string): Jid | undefined {
  const jid = attributeOf(node, name)
  return jid !== undefined && isJid(jid) ? jid : undefined
}
