import { Command, InvalidArgumentError } from 'commander'
import type { Logger } from '../../base/logger.ts'
import { NodeNetwork } from '../../net/node-network.ts'
import { createLogger } from '../../ops/log.ts'
import { TraceFile } from '../../ops/trace/trace-file.ts'
import { openDemoHouse } from '../demo/demo-house.ts'
import { demoScreen } from '../demo/screen.ts'
import { ScriptedPhone } from '../demo/scripted-phone.ts'
import { SelfTest } from '../demo/self-test.ts'
import { raisePriority } from '../priority.ts'
import { terminationRequested } from '../signals.ts'
import { version } from '../version.ts'

/** So that the self-test's unanswered call ends in time. */
const SELF_TEST_RING_S = 20
const PERSON_RING_S = 45
const CONCURRENT_CALLS = 4

interface DemoCommandOptions {
  readonly selfTest?: true
  readonly json?: true
  readonly address: string
  readonly port: number
  readonly verbose?: true
  readonly trace?: string
}

export function demoCommand(): Command {
  return new Command('demo')
    .description('a gateway with a simulated WhatsApp in one process, to try without an account')
    .option('--self-test', 'make real calls with a scripted phone, print what was measured, and end')
    .option('--json', 'with --self-test: print one JSON object')
    .option('--address <address>', 'address for SIP and RTP, for a phone on another machine', '127.0.0.1')
    .option('--port <port>', 'SIP port', portNumber, 5060)
    .option('--trace <file>', 'record what passes on both sides; `tandem trace show` draws it')
    .option('--verbose', 'show the log of the gateway')
    .action((options: DemoCommandOptions) => {
      raisePriority()
      return options.selfTest ? selfTest(options) : show(options)
    })
}

async function show({ address, port, verbose, trace }: DemoCommandOptions): Promise<void> {
  const log = createLogger({ level: verbose ? 'debug' : 'error', format: 'pretty' })
  const product = `Tandem/${version()}`
  const tracer = openTrace(trace, product, log)
  const house = await openDemoHouse({
    log,
    product,
    ...(tracer && { tracer }),
    sipAddress: address,
    sipPort: port,
    ringTimeoutS: PERSON_RING_S,
    maxCalls: CONCURRENT_CALLS,
  })
  console.log(demoScreen(house))
  house.gateway.callChanged.on(({ state, direction, from, to, cause }) => {
    console.log(`  ${direction} ${from} → ${to}: ${state}${cause ? ` (${cause})` : ''}`)
  })
  await terminationRequested()
  await house.stop()
  await tracer?.stop()
  process.exit(0)
}

async function selfTest({ json, verbose, trace }: DemoCommandOptions): Promise<void> {
  const log = createLogger({ level: verbose ? 'debug' : 'error', format: 'pretty' })
  const product = `Tandem/${version()}`
  const tracer = openTrace(trace, product, log)
  const house = await openDemoHouse({
    log,
    product,
    ...(tracer && { tracer }),
    sipPort: 0,
    ringTimeoutS: SELF_TEST_RING_S,
    maxCalls: CONCURRENT_CALLS,
  })
  const { username, password, host, port } = house.sipAccount
  const phone = new ScriptedPhone({ username, password, registrar: `${host}:${port}` }, new NodeNetwork(log), log)
  const report = await new SelfTest(house, phone).run()
  await phone.stop()
  await house.stop()
  await tracer?.stop()
  console.log(json ? JSON.stringify(report) : report)
  process.exit(report.ok ? 0 : 1)
}

function openTrace(path: string | undefined, product: string, log: Logger): TraceFile | undefined {
  if (path === undefined) return undefined
  const tracer = new TraceFile({ path, product, log })
  tracer.start()
  return tracer
}

function portNumber(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('must be 0 to 65535')
  return port
}
