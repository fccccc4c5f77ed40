import { Command } from 'commander'
import { loadConfig } from '../../config/load.ts'
import { Gateway } from '../../gateway.ts'
import { createLogger } from '../../ops/log.ts'
import { raisePriority } from '../priority.ts'
import { terminationRequested } from '../signals.ts'
import { version } from '../version.ts'

/** How long calls in progress may go on after the first SIGTERM. */
const DRAIN_LIMIT_MS = 30_000

export function runCommand(): Command {
  return new Command('run')
    .description('run the gateway until SIGTERM or Ctrl-C; a second one ends it at once')
    .requiredOption('--config <file>', 'configuration file (config/example.yaml explains it)')
    .action(run)
}

async function run(options: { config: string }): Promise<void> {
  const config = loadConfig(options.config)
  const log = createLogger(config.log)
  if (!raisePriority())
    log.info({}, 'ordinary scheduling priority: allow CAP_SYS_NICE for a machine that does other work')
  const gateway = new Gateway(config, { log, product: `Tandem/${version()}` })
  await gateway.start()
  const signal = await terminationRequested()
  log.info({ signal, activeCalls: gateway.status().activeCalls }, 'draining')
  await gateway.drain(DRAIN_LIMIT_MS)
  await gateway.stop()
  log.info({}, 'stopped')
}
