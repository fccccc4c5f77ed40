import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/base/logger.ts'
import type { CallRecord } from '../../src/bridge/call.ts'
import { refusedCall } from '../../src/bridge/call.ts'
import type { BridgeStatus } from '../../src/bridge/status.ts'
import { CdrFile } from '../../src/ops/cdr.ts'
import { OpsHttp } from '../../src/ops/http.ts'
import { Metrics } from '../../src/ops/metrics.ts'

const parties = {
  correlationId: 'c1',
  direction: 'outbound',
  account: 'main',
  from: '100',
  to: '4917012345678',
} as const
const refused = refusedCall(parties, 'busy', Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1, 0, 0, 2))
const ended: CallRecord = {
  ...refused,
  cause: 'normal',
  endedBy: 'caller',
  ringingAtMs: refused.startedAtMs + 500,
  answeredAtMs: refused.startedAtMs + 1500,
  endedAtMs: refused.startedAtMs + 13_840,
}

let status: BridgeStatus
const newMetrics = (state: BridgeStatus['state'], isReady: boolean) => {
  status = {
    state,
    activeCalls: 3,
    accounts: [{ ...ACCOUNT, isReady }],
    trunks: [{ name: 'pbx', state: 'registered', isReady: true, roundTripMs: undefined }],
  }
  return new Metrics(() => status)
}
const ACCOUNT = {
  name: 'main',
  state: 'open',
  activeCalls: 3,
  maxCalls: 4,
  dials: { lastMinute: 0, lastHour: 0, lastDay: 0, strangersLastDay: 0 },
  restrictedForS: 0,
  strangersRestrictedForS: 0,
} as const

describe('metrics', () => {
  it('count calls by direction and cause, and show what is now', async () => {
    const metrics = newMetrics('running', true)
    metrics.onCall(refused)
    metrics.onCall({ ...ended, state: 'up', endedAtMs: undefined })
    metrics.onCall(ended)
    metrics.onMissed('main', 'offline')
    const text = await metrics.text()
    expect(text).toContain('tandem_calls_ended_total{direction="outbound",cause="busy"} 1')
    expect(text).toContain('tandem_calls_ended_total{direction="outbound",cause="normal"} 1')
    expect(text).toContain('tandem_calls_missed_total{account="main",reason="offline"} 1')
    expect(text).toContain('tandem_call_setup_seconds_sum{direction="outbound"} 1.5')
    expect(text).toContain('tandem_call_talk_seconds_sum{direction="outbound"} 12.34')
    expect(text).toContain('tandem_calls_active 3')
    expect(text).toContain('tandem_account_ready{account="main"} 1')
    expect(text).toContain('tandem_trunk_ready{trunk="pbx"} 1')
  })
})

describe('health', () => {
  let http: OpsHttp | undefined
  afterEach(() => http?.close())

  it.each([
    ['running', true, 200],
    ['running', false, 503],
    ['starting', true, 503],
    ['draining', true, 503],
  ] as const)('%s, the account can make calls: %s: ready says %i, health 200', async (state, isReady, ready) => {
    http = new OpsHttp(() => status, newMetrics(state, isReady))
    const at = `http://127.0.0.1:${await http.listen(0, '127.0.0.1')}`
    const answer = await fetch(`${at}/readyz`)
    expect(answer.status).toBe(ready)
    expect(await answer.json()).toMatchObject({ state, accounts: [{ name: 'main', isReady }] })
    expect((await fetch(`${at}/healthz`)).status).toBe(200)
    expect((await fetch(`${at}/metrics`)).headers.get('content-type')).toContain('text/plain')
    expect((await fetch(`${at}/other`)).status).toBe(404)
    expect((await fetch(`${at}/healthz`, { method: 'POST' })).status).toBe(405)
  })
})

describe('call records', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-cdr-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.runIf(existsSync('/dev/full'))('a full disk costs the record and nothing else', () => {
    const said: string[] = []
    const file = new CdrFile('/dev/full', { ...silentLogger, error: (_, message) => said.push(message) })
    file.append(ended)
    file.close()
    expect(said).toEqual(['a call record could not be written'])
  })

  it('one JSON object for each call, appended, readable by the owner alone', () => {
    const path = join(folder, 'cdr.jsonl')
    for (const record of [refused, ended]) {
      const file = new CdrFile(path, silentLogger)
      file.append(record)
      file.close()
    }
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const [first, second] = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(first).toMatchObject({ cause: 'busy', endedBy: 'gateway', answeredAt: null, talkSeconds: 0, quality: null })
    expect(second).toMatchObject({
      correlationId: 'c1',
      to: '4917012345678',
      startedAt: '2026-01-01T00:00:00.000Z',
      ringingAt: '2026-01-01T00:00:00.500Z',
      answeredAt: '2026-01-01T00:00:01.500Z',
      talkSeconds: 12.3,
      cause: 'normal',
    })
  })
})
