import { expect, test } from 'vitest'
import { ANSWER, BOB, OFFER, Pair, record } from './pair.ts'
import { head, RawPeer, SDP } from './raw-peer.ts'

const OUTSIDE = { address: '203.0.113.9', port: 5060 }
const INSIDE = { address: '10.0.0.9', port: 5060 }

async function setUp() {
  const staticTrunks = [
    { name: 'outside', networks: ['203.0.113.0/24'], target: '203.0.113.9' },
    { name: 'inside', networks: ['10.0.0.0/24'], target: 'pbx.test:5060' },
  ]
  const pair = await new Pair({
    bob: { staticTrunks, externalAddress: '198.51.100.1', localNetworks: ['10.0.0.0/8'] },
  }).start()
  pair.network.setHost('pbx.test', [INSIDE.address])
  return pair
}

test.each([
  ['outside', OUTSIDE, '198.51.100.1'],
  ['inside', INSIDE, BOB.address],
])('a peer %s is told the address that it can reach', async (trunk, at, address) => {
  const pair = await setUp()
  const peer = await new RawPeer(at, BOB).open(pair.network)
  let offered = ''
  const session = pair.bob.invite(
    { kind: 'trunk', trunk, user: '7' },
    {
      caller: { user: '1' },
      offer: (local) => {
        offered = local
        return OFFER
      },
    },
  )
  await pair.clock.advance(1)
  const invite = peer.requests('INVITE')[0]!
  expect([invite.via.host, invite.headers.get('Contact'), offered, session.localAddress]).toEqual([
    address,
    `<sip:1@${address}:5060>`,
    address,
    address,
  ])
})

test.each([
  ['a private Contact seen at a public address', 'sip:200@192.168.1.5', OUTSIDE],
  ['a public Contact', 'sip:200@203.0.113.77:5099', { address: '203.0.113.77', port: 5099 }],
  ['a Contact by name', 'sip:200@pbx.test', INSIDE],
])('%s: the BYE reaches it', async (_, contact, at) => {
  const pair = await setUp()
  const caller = await new RawPeer(OUTSIDE, BOB).open(pair.network)
  const target = at === OUTSIDE ? caller : await new RawPeer(at, BOB).open(pair.network)
  const incoming = pair.nextCallAtBob()
  caller.send([...head('INVITE').filter((line) => !line.startsWith('Contact')), `Contact: <${contact}>`, ...SDP], OFFER)
  await pair.clock.advance(1)
  const session = await incoming
  session.accept(ANSWER)
  await pair.clock.advance(1)
  caller.send(head('ACK', { toTag: caller.responses().at(-1)!.to.params.get('tag')! }))
  await pair.clock.advance(1)
  session.end()
  await pair.clock.advance(1)
  expect(target.requests('BYE').map(({ requestUri }) => requestUri)).toEqual([contact])
})

test('each listener answers for itself; calls go out by the one that the system would send from', async () => {
  const SECOND = { address: '10.1.0.2', port: 5070 }
  const pair = await new Pair({
    bob: {
      listeners: [
        { transport: 'udp', ...BOB },
        { transport: 'udp', ...SECOND },
      ],
      staticTrunks: [{ name: 'peer', networks: ['10.0.0.9'], target: '10.0.0.9' }],
    },
  }).start()
  expect(pair.bob.listening.map(({ address, port }) => ({ address, port }))).toEqual([BOB, SECOND])
  pair.bob.onInvite((session) => session.accept(ANSWER))
  const peer = await new RawPeer(INSIDE, SECOND).open(pair.network)
  peer.send(head('INVITE', { extra: SDP }), OFFER)
  await pair.clock.advance(1)
  expect(peer.responses().at(-1)!.headers.get('Contact')).toBe('<sip:100@10.1.0.2:5070>')
  pair.network.localAddressToward = () => SECOND.address
  pair.bob.invite({ kind: 'trunk', trunk: 'peer', user: '7' }, { caller: { user: '1' }, offer: () => OFFER })
  await pair.clock.advance(1)
  expect(peer.requests('INVITE')[0]!.via).toMatchObject({ host: SECOND.address, port: SECOND.port })
})

test('a transport or address family without a listener is told, not tried', async () => {
  const pair = await setUp()
  for (const uri of ['sip:a@203.0.113.9;transport=tcp', 'sips:a@203.0.113.9', 'sip:a@[2001:db8::1]']) {
    const events = record(pair.bob.invite({ kind: 'uri', uri }, { caller: { user: '1' }, offer: () => OFFER }))
    await pair.clock.advance(1)
    expect(events).toMatchObject([{ type: 'ended', end: { by: 'transport', status: 503 } }])
  }
})
