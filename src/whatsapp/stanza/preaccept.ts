import type { WaNode } from '../wa-client.ts'
import { type CallIdentity, identityAttributes } from './call.ts'
import { capabilityBlob, type VoiceCodec } from './capability.ts'
import { audioNodes, capabilityNode, encoptNode } from './media-children.ts'

/** `<preaccept>`: this device rings. The answer is always at 16 kHz, MLow's rate. */
export function buildPreaccept(call: CallIdentity, codec: VoiceCodec): WaNode {
  return {
    tag: 'preaccept',
    attrs: identityAttributes(call),
    content: [...audioNodes([16_000]), encoptNode(), capabilityNode(capabilityBlob('preaccept', codec))],
  }
}
