import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { Command } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { loadConfig } from '../../config/load.ts'
import type { Config } from '../../config/schema.ts'
import { accountFile } from '../../gateway/files.ts'
import type { StreamConnection } from '../../net/network.ts'
import { NodeNetwork } from '../../net/node-network.ts'
import { checkClock } from '../clock-skew.ts'

interface Finding {
  readonly what: string
  readonly ok: boolean
  readonly detail: string
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check the configuration and the machine; exit 1 when something needs attention')
    .requiredOption('--config <file>', 'configuration file')
    .option('--offline', 'do not look for WhatsApp on the network, and do not ask for a pairing')
    .action(doctor)
}

async function doctor(options: { config: string; offline?: true }): Promise<void> {
  const config = loadConfig(options.config)
  const findings = [
    { what: 'configuration', ok: true, detail: options.config },
    nodeVersion(),
    dataDirectory(config),
    await nativeModule('better-sqlite3', 'account store'),
    await nativeModule('node-datachannel', 'relay transport'),
    ...(await sipPorts(config)),
    routes(config),
  ]
  if (!options.offline) findings.push(...pairings(config), ...(await whatsAppReachable()))
  for (const { what, ok, detail } of findings) console.log(`${ok ? 'ok  ' : 'FAIL'}  ${what.padEnd(24)} ${detail}`)
  if (findings.some((finding) => !finding.ok)) process.exitCode = 1
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return {
    what: 'Node.js',
    ok: major > 20 || (major === 20 && minor >= 19),
    detail: `${process.version}, 20.19 or later`,
  }
}

function dataDirectory(config: Config): Finding {
  const what = 'data directory'
  const path = config.dataDirectory
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.R_OK | constants.W_OK)
    const open = statSync(path).mode & 0o077
    const detail = open ? `${path} may be read by others: chmod 700 ${path}` : path
    return { what, ok: open === 0, detail }
  } catch (error) {
    return { what, ok: false, detail: `${path}: ${(error as NodeJS.ErrnoException).code}` }
  }
}

async function nativeModule(name: string, what: string): Promise<Finding> {
  try {
    await import(name)
    return { what, ok: true, detail: name }
  } catch (error) {
    return { what, ok: false, detail: `${name} does not load: ${(error as Error).message}` }
  }
}

const refuse = (connection: StreamConnection) => {
  connection.close()
  return { onData: () => {}, onClosed: () => {} }
}

async function sipPorts(config: Config): Promise<Finding[]> {
  const network = new NodeNetwork(silentLogger)
  return Promise.all(
    config.sip.listen.map(async ({ transport, address, port }) => {
      const what = `SIP ${transport} ${address}:${port}`
      try {
        const at = { address, port }
        const socket =
          transport === 'udp'
            ? await network.udp({ ...at, onDatagram: () => {} })
            : await network.listen({ ...at, maxConnections: 1, onConnection: refuse })
        await socket.close()
        return { what, ok: true, detail: 'free' }
      } catch (error) {
        return { what, ok: false, detail: `${(error as NodeJS.ErrnoException).code}: is another program using it?` }
      }
    }),
  )
}

function routes(config: Config): Finding {
  const missing = config.whatsapp.accounts.filter(
    ({ name }) => !config.routing.inbound.some((route) => route.account === name),
  )
  if (missing.length === 0) return { what: 'inbound routes', ok: true, detail: 'every account has one' }
  const names = missing.map(({ name }) => name).join(', ')
  return { what: 'inbound routes', ok: true, detail: `none for: ${names} (calls from WhatsApp will ring nothing here)` }
}

function pairings(config: Config): Finding[] {
  return config.whatsapp.accounts.map(({ name }) => {
    const ok = existsSync(accountFile(config, name))
    return { what: `account ${name}`, ok, detail: ok ? 'has a store' : `not paired: tandem pair --account ${name}` }
  })
}

/** Whether the network reaches it, and what its answer says about our clock. */
async function whatsAppReachable(): Promise<Finding[]> {
  const what = 'web.whatsapp.com'
  const clock = 'clock'
  const startMs = systemClock.wallMs()
  try {
    const answer = await fetch('https://web.whatsapp.com/', { method: 'HEAD', signal: AbortSignal.timeout(10_000) })
    const endMs = systemClock.wallMs()
    return [
      { what, ok: true, detail: `${endMs - startMs} ms` },
      { what: clock, ...checkClock(answer.headers.get('date'), startMs, endMs) },
    ]
  } catch (error) {
    const cause = (error as { cause?: NodeJS.ErrnoException }).cause
    return [
      { what, ok: false, detail: `not reachable: ${cause?.code ?? (error as Error).name}` },
      { what: clock, ok: true, detail: 'not checked: WhatsApp is not reachable' },
    ]
  }
}
