import { beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { ProtocolError } from '../../src/base/errors.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import type { CallTraceEvent } from '../../src/base/tracer.ts'
import { RelaySet, type RelaySetEvent, type RelaySetOptions } from '../../src/relay/relay-set.ts'
import { STUN_TYPE } from '../../src/relay/stun.ts'
import { candidate } from './candidate.ts'
import { ScriptedTransport } from './scripted-transport.ts'

const RTP = Uint8Array.of(0x90, 120, 0, 1)
const RTCP = Uint8Array.of(0x81, 208, 0, 2)

const relays = ['a', 'b', 'c'].map((relayName, i) =>
  candidate({ relayName, endpoint: { address: `192.0.2.${i + 1}`, port: 3478 }, c2rRttMs: i }),
)

describe('RelaySet', () => {
  let clock: VirtualClock
  let transports: ScriptedTransport[]
  let events: RelaySetEvent[]

  beforeEach(() => {
    clock = new VirtualClock()
    transports = []
    events = []
  })

  function newSet(overrides: Partial<RelaySetOptions> = {}): RelaySet {
    const set = new RelaySet({
      candidates: relays,
      parties: { selfPid: 1, peerPid: 2, selfSsrcs: [1], peerSsrc: 2 },
      connect: (relay, endpoint) => {
        const transport = new ScriptedTransport(relay, endpoint, 'yes')
        transports.push(transport)
        return transport
      },
      portPolicy: 'advertised',
      addressFamily: 'ipv4',
      maxRelays: 4,
      connectTimeoutMs: 10_000,
      clock,
      logger: silentLogger,
      random: seededRandom(1),
      ...overrides,
    })
    set.events.on((event) => events.push(event))
    set.dial()
    return set
  }

  const eventTypes = () =>
    events.map((event) => ('relayName' in event ? `${event.relayName} ${event.type}` : event.type))

  it('binds every relay, sends to all that are open and hears all', () => {
    const set = newSet()
    const heard: string[] = []
    set.onMedia(
      () => heard.push('rtp'),
      () => heard.push('rtcp'),
    )
    expect(set.send(RTP)).toBe(0)
    transports[0].open()
    transports[2].open()
    expect(set.send(RTP)).toBe(2)
    expect(eventTypes().sort()).toEqual(['a open', 'a registered', 'c open', 'c registered'])
    transports[0].receive(RTP)
    transports[2].receive(RTP)
    transports[2].receive(RTCP)
    transports[1].receive(RTP)
    expect(heard).toEqual(['rtp', 'rtp', 'rtcp'])
    expect(set.openRelays).toBe(2)
  })

  it('pings a relay before the first media', () => {
    const set = newSet({ maxRelays: 1 })
    transports[0].open()
    set.send(RTP)
    const types = transports[0].sentTypes
    expect(types[0]).toBe(STUN_TYPE.ping)
    expect(types.indexOf(0x9078)).toBeGreaterThan(types.lastIndexOf(STUN_TYPE.allocateRequest))
  })

  it('counts garbage and goes on', () => {
    const set = newSet({ maxRelays: 1 })
    transports[0].open()
    for (const garbage of [[], [0xff, 0xff], [0x00, 0x01, 0x00], [0x40]])
      transports[0].receive(Uint8Array.from(garbage))
    expect(set.stats()[0]).toMatchObject({ malformed: 4, state: 'open', registered: true })
    expect(set.send(RTP)).toBe(1)
  })

  it('goes on with the others when one is lost, and dials the lost one again', async () => {
    const set = newSet()
    for (const transport of transports) transport.open()
    transports[1].lose('connection failed')
    expect(events.at(-1)).toMatchObject({ type: 'lost', relayName: 'b', reason: 'connection failed' })
    expect(set.send(RTP)).toBe(2)
    await clock.advance(500)
    expect(transports.length).toBe(4)
    transports[3].open()
    expect(set.send(RTP)).toBe(3)
    expect(set.stats()[1]).toMatchObject({ relayName: 'b', dials: 2, state: 'open' })
  })

  it('says once that all are lost, and again only after one had opened', async () => {
    const set = newSet({ maxRelays: 2 })
    transports[0].open()
    transports[1].lose('x')
    expect(eventTypes()).not.toContain('all-lost')
    transports[0].lose('x')
    await clock.advance(500)
    transports[2].lose('x')
    expect(eventTypes().filter((type) => type === 'all-lost')).toEqual(['all-lost'])
    await clock.advance(1000)
    transports[3].open()
    transports[3].lose('x')
    expect(eventTypes().filter((type) => type === 'all-lost').length).toBe(2)
    await set.close()
  })

  it('says once for a common outage that a relay is back, and again after the next', async () => {
    const set = newSet()
    for (const transport of transports) transport.open()
    for (const transport of transports) transport.lose('x')
    await clock.advance(500)
    transports[3].open()
    transports[4].lose('y')
    await clock.advance(1000)
    transports[5].open()
    transports[6].open()
    expect(eventTypes().filter((type) => type === 'recovered').length).toBe(1)
    transports[6].lose('x')
    await clock.advance(500)
    transports[7].open()
    expect(eventTypes().slice(-3)).toEqual(['b registered', 'b open', 'recovered'])
    expect(eventTypes().filter((type) => type === 'recovered').length).toBe(2)
    await set.close()
  })

  it('does not call it a recovery when a relay opens late for the first time', async () => {
    const set = newSet()
    transports[0].open()
    transports[1].lose('x')
    await clock.advance(500)
    transports[3].open()
    transports[0].lose('x')
    transports[2].open()
    expect(eventTypes()).not.toContain('recovered')
    await set.close()
  })

  it('waits longer from failure to failure, up to 6 s', async () => {
    const set = newSet({ maxRelays: 1 })
    const delays: number[] = []
    for (let attempt = 0; attempt < 7; attempt++) {
      const lostAtMs = clock.nowMs()
      const dialled = transports.length
      transports.at(-1)!.lose('x')
      while (transports.length === dialled) await clock.advance(100)
      delays.push(clock.nowMs() - lostAtMs)
    }
    expect(delays).toEqual([500, 1000, 2000, 4000, 6000, 6000, 6000])
    await set.close()
  })

  it('gives up an attempt that does not open in time', async () => {
    const set = newSet({ maxRelays: 1 })
    await clock.advance(10_000)
    expect(eventTypes()).toEqual(['a unreachable', 'all-lost'])
    expect(transports[0].state).toBe('closed')
    await set.close()
  })

  it('races both ports of a relay, the web port with a head start, and keeps the first that opens', async () => {
    const set = newSet({ maxRelays: 1, portPolicy: 'both' })
    await clock.advance(149)
    expect(transports.map(({ endpoint }) => endpoint.port)).toEqual([3480])
    await clock.advance(1)
    expect(transports.map(({ endpoint }) => endpoint.port)).toEqual([3480, 3478])
    transports[1].open()
    expect(transports[0].state).toBe('closed')
    expect(set.stats()[0]).toMatchObject({ endpoint: { address: '192.0.2.1', port: 3478 }, dials: 1 })
    await set.close()
    expect(clock.pendingTimers).toBe(0)
  })

  it('does not dial the other port when the first opens within its head start', async () => {
    const set = newSet({ maxRelays: 1, portPolicy: 'both' })
    transports[0].open()
    await clock.advance(1000)
    expect(transports.length).toBe(1)
    await set.close()
  })

  it('dials the other port at once when the first fails, and loses only when both have failed', async () => {
    const set = newSet({ maxRelays: 1, portPolicy: 'both' })
    transports[0].lose('x')
    expect(transports.map(({ endpoint }) => endpoint.port)).toEqual([3480, 3478])
    expect(events).toEqual([])
    await clock.advance(200)
    expect(transports.length).toBe(2)
    transports[1].lose('y')
    expect(eventTypes()).toEqual(['a unreachable', 'all-lost'])
    expect(events[0]).toMatchObject({ reason: 'y' })
    await set.close()
  })

  it('drops a relay that fell silent', async () => {
    const set = newSet({ maxRelays: 1 })
    transports[0].open()
    await clock.advance(2000)
    transports[0].answer = undefined
    await clock.advance(6000)
    expect(events.at(-2)).toMatchObject({ type: 'lost', reason: 'silent' })
    await set.close()
  })

  it('passes on why a relay refuses, and stays on it', () => {
    const set = newSet({ maxRelays: 1 })
    transports[0].answer = 'no'
    transports[0].open()
    expect(events).toContainEqual(expect.objectContaining({ type: 'refused', relayName: 'a', code: 403 }))
    expect(set.openRelays).toBe(1)
  })

  it('registers again when another device of the peer answers, also where it is dialled later', async () => {
    const set = newSet({ maxRelays: 2 })
    transports[0].open()
    const before = transports[0].sent.length
    set.changePeer({ peerPid: 3, peerSsrc: 0x77 })
    expect(transports[0].sent.length).toBeGreaterThan(before)
    transports[1].open()
    for (const transport of transports) {
      expect(Buffer.from(transport.sent.at(-1)!).toString('hex')).toContain('080310011877')
    }
    await set.close()
  })

  it('survives candidates that cannot be dialled', async () => {
    const set = newSet({
      connect: (relay, endpoint) => {
        if (relay.relayName !== 'b') throw new ProtocolError('relay.token', 'no good')
        transports.push(new ScriptedTransport(relay, endpoint, 'yes'))
        return transports.at(-1)!
      },
    })
    expect(eventTypes()).toEqual(['a unreachable', 'c unreachable'])
    transports[0].open()
    expect(set.send(RTP)).toBe(1)
    await set.close()
  })

  it('shows a tracer where each relay was reached, how far it is, and what became of it', async () => {
    const records: unknown[] = []
    const tracer = { isOn: true, record: (event: CallTraceEvent) => event.what === 'relay' && records.push(event) }
    const set = newSet({ maxRelays: 1, portPolicy: 'both', tracer })
    await clock.advance(150)
    transports[1].answer = undefined
    transports[1].open()
    transports[1].lose('gone')
    await set.close()
    const at = { what: 'relay', relay: 'a', endpoint: '192.0.2.1:3478', rttMs: undefined }
    expect(records).toEqual([
      { ...at, event: 'open', detail: undefined },
      { ...at, event: 'lost', detail: 'gone' },
      { what: 'relay', event: 'all-lost' },
    ])
  })

  it('has no relays when none can be used', () => {
    expect(newSet({ candidates: [] }).size).toBe(0)
  })

  it('closes everything and leaves no timer', async () => {
    const set = newSet()
    transports[0].open()
    transports[1].lose('x')
    await set.close()
    expect(clock.pendingTimers).toBe(0)
    expect(transports.map(({ state }) => state)).toEqual(['closed', 'closed', 'closed'])
    expect(set.send(RTP)).toBe(0)
    transports[0].receive(RTP)
    expect(set.stats().map(({ state }) => state)).toEqual(['closed', 'closed', 'closed'])
  })
})
