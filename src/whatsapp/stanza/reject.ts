import type { WaNode } from '../wa-client.ts'
import { type CallIdentity, identityAttributes } from './call.ts'
import { element } from './node.ts'

/** `busy` speaks for this device only; no reason declines the call on all devices of the account. */
export type RejectReason = 'busy'

export function buildReject(call: CallIdentity, reason?: RejectReason): WaNode {
  return element('reject', { ...identityAttributes(call), count: '0', reason })
}
