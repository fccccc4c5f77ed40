import { beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { ParseError } from '../../src/base/errors.ts'
import { seededRandom } from '../../src/base/random.ts'
import { type RegistrationEvent, RelayRegistration } from '../../src/relay/registration.ts'
import {
  attributeValue,
  buildStun,
  hasFingerprint,
  hasIntegrity,
  parseStun,
  STUN_ATTRIBUTE,
  STUN_TYPE,
  type StunMessage,
} from '../../src/relay/stun.ts'
import { candidate } from './candidate.ts'

const parties = { selfPid: 1, peerPid: 2, selfSsrcs: [0x11], peerSsrc: 0x22 }
const relay = candidate()
const key = new TextEncoder().encode(relay.key)
const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex')
const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('latin1')

describe('RelayRegistration in ICE mode', () => {
  let clock: VirtualClock
  let sent: { atMs: number; stun: StunMessage }[]
  let events: RegistrationEvent[]
  let registration: RelayRegistration

  beforeEach(() => {
    clock = new VirtualClock()
    sent = []
    events = []
    registration = new RelayRegistration({
      candidate: relay,
      endpoint: { address: '192.0.2.1', port: 3480 },
      localUfrag: 'ZzB0',
      parties,
      clock,
      random: seededRandom(1),
      send: (message) => sent.push({ atMs: clock.nowMs(), stun: parseStun(message) }),
      onEvent: (event) => events.push(event),
    })
    registration.start()
  })

  const timesOf = (type: number) => sent.filter(({ stun }) => stun.type === type).map(({ atMs }) => atMs)
  const last = (type: number) => sent.filter(({ stun }) => stun.type === type).at(-1)!.stun
  const reply = (type: number, to: StunMessage, attributes: { type: number; value: Uint8Array }[] = []) =>
    registration.handle(buildStun(type, to.transactionId, attributes))

  it('pings before anything else, then every second', async () => {
    expect(sent[0].stun.type).toBe(STUN_TYPE.ping)
    expect(sent[0].stun.bytes.length).toBe(20)
    await clock.advance(3000)
    expect(timesOf(STUN_TYPE.ping)).toEqual([0, 1000, 2000, 3000])
  })

  it('registers at once and at 50, 150, 500 and 3000 ms, then every 5 s', async () => {
    await clock.advance(13_000)
    expect(timesOf(STUN_TYPE.allocateRequest)).toEqual([0, 50, 150, 500, 3000, 8000, 13_000])
  })

  it('sends a binding for each user fragment, a bare one and an allocate, as the sheet of the relay says', () => {
    const [, auth, token, bare, allocate] = sent.map(({ stun }) => stun)
    for (const [stun, ufrag] of [[auth, 'BwgJCgsM'] as const, [token, 'AQIDBAUG'] as const]) {
      expect(stun.type).toBe(STUN_TYPE.bindingRequest)
      expect(stun.attributes.map(({ type }) => type)).toEqual([0x0006, 0x0024, 0x802a, 0x4000, 0x0008, 0x8028])
      expect(text(attributeValue(stun, STUN_ATTRIBUTE.username))).toBe(`${ufrag}:ZzB0`)
      expect(hex(attributeValue(stun, STUN_ATTRIBUTE.priority))).toBe('00ffffff')
      expect(hex(attributeValue(stun, STUN_ATTRIBUTE.token))).toBe('0a06182228003000')
      expect(hasIntegrity(stun, key)).toBe(true)
      expect(hasFingerprint(stun)).toBe(true)
    }
    expect(bare.attributes.map(({ type }) => type)).toEqual([0x0024, 0x4000])
    expect(allocate.type).toBe(STUN_TYPE.allocateRequest)
    expect(allocate.attributes.map(({ type }) => type)).toEqual([0x4000, 0x4024, 0x0016, 0x0008])
    expect(attributeValue(allocate, STUN_ATTRIBUTE.token)).toEqual(relay.token)
    expect(hex(attributeValue(allocate, STUN_ATTRIBUTE.streamDescriptors))).toBe('0a060801100118110a06080210011822')
    expect(hex(attributeValue(allocate, STUN_ATTRIBUTE.xorRelayedAddress))).toBe('00012c8ae112a643')
    expect(hasIntegrity(allocate, key)).toBe(true)
  })

  it('is registered by the first yes, and measures the way', async () => {
    await clock.advance(30)
    reply(STUN_TYPE.allocateSuccess, last(STUN_TYPE.allocateRequest))
    reply(STUN_TYPE.bindingSuccess, last(STUN_TYPE.bindingRequest))
    expect(events).toEqual([{ type: 'registered', rttMs: 30 }])
    expect(registration.registered).toBe(true)
    await clock.advance(980)
    reply(STUN_TYPE.pong, last(STUN_TYPE.ping))
    expect(registration.rttMs).toBe(10)
  })

  it('says with which code it was refused, once for each code', async () => {
    const code = { type: STUN_ATTRIBUTE.errorCode, value: Uint8Array.of(0, 0, 4, 1) }
    reply(STUN_TYPE.allocateError, last(STUN_TYPE.allocateRequest), [code])
    await clock.advance(50)
    reply(STUN_TYPE.allocateError, last(STUN_TYPE.allocateRequest), [code])
    reply(STUN_TYPE.bindingError, last(STUN_TYPE.bindingRequest))
    expect(events).toEqual([
      { type: 'refused', code: 401 },
      { type: 'refused', code: 0 },
    ])
    expect(registration.registered).toBe(false)
  })

  it('ignores answers to what it did not ask, and the same answer twice', () => {
    registration.handle(buildStun(STUN_TYPE.allocateSuccess, new Uint8Array(12)))
    reply(STUN_TYPE.allocateError, last(STUN_TYPE.allocateRequest))
    reply(STUN_TYPE.allocateSuccess, last(STUN_TYPE.allocateRequest))
    expect(events).toEqual([{ type: 'refused', code: 0 }])
  })

  it('answers a binding request of the relay', () => {
    const transactionId = Uint8Array.from({ length: 12 }, (_, i) => 100 + i)
    registration.handle(buildStun(STUN_TYPE.bindingRequest, transactionId))
    const { stun } = sent.at(-1)!
    expect(stun.type).toBe(STUN_TYPE.bindingSuccess)
    expect(stun.transactionId).toEqual(transactionId)
    expect(hasIntegrity(stun, key)).toBe(true)
  })

  it('asks for the stream of another device at once, with the whole series', async () => {
    await clock.advance(20_000)
    sent = []
    registration.changeParties({ ...parties, peerSsrc: 0x33 })
    expect(hex(attributeValue(last(STUN_TYPE.allocateRequest), STUN_ATTRIBUTE.streamDescriptors))).toContain('1833')
    expect(hex(attributeValue(last(STUN_TYPE.bindingRequest), STUN_ATTRIBUTE.token))).toBe('0a06183328003000')
    await clock.advance(500)
    expect(timesOf(STUN_TYPE.allocateRequest)).toEqual([20_000, 20_050, 20_150, 20_500])
  })

  it('reports a relay that stops answering, but not one that never answers pings', async () => {
    await clock.advance(60_000)
    expect(events).toEqual([])
    reply(STUN_TYPE.pong, last(STUN_TYPE.ping))
    registration.heard()
    await clock.advance(5000)
    expect(events).toEqual([])
    await clock.advance(1000)
    expect(events).toEqual([{ type: 'silent' }])
  })

  it('throws ParseError for what is not STUN', () => {
    expect(() => registration.handle(Uint8Array.of(0, 1, 2))).toThrow(ParseError)
  })

  it('leaves no timer behind', async () => {
    await clock.advance(700)
    registration.stop()
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('RelayRegistration in raw mode', () => {
  const selfSsrcs = [0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18]

  /** `answers` is what the relay says to each request, if anything. */
  function started(clock: VirtualClock, answers: (type: number) => number | undefined = () => undefined) {
    const sent: { atMs: number; stun: StunMessage }[] = []
    const events: RegistrationEvent[] = []
    const registration: RelayRegistration = new RelayRegistration({
      candidate: relay,
      endpoint: { address: '192.0.2.1', port: 3480 },
      localUfrag: undefined,
      parties: { ...parties, selfSsrcs },
      clock,
      random: seededRandom(1),
      send: (message) => {
        const stun = parseStun(message)
        sent.push({ atMs: clock.nowMs(), stun })
        const type = answers(stun.type)
        if (type === undefined) return
        registration.heard()
        registration.handle(buildStun(type, stun.transactionId))
      },
      onEvent: (event) => events.push(event),
    })
    registration.start()
    return { sent, events }
  }

  it('pings and sends the same allocate every second, and nothing else', async () => {
    const clock = new VirtualClock()
    const { sent } = started(clock)
    await clock.advance(3000)
    const pair = [STUN_TYPE.ping, STUN_TYPE.allocateRequest]
    expect(sent.map(({ stun }) => stun.type)).toEqual([...pair, ...pair, ...pair, ...pair])
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 0, 1000, 1000, 2000, 2000, 3000, 3000])
    const allocates = sent.filter(({ stun }) => stun.type === STUN_TYPE.allocateRequest)
    expect(new Set(allocates.map(({ stun }) => hex(stun.bytes))).size).toBe(1)
  })

  it('reports a relay that stops answering allocates, though it never answered a ping', async () => {
    const clock = new VirtualClock()
    const answersUntilMs = 3000
    const { events } = started(clock, (type) =>
      type === STUN_TYPE.allocateRequest && clock.nowMs() <= answersUntilMs ? STUN_TYPE.allocateSuccess : undefined,
    )
    await clock.advance(answersUntilMs + 5000)
    expect(events).toEqual([{ type: 'registered', rttMs: 0 }])
    await clock.advance(1000)
    expect(events.at(-1)).toEqual({ type: 'silent' })
  })

  it('does not take a relay for dead that answers the first of equal allocates alone', async () => {
    const clock = new VirtualClock()
    let answered = false
    const { events } = started(clock, (type) => {
      if (type !== STUN_TYPE.allocateRequest || answered) return undefined
      answered = true
      return STUN_TYPE.allocateSuccess
    })
    await clock.advance(60_000)
    expect(events).toEqual([{ type: 'registered', rttMs: 0 }])
  })

  it('names all nine streams of ours, without a fingerprint', () => {
    const { stun } = started(new VirtualClock()).sent[1]
    expect(stun.attributes.map(({ type }) => type)).toEqual([0x4000, 0x4024, 0x0016, 0x0008])
    expect(hasIntegrity(stun, key)).toBe(true)
    expect(hex(attributeValue(stun, STUN_ATTRIBUTE.streamDescriptors))).toBe(
      [
        '0a021810',
        '0a0410011811',
        '0a0410021814',
        '0a0408011812',
        '0a06080110011813',
        '0a06080110021815',
        '0a0408021817',
        '0a06080210011818',
        '0a06080210021816',
      ].join(''),
    )
  })
})
