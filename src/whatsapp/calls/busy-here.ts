import type { CallIdentity } from '../stanza/call.ts'
import { buildReject } from '../stanza/reject.ts'
import type { WaNode } from '../wa-client.ts'
import type { CallSettings } from './settings.ts'

/**
 * What the caller is told when this device cannot take a call that others of the account may: busy speaks for this device
 * alone, but nobody has seen whether every caller's phone takes it so. Undefined: nothing.
 */
export function busyHere(call: CallIdentity, { deviceBusy }: CallSettings): WaNode | undefined {
  return deviceBusy === 'reject' ? buildReject(call, 'busy') : undefined
}
