import { ParseError } from '../../base/errors.ts'
import type { WaNode } from '../wa-client.ts'
import { type CallIdentity, identityAttributes } from './call.ts'
import { attributeOf, element } from './node.ts'

export function buildMute(call: CallIdentity, muted: boolean): WaNode {
  return element('mute_v2', { ...identityAttributes(call), 'mute-state': muted ? '1' : '0' })
}

/** Whether the sender has muted itself. */
export function parseMute(action: WaNode): boolean {
  const state = attributeOf(action, 'mute-state')
  if (state === '0' || state === '1') return state === '1'
  throw new ParseError('whatsapp.stanza.attribute', 'mute-state of <mute_v2> is neither 0 nor 1')
}
