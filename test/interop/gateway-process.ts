import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { CallRecord } from '../../src/bridge/call.ts'
import type { BridgeStatus } from '../../src/bridge/status.ts'
import { raisePriority } from '../../src/cli/priority.ts'
import { configFrom } from '../../src/config/load.ts'
import type { WhatsAppPlace } from '../../src/gateway/open-account.ts'
import { Gateway } from '../../src/gateway.ts'
import { createLogger } from '../../src/ops/log.ts'
import { serve } from './remote.ts'

/** The gateway in a process of its own: that it ends by itself shows that nothing was left open. */

export interface GatewayPlan {
  readonly config: Parameters<typeof configFrom>[0]
  readonly place: WhatsAppPlace
}

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
const loopDelay = monitorEventLoopDelay({ resolution: 1 })
let gateway: Gateway
let isOpen: Promise<void>

const actions: GatewayActions = {
  start: async ({ config, place }) => {
    gateway = new Gateway(configFrom(config), { log, product: 'Tandem', place, pairing: { method: 'qr' } })
    gateway.callChanged.on((record) => record.state === 'ended' && ended.push(record))
    const client = gateway.account('main')?.client
    isOpen = new Promise((resolve) => {
      client?.events.on((event) => event.type === 'state' && event.state === 'open' && resolve())
    })
    const qrText = new Promise<string>((resolve) => {
      client?.events.on((event) => event.type === 'qr' && resolve(event.text))
    })
    await gateway.start()
    return Promise.race([qrText, isOpen.then(() => undefined)])
  },
  ready: async () => {
    await isOpen
    return gateway.sipListening[0]?.port ?? 0
  },
  status: () => gateway.status(),
  drain: (limitMs) => gateway.drain(limitMs),
  ended: () => ended,
  cpuMs: () => (process.cpuUsage().user + process.cpuUsage().system) / 1000,
  longestStallMs: () => {
    const longestMs = Math.round(loopDelay.max / 1e6)
    loopDelay.reset()
    return longestMs
  },
  stop: () => gateway.stop(),
}

// As `tandem run` does.
raisePriority()
loopDelay.enable()
serve(actions)
