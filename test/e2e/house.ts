import { rmSync } from 'node:fs'
import { expect, vi } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { noTracer, type Tracer } from '../../src/base/tracer.ts'
import type { CallRecord } from '../../src/bridge/call.ts'
import { type DemoWhatsApp, openDemoWhatsApp, startPaired } from '../../src/cli/demo/demo-whatsapp.ts'
import { memoryFolder } from '../../src/cli/demo/memory-folder.ts'
import { type ScriptedCall, ScriptedPhone } from '../../src/cli/demo/scripted-phone.ts'
import { configFrom } from '../../src/config/load.ts'
import { Gateway } from '../../src/gateway.ts'
import { NodeNetwork } from '../../src/net/node-network.ts'
import { createLogger } from '../../src/ops/log.ts'
import { cast } from '../../src/sim/cast.ts'
import type { PhoneCall } from '../../src/sim/phone/phone-call.ts'
import type { SimEvent } from '../../src/sim/server/journal.ts'
import type { Simulator } from '../../src/sim/simulator.ts'
import { type OpenHandles, openHandles } from './open-handles.ts'

type ConfigInput = Parameters<typeof configFrom>[0]

export const PHONE = { username: 'desk', password: 'correct-horse-battery' } as const
export const LOOPBACK = '127.0.0.1'

/** A gateway paired with a simulated WhatsApp, and a registered desk phone. All in this process, over loopback. */
export interface House {
  readonly whatsApp: DemoWhatsApp
  readonly simulator: Simulator
  readonly gateway: Gateway
  readonly phone: ScriptedPhone
  readonly sipPort: number
  /** Calls that have ended, in the order of their ends. */
  readonly records: readonly CallRecord[]
  /** The gateway's log at level debug, one JSON object per line. */
  readonly log: readonly string[]
  readonly dataDirectory: string
  /** Ends everything and shows that nothing is left. */
  close(): Promise<void>
}

export interface HouseOptions {
  readonly maxCalls?: number
  /** How long a WhatsApp number may ring. */
  readonly ringTimeoutS?: number
  /** What else the file says. */
  readonly config?: (dataDirectory: string) => ConfigInput
  /** Sees all, from pairing on. */
  readonly tracer?: Tracer
}

export async function openHouse({
  maxCalls = 4,
  ringTimeoutS = 60,
  config,
  tracer = noTracer,
}: HouseOptions = {}): Promise<House> {
  const before = openHandles()
  const dataDirectory = memoryFolder('tandem-e2e-')
  const log: string[] = []
  const records: CallRecord[] = []
  const whatsApp = await openDemoWhatsApp(silentLogger, systemClock)
  const settings = configFrom({ ...houseConfig(dataDirectory, maxCalls, ringTimeoutS), ...config?.(dataDirectory) })
  const gatewayOptions = {
    log: createLogger({ level: 'debug', format: 'json', destination: { write: (line) => void log.push(line) } }),
    product: 'Tandem/test',
    place: whatsApp.place,
    tracer,
  }
  // As an administrator does it: `tandem pair`, then `tandem run`.
  const pairing = new Gateway(settings, { ...gatewayOptions, pairing: { method: 'qr' } })
  await startPaired(pairing, whatsApp.simulator)
  await pairing.stop()
  const gateway = new Gateway(settings, gatewayOptions)
  gateway.callChanged.on((record) => record.state === 'ended' && records.push(record))
  await startPaired(gateway, whatsApp.simulator)
  const sipPort = gateway.sipListening[0]?.port ?? 0
  const phone = await registeredPhone(sipPort)
  return {
    whatsApp,
    simulator: whatsApp.simulator,
    gateway,
    phone,
    sipPort,
    records,
    log,
    dataDirectory,
    close: async () => {
      await phone.stop()
      await gateway.stop()
      await whatsApp.stop()
      rmSync(dataDirectory, { recursive: true, force: true })
      await expectNothingLeft(before)
    },
  }
}

export function houseConfig(dataDirectory: string, maxCalls: number, ringTimeoutS: number) {
  return {
    dataDirectory,
    sip: { listen: [{ transport: 'udp', address: LOOPBACK, port: 0 }], users: [PHONE] },
    media: { address: LOOPBACK },
    whatsapp: { accounts: [{ name: 'main', maxCalls }], ringTimeoutS },
    relay: { portPolicy: 'advertised' },
    dialing: { countryCode: '49' },
    dialler: { perMinute: 100, strangersPerDay: 100 },
    routing: { inbound: [{ account: 'main', user: PHONE.username }] },
  } satisfies ConfigInput
}

export async function registeredPhone(sipPort: number): Promise<ScriptedPhone> {
  const phone = new ScriptedPhone(
    { ...PHONE, registrar: `${LOOPBACK}:${sipPort}` },
    new NodeNetwork(silentLogger),
    silentLogger,
  )
  await phone.register()
  return phone
}

/** After each test: no call is left, and WhatsApp found nothing wrong with what the gateway said. */
export async function expectQuiet({ gateway, simulator }: Pick<House, 'gateway' | 'simulator'>): Promise<void> {
  const calls = () => {
    const { activeCalls, accounts } = gateway.status()
    return [activeCalls, ...accounts.map((account) => account.activeCalls), gateway.account('main')?.calls.liveCalls]
  }
  await vi.waitFor(() => expect(calls()).toEqual([0, 0, 0]), { timeout: 5000, interval: 20 })
  expect(simulator.violations).toEqual([])
}

/** After the end: what was open before is open now, and nothing else. */
export async function expectNothingLeft(before: OpenHandles): Promise<void> {
  await vi.waitFor(() => expect(openHandles()).toEqual(before), { timeout: 5000, interval: 20 })
}

/** As a phone dials it. */
export function numberOf(name: string): string {
  const member = cast.find((candidate) => candidate.name === name)
  if (!member) throw new Error(`nobody is called ${name}`)
  return `+${member.number}`
}

/** Dials somebody of the cast or a number, waits for the end, and gives the final SIP status. */
export async function outcomeOf(house: Pick<House, 'phone'>, whom: string) {
  const call = await house.phone.dial(/^[+0-9]/.test(whom) ? whom : numberOf(whom))
  return over(call)
}

/** Resolves when the call is answered; what ended it instead is the error. */
export async function answered(call: ScriptedCall): Promise<void> {
  const end = await Promise.race([call.established, call.ended])
  if (end) throw new Error(`not answered: ${JSON.stringify(end)}`)
}

/** Waits for the end of a call and frees its socket. */
export async function over(call: ScriptedCall) {
  const end = await call.ended
  await call.close()
  return end
}

/** What crosses the connection between the gateway and WhatsApp from now on; `in` is what the gateway sent. */
export function stanzasOf({ simulator }: Pick<House, 'simulator'>) {
  const seen: Extract<SimEvent, { type: 'stanza' }>[] = []
  const gateway = [...simulator.account.user.devices.values()].at(-1)?.jid
  simulator.events.on((event) => event.type === 'stanza' && event.device === gateway && seen.push(event))
  return seen
}

/** A call from our phone to the recorder, answered: as both ends have it. */
export async function talking(house: House): Promise<{ ours: ScriptedCall; theirs: PhoneCall }> {
  const rings = new Promise<PhoneCall>((resolve) => house.simulator.phone('recorder').calls.on(resolve))
  const ours = await house.phone.dial(numberOf('recorder'))
  const theirs = await rings
  await answered(ours)
  return { ours, theirs }
}
