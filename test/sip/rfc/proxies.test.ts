import { afterEach, describe, expect, test } from 'vitest'
import type { IncomingSession, SessionEvent } from '../../../src/sip/sip-engine.ts'
import { ALICE, ANSWER, BOB, OFFER, Pair, record, types } from '../pair.ts'
import { flowOf, type ProxyScript, ScriptedProxy } from './scripted-proxy.ts'

/**
 * RFC 3665 §3 with two proxies between us and us: Alice is registered through the first, Bob is behind the second. The flows
 * are the RFC's message by message; what a proxy says itself (its 100) stands where it says it.
 */

const ONE = { address: '10.0.0.21', port: 5060 }
const TWO = { address: '10.0.0.22', port: 5060 }
const NAMES = { [ALICE.address]: 'A', [ONE.address]: '1', [TWO.address]: '2', [BOB.address]: 'B' }

let pair: Pair
let proxies: ScriptedProxy[] = []

interface Scripts {
  readonly one?: Partial<ProxyScript>
  readonly two?: Partial<ProxyScript>
}

/** Alice has registered; what passes from now on is written down. */
async function setUp({ one, two }: Scripts = {}, outboundProxy = '10.0.0.21') {
  const account = { registrar: 'biloxi.test', outboundProxy, username: 'alice', password: 'x', expiresS: 3600 }
  pair = new Pair({
    alice: { staticTrunks: [], registrations: [{ name: 'sip', ...account }] },
    bob: { staticTrunks: [{ name: 'proxy', networks: [TWO.address] }] },
  })
  pair.network.setHost('proxy.test', [ONE.address, TWO.address])
  proxies = [
    await ScriptedProxy.open(pair.network, ONE, { next: TWO, recordsRoute: true, isRegistrar: true, ...one }),
    await ScriptedProxy.open(pair.network, TWO, { next: BOB, recordsRoute: true, isRegistrar: true, ...two }),
  ]
  await pair.start()
  await pair.clock.advance(5000)
  return flowOf(pair.network, NAMES)
}

afterEach(async () => {
  pair.network.filter = () => true
  const left = await pair.stop()
  await Promise.all(proxies.map((proxy) => proxy.close()))
  expect(left).toEqual({ timers: 0, sockets: 2 })
})

/** Alice has called, and Bob's phone has the call. */
async function call(): Promise<{
  outgoing: ReturnType<Pair['alice']['invite']>
  events: SessionEvent[]
  incoming: IncomingSession
}> {
  const arrived = pair.nextCallAtBob()
  const outgoing = pair.alice.invite(
    { kind: 'trunk', trunk: 'sip', user: 'bob' },
    { caller: { user: 'alice' }, offer: () => OFFER },
  )
  const events = record(outgoing)
  await pair.clock.advance(5000)
  return { outgoing, events, incoming: await arrived }
}

/** The same message all the way from one end to the other. */
const allTheWay = (what: string, ...places: readonly string[]) =>
  places.slice(1).map((to, i) => `${places[i]}→${to} ${what}`)

const INVITE = ['A→1 INVITE', '1→A 100', '1→2 INVITE', '2→1 100', '2→B INVITE', 'B→2 100']
const forward = (what: string) => allTheWay(what, 'A', '1', '2', 'B')
const back = (what: string) => allTheWay(what, 'B', '2', '1', 'A')

test('3.2 session establishment through two proxies, on the path of the whole call', async () => {
  const flow = await setUp()
  const { events, incoming } = await call()
  expect(flow.splice(0)).toEqual(INVITE)
  incoming.ring()
  await pair.clock.advance(10)
  expect(flow.splice(0)).toEqual(back('180'))
  incoming.accept(ANSWER)
  await pair.clock.advance(10)
  expect(flow.splice(0)).toEqual([...back('200'), ...forward('ACK')])
  incoming.end()
  await pair.clock.advance(10)
  expect(flow).toEqual([...back('BYE'), ...forward('200')])
  expect(types(events)).toEqual(['progress', 'established', 'ended'])
})

test('3.2, and Alice hangs up', async () => {
  const flow = await setUp()
  const { outgoing, incoming } = await call()
  incoming.accept(ANSWER)
  await pair.clock.advance(10)
  flow.length = 0
  outgoing.end()
  await pair.clock.advance(10)
  expect(flow).toEqual([...forward('BYE'), ...back('200')])
})

test('a proxy that stays out of the call gets nothing of it after the INVITE', async () => {
  const flow = await setUp({ one: { recordsRoute: false } })
  const { incoming } = await call()
  incoming.accept(ANSWER)
  await pair.clock.advance(10)
  expect(flow.filter((line) => line.endsWith('ACK'))).toEqual(allTheWay('ACK', 'A', '2', 'B'))
  flow.length = 0
  incoming.end()
  await pair.clock.advance(10)
  expect(flow).toEqual([...allTheWay('BYE', 'B', '2', 'A'), ...allTheWay('200', 'A', '2', 'B')])
})

test('3.3 both proxies ask for credentials: 407, ACK, INVITE; 407 of the second, ACK, INVITE with both', async () => {
  const flow = await setUp({ one: { realm: 'atlanta' }, two: { realm: 'biloxi' } })
  const { events, incoming } = await call()
  incoming.accept(ANSWER)
  await pair.clock.advance(10)
  const [first, ...others] = INVITE
  expect(flow).toEqual([
    ...['A→1 INVITE', '1→A 407', 'A→1 ACK'],
    ...['A→1 INVITE', '1→A 100', '1→2 INVITE', '2→1 407', '1→A 407', 'A→1 ACK', first, '1→2 ACK'],
    ...others,
    ...back('200'),
    ...forward('ACK'),
  ])
  expect(types(events)).toEqual(['established'])
})

test('3.4 the first proxy is silent: the call goes by the other, whatever the first had of it', async () => {
  const flow = await setUp({ one: { isDead: true }, two: { realm: 'biloxi' } }, 'proxy.test')
  const { events, incoming } = await call()
  incoming.accept(ANSWER)
  await pair.clock.advance(10)
  expect(flow.filter((line) => line.startsWith('1→'))).toEqual([])
  expect(flow.filter((line) => !line.startsWith('A→1 '))).toEqual([
    ...['A→2 INVITE', '2→A 407', 'A→2 ACK'],
    ...['A→2 INVITE', '2→A 100', '2→B INVITE', 'B→2 100'],
    ...allTheWay('200', 'B', '2', 'A'),
    ...allTheWay('ACK', 'A', '2', 'B'),
  ])
  expect(types(events)).toEqual(['established'])
})

test('3.5 through a gateway that rewrites SDP: each side has the other’s as it came', async () => {
  const gate = (body: string) => body.replaceAll(/IN IP4 10\.0\.0\.\d+/g, 'IN IP4 192.0.2.128')
  await setUp({ one: { rewrite: gate } })
  const { events, incoming } = await call()
  expect(incoming.offer).toBe(OFFER.replaceAll('10.0.0.1', '192.0.2.128'))
  incoming.accept(ANSWER)
  await pair.clock.advance(10)
  expect(events).toEqual([{ type: 'established', sdp: ANSWER.replaceAll('10.0.0.2', '192.0.2.128') }])
})

test('3.8 no answer: CANCEL and its 200, 487 and its ACK, hop by hop', async () => {
  const flow = await setUp()
  const { outgoing, incoming, events } = await call()
  const told = record(incoming)
  incoming.ring()
  await pair.clock.advance(10)
  flow.length = 0
  outgoing.end({ q850: 19 })
  await pair.clock.advance(10)
  const inOrder = (what: string) => flow.filter((line) => line.endsWith(` ${what}`))
  expect(inOrder('CANCEL')).toEqual(forward('CANCEL'))
  expect(inOrder('200')).toEqual(back('200'))
  expect(inOrder('487')).toEqual(back('487'))
  expect(inOrder('ACK')).toEqual(forward('ACK'))
  expect(flow).toHaveLength(12)
  expect(told).toMatchObject([{ type: 'ended', end: { by: 'remote', status: 487, q850: 19 } }])
  expect(events.at(-1)).toMatchObject({ type: 'ended', end: { by: 'local', status: 487 } })
})

describe('a refusal comes back through both, and its ACK goes there', () => {
  test.each([
    ['3.9 busy', 486],
    ['3.11 temporarily unavailable', 480],
  ])('%s', async (_, status) => {
    const flow = await setUp()
    const { events, incoming } = await call()
    flow.length = 0
    incoming.reject(status)
    await pair.clock.advance(10)
    expect(flow).toEqual([...back(String(status)), ...forward('ACK')])
    expect(events).toMatchObject([{ type: 'ended', end: { by: 'remote', status } }])
  })
})

test('3.10 nobody behind the second proxy: the INVITE is given up', async () => {
  const flow = await setUp({ two: { next: { address: '10.0.0.99', port: 5060 } } })
  const outgoing = pair.alice.invite(
    { kind: 'trunk', trunk: 'sip', user: 'bob' },
    { caller: { user: 'alice' }, offer: () => OFFER },
  )
  const events = record(outgoing)
  await pair.clock.advance(10_000)
  outgoing.end()
  await pair.clock.advance(40_000)
  expect(flow.filter((line) => line.startsWith('A→1 CANCEL')).length).toBeGreaterThan(0)
  expect(events).toMatchObject([{ type: 'ended', end: { by: 'local', status: 487 } }])
})
