import type { EncryptedKey, WaNode } from '../wa-client.ts'
import { type CallIdentity, identityAttributes } from './call.ts'
import { capabilityBlob, type VoiceCodec } from './capability.ts'
import {
  audioNodes,
  capabilityNode,
  type Enc,
  encNode,
  encoptNode,
  netNode,
  parseAudioRates,
  parseCapability,
  parseEnc,
} from './media-children.ts'
import { element } from './node.ts'
import type { OfferMetadata } from './offer.ts'
import { opusVoipSettingsNode } from './voip-settings.ts'

export interface AcceptWithKey extends CallIdentity {
  /** The call key, encrypted again for the call's creator. */
  readonly key: EncryptedKey
  readonly deviceIdentity: Uint8Array | undefined
}

export interface AcceptWithCapability extends CallIdentity {
  readonly codec: VoiceCodec
  readonly metadata: OfferMetadata | undefined
  readonly rte: Uint8Array | undefined
}

export interface IncomingAccept {
  readonly audioRatesHz: readonly number[]
  readonly capability: Uint8Array | undefined
  readonly enc: Enc | undefined
}

const RATES_HZ = [16_000]

/** `<accept>` as the zapo and WaCalls lineage sends it: medium 3 and the key once more. */
export function buildAcceptWithKey(accept: AcceptWithKey): WaNode {
  const { key, deviceIdentity } = accept
  const children = [...audioNodes(RATES_HZ), netNode('3'), encNode(key), encoptNode()]
  if (deviceIdentity && key.type === 'pkmsg') children.push(element('device-identity', {}, deviceIdentity))
  return element('accept', identityAttributes(accept), children)
}

/** `<accept>` as WhatsApp Web sends it: medium 2, capability, and what the offer asks to have back. */
export function buildAcceptWithCapability(accept: AcceptWithCapability): WaNode {
  const { metadata, rte, codec } = accept
  const children = [...audioNodes(RATES_HZ), netNode('2'), encoptNode()]
  if (metadata?.bucket !== undefined || metadata?.bucketIdList !== undefined) {
    children.push(
      element('metadata', {
        peer_abtest_bucket: metadata.bucket,
        peer_abtest_bucket_id_list: metadata.bucketIdList,
      }),
    )
  }
  children.push(capabilityNode(capabilityBlob('offer', codec)))
  if (rte) children.push(element('rte', {}, rte))
  if (codec === 'opus') children.push(opusVoipSettingsNode())
  return element('accept', identityAttributes(accept), children)
}

export function parseAccept(action: WaNode): IncomingAccept {
  return { audioRatesHz: parseAudioRates(action), capability: parseCapability(action), enc: parseEnc(action) }
}
