import { type Account, whyUnable } from '../bridge/accounts.ts'
import type { Dialler } from '../bridge/dialler/dialler.ts'
import type { BridgeStatus } from '../bridge/status.ts'

/** One account, for health checks, metrics and people. */
export function accountStatus(
  { name, client, maxCalls }: Account,
  activeCalls: number,
  dialler: Dialler,
): BridgeStatus['accounts'][number] {
  return {
    name,
    state: client.state,
    isReady: whyUnable({ name, client }, dialler) === undefined,
    activeCalls,
    maxCalls,
    dials: dialler.countsOf(name),
    restrictedForS: dialler.restrictionOf(name)?.retryAfterS ?? 0,
    strangersRestrictedForS: dialler.restrictionOf(name, 'strangers')?.retryAfterS ?? 0,
  }
}
