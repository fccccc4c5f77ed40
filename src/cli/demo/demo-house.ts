import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { systemRandom } from '../../base/random.ts'
import { configFrom } from '../../config/load.ts'
import { Gateway } from '../../gateway.ts'
import { MlowDecoder } from '../../media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../media/codecs/mlow/encoder.ts'
import { NodeNetwork } from '../../net/node-network.ts'
import { accountOwner, cast } from '../../sim/cast.ts'
import { phoneMedia } from '../../sim/media/phone-media.ts'
import { RelayFleet } from '../../sim/relay/relay-fleet.ts'
import { type Simulator, startSimulator } from '../../sim/simulator.ts'

export interface DemoOptions {
  readonly log: Logger
  readonly product: string
  /** 0 lets the system choose. */
  readonly sipPort: number
  /** How long a WhatsApp number may ring. */
  readonly ringTimeoutS: number
  readonly maxCalls: number
}

export interface DemoHouse {
  readonly clock: Clock
  readonly simulator: Simulator
  readonly gateway: Gateway
  readonly sipAccount: {
    readonly username: string
    readonly password: string
    readonly host: string
    readonly port: number
  }
  /** Ends calls, gateway and simulator, and deletes the pairing. */
  stop(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
const USERNAME = 'phone'
const PASSWORD = 'demo'
const RELAYS = 3

/** A gateway paired with the account of a simulated WhatsApp, both in this process, talking over loopback. */
export async function openDemoHouse(options: DemoOptions): Promise<DemoHouse> {
  const { log, product } = options
  const clock = systemClock
  const network = new NodeNetwork(log)
  const dataDirectory = mkdtempSync(join(tmpdir(), 'tandem-demo-'))
  const relays = await RelayFleet.start({ network, address: LOOPBACK, relays: RELAYS, clock, random: systemRandom })
  const simulator = await startSimulator({
    address: LOOPBACK,
    clock,
    logger: log.child({ room: 'sim' }),
    account: accountOwner,
    phones: cast,
    relays,
    openMedia: phoneMedia({
      network,
      address: LOOPBACK,
      random: systemRandom,
      newEncoder: () => new MlowEncoder(),
      newDecoder: () => new MlowDecoder(),
    }),
  })
  const gateway = new Gateway(demoConfig(options, dataDirectory), {
    log,
    product,
    pairing: { method: 'qr' },
    place: {
      webSocketUrl: simulator.waWebSocketUrl,
      noiseRoot: simulator.noiseRoot,
      relayFingerprint: relays.dtlsFingerprint,
      localAddress: LOOPBACK,
    },
  })
  await startPaired(gateway, simulator)
  const port = gateway.sipListening[0]?.port ?? 0
  return {
    clock,
    simulator,
    gateway,
    sipAccount: { username: USERNAME, password: PASSWORD, host: LOOPBACK, port },
    stop: async () => {
      await gateway.stop()
      await simulator.stop()
      await relays.close()
      rmSync(dataDirectory, { recursive: true, force: true })
    },
  }
}

/** The owner scans the QR code as soon as it is shown. Resolves when calls can be made. */
async function startPaired(gateway: Gateway, simulator: Simulator): Promise<void> {
  const client = gateway.account('main')?.client
  const isOpen = new Promise<void>((resolve) => {
    client?.events.on((event) => {
      if (event.type === 'qr') simulator.scan(event.text)
      if (event.type === 'state' && event.state === 'open') resolve()
    })
  })
  await gateway.start()
  await isOpen
}

function demoConfig({ sipPort, ringTimeoutS, maxCalls }: DemoOptions, dataDirectory: string) {
  return configFrom({
    dataDirectory,
    sip: {
      listen: [{ transport: 'udp', address: LOOPBACK, port: sipPort }],
      users: [{ username: USERNAME, password: PASSWORD }],
    },
    media: { address: LOOPBACK },
    whatsapp: { accounts: [{ name: 'main', maxCalls }], ringTimeoutS },
    relay: { portPolicy: 'advertised' },
    dialing: { countryCode: '49' },
    routing: { inbound: [{ account: 'main', user: USERNAME }] },
  })
}
