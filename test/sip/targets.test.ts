import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { servicesNamedBy } from '../../src/sip/locating/target.ts'
import type { RegistrationOptions, SipUserAgentOptions } from '../../src/sip/sip-engine.ts'
import { ANSWER, BOB, OFFER, Pair, record, types } from './pair.ts'
import { RawPeer, SDP } from './raw-peer.ts'
import { StreamPeer } from './stream-peer.ts'

const FIRST = { address: '10.0.0.11', port: 5070 }
const SECOND = { address: '10.0.0.12', port: 5060 }

let pair: Pair
let first: RawPeer
let second: RawPeer

async function setUp(bob: Partial<SipUserAgentOptions> = {}) {
  const staticTrunks = [{ name: 'pbx', networks: ['10.0.0.8/29'], target: 'pbx.test' }]
  pair = new Pair({ bob: { staticTrunks, ...bob } })
  pair.network.setHost('one.test', [FIRST.address])
  pair.network.setHost('two.test', [SECOND.address])
  pair.network.setServices('_sip._udp.pbx.test', [
    { host: 'two.test', port: 5060, priority: 20, weight: 0 },
    { host: 'one.test', port: 5070, priority: 10, weight: 0 },
  ])
  first = await new RawPeer(FIRST, BOB).open(pair.network)
  second = await new RawPeer(SECOND, BOB).open(pair.network)
  await pair.start()
  await pair.clock.advance(1)
}
afterEach(async () => {
  await Promise.all([first.close(), second.close()])
  expect(await pair.stop()).toEqual({ timers: 0, sockets: 0 })
})

function dial() {
  const session = pair.bob.invite(
    { kind: 'trunk', trunk: 'pbx', user: '1' },
    { caller: { user: '2' }, offer: () => OFFER },
  )
  return { session, events: record(session) }
}

describe('calls to a name with two servers (RFC 3263)', () => {
  beforeEach(() => setUp())

  test('the first by priority gets the call at its port', async () => {
    dial()
    await pair.clock.advance(1)
    expect([first.requests('INVITE').length, second.requests('INVITE').length]).toEqual([1, 0])
    first.answer(first.requests('INVITE')[0]!, 486)
    await pair.clock.advance(1)
    expect(second.requests('INVITE')).toHaveLength(0)
  })

  test('silence: the next after four seconds; the call after it goes there at once', async () => {
    const { events } = dial()
    await pair.clock.advance(4001)
    const [invite] = second.requests('INVITE')
    expect(invite!.callId).toBe(first.requests('INVITE')[0]!.callId)
    expect(invite!.via.branch).not.toBe(first.requests('INVITE')[0]!.via.branch)
    second.answer(invite!, 200, ['Contact: <sip:a@10.0.0.12>', ...SDP], ANSWER)
    await pair.clock.advance(1)
    expect(types(events)).toEqual(['established'])
    const heard = first.requests('INVITE').length
    dial()
    await pair.clock.advance(1)
    expect(second.requests('INVITE')).toHaveLength(2)
    expect(first.requests('INVITE')).toHaveLength(heard)
  })

  test('503: the next at once; 503 from both is the answer', async () => {
    const { events } = dial()
    await pair.clock.advance(1)
    first.answer(first.requests('INVITE')[0]!, 503)
    await pair.clock.advance(1)
    second.answer(second.requests('INVITE')[0]!, 503, ['Retry-After: 7'])
    await pair.clock.advance(1)
    expect(events).toMatchObject([{ type: 'ended', end: { by: 'remote', status: 503, retryAfterS: 7 } }])
  })

  test('a server that is trying is not left', async () => {
    const { session } = dial()
    await pair.clock.advance(1)
    first.answer(first.requests('INVITE')[0]!, 100)
    await pair.clock.advance(20_000)
    expect(second.requests('INVITE')).toHaveLength(0)
    session.end()
    await pair.clock.advance(1)
    expect(first.requests('CANCEL')).toHaveLength(1)
  })

  test('who gives up before any answer is not put through to the next', async () => {
    const { session } = dial()
    await pair.clock.advance(1)
    session.end()
    await pair.clock.advance(40_000)
    expect(second.requests('INVITE')).toHaveLength(0)
  })
})

describe('NAPTR (RFC 3263 §4.1)', () => {
  const pointer = (order: number, preference: number, service: string, replacement: string, flags = 's') => ({
    order,
    preference,
    flags,
    service,
    replacement,
  })
  const TCP_BOB = [
    { transport: 'udp', ...BOB },
    { transport: 'tcp', ...BOB },
  ] as const

  async function withPointers(...pointers: ReturnType<typeof pointer>[]) {
    await setUp({ listeners: TCP_BOB })
    pair.network.setPointers('pbx.test', pointers)
    pair.network.setServices('_udp.elsewhere.test', [{ host: 'two.test', port: 5060, priority: 1, weight: 0 }])
    pair.network.setServices('_tcp.elsewhere.test', [{ host: 'one.test', port: 5070, priority: 1, weight: 0 }])
  }
  const heard = () => [first.requests('INVITE').length, second.requests('INVITE').length]

  test('its replacement has the servers, not the name itself', async () => {
    await withPointers(pointer(10, 10, 'SIP+D2U', '_udp.elsewhere.test'))
    dial()
    await pair.clock.advance(1)
    expect(heard()).toEqual([0, 1])
  })

  test('order, then preference, decides about the transport', async () => {
    await withPointers(
      pointer(10, 20, 'SIP+D2U', '_udp.elsewhere.test'),
      pointer(10, 10, 'sip+d2t', '_tcp.elsewhere.test', 'S'),
      pointer(20, 1, 'SIP+D2U', '_sip._udp.pbx.test'),
    )
    const pbx = await new StreamPeer().listen(pair.network, FIRST)
    const { session } = dial()
    await pair.clock.advance(1)
    expect([pbx.requests('INVITE').length, ...heard()]).toEqual([1, 0, 0])
    // The second preference is the next server.
    pbx.answer(pbx.requests('INVITE')[0]!, 503)
    await pair.clock.advance(1)
    expect(heard()).toEqual([0, 1])
    session.end()
    await pbx.close()
    await pair.clock.advance(40_000)
  })

  test.each([
    ['a transport that we do not have', 'SIPS+D2T', 's'],
    ['one that nobody knows', 'SIP+D2X', 's'],
    ['another kind of record', 'SIP+D2U', 'u'],
  ])('%s is passed over: SRV decides', async (_, service, flags) => {
    await withPointers(pointer(10, 10, service, '_udp.elsewhere.test', flags))
    dial()
    await pair.clock.advance(1)
    expect(heard()).toEqual([1, 0])
  })

  test('a replacement without servers: SRV of the name decides', async () => {
    await withPointers(pointer(10, 10, 'SIP+D2U', '_udp.nowhere.test'))
    dial()
    await pair.clock.advance(1)
    expect(heard()).toEqual([1, 0])
  })

  test('a transport or port in the configuration leaves nothing to ask', async () => {
    const trunk = { name: 'pbx', networks: ['10.0.0.8/29'], target: 'pbx.test', transport: 'udp' } as const
    await setUp({ listeners: TCP_BOB, staticTrunks: [trunk] })
    pair.network.setPointers('pbx.test', [pointer(10, 10, 'SIP+D2T', '_tcp.elsewhere.test')])
    dial()
    await pair.clock.advance(1)
    expect(heard()).toEqual([1, 0])
  })

  test('a SIPS URI takes TLS only, wherever NAPTR points', () => {
    const pointers = [pointer(10, 1, 'SIP+D2U', '_udp.x'), pointer(10, 2, 'SIPS+D2T', '_tls.x')]
    expect(servicesNamedBy(pointers, (transport) => transport === 'tls')).toEqual([
      { name: '_tls.x', transport: 'tls' },
    ])
  })

  test('a zone with many records has the best of them asked, eight at most', () => {
    const names = Array.from({ length: 500 }, (_, i) => `_udp.${i}.test`)
    const pointers = names.map((name, i) => pointer(10, i, 'SIP+D2U', name)).reverse()
    expect(servicesNamedBy(pointers, () => true).map(({ name }) => name)).toEqual(names.slice(0, 8))
  })

  test('any records give services of ours, or none', () => {
    const record = fc.record({
      order: fc.nat(65_535),
      preference: fc.nat(65_535),
      flags: fc.constantFrom('s', 'S', 'a', 'u', ''),
      service: fc.constantFrom('SIP+D2U', 'SIP+D2T', 'SIPS+D2T', 'SIP+D2S', ''),
      replacement: fc.constantFrom('', 'x.test', 'y.test'),
    })
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), (pointers) => {
        const found = servicesNamedBy(pointers, (transport) => transport !== 'tls')
        expect(found.every(({ name, transport }) => name !== '' && transport !== 'tls')).toBe(true)
        expect(found.length).toBeLessThanOrEqual(pointers.length)
      }),
    )
  })
})

describe('registration', () => {
  const account: RegistrationOptions = {
    name: 'pbx',
    registrar: 'one.test:5070',
    fallbackRegistrars: ['two.test'],
    domain: 'pbx.test',
    username: '7',
    password: 'x',
    expiresS: 300,
  }

  test('a registrar that is silent is replaced by the next; calls from either are the trunk’s', async () => {
    await setUp({ staticTrunks: [], registrations: [account] })
    await pair.clock.advance(4001)
    second.answer(second.requests('REGISTER')[0]!, 200)
    await pair.clock.advance(1)
    expect(pair.bob.registrations[0]).toMatchObject({ state: 'registered', lastStatus: 200 })
    dial()
    await pair.clock.advance(1)
    expect(second.requests('INVITE')).toHaveLength(1)
  })

  test('over TCP a broken connection is replaced and registered over at once', async () => {
    const pbx = new StreamPeer()
    await setUp({
      staticTrunks: [],
      listeners: [
        { transport: 'udp', ...BOB },
        { transport: 'tcp', ...BOB },
      ],
      registrations: [{ ...account, registrar: '10.0.0.13', fallbackRegistrars: [], transport: 'tcp' }],
    })
    await pbx.listen(pair.network, { address: '10.0.0.13', port: 5060 })
    await pair.clock.advance(7000)
    pbx.answer(pbx.requests('REGISTER')[0]!, 200)
    await pair.clock.advance(1)
    expect(pair.bob.registrations[0]!.state).toBe('registered')
    pair.network.cut('10.0.0.13')
    await pair.clock.advance(1001)
    expect(pbx.requests('REGISTER')).toHaveLength(2)
    await pbx.close()
    await pair.clock.advance(1)
  })
})

describe('qualify', () => {
  test('a static trunk: ready, gone when silent, back when it answers', async () => {
    await setUp({ qualifyMs: 60_000 })
    expect(pair.bob.trunks).toMatchObject([{ name: 'pbx', state: 'unknown', isReady: true }])
    expect(first.requests('OPTIONS')).toHaveLength(1)
    await pair.clock.advance(9)
    first.answer(first.requests('OPTIONS')[0]!, 404)
    await pair.clock.advance(1)
    expect(pair.bob.trunks).toMatchObject([{ state: 'reachable', isReady: true, roundTripMs: 10 }])
    await pair.clock.advance(66_000)
    expect(pair.bob.trunks).toMatchObject([{ state: 'unreachable', isReady: false, roundTripMs: undefined }])
    await pair.clock.advance(15_000)
    const asked = [...first.requests('OPTIONS'), ...second.requests('OPTIONS')].at(-1)!
    const peer = second.requests('OPTIONS').includes(asked) ? second : first
    peer.answer(asked, 200)
    await pair.clock.advance(1)
    expect(pair.bob.trunks).toMatchObject([{ state: 'reachable', isReady: true }])
  })

  test('503 says that the trunk is draining', async () => {
    await setUp({ qualifyMs: 60_000 })
    first.answer(first.requests('OPTIONS')[0]!, 503)
    await pair.clock.advance(1)
    expect(pair.bob.trunks).toMatchObject([{ state: 'unreachable', isReady: false }])
  })

  test('a registration whose PBX never answers OPTIONS stays ready', async () => {
    const registration = { name: 'r', registrar: '10.0.0.12', username: '7', password: 'x', expiresS: 3600 }
    await setUp({ qualifyMs: 10_000, staticTrunks: [], registrations: [registration] })
    second.answer(second.requests('REGISTER')[0]!, 200)
    await pair.clock.advance(60_000)
    expect(second.requests('OPTIONS').length).toBeGreaterThan(3)
    expect(pair.bob.trunks).toMatchObject([{ name: 'r', state: 'registered', isReady: true }])
    const heard = second.requests('OPTIONS').length
    while (second.requests('OPTIONS').length === heard) await pair.clock.advance(100)
    second.answer(second.requests('OPTIONS').at(-1)!, 200)
    await pair.clock.advance(60_000)
    expect(pair.bob.trunks).toMatchObject([{ state: 'unreachable', isReady: false }])
  })
})
