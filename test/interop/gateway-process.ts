import type { CallRecord } from '../../src/bridge/call.ts'
import type { BridgeStatus } from '../../src/bridge/status.ts'
import { raisePriority } from '../../src/cli/priority.ts'
import { createLogger } from '../../src/ops/log.ts'
import { type GatewayPlan, PairedGateway } from './paired-gateway.ts'
import { cpuMs, watchStalls } from './process-vitals.ts'
import { serve } from './remote.ts'

/** The gateway in a process of its own: that it ends by itself shows that nothing was left open. */

export interface GatewayActions {
  /** Resolves with the text of the pairing code; undefined when the gateway is paired already. */
  readonly start: (plan: GatewayPlan) => Promise<string | undefined>
  /** Resolves with the SIP port when the account is open and calls can be made. */
  readonly ready: () => Promise<number>
  readonly status: () => BridgeStatus
  /** As `tandem run` does after SIGTERM; resolves when no call is left. */
  readonly drain: (limitMs: number) => Promise<void>
  /** The calls that have ended, in the order of their ends. */
  readonly ended: () => readonly CallRecord[]
  readonly cpuMs: () => number
  /** The longest time that the event loop was late since this was last asked. */
  readonly longestStallMs: () => number
  readonly stop: () => Promise<void>
}

const log = createLogger({ level: 'info', format: 'json' })
const ended: CallRecord[] = []
const longestStallMs = watchStalls()
let paired: PairedGateway

const actions: GatewayActions = {
  start: async (plan) => {
    paired = new PairedGateway(plan, log)
    paired.gateway.callChanged.on((record) => record.state === 'ended' && ended.push(record))
    const [qrText] = await paired.start()
    return qrText
  },
  ready: () => paired.ready(),
  status: () => paired.gateway.status(),
  drain: (limitMs) => paired.gateway.drain(limitMs),
  ended: () => ended,
  cpuMs,
  longestStallMs,
  stop: () => paired.gateway.stop(),
}

// As `tandem run` does.
raisePriority()
serve(actions)
