import type { CallIdentity } from '../stanza/call.ts'
import { buildTerminate, type TerminateReason } from '../stanza/terminate.ts'
import type { Jid } from '../wa-client.ts'
import type { CallAction } from './machine.ts'
import type { CallSettings } from './settings.ts'

/** Terminates for devices of one user. To the bare user alone only the phone would stop ringing. */
export function terminateDevices(
  call: CallIdentity,
  user: Jid,
  devices: readonly Jid[],
  reason: TerminateReason | undefined,
  form: CallSettings['dismissalForm'],
): readonly CallAction[] {
  if (devices.length === 0) return []
  if (form === 'destination') return [{ do: 'send', to: user, action: buildTerminate(call, reason, devices) }]
  return devices.map((device) => ({ do: 'send', to: device, action: buildTerminate(call, reason) }))
}
