import { readFileSync } from 'node:fs'
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { raisePriority } from '../../../src/cli/priority.ts'
import { createLogger } from '../../../src/ops/log.ts'
import { type GatewayPlan, PairedGateway } from '../../interop/paired-gateway.ts'
import { cpuMs } from '../../interop/process-vitals.ts'
import { serve } from '../../interop/remote.ts'

/** The gateway alone in its process, as `tandem run` has it: its CPU time, its memory and its event loop are its own. */

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
  /** Resolves with the text of each account's pairing code. */
  readonly start: (plan: GatewayPlan) => Promise<readonly string[]>
  /** Resolves with the SIP port when all accounts are open and calls can be made. */
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
const log = createLogger({ level: 'info', format: 'json' })
let paired: PairedGateway

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
  start: async (plan) => {
    paired = new PairedGateway(plan, log)
    return (await paired.start()).filter((qrText) => qrText !== undefined)
  },
  ready: () => paired.ready(),
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
    return {
      rssBytes: rss,
      heapUsedBytes: heapUsed,
      externalBytes: external,
      cpuMs: cpuMs(),
      activeCalls: paired.gateway.status().activeCalls,
    }
  },
  stop: () => paired.gateway.stop(),
}

// As `tandem run` does.
raisePriority()
serve(actions)
