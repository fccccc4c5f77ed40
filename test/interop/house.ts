import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { cast } from '../../src/sim/cast.ts'
import type { Closing } from './closing.ts'
import type { GatewayActions } from './gateway-process.ts'
import type { Recorded } from './hearing.ts'
import type { GatewayPlan } from './paired-gateway.ts'
import { portBlock } from './ports.ts'
import { Remote } from './remote.ts'
import type { WhatsAppActions } from './whatsapp-process.ts'

/** baresip's account line takes no spaces. */
export const PHONE = { username: 'phone', password: 'secret-of-1-phone' } as const

/** The client library arms a timer of 30 s at login and forgets it: a process that ends sooner waits for it. */
export const CLOSE_TIMEOUT_MS = 45_000

export const WHATSAPP_RATE_HZ = 16_000

const RTP_PORTS = 240

/** A gateway and the WhatsApp that it is paired with, each in a process of its own. */
export interface House {
  readonly gateway: Remote<GatewayActions>
  readonly whatsApp: Remote<WhatsAppActions>
  /** host:port of the gateway's SIP. */
  readonly sip: string
  readonly rtpPorts: { readonly first: number; readonly last: number }
}

type Sip = NonNullable<GatewayPlan['config']['sip']>

export interface HousePlan {
  readonly maxCalls: number
  /** That a call is offered. Their DTLS in plain JavaScript is most of what a new call costs the simulator. */
  readonly relays?: number
  /** Where the gateway writes the keys of its TLS sessions, for Wireshark. */
  readonly tlsKeyLog?: string
  /** Where calls from WhatsApp go. */
  readonly inbound?: { user: string } | { trunk: string; extension: string }
  readonly media?: Pick<
    NonNullable<GatewayPlan['config']['media']>,
    'address' | 'codecs' | 'srtp' | 'allowInsecureSrtp' | 'detectDtmf'
  >
}

/** Whatever of it is up is closed by `closing`. */
export async function openHouse(closing: Closing, sip: Sip, plan: HousePlan): Promise<House> {
  const whatsApp = new Remote<WhatsAppActions>('whatsapp', new URL('./whatsapp-process.ts', import.meta.url))
  const config = await gatewayConfig(closing, sip, plan)
  const gateway = newGateway(plan.tlsKeyLog === undefined ? [] : [`--tls-keylog=${plan.tlsKeyLog}`])
  // Both must end by themselves, at the same time.
  closing.add(async () => {
    await Promise.all([gateway.end(), whatsApp.end()])
  })
  const place = await whatsApp.ask('start', plan.relays)
  const port = await startGateway(gateway, config, whatsApp, place)
  return { gateway, whatsApp, rtpPorts: config.media.ports, sip: `127.0.0.1:${port}` }
}

export const newGateway = (flags: readonly string[] = []) =>
  new Remote<GatewayActions>('gateway', new URL('./gateway-process.ts', import.meta.url), flags)

/** What a gateway of these tests is told. Its data directory goes when `closing` runs. */
export async function gatewayConfig(closing: Closing, sip: Sip, { maxCalls, inbound, media }: HousePlan) {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'tandem-interop-'))
  closing.add(async () => rmSync(dataDirectory, { recursive: true, force: true }))
  const first = await portBlock(RTP_PORTS)
  return {
    dataDirectory,
    sip: { listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }], ...sip },
    media: { address: '127.0.0.1', ports: { first, last: first + RTP_PORTS - 1 }, ...media },
    whatsapp: { accounts: [{ name: 'main', maxCalls }] },
    relay: { portPolicy: 'advertised' },
    dialing: { countryCode: '49' },
    dialler: { perMinute: 1000, perHour: 1000, perDay: 10_000, strangersPerDay: 1000 },
    routing: { inbound: inbound ? [inbound] : [] },
  } satisfies GatewayPlan['config']
}

/** Pairs it when it is not paired yet. Resolves with its SIP port when calls can be made. */
export async function startGateway(
  gateway: House['gateway'],
  config: GatewayPlan['config'],
  whatsApp: House['whatsApp'],
  place: GatewayPlan['place'],
): Promise<number> {
  const qrText = await gateway.ask('start', { config, place })
  if (qrText !== undefined) await whatsApp.ask('scan', qrText)
  return gateway.ask('ready')
}

/** After every test: no call is left, and WhatsApp found nothing wrong with the gateway's stanzas. */
export async function expectQuiet({ gateway, whatsApp }: House): Promise<void> {
  await expect.poll(async () => (await gateway.ask('status')).activeCalls, { timeout: 10_000 }).toBe(0)
  expect(await whatsApp.ask('violations')).toEqual([])
}

/** What a phone of WhatsApp's has heard in its latest call; nothing before it has one. */
export async function heardAt({ whatsApp }: Pick<House, 'whatsApp'>, phone: string): Promise<Recorded> {
  const call = await whatsApp.ask('latestCall', phone)
  return { pcm: call?.heard ?? new Float32Array(0), sampleRateHz: WHATSAPP_RATE_HZ }
}

/** How the latest call of a phone of WhatsApp's has ended. */
export async function endAt({ whatsApp }: Pick<House, 'whatsApp'>, phone: string): Promise<string | undefined> {
  return (await whatsApp.ask('latestCall', phone))?.overReason
}

/** As a phone dials it. */
export function numberOf(name: string): string {
  const member = cast.find((candidate) => candidate.name === name)
  if (!member) throw new Error(`nobody is called ${name}`)
  return `+${member.number}`
}
