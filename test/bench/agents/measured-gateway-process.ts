import { readFileSync } from 'node:fs'
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { silentLogger } from '../../../src/base/logger.ts'
import { raisePriority } from '../../../src/cli/priority.ts'
import { configFrom } from '../../../src/config/load.ts'
import type { WhatsAppPlace } from '../../../src/gateway/open-account.ts'
import { Gateway } from '../../../src/gateway.ts'
import { serve } from '../../interop/remote.ts'

/** The gateway alone in its process: its CPU time, its memory and its event loop are its own. */

export interface MeasuredPlan {
  readonly config: Parameters<typeof configFrom>[0]
  readonly place: WhatsAppPlace
}

export interface Vitals {
  readonly rssBytes: number
  readonly heapUsedBytes: number
  /** Memory of buffers outside the heap. */
  readonly externalBytes: number
  readonly cpuMs: number
  readonly activeCalls: number
}

/** By how much the event loop was late for a timer of `LOOP_RESOLUTION_MS`, since `watch`. */
export interface LoopDelay {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Without the time that the thread was ready and had no core, because other programs had them. */
  readonly ownP99Ms: number
  readonly ownMaxMs: number
}

export interface MeasuredGatewayActions {
  /** Resolves with the text of the pairing code. */
  readonly start: (plan: MeasuredPlan) => Promise<string>
  /** Resolves with the SIP port when the account is open and calls can be made. */
  readonly ready: () => Promise<number>
  /** Begins to watch the event loop. */
  readonly watch: () => void
  readonly loopDelay: () => LoopDelay
  readonly vitals: () => Vitals
  readonly stop: () => Promise<void>
}

/** How often the event loop is asked; what is measured is how much later than that it answers. */
const LOOP_RESOLUTION_MS = 5

const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS })
let gateway: Gateway
let isOpen: Promise<void>

/** Linux: CPU time and time spent waiting for a core of the main thread, nanoseconds. */
const MAIN_THREAD = `/proc/self/task/${process.pid}/schedstat`
const waitedNs = () => Number(readFileSync(MAIN_THREAD, 'latin1').split(' ')[1])

const own = createHistogram()

function watchOwnDelay(): void {
  let dueMs = performance.now() + LOOP_RESOLUTION_MS
  let waitedBefore = waitedNs()
  const tick = () => {
    const waited = waitedNs()
    const lateNs = 1e6 * (performance.now() - dueMs) - (waited - waitedBefore)
    own.record(Math.max(1, Math.round(lateNs)))
    waitedBefore = waited
    dueMs = performance.now() + LOOP_RESOLUTION_MS
    setTimeout(tick, LOOP_RESOLUTION_MS).unref()
  }
  setTimeout(tick, LOOP_RESOLUTION_MS).unref()
}

/** Node records the time between two ticks, the interval itself included. */
const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - LOOP_RESOLUTION_MS)

const actions: MeasuredGatewayActions = {
  start: async ({ config, place }) => {
    gateway = new Gateway(configFrom(config), {
      log: silentLogger,
      product: 'Tandem',
      place,
      pairing: { method: 'qr' },
    })
    const client = gateway.account('main')?.client
    isOpen = new Promise((resolve) => {
      client?.events.on((event) => event.type === 'state' && event.state === 'open' && resolve())
    })
    const qrText = new Promise<string>((resolve) => {
      client?.events.on((event) => event.type === 'qr' && resolve(event.text))
    })
    await gateway.start()
    return qrText
  },
  ready: async () => {
    await isOpen
    return gateway.sipListening[0]?.port ?? 0
  },
  watch: () => {
    loop.enable()
    loop.reset()
    watchOwnDelay()
  },
  loopDelay: () => ({
    p50Ms: late(loop.percentile(50)),
    p99Ms: late(loop.percentile(99)),
    maxMs: late(loop.max),
    ownP99Ms: own.percentile(99) / 1e6,
    ownMaxMs: own.max / 1e6,
  }),
  vitals: () => {
    const { rss, heapUsed, external } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    return {
      rssBytes: rss,
      heapUsedBytes: heapUsed,
      externalBytes: external,
      cpuMs: (user + system) / 1000,
      activeCalls: gateway.status().activeCalls,
    }
  },
  stop: () => gateway.stop(),
}

// As `tandem run` does.
raisePriority()
serve(actions)
