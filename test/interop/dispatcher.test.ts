import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { WhatsAppPlace } from '../../src/gateway/open-account.ts'
import { Baresip } from './baresip.ts'
import { Capture } from './capture.ts'
import { Closing } from './closing.ts'
import { expectUnderstood, joined, narrowSpeech, seconds } from './hearing.ts'
import { CLOSE_TIMEOUT_MS, gatewayConfig, type House, heardAt, newGateway, numberOf, startGateway } from './house.ts'
import { Kamailio } from './kamailio.ts'
import type { GatewayPlan } from './paired-gateway.ts'
import { portBlock } from './ports.ts'
import { Program } from './program.ts'
import { Remote } from './remote.ts'
import { report } from './report.ts'
import { playScenario, type Sipp } from './sipp.ts'
import type { WhatsAppActions } from './whatsapp-process.ts'

/** The recipe of the documentation, word for word but for addresses, ports and one path. */
const recipe = readFileSync('docs/pbx/kamailio.md', 'utf8')
const blocks = [...recipe.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, block]) =>
  block!.replaceAll('192.0.2.', '127.0.2.'),
)
const [gatewayFile = '', kamailioFile = '', listFile = ''] = blocks

const [PROXY, PBX] = ['127.0.2.5', '127.0.2.10']
const GATEWAYS = ['127.0.2.20', '127.0.2.21'] as const

const CALLS = 32
const CALLS_PER_SECOND = 4
const TALK_MS = 2_000
const RTPENGINE_PORTS = 40

interface GatewayInstance {
  readonly address: string
  readonly config: GatewayPlan['config']
  remote: House['gateway']
}

const closing = new Closing()
let whatsApp: House['whatsApp']
let place: WhatsAppPlace
let gateways: [GatewayInstance, GatewayInstance]
/** Everybody's SIP. */
let port: number
let rtpenginePorts: number

beforeAll(async () => {
  port = await portBlock(Baresip.ports)
  rtpenginePorts = await portBlock(RTPENGINE_PORTS)
  whatsApp = new Remote<WhatsAppActions>('whatsapp', new URL('./whatsapp-process.ts', import.meta.url))
  closing.add(() => whatsApp.end())
  place = await whatsApp.ask('start', undefined)
  await whatsApp.ask('behave', { phone: 'recorder', behaviour: { takenAfterMs: 50 } })
  const opened = []
  for (const address of GATEWAYS) opened.push(await openGateway(address))
  gateways = [opened[0]!, opened[1]!]
})

afterAll(async () => {
  await closing.run()
}, CLOSE_TIMEOUT_MS)

/** A linked device of its own, as the recipe says. */
async function openGateway(address: string): Promise<GatewayInstance> {
  const { sip, routing } = parse(gatewayFile)
  const listen = [{ transport: 'udp' as const, address, port }]
  const trunks = sip.trunks.map((trunk: object) => ({ ...trunk, port }))
  const config = await gatewayConfig(closing, { listen, trunks }, { maxCalls: CALLS, media: { address } })
  const gateway = { address, config: { ...config, routing }, remote: newGateway() }
  // One that was killed has ended already.
  closing.add(async () => void (gateway.remote.isRunning && (await gateway.remote.end())))
  await startGateway(gateway.remote, gateway.config, whatsApp, place)
  return gateway
}

function newKamailio(defines: readonly string[] = []): Kamailio {
  const configuration = kamailioFile
    .replaceAll(':5060', `:${port}`)
    .replace('127.0.0.1:2223', `127.0.0.1:${rtpenginePorts}`)
    .replace('/etc/kamailio/', 'FOLDER/')
  return new Kamailio(configuration, { 'dispatcher.list': listFile.replaceAll(':5060', `:${port}`) }, defines)
}

async function stream(): Promise<Sipp> {
  const calling = { target: `${PROXY}:${port}`, dialled: numberOf('recorder'), callsPerSecond: CALLS_PER_SECOND }
  return playScenario({
    name: 'stream',
    calls: CALLS,
    calling: { ...calling, talkMs: TALK_MS },
    address: PBX,
    firstPort: await portBlock(4),
  })
}

const activeCalls = async ({ remote }: GatewayInstance) => (await remote.ask('status')).activeCalls
/** From the log of one that is gone: those that it had taken and that had not ended. */
function callsLostBy({ remote }: GatewayInstance): number {
  const count = (pattern: RegExp) => remote.output.match(pattern)?.length ?? 0
  return count(/"msg":"call from SIP"/g) - count(/"state":"ended"/g)
}

const endedCalls = async ({ remote }: GatewayInstance) => (await remote.ask('ended')).length

const succeeded = { exitCode: 0, failed: 0, successful: CALLS }

describe('Kamailio as the dispatcher in front of two gateways', () => {
  let kamailio: Kamailio

  beforeAll(() => {
    kamailio = newKamailio()
  })

  afterAll(() => kamailio.stop())

  it('one is killed: no new call fails, and only the calls that it had are lost', async () => {
    const [first, second] = gateways
    const sipp = await stream()
    try {
      const areBothBusy = async () => (await activeCalls(first)) > 1 && (await activeCalls(second)) > 1
      await expect.poll(areBothBusy, { timeout: 5_000 }).toBe(true)
      first.remote.kill()
      const result = await sipp.finished
      const lost = callsLostBy(first)
      const { unanswered, seconds } = result
      report('one gateway killed', { calls: CALLS, lost, unanswered, seconds })
      expect(result, `${result.errors}\n${kamailio.program.output.slice(-2000)}`).toMatchObject(succeeded)
      // Whoever came after that has noticed nothing.
      expect(unanswered).toBeGreaterThan(0)
      expect(unanswered).toBeLessThanOrEqual(lost)
    } finally {
      await sipp.stop()
    }
  })

  it('it is back and the other drains: no new call fails, and those in progress go on', async () => {
    const [first, second] = gateways
    first.remote = newGateway()
    await startGateway(first.remote, first.config, whatsApp, place)
    const capture = new Capture({ filter: `udp port ${port} and host ${second.address}`, sipPort: port })
    await capture.started()
    const sipp = await stream()
    try {
      const areBothBusy = async () => (await activeCalls(first)) > 1 && (await activeCalls(second)) > 1
      await expect.poll(areBothBusy, { timeout: 15_000 }).toBe(true)
      const [before, inProgress] = [await endedCalls(second), await activeCalls(second)]
      await second.remote.ask('drain', 30_000)
      const taken = (await second.remote.ask('ended')).slice(before).filter(({ cause }) => cause !== 'shutting-down')
      expect(taken.map(({ cause }) => cause)).toEqual(Array(taken.length).fill('normal'))
      expect(taken.length).toBeGreaterThanOrEqual(inProgress)
      const result = await sipp.finished
      expect(result, `${result.errors}\n${kamailio.program.output.slice(-2000)}`).toMatchObject(succeeded)
      expect(result.unanswered).toBe(0)
      const after = (await second.remote.ask('ended')).slice(before).filter(({ answeredAtMs }) => answeredAtMs)
      expect(after).toEqual(taken)
      await capture.stop()
      const counts = {
        refused: capture.count('sip.Status-Code == 503 && sip.CSeq.method == "INVITE" && sip.Retry-After'),
        probes: capture.count('sip.Status-Code == 503 && sip.CSeq.method == "OPTIONS"'),
      }
      report('one gateway drained', { calls: CALLS, inProgress, ...counts })
      expect(counts.refused).toBeGreaterThan(0)
      expect(counts.probes).toBeGreaterThan(0)
    } finally {
      await sipp.stop()
      await capture.stop()
      capture.forget()
    }
  })
})

describe('rtpengine between a phone and a gateway', () => {
  let rtpengine: Program
  let kamailio: Kamailio
  let phone: Baresip

  beforeAll(async () => {
    // An inbound call would ring at both.
    await gateways[1].remote.end()
    const control = rtpenginePorts
    const sound = ['-m', String(rtpenginePorts + 2), '-M', String(rtpenginePorts + RTPENGINE_PORTS - 1)]
    const userspace = ['-f', '-E', '--table=-1', '--log-level=6', '--delete-delay=0']
    rtpengine = new Program('rtpengine', [...userspace, '-i', PROXY, '-n', `127.0.0.1:${control}`, ...sound])
    await rtpengine.waitFor(/Startup complete/, 10_000)
    kamailio = newKamailio(['WITH_RTPENGINE'])
    phone = new Baresip({
      username: parse(gatewayFile).routing.inbound[0].extension,
      password: 'unused',
      registrar: `${PROXY}:${port}`,
      registers: false,
      address: PBX,
      parameters: `outbound="sip:${PROXY}:${port}"`,
      codec: 'PCMA',
      firstPort: port,
      speech: joined(narrowSpeech, seconds(2)),
    })
    await phone.program.waitFor(/baresip is ready/, 10_000)
  })

  afterAll(async () => {
    await phone.stop()
    await kamailio.stop()
    await rtpengine.stop()
  })

  /** Of a call that has just ended: every stream went through it. */
  const relayed = () => rtpengine.waitFor(/Final packet stats[\s\S]*, [1-9]\d\d+ p, [\s\S]*, [1-9]\d\d+ p, /, 10_000)

  it('a call to WhatsApp is understood on both sides', async () => {
    await phone.dial(numberOf('talker'))
    await phone.established()
    expect(await phone.over()).toBe('terminated')
    expectUnderstood('rtpengine from WhatsApp', phone.recording())
    expectUnderstood('rtpengine to WhatsApp', await heardAt({ whatsApp }, 'talker'))
    await relayed()
  })

  it('a call from WhatsApp is understood, and ends', async () => {
    await whatsApp.ask('call', 'talker')
    await phone.rings()
    await phone.answer()
    await phone.established()
    await whatsApp.ask('waitForSpeech', 'talker')
    await whatsApp.ask('hangUp', 'talker')
    expect(await phone.over()).toBe('Connection reset by peer')
    expectUnderstood('rtpengine, called', phone.recording())
  })
})
