import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ANSWER, BOB, OFFER, Pair, record, types } from './pair.ts'
import { head, RawPeer, SDP } from './raw-peer.ts'
import { StreamPeer } from './stream-peer.ts'

const PBX = { address: '10.0.0.9', port: 5060 }
const LISTENERS = [
  { transport: 'udp', ...BOB },
  { transport: 'tcp', ...BOB },
] as const

let pair: Pair
let pbx: StreamPeer

beforeEach(async () => {
  pair = await new Pair({
    bob: {
      listeners: LISTENERS,
      limits: { maxMessageBytes: 8000 },
      staticTrunks: [{ name: 'pbx', networks: ['10.0.0.9'], target: '10.0.0.9', transport: 'tcp' }],
    },
  }).start()
  pbx = new StreamPeer()
})
afterEach(async () => {
  await pbx.close()
  expect(await pair.stop()).toEqual({ timers: 0, sockets: 0 })
})

const dial = (user = '100') => {
  const session = pair.bob.invite({ kind: 'trunk', trunk: 'pbx', user }, { caller: { user: '1' }, offer: () => OFFER })
  return { session, events: record(session) }
}
const tick = (ms = 1) => pair.clock.advance(ms)

describe('connections', () => {
  test('two calls share one; Via, Contact and keep-alive are of TCP', async () => {
    await pbx.listen(pair.network, PBX)
    const [first, second] = [dial(), dial()]
    await tick()
    const invite = pbx.requests('INVITE')[0]!
    expect(pbx.connections).toHaveLength(1)
    expect(pbx.requests('INVITE')).toHaveLength(2)
    expect(invite.via).toMatchObject({ transport: 'TCP', host: BOB.address, port: BOB.port })
    expect(invite.via.params.has('alias')).toBe(true)
    expect(invite.headers.get('Contact')).toBe(`<sip:1@${BOB.address}:5060;transport=tcp>`)
    await tick(90_000)
    expect(pbx.pings).toBe(1)
    for (const { session } of [first, second]) session.end()
  })

  test('a call in over TCP: answers and our BYE go over its connection, though its Contact names another port', async () => {
    pbx.connect(pair.network, PBX.address, BOB)
    const incoming = pair.nextCallAtBob()
    pbx.send(head('INVITE', { sentBy: '10.0.0.9:5060', extra: SDP }), OFFER)
    await tick()
    const session = await incoming
    session.accept(ANSWER)
    await tick()
    pbx.send(head('ACK', { toTag: pbx.responses().at(-1)!.to.params.get('tag')! }))
    await tick()
    session.end()
    await tick()
    expect(pbx.requests('BYE')).toHaveLength(1)
    expect(pbx.connections).toHaveLength(1)
    pbx.answer(pbx.requests('BYE')[0]!, 200)
    await tick()
  })

  test('an answer whose connection broke goes over a new one to the sent-by port (RFC 3261 §18.2.2)', async () => {
    const listening = await new StreamPeer().listen(pair.network, PBX)
    pbx.connect(pair.network, PBX.address, BOB)
    const incoming = pair.nextCallAtBob()
    pbx.send(head('INVITE', { sentBy: '10.0.0.9:5060', extra: SDP }), OFFER)
    await tick()
    pbx.connections[0]!.close()
    await tick()
    ;(await incoming).reject(486)
    await tick()
    expect(listening.responses().map(({ status }) => status)).toEqual([486])
    await listening.close()
    await tick(40_000)
  })

  test('a connection that breaks ends the INVITE at once', async () => {
    await pbx.listen(pair.network, PBX)
    const { events } = dial()
    await tick()
    pair.network.cut(PBX.address)
    await tick()
    expect(events).toMatchObject([{ type: 'ended', end: { by: 'transport', status: 503 } }])
  })

  test('an established call outlives its connection: BYE over a new one', async () => {
    await pbx.listen(pair.network, PBX)
    const { session, events } = dial()
    await tick()
    pbx.answer(pbx.requests('INVITE')[0]!, 200, ['Contact: <sip:a@10.0.0.9;transport=tcp>', ...SDP], ANSWER)
    await tick()
    pair.network.cut(PBX.address)
    await tick()
    session.end()
    await tick()
    expect(types(events)).toEqual(['established', 'ended'])
    expect(pbx.requests('BYE')).toHaveLength(1)
    expect(pbx.connections).toHaveLength(2)
  })

  test('who answered a ping once must go on answering', async () => {
    await pbx.listen(pair.network, PBX)
    dial()
    await tick(91_000)
    expect([pbx.pings, pbx.closed]).toEqual([1, 0])
    pair.network.faults = { maxPieceBytes: 1, delayMs: 11_000 }
    await tick(110_000)
    expect(pbx.closed).toBe(1)
    pair.network.faults = {}
    await tick(12_000)
  })
})

describe('bounds', () => {
  test('an oversized message gets 513 and the connection closes; over UDP it gets 513', async () => {
    pbx.connect(pair.network, PBX.address, BOB)
    pbx.sendText(`${head('OPTIONS').join('\r\n').replace('/UDP', '/TCP')}\r\nContent-Length: 9000\r\n\r\n`)
    await tick()
    expect(pbx.responses().map(({ status }) => status)).toEqual([513])
    await tick()
    expect(pbx.closed).toBe(1)
    const raw = await new RawPeer(PBX, BOB).open(pair.network)
    raw.send(head('OPTIONS', { sentBy: '10.0.0.9:5060' }), 'x'.repeat(9000))
    await tick()
    expect(raw.statuses).toEqual([513])
    await raw.close()
  })

  test.each([
    ['says nothing', ''],
    ['does not finish its message', 'OPTIONS sip:x SIP/2.0\r\n'],
  ])('who connects and %s is closed', async (_, text) => {
    pbx.connect(pair.network, PBX.address, BOB)
    if (text !== '') pbx.sendText(text)
    await tick(29_000)
    expect(pbx.closed).toBe(0)
    await tick(2000)
    expect(pbx.closed).toBe(1)
  })

  test('a stream that is no SIP is closed and harms nobody', async () => {
    pbx.connect(pair.network, PBX.address, BOB)
    pbx.sendText(`GET / HTTP/1.1\r\nHost: x\r\nContent-Length: nonsense\r\n\r\n`)
    await tick()
    await tick()
    expect(pbx.closed).toBe(1)
  })
})

describe('large requests (RFC 3261 §18.1.1)', () => {
  const big = () => {
    const session = pair.bob.invite(
      { kind: 'uri', uri: 'sip:a@10.0.0.9' },
      { caller: { user: '1' }, offer: () => OFFER + 'a=x:y\r\n'.repeat(200) },
    )
    record(session)
    return session
  }

  test('go over TCP when the peer takes it', async () => {
    await pbx.listen(pair.network, PBX)
    const raw = await new RawPeer(PBX, BOB).open(pair.network)
    big()
    await tick()
    expect([pbx.requests('INVITE').length, raw.requests('INVITE').length]).toEqual([1, 0])
    await raw.close()
  })

  test('go over UDP when it does not, the next one at once', async () => {
    const raw = await new RawPeer(PBX, BOB).open(pair.network)
    big()
    await tick()
    big()
    await tick()
    const transports = raw.requests('INVITE').map(({ via }) => via.transport)
    expect(transports).toEqual(['UDP', 'UDP'])
    await raw.close()
  })
})
