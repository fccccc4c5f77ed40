import { Command } from 'commander'
import qrcode from 'qrcode-terminal'
import { ConfigError, ProtocolError } from '../../base/errors.ts'
import { loadConfig } from '../../config/load.ts'
import { endAll } from '../../gateway/ending.ts'
import { openStore } from '../../gateway/files.ts'
import { accountClient, type WhatsAppPlace } from '../../gateway/open-account.ts'
import { createLogger } from '../../ops/log.ts'
import type { WaClient } from '../../whatsapp/wa-client.ts'
import { endProcess, terminationRequested } from '../signals.ts'

interface PairOptions {
  readonly config: string
  readonly account: string
  readonly code?: string
}

export function pairCommand(place?: WhatsAppPlace): Command {
  return new Command('pair')
    .description('link Tandem to your WhatsApp account as a companion device')
    .requiredOption('--config <file>', 'configuration file')
    .option('--account <name>', 'which account of the configuration', 'main')
    .option(
      '--code <number>',
      'pair with a code for this phone number (digits, with country code) instead of a QR code',
    )
    .action((options: PairOptions) => pair(options, place))
}

async function pair(options: PairOptions, place: WhatsAppPlace | undefined): Promise<void> {
  const config = loadConfig(options.config)
  const account = config.whatsapp.accounts.find((entry) => entry.name === options.account)
  if (!account) {
    const names = config.whatsapp.accounts.map((entry) => entry.name).join(', ')
    throw new ConfigError('usage.account', `--account ${options.account}: must be one of: ${names}`)
  }
  if (options.code !== undefined && !/^[1-9][0-9]{6,14}$/.test(options.code)) {
    throw new ConfigError(
      'usage.code',
      `--code ${options.code}: must be 7 to 15 digits with the country code, without +`,
    )
  }
  const log = createLogger({ ...config.log, level: 'warn' })
  const pairing =
    options.code === undefined ? { method: 'qr' as const } : { method: 'code' as const, number: options.code }
  const store = openStore(config, account.name)
  const client = accountClient(account, store, { log, pairing, ...(place && { place }) })
  try {
    await Promise.race([paired(client), terminationRequested()])
  } finally {
    await endAll([() => client.stop(), () => store.close()])
  }
  endProcess()
}

/** Shows each code that comes until the account is open. */
async function paired(client: WaClient): Promise<void> {
  const done = new Promise<void>((resolve, reject) => {
    client.events.on((event) => {
      if (event.type === 'qr') showQr(event.text)
      else if (event.type === 'pairing-code') {
        console.log(`Enter this code on your phone (Linked devices › Link with phone number): ${event.code}`)
      } else if (event.type !== 'state') return
      else if (event.state === 'open') resolve()
      else if (event.state === 'logged-out' || event.state === 'banned' || event.state === 'replaced') {
        reject(
          new ProtocolError(`whatsapp.${event.state}`, `WhatsApp says: ${event.state} ${event.reason ?? ''}`.trim()),
        )
      }
    })
  })
  await client.start()
  await done
  console.log(`Paired as ${client.self()?.pn ?? 'unknown'}. Start the gateway with: tandem run`)
}

function showQr(text: string): void {
  console.log('Scan with your phone: WhatsApp › Settings › Linked devices › Link a device\n')
  qrcode.generate(text, { small: true }, (picture) => console.log(picture))
}
