import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { silentLogger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { TracedNode, TraceEvent, Tracer } from '../../src/base/tracer.ts'
import { deriveSenderKeys } from '../../src/media/srtp/call-keys.ts'
import { ladder, ladderOfOthers } from '../../src/ops/trace/ladder.ts'
import { TraceFile } from '../../src/ops/trace/trace-file.ts'
import { parseTrace, sortedByCall } from '../../src/ops/trace/traced-calls.ts'
import { accountOwner, cast } from '../../src/sim/cast.ts'
import { spellings, storedSecrets } from './account-secrets.ts'
import { answered, expectQuiet, type House, houseConfig, numberOf, openHouse, over } from './house.ts'
import { trunkAt } from './sip-peers.ts'

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

const TRUNK_ADDRESS = '127.0.0.2'
/** What a trunk says of people: each of it personal. */
const TRUNK = {
  correlationId: '4930901820017',
  asserted: '493090182002',
  diverted: '493090182003',
  name: 'Anna Beispiel',
  passport: 'eyJhbGciOiJFUzI1NiJ9',
}

const folder = mkdtempSync(join(tmpdir(), 'tandem-trace-'))
const path = join(folder, 'trace.jsonl')
const drawn: Uint8Array[] = []
let witness: Witness
let text = ''
let self: { pn: string; lid: string }
let stored: readonly string[]

/** Pairing, a call to WhatsApp by a phone and one by a trunk, and one from WhatsApp; all in one trace. */
beforeAll(async () => {
  const bytes = vi.spyOn(systemRandom, 'bytes')
  const file = new TraceFile({ path, product: 'Tandem/test', log: silentLogger })
  witness = new Witness(file)
  file.start()
  const house = await openHouse({ tracer: witness, config: withTrunk })
  self = house.gateway.account('main')?.client.self() ?? { pn: '', lid: '' }
  await phoneCall(house)
  await trunkCall(house)
  await incomingCall(house)
  await expectQuiet(house)
  await house.gateway.stop()
  stored = storedSecrets(house.dataDirectory)
  await house.close()
  await file.stop()
  for (const { type, value } of bytes.mock.results) if (type === 'return') drawn.push(value)
  bytes.mockRestore()
  text = readFileSync(path, 'utf8')
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function withTrunk(dataDirectory: string) {
  const { sip } = houseConfig(dataDirectory, 4, 60)
  const pbx = { name: 'pbx', networks: [`${TRUNK_ADDRESS}/32`], host: TRUNK_ADDRESS }
  return { sip: { ...sip, trunks: [pbx], qualifyS: 0 } }
}

async function phoneCall({ phone }: House): Promise<void> {
  const call = await phone.dial(numberOf('talker'))
  await answered(call)
  await new Promise((resolve) => setTimeout(resolve, 1500))
  call.hangUp()
  await over(call)
}

async function trunkCall({ sipPort }: House): Promise<void> {
  const trunk = await trunkAt(TRUNK_ADDRESS, sipPort)
  const { correlationId, asserted, diverted, name, passport } = TRUNK
  const end = await trunk.call(numberOf('echo').slice(1), { user: asserted, displayName: name }, [
    { name: 'X-Correlation-ID', value: correlationId },
    { name: 'P-Asserted-Identity', value: `"${name}" <sip:+${asserted}@${TRUNK_ADDRESS}>` },
    { name: 'Diversion', value: `<tel:+${diverted}>;reason=unconditional` },
    { name: 'Identity', value: `${passport}.e30.c2ln;info=<https://cert.example.org>;alg=ES256;ppt=shaken` },
  ])
  expect(end.status).toBe(200)
  await trunk.stop()
}

async function incomingCall({ phone, simulator }: House): Promise<void> {
  const ringing = phone.expectCall(50)
  const theirs = simulator.phone('recorder').call(accountOwner.number)
  const ours = await ringing
  await vi.waitFor(() => expect(theirs.state).toBe('up'), { timeout: 5000 })
  theirs.hangUp()
  await over(ours)
}

describe('the trace of a call', () => {
  it('belongs to its owner alone', () => {
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('draws the call from INVITE to BYE', () => {
    const { calls } = sortedByCall(parseTrace(text))
    expect(calls).toHaveLength(3)
    const [byPhone, byTrunk, fromWhatsApp] = calls
    expectSteps(ladder(byPhone!), STEPS)
    expectSteps(ladder(byTrunk!), TRUNK_STEPS)
    expectSteps(ladder(fromWhatsApp!), INCOMING_STEPS)
  })

  it('draws what belongs to no call: the pairing, the login, the registration of the phone', () => {
    expectSteps(ladderOfOthers(sortedByCall(parseTrace(text)).others), OTHER_STEPS)
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

  it('says of each relay where it was reached, how far it is, and what came over it', () => {
    const records = parseTrace(text).flatMap((record) => (record.what === 'relay' ? [record] : []))
    const bound = records.filter(({ event }) => event === 'registered')
    expect(bound.length).toBeGreaterThan(0)
    for (const { endpoint, rttMs } of bound) {
      expect(endpoint).toMatch(/^127\.0\.0\.1:\d+$/)
      expect(rttMs).toBeTypeOf('number')
    }
    const heard = records.map(({ event, figures }) => (event === 'figures' ? (figures?.rtp ?? 0) : 0))
    expect(Math.max(...heard)).toBeGreaterThan(10)
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
    expectAbsent(callKeys.flatMap((key) => [key, ...Object.values(deriveSenderKeys(key, self.lid))]).filter(isBytes))
  })

  it('nothing that was drawn at random', () => {
    const secrets = drawn.filter(({ length }) => length > LEAST_SECRET_BYTES)
    expect(secrets.length).toBeGreaterThan(20)
    expectAbsent(secrets)
  })

  it('nothing that the account’s file holds', () => {
    expect(stored.length).toBeGreaterThan(10)
    expectAbsent(stored.map((base64) => Buffer.from(base64, 'base64')))
  })

  it('no number, no LID, no name', () => {
    const users = [self.pn, self.lid].map((jid) => jid.split(/[:@]/)[0] ?? '')
    const people = [accountOwner, ...cast].map(({ number }) => number)
    const { correlationId, asserted, diverted } = TRUNK
    for (const number of [...people, ...users, correlationId, asserted, diverted]) {
      expect(number.length).toBeGreaterThan(7)
      expect(text).not.toContain(number.slice(2))
    }
    for (const name of ['Anna', 'Beispiel', ...cast.map((member) => member.name)]) {
      expect(text).not.toMatch(new RegExp(`\\b${name}\\b(?! Here)`))
    }
  })

  it('no password, and nothing of an Authorization or an Identity', () => {
    const values = witness.messages.flatMap((message) => {
      const header = /^(?:Proxy-)?Auth\w+: (.*)$/gim.exec(message)?.[1] ?? ''
      return [...header.matchAll(/(?:nonce|response|cnonce|username)="?([^",]+)/g)].map(([, value = '']) => value)
    })
    expect(values.length).toBeGreaterThan(4)
    for (const value of values.filter((v) => v.length > 5)) expect(text).not.toContain(value)
    expect(text).not.toMatch(/Authorization:/i)
    expect(text).not.toContain(TRUNK.passport)
  })

  it('no content of a stanza: tokens, keys, names, written in whatever way', () => {
    const leaves = witness.nodes.flatMap(leavesOf).filter(({ length }) => length >= LEAST_SECRET_BYTES)
    expect(leaves.length).toBeGreaterThan(20)
    expect(leaves.some((leaf) => printableText(leaf) !== undefined)).toBe(true)
    expectAbsent(leaves)
  })

  it('no value of an attribute but of those that hold words of the protocol', () => {
    const long = witness.nodes.flatMap(attributesOf).filter(([name, value]) => {
      return !WORDY.has(name) && value.length >= LEAST_SECRET_BYTES && !SERVER.test(value)
    })
    expect(long.length).toBeGreaterThan(20)
    expect(long.filter(([, value]) => text.includes(value))).toEqual([])
  })

  it('no Call-ID and no call-id: they would find the call in other logs', () => {
    const ids = witness.messages.flatMap((message) => /^Call-ID: (.*)\r$/m.exec(message)?.[1] ?? [])
    const callIds = witness.nodes.flatMap(attributesOf).flatMap(([name, value]) => (name === 'call-id' ? [value] : []))
    expect(ids.length).toBeGreaterThan(5)
    expect(callIds.length).toBeGreaterThan(5)
    for (const id of [...ids, ...callIds]) expect(text).not.toContain(id)
  })
})

/** Attributes whose long values may stand as they are: names of actions, and times. Nothing of any other may. */
const WORDY = new Set(['type', 't', 'ts'])

const SERVER = /^@?[a-z.]+$/

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

const TRUNK_STEPS = [
  /^call \*{11}17#/,
  /─ INVITE sip:num/,
  /│─ offer /,
  /◀─+ accept .* ─$/,
  /◀─+ 200 OK \(INVITE\) ─│/,
  /─ BYE sip:/,
  /│─ terminate /,
]

const INCOMING_STEPS = [
  /◀─+ offer .* ─$/,
  /◀─+ INVITE sip:/,
  /─ 180 Ringing \(INVITE\) ─+▶│/,
  /─ 200 OK \(INVITE\) ─+▶│/,
  /│─ accept .* ─+▶/,
  /◀─+ terminate .* ─$/,
  /◀─+ BYE sip:/,
]

const OTHER_STEPS = [
  /trace of Tandem\/test/,
  /account main pairing/,
  /pair-success|iq/,
  /account main open/,
  /─ REGISTER sip:/,
  /◀─+ 401/,
  /account main closed|trace off/,
]

function expectSteps(diagram: string, steps: readonly RegExp[]): void {
  const lines = diagram.split('\n')
  let last = -1
  for (const step of steps) {
    const at = lines.findIndex((line, index) => index > last && step.test(line))
    expect(at, `${step} after line ${last} of\n${diagram}`).toBeGreaterThan(last)
    last = at
  }
}

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array

/** In no spelling, nor as the text that they are. */
function expectAbsent(secrets: readonly Uint8Array[]): void {
  const forms = secrets.flatMap((secret) => [...spellings(secret), printableText(secret) ?? []].flat())
  expect(forms.filter((form) => text.includes(form))).toEqual([])
}

/** What these bytes say, if they are text. */
function printableText(bytes: Uint8Array): string | undefined {
  const said = Buffer.from(bytes).toString('utf8')
  return /^[^\p{C}\ufffd]+$/u.test(said) ? said : undefined
}

function attributesOf({ attrs, content }: TracedNode): [string, string][] {
  const inner = Array.isArray(content) ? content.flatMap(attributesOf) : []
  return [...Object.entries(attrs), ...inner]
}

function leavesOf({ content }: TracedNode): Uint8Array[] {
  if (content === undefined || content === null) return []
  if (typeof content === 'string') return [Buffer.from(content)]
  return content instanceof Uint8Array ? [content] : content.flatMap(leavesOf)
}
