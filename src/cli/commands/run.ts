import { join } from 'node:path'
import { Command } from 'commander'
import type { Logger } from '../../base/logger.ts'
import { loadConfig } from '../../config/load.ts'
import { endAll } from '../../gateway/ending.ts'
import type { WhatsAppPlace } from '../../gateway/open-account.ts'
import { Gateway } from '../../gateway.ts'
import { createLogger } from '../../ops/log.ts'
import { TraceFile } from '../../ops/trace/trace-file.ts'
import { raisePriority } from '../priority.ts'
import { endProcess, terminationRequested } from '../signals.ts'
import { version } from '../version.ts'

/** How long calls in progress may go on after the first SIGTERM. */
const DRAIN_LIMIT_MS = 30_000

interface RunOptions {
  readonly config: string
  readonly trace?: string
}

export function runCommand(place?: WhatsAppPlace): Command {
  return new Command('run')
    .description('run the gateway until SIGTERM or Ctrl-C; a second one ends it at once')
    .requiredOption('--config <file>', 'configuration file (config/example.yaml explains it)')
    .option('--trace <file>', 'record what passes on both sides, redacted; SIGUSR2 switches it off and on')
    .action((options: RunOptions) => run(options, place))
}

async function run(options: RunOptions, place: WhatsAppPlace | undefined): Promise<void> {
  const config = loadConfig(options.config)
  const log = createLogger(config.log)
  if (!raisePriority())
    log.info({}, 'ordinary scheduling priority: allow CAP_SYS_NICE for a machine that does other work')
  const product = `Tandem/${version()}`
  const tracer = new TraceFile({ path: options.trace ?? join(config.dataDirectory, 'trace.jsonl'), product, log })
  if (options.trace !== undefined) tracer.start()
  process.on('SIGUSR2', () => tracer.toggle())
  // A fault that nobody caught costs one call, not all of them.
  process.on('unhandledRejection', (error) => log.error({ error }, 'a fault that nobody caught'))
  const gateway = new Gateway(config, { log, product, tracer, ...(place && { place }) })
  // Asked for before anything is open: a signal that comes during the start must not leave it half closed.
  const terminated = terminationRequested()
  try {
    await Promise.race([gateway.start(), terminated])
  } catch (error) {
    // What did open would keep the process alive, serving nobody.
    await ended(() => gateway.stop(), log)
    throw error
  }
  const signal = await terminated
  log.info({ signal, activeCalls: gateway.status().activeCalls }, 'draining')
  await gateway.drain(DRAIN_LIMIT_MS)
  await ended(() => endAll([() => gateway.stop(), () => tracer.stop()]), log)
  log.info({}, 'stopped')
  endProcess()
}

/** An end that is not clean is an end all the same: what did not end does so with the process, whose exit code says it. */
async function ended(end: () => Promise<void>, log: Logger): Promise<void> {
  try {
    await end()
  } catch (error) {
    log.error({ error }, 'not everything ended cleanly')
    process.exitCode = 1
  }
}
