import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Program } from '../interop/program.ts'
import { Remote } from '../interop/remote.ts'
import type { AgentActions, AgentPlan } from './agents/sip-agent-process.ts'
import type { Figures } from './run.ts'

/**
 * The SIP room alone, its user agent in a process of its own, sipp as load over UDP on loopback. Every call is INVITE, 100,
 * 200, ACK, BYE, 200. CPU time is the process's, so other work on the machine does not count; times are wall time, and do.
 */

const RATE = 800
const CALLS = 8000
const HELD_CALLS = 2000
const LOSSY_CALLS = 1000
const LOSSY_RATE = 50
const PHONES = 10_000
/** The least that the registrar takes: each phone comes every 15 s. */
const EXPIRES_S = 30
const REFRESHING_MS = 50_000
const WARM_UP_CALLS = 1500
/** On loopback nothing is late: transactions are gone after 3 s, and what is left is the dialogs. */
const QUICK_TIMERS = { t1Ms: 50, t2Ms: 400, t4Ms: 500 }

export async function bench(): Promise<Figures> {
  return { ...(await calls()), ...(await memory()), ...(await loss()), ...(await registrations()) }
}

export async function calls(): Promise<Figures> {
  return withAgent({}, async (agent, port) => {
    await runSipp({ port, calls: WARM_UP_CALLS, rate: RATE })
    const before = await agent.ask('cpuMs')
    const { failed, setupMs, seconds } = await runSipp({ port, calls: CALLS, rate: RATE })
    const cpuMs = (await agent.ask('cpuMs')) - before
    return {
      inviteCpsOneCore: Math.round(CALLS / (cpuMs / 1000)),
      failed,
      p99SetupMs: percentile(setupMs, 0.99),
      cpuPercentAt800Cps: round1((RATE * cpuMs) / CALLS / 10),
      achievedCps: Math.round(CALLS / seconds),
    }
  })
}

export async function memory(): Promise<Figures> {
  return withAgent({ timers: QUICK_TIMERS, options: {} }, async (agent, port) => {
    await runSipp({ port, calls: WARM_UP_CALLS, rate: 400 })
    await until(async () => (await agent.ask('stats')).serverTransactions === 0)
    const before = await agent.ask('heapBytes')
    const load = runSipp({ port, calls: HELD_CALLS, rate: 400, talkMs: 20_000 })
    await until(async () => {
      const { dialogs, serverTransactions } = await agent.ask('stats')
      return dialogs === HELD_CALLS && serverTransactions === 0
    })
    const bytes = (await agent.ask('heapBytes')) - before
    await load
    return { memPerDialogKB: round1(bytes / HELD_CALLS / 1024) }
  })
}

export async function loss(): Promise<Figures> {
  return withAgent({}, async (_, port) => {
    const { failed } = await runSipp({ port, calls: LOSSY_CALLS, rate: LOSSY_RATE, lossPercent: 10 })
    return { failedOf1000At10PercentLoss: failed }
  })
}

export async function registrations(): Promise<Figures> {
  const users = Array.from({ length: PHONES }, (_, i) => ({ username: `phone${i}`, password: `secret${i}` }))
  return withAgent({ options: { users, staticTrunks: [] } }, (registrar, port) =>
    withAgent({ options: { registrations: users.map(asRegistration(port)), staticTrunks: [] } }, async (phones) => {
      await until(async () => (await phones.ask('registrations')).registered === PHONES, 120_000)
      const [startMs, lostBefore] = [await registrar.ask('cpuMs'), await registrar.ask('contactsLost')]
      await sleep(REFRESHING_MS)
      const cpuMs = (await registrar.ask('cpuMs')) - startMs
      return {
        registrations: (await registrar.ask('stats')).contacts,
        registrationsMissed: (await registrar.ask('contactsLost')) - lostBefore,
        registrarCpuPercent: round1((100 * cpuMs) / REFRESHING_MS),
      }
    }),
  )
}

const asRegistration = (port: number) => (user: { username: string; password: string }) => {
  return { ...user, name: user.username, registrar: `127.0.0.1:${port}`, expiresS: EXPIRES_S }
}

async function withAgent(
  plan: Partial<AgentPlan>,
  use: (agent: Remote<AgentActions>, port: number) => Promise<Figures>,
): Promise<Figures> {
  const agent = new Remote<AgentActions>('agent', new URL('./agents/sip-agent-process.ts', import.meta.url))
  const staticTrunks = [{ name: 'sipp', networks: ['127.0.0.1/32'] }]
  const limits = { maxSessions: 50_000, maxTransactions: 200_000 }
  const port = await agent.ask('start', { ...plan, options: { staticTrunks, limits, ...plan.options } })
  try {
    return await use(agent, port)
  } finally {
    await agent.end()
  }
}

interface Load {
  readonly port: number
  readonly calls: number
  readonly rate: number
  readonly talkMs?: number
  readonly lossPercent?: number
}

async function runSipp({ port, calls, rate, talkMs = 0, lossPercent }: Load) {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'))
  writeFileSync(join(folder, 'uac.xml'), scenario(talkMs))
  const startedMs = performance.now()
  const program = new Program(
    'sipp',
    [
      `127.0.0.1:${port}`,
      ...['-sf', 'uac.xml', '-s', '4711', '-i', '127.0.0.1', '-m', String(calls), '-r', String(rate)],
      ...['-l', String(calls), '-timeout', '200', '-nostdin', '-trace_rtt', '-rtt_freq', '100'],
      ...['-trace_stat', '-stf', 'stat.csv', '-fd', '1', ...(lossPercent ? ['-lost', String(lossPercent)] : [])],
    ],
    { cwd: folder, env: { TERM: 'dumb' } },
  )
  await program.exited
  const seconds = (performance.now() - startedMs) / 1000
  const [names = [], ...rows] = lines(join(folder, 'stat.csv')).map((line) => line.split(';'))
  const failed = calls - Number(rows.at(-1)?.[names.indexOf('SuccessfulCall(C)')])
  const rtt = readdirSync(folder).find((name) => name.endsWith('_rtt.csv'))
  const setupMs = lines(join(folder, rtt ?? ''))
    .slice(1)
    .map((line) => Number(line.split(';')[1]))
  rmSync(folder, { recursive: true })
  return { failed, seconds, setupMs }
}

const lines = (path: string) => readFileSync(path, 'utf8').trim().split('\n')

async function until(condition: () => Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const endMs = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not within ${timeoutMs} ms: ${condition.toString()}`)
    await sleep(200)
  }
}

function percentile(values: number[], share: number): number {
  return values.sort((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN
}

const round1 = (value: number) => Math.round(10 * value) / 10

const request = (method: string, uri: string, cseq: number, extra = '', body = '') => `<![CDATA[
${method} ${uri} SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: <sip:sipp@[local_ip]:[local_port]>;tag=[pid]-[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: ${cseq} ${method}
Contact: <sip:sipp@[local_ip]:[local_port]>
${extra}Content-Length: [len]

${body}]]>`

const OFFER = `v=0
o=sipp 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio 4000 RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
`

function scenario(talkMs: number): string {
  const target = 'sip:[service]@[remote_ip]:[remote_port]'
  const invite = request('INVITE', target, 1, 'Content-Type: application/sdp\n', OFFER).replace('[peer_tag_param]', '')
  return `<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="call">
<send retrans="500" start_rtd="1">${invite}</send>
<recv response="100" optional="true"/>
<recv response="200" rtd="1" rrs="true"/>
<send>${request('ACK', '[next_url]', 1)}</send>
<pause milliseconds="${talkMs}"/>
<send retrans="500">${request('BYE', '[next_url]', 2)}</send>
<recv response="200"/>
</scenario>
`
}
