import { afterEach, expect, test } from 'vitest'
import { ANSWER, BOB, OFFER, Pair } from './pair.ts'
import { head, RawPeer, SDP } from './raw-peer.ts'
import { StreamPeer } from './stream-peer.ts'

/** SIPS URIs and the Contact that they ask for: RFC 3261 §8.1.1.8, §12.1.1, §26.2.2; RFC 5630. */

const SECURE_BOB = { ...BOB, port: 5061 }
const PEER = { address: '10.0.0.9', port: 5061 }
const SERVER = { certificate: 'of memory', clientCertificates: 'none' } as const
const CLIENT = { serverName: BOB.address, verify: true }
/** Bob where he takes TLS. */
const SIP_BOB = '<sip:100@10.0.0.2:5061;transport=tls>'
const SIPS_BOB = '<sips:100@10.0.0.2:5061>'

let pair: Pair
let peer: StreamPeer

async function setUp() {
  pair = new Pair({
    bob: {
      listeners: [
        { transport: 'tls', ...SECURE_BOB },
        { transport: 'udp', ...BOB },
      ],
      tls: { ...SERVER, verifyServers: true },
      staticTrunks: [{ name: 'peer', networks: ['10.0.0.0/24'], target: PEER.address, transport: 'tls' }],
    },
  })
  peer = await new StreamPeer().listen(pair.network, PEER, SERVER)
  await pair.start()
}
afterEach(() => peer.close())

const lines = (...args: Parameters<typeof head>) =>
  head(...args).map((line) => line.replace('SIP/2.0/UDP', 'SIP/2.0/TLS').replace(':5060', ':5061'))

test.each([
  ['the Request-URI is a SIPS URI', { uri: 'sips:100@10.0.0.2' }, SIPS_BOB],
  ['the first Record-Route is one', { extra: ['Record-Route: <sips:10.0.0.60;lr>, <sip:10.0.0.61;lr>'] }, SIPS_BOB],
  ['the Contact is one', { uri: 'sip:100@10.0.0.2', isSips: true }, SIPS_BOB],
  ['none is: TLS alone asks for none', { uri: 'sip:100@10.0.0.2' }, SIP_BOB],
  ['one, but not the first', { extra: ['Record-Route: <sip:10.0.0.60;lr>, <sips:10.0.0.61;lr>'] }, SIP_BOB],
])(
  'a call comes in and %s',
  async (_, { isSips = false, ...options }: { uri?: string; extra?: string[]; isSips?: boolean }, contact) => {
    await setUp()
    peer.connect(pair.network, PEER.address, SECURE_BOB, CLIENT)
    pair.bob.onInvite((session) => {
      session.ring()
      session.accept(ANSWER)
    })
    const invite = lines('INVITE', { ...options, extra: [...SDP, ...(options.extra ?? [])] })
    peer.send(isSips ? invite.map((line) => line.replace('Contact: <sip:', 'Contact: <sips:')) : invite, OFFER)
    await pair.clock.advance(1)
    const answers = peer.responses().filter(({ status }) => status > 100)
    expect(answers.map(({ headers }) => headers.get('Contact'))).toEqual([contact, contact])
  },
)

test('a SIPS URI over UDP: a SIPS Contact would promise what nobody keeps', async () => {
  await setUp()
  const plain = await new RawPeer({ address: '10.0.0.9', port: 5060 }, BOB).open(pair.network)
  pair.bob.onInvite((session) => session.accept(ANSWER))
  plain.send(head('INVITE', { uri: 'sips:100@10.0.0.2', extra: SDP }), OFFER)
  await pair.clock.advance(1)
  expect(plain.responses().at(-1)!.headers.get('Contact')).toBe('<sip:100@10.0.0.2:5060>')
})

test('a call to a SIPS URI: SIPS in its Contact and in every one within the dialog', async () => {
  await setUp()
  const session = pair.bob.invite(
    { kind: 'uri', uri: 'sips:300@10.0.0.9' },
    { caller: { user: '100' }, offer: () => OFFER },
  )
  await pair.clock.advance(1)
  const [invite] = peer.requests('INVITE')
  expect([invite!.requestUri, invite!.headers.get('Contact')]).toEqual(['sips:300@10.0.0.9', SIPS_BOB])
  peer.answer(invite!, 200, ['Contact: <sips:300@10.0.0.9>', 'Allow: UPDATE', ...SDP], ANSWER)
  await pair.clock.advance(1)
  const answered = session.reoffer(`${OFFER}a=sendonly\r\n`)
  await pair.clock.advance(1)
  const again = peer.requests('INVITE')[1]!
  expect([again.requestUri, again.headers.get('Contact')]).toEqual(['sips:300@10.0.0.9', SIPS_BOB])
  peer.answer(again, 200, ['Contact: <sips:300@10.0.0.9>', ...SDP], ANSWER)
  await pair.clock.advance(1)
  expect(await answered).toBe(ANSWER)
})

test('a request of a SIPS dialog that came over UDP moves nothing there', async () => {
  await setUp()
  peer.connect(pair.network, PEER.address, SECURE_BOB, CLIENT)
  const taken = new Promise<string>((resolve) =>
    pair.bob.onInvite((session) => {
      session.accept(ANSWER)
      session.events.on(({ type }) => type === 'established' && pair.clock.after(100, () => session.end()))
      resolve(session.callId)
    }),
  )
  peer.send(
    lines('INVITE', { uri: 'sips:100@10.0.0.2', extra: SDP }).map((line) =>
      line.replace('Contact: <sip:', 'Contact: <sips:'),
    ),
    OFFER,
  )
  await pair.clock.advance(1)
  await taken
  const toTag = peer.responses().at(-1)!.to.params.get('tag')!
  peer.send(lines('ACK', { uri: 'sips:100@10.0.0.2', toTag }))
  await pair.clock.advance(1)
  const plain = await new RawPeer({ address: '10.0.0.9', port: 5060 }, BOB).open(pair.network)
  plain.send(head('OPTIONS', { uri: 'sips:100@10.0.0.2', toTag, sequence: 2 }))
  await pair.clock.advance(200)
  expect(plain.statuses).toEqual([200])
  expect([plain.requests('BYE').length, peer.requests('BYE').length]).toEqual([0, 1])
})

test('a phone that registered a SIPS contact is reached over TLS, or not at all', async () => {
  await setUp()
  const contact = {
    username: '300',
    uri: 'sips:300@10.0.0.9',
    source: { address: '10.0.0.9', port: 5060 },
    transport: 'udp',
    path: [],
    userAgent: undefined,
    expiresAtMs: 1e9,
  } as const
  for (const path of [[], ['<sip:10.0.0.9:5061;lr>']]) {
    pair.bob.invite({ kind: 'contact', contact: { ...contact, path } }, { caller: { user: '1' }, offer: () => OFFER })
  }
  await pair.clock.advance(1)
  expect(peer.requests('INVITE').map(({ requestUri }) => requestUri)).toEqual([
    'sips:300@10.0.0.9',
    'sips:300@10.0.0.9',
  ])
})
