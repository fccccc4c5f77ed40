import type { RegistrationState } from '../sip/sip-engine.ts'
import type { WaState } from '../whatsapp/wa-client.ts'

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
  readonly activeCalls: number
  readonly maxCalls: number
}

interface TrunkStatus {
  readonly name: string
  readonly state: RegistrationState
}
