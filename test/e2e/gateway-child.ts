import { configFrom } from '../../src/config/load.ts'
import type { WhatsAppPlace } from '../../src/gateway/open-account.ts'
import { Gateway } from '../../src/gateway.ts'
import { createLogger } from '../../src/ops/log.ts'

/** What the parent tells a gateway that is to be killed, as JSON in the one argument. */
export interface ChildPlan {
  readonly config: Parameters<typeof configFrom>[0]
  readonly webSocketUrl: string
  /** The Noise root: hexadecimal key and serial number. */
  readonly noiseRoot: { readonly publicKey: string; readonly serial: number }
  readonly relayFingerprint: string
}

/** What the child tells its parent, one JSON object for each line of standard output. */
export type ChildMessage =
  | { readonly type: 'qr'; readonly text: string }
  | { readonly type: 'open'; readonly sipPort: number }
  | { readonly type: 'call'; readonly state: string }

const plan = JSON.parse(process.argv[2] ?? '{}') as ChildPlan
const tell = (message: ChildMessage) => void process.stdout.write(`${JSON.stringify(message)}\n`)
const place: WhatsAppPlace = {
  webSocketUrl: plan.webSocketUrl,
  noiseRoot: { publicKey: Buffer.from(plan.noiseRoot.publicKey, 'hex'), serial: plan.noiseRoot.serial },
  relayFingerprint: plan.relayFingerprint,
  localAddress: '127.0.0.1',
}
const gateway = new Gateway(configFrom(plan.config), {
  log: createLogger({ level: 'debug', format: 'json' }),
  product: 'Tandem',
  pairing: { method: 'qr' },
  place,
})
gateway.callChanged.on(({ state }) => tell({ type: 'call', state }))
gateway.account('main')?.client.events.on((event) => {
  if (event.type === 'qr') tell({ type: 'qr', text: event.text })
  if (event.type === 'state' && event.state === 'open') {
    tell({ type: 'open', sipPort: gateway.sipListening[0]?.port ?? 0 })
  }
})
process.once('SIGTERM', () => void gateway.stop().then(() => process.exit(0)))
await gateway.start()
