import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ParseError } from '../../../src/base/errors.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { tracerOfCall } from '../../../src/base/tracer.ts'
import { ladder, ladderOfOthers } from '../../../src/ops/trace/ladder.ts'
import { TraceFile } from '../../../src/ops/trace/trace-file.ts'
import { parseTrace, sortedByCall } from '../../../src/ops/trace/traced-calls.ts'

function newTrace(maxBytes?: number) {
  const path = join(mkdtempSync(join(tmpdir(), 'tandem-')), 'trace.jsonl')
  const options = { path, product: 'Tandem/test', log: silentLogger, wallMs: () => Date.UTC(2026, 0, 1) }
  const trace = new TraceFile(maxBytes === undefined ? options : { ...options, maxBytes })
  return { trace, read: () => parseTrace(readFileSync(path, 'utf8')) }
}

const account = { what: 'account', account: 'main', state: 'open' } as const
const remote = { address: '192.0.2.7', port: 5060 }

const sip = (direction: 'in' | 'out', line: string, callId: string) =>
  ({
    what: 'sip',
    direction,
    transport: 'udp',
    remote,
    message: Buffer.from(`${line}\r\nCall-ID: ${callId}\r\nCSeq: 1 INVITE\r\n\r\n`),
  }) as const

describe('trace file', () => {
  it('records nothing while off, and is switched at any time', async () => {
    const { trace, read } = newTrace()
    trace.record(account)
    trace.start()
    expect(trace.isOn).toBe(true)
    trace.record(account)
    trace.toggle()
    trace.record(account)
    await trace.stop()
    expect(read().map(({ what }) => what)).toEqual(['begin', 'account', 'end'])
    trace.toggle()
    trace.record(account)
    await trace.stop()
    expect(read().map(({ what }) => what)).toEqual(['begin', 'account', 'end', 'begin', 'account', 'end'])
  })

  it('ends itself when it is full', async () => {
    const { trace, read } = newTrace(500)
    trace.start()
    for (let n = 0; n < 100; n++) trace.record(account)
    expect(trace.isOn).toBe(false)
    await trace.stop()
    const records = read()
    expect(records.at(-1)).toMatchObject({ what: 'end', reason: 'full' })
    expect(records.length).toBeLessThan(12)
  })

  it('that cannot be written is off, and nothing breaks', async () => {
    const errors: unknown[] = []
    const log = { ...silentLogger, error: (fields: unknown) => void errors.push(fields) }
    const trace = new TraceFile({ path: '/nonexistent/trace.jsonl', product: 'x', log })
    trace.start()
    await expect.poll(() => errors).toEqual([{ path: '/nonexistent/trace.jsonl', reason: 'ENOENT' }])
    expect(trace.isOn).toBe(false)
    trace.record(account)
    await trace.stop()
  })

  it('says which call a message belongs to, once that is known', async () => {
    const { trace, read } = newTrace()
    trace.start()
    trace.record(sip('in', 'INVITE sip:1@h.example SIP/2.0', 'one'))
    tracerOfCall(trace, 'c1').record({ what: 'leg', side: 'sip', callId: 'one' })
    trace.record(sip('out', 'SIP/2.0 180 Ringing', 'one'))
    await trace.stop()
    tracerOfCall(trace, 'c2').record({ what: 'leg', side: 'sip', callId: 'begun while off' })
    trace.start()
    trace.record(sip('in', 'BYE sip:2@h SIP/2.0', 'begun while off'))
    trace.record(sip('in', 'INVITE sip:3@h SIP/2.0', 'three'))
    await trace.stop()
    const calls = read().map((record) => record.call)
    expect(calls).toEqual([undefined, undefined, 'c1', 'c1', undefined, undefined, 'c2', undefined, undefined])
  })
})

describe('a trunk’s own id, and an account, that are numbers', () => {
  it('stand in no line, and the lines still belong together', async () => {
    const number = '4915112345678'
    const { trace, read } = newTrace()
    trace.start()
    trace.record({ what: 'account', account: number, state: 'open' })
    const call = tracerOfCall(trace, number)
    call.record({ what: 'leg', side: 'sip', callId: 'one' })
    call.record({ what: 'stun', direction: 'out', relay: 'fra1', type: 0x0801, bytes: 20 })
    call.record({ what: 'relay', event: 'bound' })
    call.record({ what: 'media', side: 'sip', figures: { received: 1 } })
    trace.record(sip('in', 'BYE sip:1@h.example SIP/2.0', 'one'))
    const node = { tag: 'call', attrs: { id: 's1' } }
    trace.record({ what: 'stanza', direction: 'out', account: number, node })
    trace.record({ what: 'call', correlationId: number, direction: 'outbound', account: number, state: 'up' })
    await trace.stop()
    const records = read()
    expect(JSON.stringify(records)).not.toContain(number)
    expect(new Set(records.map(({ call: id }) => id)).size).toBe(2)
    const accounts = records.flatMap((record) => ('account' in record ? [record.account] : []))
    expect(accounts).toHaveLength(3)
    expect(new Set(accounts).size).toBe(1)
    expect(sortedByCall(records).calls).toHaveLength(1)
  })
})

describe('calls of a trace', () => {
  it('gather what came before the call was known, and acks by the id of their stanza', async () => {
    const { trace, read } = newTrace()
    trace.start()
    trace.record(sip('in', 'INVITE sip:1@h.example SIP/2.0', 'one'))
    tracerOfCall(trace, 'c1').record({ what: 'leg', side: 'sip', callId: 'one' })
    tracerOfCall(trace, 'c1').record({ what: 'leg', side: 'whatsapp', callId: 'W1' })
    const offer = { tag: 'offer', attrs: { 'call-id': 'W1' } }
    const node = { tag: 'call', attrs: { id: 's1', to: '1@lid' }, content: [offer] }
    trace.record({ what: 'stanza', direction: 'out', account: 'main', node })
    const ack = { tag: 'ack', attrs: { id: 's1', class: 'call', error: '463' } }
    trace.record({ what: 'stanza', direction: 'in', account: 'main', node: ack })
    const iq = { tag: 'iq', attrs: { id: 'other' } }
    trace.record({ what: 'stanza', direction: 'in', account: 'main', node: iq })
    await trace.stop()
    const [call, ...others] = sortedByCall(read()).calls
    expect(others).toEqual([])
    expect(call?.correlationId).toBe('c1')
    expect(call?.records.map(({ what }) => what)).toEqual(['sip', 'leg', 'leg', 'stanza', 'stanza'])
    const lines = ladder(call!).split('\n')
    expect(lines[2]).toMatch(/^ {4}0\.000 {2}─ INVITE sip:num:1#[0-9a-f]{8}@h\.example ─+▶│$/)
    expect(lines[5]).toMatch(/│─ offer num:1#[0-9a-f]{8}@lid ─+▶$/)
    expect(lines[6]).toMatch(/│◀─+ ack call error 463 ─$/)
  })

  it('say of a relay where it is, how far, and what passed there, without what did not', async () => {
    const { trace, read } = newTrace()
    trace.start()
    const call = tracerOfCall(trace, 'c1')
    const relay = { what: 'relay', relay: 'fra1', endpoint: '[2001:db8::1]:3480' } as const
    call.record({ ...relay, event: 'registered', rttMs: 23 })
    call.record({ ...relay, event: 'figures', rttMs: 21, figures: { sent: 90, sendDropped: 0, rtp: 0 } })
    call.record({ ...relay, event: 'lost', detail: 'silent' })
    call.record({ what: 'media', side: 'whatsapp', figures: { received: 88, lost: 0 } })
    await trace.stop()
    expect(
      ladder(sortedByCall(read()).calls[0]!)
        .split('\n')
        .slice(2)
        .map((line) => line.replace(/^.*● /, '')),
    ).toEqual([
      'relay fra1 registered [2001:db8::1]:3480 rtt 23 ms',
      'relay fra1 figures [2001:db8::1]:3480 rtt 21 ms: sent 90, rtp 0',
      'relay fra1 lost [2001:db8::1]:3480 silent',
      'heard from whatsapp: received 88',
    ])
  })

  it('runs of pings and pongs are two lines', async () => {
    const { trace, read } = newTrace()
    trace.start()
    const call = tracerOfCall(trace, 'c1')
    for (let n = 0; n < 30; n++) {
      call.record({ what: 'stun', direction: 'out', relay: 'fra1', type: 0x0801, bytes: 20 })
      call.record({ what: 'stun', direction: 'in', relay: 'fra1', type: 0x0802, bytes: 20 })
    }
    await trace.stop()
    const lines = ladder(sortedByCall(read()).calls[0]!).split('\n')
    expect(lines).toHaveLength(4)
    expect(lines[2]).toContain('STUN ping fra1 ×30')
    expect(lines[3]).toContain('STUN pong fra1 ×30')
  })

  it('show what the account went through while they lasted, and its calls only', async () => {
    const { trace, read } = newTrace()
    const stateOf = (name: string, correlationId: string, state: string, cause?: string) =>
      trace.record({ what: 'call', correlationId, direction: 'outbound', account: name, state, cause })
    trace.start()
    trace.record(account)
    stateOf('main', 'c1', 'up')
    stateOf('second', 'c2', 'up')
    trace.record({ ...account, state: 'closed', reason: 'status 503' })
    stateOf('main', 'c1', 'ended', 'account-offline')
    stateOf('second', 'c2', 'ended', 'normal')
    trace.record({ ...account, state: 'connecting' })
    await trace.stop()
    const [first, second] = sortedByCall(read()).calls.map((call) => ladder(call).split('\n').slice(2))
    expect(first?.map((line) => line.replace(/^.*● /, ''))).toEqual([
      'call up',
      'account main closed (status 503)',
      'call ended, account-offline',
    ])
    expect(second?.join()).not.toContain('account main')
  })

  it('what belongs to none has a diagram of its own: logins, accounts; equal messages are one line', async () => {
    const { trace, read } = newTrace()
    trace.start()
    trace.record(account)
    for (let n = 0; n < 3; n++) {
      trace.record(sip('in', 'REGISTER sip:192.0.2.1 SIP/2.0', 'login'))
      trace.record(sip('out', 'SIP/2.0 403 Forbidden', 'login'))
    }
    trace.record({ ...account, state: 'logged-out', reason: 'status 401' })
    await trace.stop()
    const { calls, others } = sortedByCall(read())
    expect(calls).toEqual([])
    const lines = ladderOfOthers(others).split('\n')
    expect(lines[0]).toMatch(/^in no call {2}2026-01-01T/)
    expect(lines.slice(2).map((line) => line.replace(/^ *0\.000 +/, ''))).toEqual([
      '● trace of Tandem/test',
      '● account main open',
      expect.stringMatching(/^─ REGISTER sip:192\.0\.2\.1 ×3 ─+▶│$/),
      expect.stringMatching(/^◀─+ 403 Forbidden \(INVITE\) ×3 ─│$/),
      '● account main logged-out (status 401)',
      '● trace off',
    ])
  })

  it('a peer’s words do not steer the terminal', async () => {
    const { trace, read } = newTrace()
    trace.start()
    tracerOfCall(trace, 'c1').record({ what: 'leg', side: 'sip', callId: 'one' })
    trace.record(sip('in', 'SIP/2.0 486 \u001b[2JBusy', 'one'))
    await trace.stop()
    expect(ladder(sortedByCall(read()).calls[0]!)).toContain('486 ?[2JBusy')
  })
})

describe('reading', () => {
  it('leaves out a last line that was cut', () => {
    expect(parseTrace('{"at":"2026-01-01T00:00:00Z","what":"begin"}\n{"at":"20')).toHaveLength(1)
  })

  it.each(['{', '7', '{"what":"begin"}', '{"at":"2026-01-01T00:00:00Z","what":"sip"}'])('refuses %s', (line) => {
    expect(() => parseTrace(`{"at":"2026-01-01T00:00:00Z","what":"begin"}\n${line}\n`)).toThrow(/line 2 is not/)
  })

  it('of anything ends in records that can be drawn, or in an error of ours', () => {
    const line = fc.oneof(
      fc.json(),
      fc
        .record({
          at: fc.constant('2026-01-01T00:00:00Z'),
          what: fc.constantFrom('sip', 'stanza', 'stun', 'relay', 'media', 'call', 'leg', 'account', 'begin', 'later'),
          call: fc.option(fc.constant('c'), { nil: undefined }),
          account: fc.oneof(fc.constant('main'), fc.json()),
          message: fc.record({ line: fc.string(), cseq: fc.string(), callId: fc.string() }),
          node: fc.record({ tag: fc.string(), attrs: fc.dictionary(fc.string(), fc.string()) }),
          figures: fc.dictionary(fc.string(), fc.integer()),
        })
        .map((record) => JSON.stringify(record)),
    )
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          const { calls, others } = sortedByCall(parseTrace(`${lines.join('\n')}\n`))
          for (const call of calls) expect(ladder(call)).toContain('call c')
          expect(ladderOfOthers(others)).toContain('in no call')
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError)
        }
      }),
    )
  })
})
