import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { silentLogger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { TracedNode, TraceEvent, Tracer } from '../../src/base/tracer.ts'
import { openDemoHouse } from '../../src/cli/demo/demo-house.ts'
import { ScriptedPhone } from '../../src/cli/demo/scripted-phone.ts'
import { deriveSenderKeys } from '../../src/media/srtp/call-keys.ts'
import { NodeNetwork } from '../../src/net/node-network.ts'
import { ladder } from '../../src/ops/trace/ladder.ts'
import { TraceFile } from '../../src/ops/trace/trace-file.ts'
import { callsOf, parseTrace } from '../../src/ops/trace/traced-calls.ts'

/** Shorter ones may stand in a trace by chance. */
const LEAST_SECRET_BYTES = 8
const CALL_KEY_BYTES = 32

/** Keeps what the rooms said, unredacted, beside the trace file that they believe to talk to. */
class Witness implements Tracer {
  readonly nodes: TracedNode[] = []
  readonly messages: string[] = []
  readonly #file: TraceFile

  constructor(file: TraceFile) {
    this.#file = file
  }

  get isOn(): boolean {
    return this.#file.isOn
  }

  record(event: TraceEvent): void {
    if (event.what === 'stanza') this.nodes.push(event.node)
    if (event.what === 'sip') this.messages.push(Buffer.from(event.message).toString('utf8'))
    this.#file.record(event)
  }
}

const folder = mkdtempSync(join(tmpdir(), 'tandem-trace-'))
const path = join(folder, 'trace.jsonl')
const drawn: Uint8Array[] = []
let witness: Witness
let text = ''
let owner: { pn: string; lid: string }
let numbers: string[]

beforeAll(async () => {
  const bytes = vi.spyOn(systemRandom, 'bytes')
  const file = new TraceFile({ path, product: 'Tandem/test', log: silentLogger })
  witness = new Witness(file)
  file.start()
  const house = await openDemoHouse({
    log: silentLogger,
    product: 'Tandem/test',
    sipPort: 0,
    ringTimeoutS: 20,
    maxCalls: 1,
    tracer: witness,
  })
  const { username, password, host, port } = house.sipAccount
  const network = new NodeNetwork(silentLogger)
  const phone = new ScriptedPhone({ username, password, registrar: `${host}:${port}` }, network, silentLogger)
  await phone.register()
  const talker = house.simulator.phone('talker')
  numbers = [talker.user.number, house.simulator.phone('echo').user.number]
  owner = house.gateway.account('main')?.client.self() ?? { pn: '', lid: '' }
  const call = await phone.dial(`+${talker.user.number}`)
  await call.established
  await new Promise((resolve) => setTimeout(resolve, 1500))
  call.hangUp()
  await call.ended
  await call.close()
  await phone.stop()
  await house.stop()
  await file.stop()
  for (const { type, value } of bytes.mock.results) if (type === 'return') drawn.push(value)
  bytes.mockRestore()
  text = readFileSync(path, 'utf8')
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the trace of a call', () => {
  it('belongs to its owner alone', () => {
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('draws the call from INVITE to BYE', () => {
    const calls = callsOf(parseTrace(text))
    expect(calls).toHaveLength(1)
    const lines = ladder(calls[0]!).split('\n')
    let last = -1
    for (const step of STEPS) {
      const at = lines.findIndex((line, index) => index > last && step.test(line))
      expect(at, `${step} after line ${last} of\n${lines.join('\n')}`).toBeGreaterThan(last)
      last = at
    }
  })

  it('has STUN, relays and figures of both sides', () => {
    const records = parseTrace(text)
    const kinds = new Set(records.map(({ what }) => what))
    expect([...kinds].sort()).toEqual(
      ['account', 'begin', 'call', 'end', 'leg', 'media', 'relay', 'sip', 'stanza', 'stun'].sort(),
    )
    const sides = records.flatMap((record) => (record.what === 'media' ? [record.side] : []))
    expect(new Set(sides)).toEqual(new Set(['sip', 'whatsapp']))
  })

  it('has stanzas that the client library sends by itself', () => {
    const sent = parseTrace(text).flatMap((record) =>
      record.what === 'stanza' && record.direction === 'out' ? [record.node] : [],
    )
    expect(sent.some(({ tag, attrs }) => tag === 'iq' && attrs.xmlns === 'usync')).toBe(true)
  })

  it('shows which values are equal without showing them', () => {
    const records = parseTrace(text)
    const dialled = records.flatMap((r) => (r.what === 'sip' ? (/^INVITE sip:(\S+)@/.exec(r.message.line) ?? []) : []))
    expect(dialled[1]).toMatch(/^num:12#[0-9a-f]{8}$/)
  })
})

describe('no secret is in it', () => {
  it('no call key and no SRTP key', () => {
    const callKeys = drawn.filter(({ length }) => length === CALL_KEY_BYTES)
    expect(callKeys.length).toBeGreaterThan(0)
    for (const key of callKeys) {
      const srtp = deriveSenderKeys(key, owner.lid)
      expectAbsent(key)
      for (const value of Object.values(srtp)) if (value instanceof Uint8Array) expectAbsent(value)
    }
  })

  it('nothing that was drawn at random', () => {
    const secrets = drawn.filter(({ length }) => length > LEAST_SECRET_BYTES)
    expect(secrets.length).toBeGreaterThan(20)
    for (const secret of secrets) expectAbsent(secret)
  })

  it('no number, no LID', () => {
    const users = [owner.pn, owner.lid].map((jid) => jid.split(/[:@]/)[0] ?? '')
    for (const number of [...numbers, ...users]) {
      expect(number.length).toBeGreaterThan(7)
      expect(text).not.toContain(number)
      expect(text).not.toContain(number.slice(2))
    }
  })

  it('no password, and nothing of an Authorization', () => {
    const values = witness.messages.flatMap((message) => {
      const header = /^(?:Proxy-)?Auth\w+: (.*)$/gim.exec(message)?.[1] ?? ''
      return [...header.matchAll(/(?:nonce|response|cnonce|username)="?([^",]+)/g)].map(([, value = '']) => value)
    })
    expect(values.length).toBeGreaterThan(4)
    for (const value of values.filter((v) => v.length > 5)) expect(text).not.toContain(value)
    expect(text).not.toMatch(/Authorization:/i)
  })

  it('no content of a stanza: tokens, keys, names', () => {
    const leaves = witness.nodes.flatMap(leavesOf).filter(({ length }) => length >= LEAST_SECRET_BYTES)
    expect(leaves.length).toBeGreaterThan(20)
    for (const leaf of leaves) expectAbsent(leaf)
  })

  it('no Call-ID and no call-id: they would find the call in other logs', () => {
    const ids = witness.messages.flatMap((message) => /^Call-ID: (.*)\r$/m.exec(message)?.[1] ?? [])
    expect(ids.length).toBeGreaterThan(5)
    for (const id of ids) expect(text).not.toContain(id)
  })
})

/** In their order; what stands between them is free. */
const STEPS = [
  /─ INVITE sip:/,
  /407|401/,
  /─ INVITE sip:/,
  /│─ offer /,
  /◀─+ preaccept .* ─$/,
  /◀─+ 180 Ringing \(INVITE\) ─│/,
  /◀─+ accept .* ─$/,
  /◀─+ 200 OK \(INVITE\) ─│/,
  /─ ACK sip:/,
  /─ BYE sip:/,
  /│─ terminate /,
]

function expectAbsent(secret: Uint8Array): void {
  const buffer = Buffer.from(secret)
  const forms = [buffer.toString('hex'), buffer.toString('base64').replace(/=+$/, ''), buffer.toString('base64url')]
  for (const form of [...forms, forms[0]!.toUpperCase()]) expect(text).not.toContain(form)
}

function leavesOf({ content }: TracedNode): Uint8Array[] {
  if (content === undefined || content === null) return []
  if (typeof content === 'string') return [Buffer.from(content)]
  return content instanceof Uint8Array ? [content] : content.flatMap(leavesOf)
}
