import type { Jid, WaNode } from '../wa-client.ts'
import { type CallIdentity, identityAttributes } from './call.ts'
import { destinationNode } from './media-children.ts'
import { element } from './node.ts'

/** No reason is the normal end. */
export type TerminateReason = 'timeout' | 'accepted_elsewhere' | 'rejected_elsewhere'

/** `<terminate>`; `devices` makes one stanza to the user speak to several devices. */
export function buildTerminate(call: CallIdentity, reason?: TerminateReason, devices?: readonly Jid[]): WaNode {
  return element('terminate', { ...identityAttributes(call), reason }, devices ? [destinationNode(devices)] : undefined)
}
