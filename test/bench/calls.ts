/**
 * Many calls at one time through a group of accounts that one SIP user shares, for minutes, with speech both ways: PCMA on the SIP side, MLow in SRTP over
 * DTLS data channels on the other. The gateway, the simulated WhatsApp and the SIP phones are processes of their own. The gateway
 * does what it does for an operator: log at its default level, call records, metrics that somebody scrapes, both relay ports.
 * Phones say packets that were encoded before and decode nothing until the end, so the cores are the gateway's.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BridgeStatus } from '../../src/bridge/status.ts'
import { estimateDelay } from '../../src/media/measure/align.ts'
import { intelligibility } from '../../src/media/measure/intelligibility.ts'
import { resampleWhole } from '../../src/media/measure/rational-resample.ts'
import { speech } from '../../src/sim/speech.ts'
import { Remote } from '../interop/remote.ts'
import type { BusyWhatsAppActions } from './agents/busy-whatsapp-process.ts'
import type { DeskActions } from './agents/desk-phones-process.ts'
import type { MeasuredGatewayActions, Vitals } from './agents/measured-gateway-process.ts'
import { phoneNumber } from './agents/phone-numbers.ts'
import type { Limit } from './limits.ts'
import type { Figures, Options } from './run.ts'

const DEFAULTS = { calls: 20, minutes: 10 }
const ACCOUNTS = 4
/** What leaks is seen in what the heap keeps; RSS also goes up and down with what others leave of the cores. */
export const LIMITS: readonly Limit[] = [
  { figure: 'lostCalls', atMost: 0 },
  { figure: 'loopDelayP99Ms', atMost: 20 },
  { figure: 'rssSlopeMBPerMinute', atMost: 1 },
  { figure: 'heapSlopeMBPerMinute', atMost: 0.1 },
  { figure: 'worstStoiAtSip', atLeast: 0.9 },
  { figure: 'worstStoiAtWhatsApp', atLeast: 0.9 },
  { figure: 'violations', atMost: 0 },
]
/** Calls begin so far apart, so that their packets are not all due at once. */
const APART_MS = 250
/** Until memory has found its level: V8 grows its heap and compiles. */
const WARM_UP_MS = 60_000
const SAMPLE_MS = 1000
/** As Prometheus is often told to. */
const SCRAPE_MS = 15_000
/** A slope over less says how a process grows into its work, and nothing of leaks. */
const LEAST_SLOPE_MINUTES = 3
/** Used heap rises until it is collected: the least of each such stretch is what is really held. */
const HEAP_STRETCH = 20
const NARROW_HZ = 8000
const WIDE_HZ = 16_000
const ACCOUNT = { username: 'desk', password: 'secret-of-1-phone' }

interface House {
  readonly gateway: Remote<MeasuredGatewayActions>
  readonly whatsApp: Remote<BusyWhatsAppActions>
  readonly desk: Remote<DeskActions>
}

interface Sample extends Vitals {
  readonly atMinutes: number
}

export async function bench(options: Options): Promise<Figures> {
  const calls = Number(options.calls ?? DEFAULTS.calls)
  const minutes = Number(options.minutes ?? DEFAULTS.minutes)
  const dataDirectory = mkdtempSync(join(tmpdir(), 'tandem-bench-'))
  const house = startProcesses(options.profile)
  try {
    const url = await openHouse(house, dataDirectory, calls)
    return { calls, minutes, ...(await measure(house, url, calls, minutes)) }
  } finally {
    await Promise.all([house.desk.end(), house.gateway.end(), house.whatsApp.end()])
    rmSync(dataDirectory, { recursive: true, force: true })
  }
}

/** With `profile`, each process leaves a CPU profile in that folder. */
function startProcesses(profile: string | undefined): House {
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const agent = (name: string) => new URL(`./agents/${name}-process.ts`, import.meta.url)
  return {
    gateway: new Remote('gateway', agent('measured-gateway'), flags),
    whatsApp: new Remote('whatsapp', agent('busy-whatsapp'), flags),
    desk: new Remote('desk', agent('desk-phones'), flags),
  }
}

/** Resolves with the URL of the gateway's health and metrics. */
async function openHouse({ gateway, whatsApp, desk }: House, dataDirectory: string, calls: number): Promise<string> {
  const place = await whatsApp.ask('start', { phones: calls, owners: ACCOUNTS })
  const maxCalls = Math.ceil(calls / ACCOUNTS)
  const config = {
    dataDirectory,
    sip: { listen: [{ transport: 'udp' as const, address: '127.0.0.1', port: 0 }], users: [ACCOUNT] },
    media: { address: '127.0.0.1' },
    whatsapp: { accounts: Array.from({ length: ACCOUNTS }, (_, i) => ({ name: `account-${i}`, maxCalls })) },
    dialing: { countryCode: '49' },
    dialler: { perMinute: 1000, perHour: 1000, perDay: 10_000, strangersPerDay: 1000 },
    http: { enabled: true, address: '127.0.0.1', port: 0 },
    cdr: { file: join(dataDirectory, 'calls.jsonl') },
  }
  await whatsApp.ask('scan', await gateway.ask('start', { config, place }))
  const sipPort = await gateway.ask('ready')
  await desk.ask('start', { ...ACCOUNT, registrar: `127.0.0.1:${sipPort}` })
  const [, httpPort] = /"port":(\d+),"msg":"health and metrics"/.exec(gateway.output) ?? []
  return `http://127.0.0.1:${httpPort}`
}

/** Asks for the metrics again and again, as a monitoring system does, until it is told to stop. */
function scrape(url: string): () => void {
  const timer = setInterval(() => {
    fetch(`${url}/metrics`).then((response) => response.text(), console.error)
  }, SCRAPE_MS)
  return () => clearInterval(timer)
}

async function callsPerAccount(url: string): Promise<string> {
  const { accounts } = (await (await fetch(`${url}/healthz`)).json()) as BridgeStatus
  return accounts.map(({ activeCalls }) => activeCalls).join(' + ')
}

async function measure(house: House, url: string, calls: number, minutes: number): Promise<Figures> {
  const { gateway, desk } = house
  const stopScraping = scrape(url)
  for (let i = 0; i < calls; i++) {
    await desk.ask('dial', `+${phoneNumber(i)}`)
    await sleep(APART_MS)
  }
  await sleep(Math.min(WARM_UP_MS, minutes * 15_000))
  await gateway.ask('watch')
  await desk.ask('settle')
  const [before, othersBefore] = [await cpuOf(house), busyMs()]
  const startedMs = performance.now()
  const samples: Sample[] = []
  const loads: number[] = []
  while (performance.now() - startedMs < minutes * 60_000) {
    await sleep(SAMPLE_MS)
    samples.push({ ...(await gateway.ask('vitals')), atMinutes: (performance.now() - startedMs) / 60_000 })
    loads.push(loadavg()[0] ?? 0)
  }
  const elapsedMs = performance.now() - startedMs
  const [after, othersAfter] = [await cpuOf(house), busyMs()]
  const loop = await gateway.ask('loopDelay')
  const ourMs = after.gateway + after.whatsApp + after.desk - before.gateway - before.whatsApp - before.desk
  stopScraping()
  const percent = (ms: number) => round1((100 * ms) / elapsedMs)
  return {
    callsPerAccount: await callsPerAccount(url),
    lostCalls: calls - (await desk.ask('up')),
    ...(await hearing(house)),
    loopDelayP50Ms: round1(loop.p50Ms),
    loopDelayP99Ms: round1(loop.p99Ms),
    loopDelayMaxMs: round1(loop.maxMs),
    loopDelayOwnP99Ms: round1(loop.ownP99Ms),
    loopDelayOwnMaxMs: round1(loop.ownMaxMs),
    gatewayCpuPercent: percent(after.gateway - before.gateway),
    gatewayCpuPercentPerCall: Math.round((10_000 * (after.gateway - before.gateway)) / elapsedMs / calls) / 100,
    whatsAppCpuPercent: percent(after.whatsApp - before.whatsApp),
    deskCpuPercent: percent(after.desk - before.desk),
    othersCpuPercent: percent(othersAfter - othersBefore - ourMs),
    loadAverage: round1(loads.reduce((sum, load) => sum + load, 0) / loads.length),
    ...memory(samples),
  }
}

function memory(samples: readonly Sample[]): Figures {
  const megabytes = (bytes: number) => bytes / 2 ** 20
  const leastOfStretches = samples.flatMap((_, i) => {
    if (i % HEAP_STRETCH !== 0 || i + HEAP_STRETCH > samples.length) return []
    const stretch = samples.slice(i, i + HEAP_STRETCH)
    return [stretch.reduce((least, sample) => (sample.heapUsedBytes < least.heapUsedBytes ? sample : least))]
  })
  const slope = (of: readonly Sample[], read: (sample: Sample) => number) =>
    (of.at(-1)?.atMinutes ?? 0) < LEAST_SLOPE_MINUTES
      ? 'too short a run'
      : round3(leastSquaresSlope(of.map((sample) => [sample.atMinutes, megabytes(read(sample))])))
  const last = samples.at(-1)
  return {
    rssMB: Math.round(megabytes(last?.rssBytes ?? 0)),
    rssSlopeMBPerMinute: slope(samples, ({ rssBytes }) => rssBytes),
    heapMB: Math.round(megabytes(leastOfStretches.at(-1)?.heapUsedBytes ?? 0)),
    heapSlopeMBPerMinute: slope(leastOfStretches, ({ heapUsedBytes }) => heapUsedBytes),
    externalSlopeMBPerMinute: slope(samples, ({ externalBytes }) => externalBytes),
  }
}

/** Worst of all calls, at either end, in their last seconds. */
async function hearing({ desk, whatsApp }: House): Promise<Figures> {
  const [atDesk, atWhatsApp] = [await desk.ask('calls'), await whatsApp.ask('heard')]
  const said = narrow(speech())
  // What is remembered begins anywhere in what is said over and over.
  const stoi = (pcm: Float32Array) => {
    const from = Math.max(0, estimateDelay(said, pcm, Math.max(0, pcm.length - said.length)) - NARROW_HZ)
    return intelligibility(said, pcm.subarray(from), NARROW_HZ).stoi
  }
  return {
    worstStoiAtSip: round3(Math.min(...atDesk.map(({ pcm }) => stoi(pcm)))),
    worstStoiAtWhatsApp: round3(Math.min(...atWhatsApp.map(({ pcm }) => stoi(narrow(pcm))))),
    longestRtpGapMs: Math.round(Math.max(...atDesk.map(({ longestGapMs }) => longestGapMs))),
    missingAtWhatsApp: atWhatsApp.reduce((sum, { framesConcealed }) => sum + framesConcealed, 0),
    violations: (await whatsApp.ask('violations')).length,
  }
}

const narrow = (pcm: Float32Array) => Float32Array.from(resampleWhole(pcm, WIDE_HZ, NARROW_HZ))

async function cpuOf({ gateway, whatsApp, desk }: House) {
  return {
    gateway: (await gateway.ask('vitals')).cpuMs,
    whatsApp: await whatsApp.ask('cpuMs'),
    desk: await desk.ask('cpuMs'),
  }
}

/** CPU time of all programs on all cores. */
function busyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0)
}

function leastSquaresSlope(points: readonly (readonly [number, number])[]): number {
  const mean = (i: 0 | 1) => points.reduce((sum, point) => sum + point[i], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const covariance = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)
  return covariance / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
}

const round1 = (value: number) => Math.round(10 * value) / 10
const round3 = (value: number) => Math.round(1000 * value) / 1000
