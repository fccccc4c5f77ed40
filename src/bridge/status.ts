import type { TrunkStatus } from '../sip/sip-engine.ts'
import type { WaState } from '../whatsapp/wa-client.ts'
import type { DialCounts } from './dialler/dialler.ts'

/** A snapshot of the gateway for health checks, metrics and people. */
export interface BridgeStatus {
  readonly state: 'starting' | 'running' | 'draining' | 'stopped'
  readonly activeCalls: number
  readonly accounts: readonly AccountStatus[]
  readonly trunks: readonly TrunkStatus[]
}

interface AccountStatus {
  readonly name: string
  readonly state: WaState
  /** It can make calls: connected, and not kept from it by the dialler. */
  readonly isReady: boolean
  readonly activeCalls: number
  readonly maxCalls: number
  /** Dialled of late. */
  readonly dials: DialCounts
  /** Until the dialler lets this account dial anybody again after a restriction, seconds; 0 when it does. */
  readonly restrictedForS: number
  /** The same for numbers that it has never talked to. */
  readonly strangersRestrictedForS: number
}
