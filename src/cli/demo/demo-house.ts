import { rmSync } from 'node:fs'
import { type Clock, systemClock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { noTracer, type Tracer } from '../../base/tracer.ts'
import { configFrom } from '../../config/load.ts'
import { Gateway } from '../../gateway.ts'
import type { Simulator } from '../../sim/simulator.ts'
import { openDemoWhatsApp, startPaired } from './demo-whatsapp.ts'
import { memoryFolder } from './memory-folder.ts'

export interface DemoOptions {
  readonly log: Logger
  readonly product: string
  /** 0 lets the system choose. */
  readonly sipPort: number
  /** Of SIP and RTP; loopback when left out. */
  readonly sipAddress?: string
  /** How long a WhatsApp number may ring. */
  readonly ringTimeoutS: number
  readonly maxCalls: number
  readonly tracer?: Tracer
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

/** A gateway paired with the account of a simulated WhatsApp, both in this process, talking over loopback. */
export async function openDemoHouse(options: DemoOptions): Promise<DemoHouse> {
  const { log, product, tracer = noTracer } = options
  const pairing = { method: 'qr' } as const
  const clock = systemClock
  const dataDirectory = memoryFolder('tandem-demo-')
  const whatsApp = await openDemoWhatsApp(log, clock)
  const { simulator, place } = whatsApp
  const gateway = new Gateway(demoConfig(options, dataDirectory), { log, product, pairing, place, tracer })
  const stop = async () => {
    await gateway.stop()
    await whatsApp.stop()
    rmSync(dataDirectory, { recursive: true, force: true })
  }
  try {
    await startPaired(gateway, simulator)
  } catch (error) {
    // The simulator would keep the process alive; a port that is taken is the usual reason.
    await stop()
    throw error
  }
  const port = gateway.sipListening[0]?.port ?? 0
  return {
    clock,
    simulator,
    gateway,
    sipAccount: { username: USERNAME, password: PASSWORD, host: options.sipAddress ?? LOOPBACK, port },
    stop,
  }
}

function demoConfig({ sipAddress = LOOPBACK, sipPort, ringTimeoutS, maxCalls }: DemoOptions, dataDirectory: string) {
  return configFrom({
    dataDirectory,
    sip: {
      listen: [{ transport: 'udp', address: sipAddress, port: sipPort }],
      users: [{ username: USERNAME, password: PASSWORD }],
    },
    media: { address: sipAddress },
    whatsapp: { accounts: [{ name: 'main', maxCalls }], ringTimeoutS },
    relay: { portPolicy: 'advertised' },
    dialing: { countryCode: '49' },
    dialler: { perMinute: 100, perHour: 1000, perDay: 10_000, strangersPerDay: 1000 },
    routing: { inbound: [{ account: 'main', user: USERNAME }] },
  })
}
