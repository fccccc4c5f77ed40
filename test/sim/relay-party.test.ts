import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { seededRandom } from '../../src/base/random.ts'
import { deriveHopKeys } from '../../src/media/srtp/hop-keys.ts'
import { warpProfile } from '../../src/media/srtp/srtp-profile.ts'
import { SrtpReceiver } from '../../src/media/srtp/srtp-receiver.ts'
import { kindOf } from '../../src/relay/demultiplexer.ts'
import { encodeNativeStream } from '../../src/relay/stream-descriptors.ts'
import { buildStun, errorCodeOf, parseStun, STUN_ATTRIBUTE, STUN_TYPE, type StunTrailer } from '../../src/relay/stun.ts'
import {
  newRelayStats,
  type RelayDialect,
  RelayParty,
  type RelayPass,
  type RelayStats,
} from '../../src/sim/relay/relay-party.ts'

const RTP = Uint8Array.of(0x90, 120, 0, 1)
const transactionId = new Uint8Array(12).fill(5)
const keyOf = (pass: RelayPass) => new TextEncoder().encode(pass.key)

function pass(pid: number): RelayPass {
  return { callId: 'C', pid, key: `KEY${pid}`, token: Uint8Array.of(pid, 1), authToken: Uint8Array.of(pid, 2) }
}

describe('RelayParty', () => {
  const own = pass(1)
  const other = pass(2)
  let clock: VirtualClock
  let stats: RelayStats
  let answers: Uint8Array[]
  let faults: { cutSilentMs?: number; garblesPongs?: boolean; reportsHop?: boolean }
  let forwarded: Uint8Array[]

  beforeEach(() => {
    clock = new VirtualClock()
    stats = newRelayStats()
    answers = []
    faults = {}
    forwarded = []
  })

  function newParty(known: RelayPass | undefined = own, dialect: RelayDialect = 'web'): RelayParty {
    return new RelayParty({
      clock,
      random: seededRandom(1),
      stats,
      passOfToken: (token) =>
        [known, own, other].find((candidate) => candidate && Buffer.compare(candidate.token, token) === 0),
      pass: known,
      dialect,
      faults,
      send: (message) => answers.push(message),
      forward: (_, media) => forwarded.push(media),
    })
  }

  const ping = () => buildStun(STUN_TYPE.ping, transactionId)
  const allocate = (token = own.token, trailer: StunTrailer = { integrityKey: keyOf(own) }, withStreams = true) =>
    buildStun(
      STUN_TYPE.allocateRequest,
      transactionId,
      [
        { type: STUN_ATTRIBUTE.token, value: token },
        ...(withStreams ? [{ type: STUN_ATTRIBUTE.streamDescriptors, value: encodeNativeStream(7) }] : []),
      ],
      trailer,
    )
  const bind = (ufrag: string, key: Uint8Array) => {
    const username = { type: STUN_ATTRIBUTE.username, value: new TextEncoder().encode(`${ufrag}:own`) }
    return buildStun(STUN_TYPE.bindingRequest, transactionId, [username], { integrityKey: key, fingerprint: true })
  }
  const answerTypes = () => answers.map((answer) => parseStun(answer).type)

  it('hears a party that has registered and pinged', () => {
    const party = newParty()
    party.receive(ping())
    party.receive(allocate())
    party.receive(RTP)
    expect(answerTypes()).toEqual([STUN_TYPE.pong, STUN_TYPE.allocateSuccess])
    expect(forwarded).toEqual([RTP])
    expect(stats).toMatchObject({ registrations: 1, droppedUnregistered: 0, droppedBeforePing: 0 })
  })

  it('drops media before the registration, and before the first ping', () => {
    const party = newParty()
    party.receive(RTP)
    party.receive(allocate())
    party.receive(RTP)
    expect(forwarded).toEqual([])
    expect(party.isPresent).toBe(false)
    expect(stats).toMatchObject({ droppedUnregistered: 1, droppedBeforePing: 1 })
  })

  it.each([
    ['with the key of another party', 401, () => allocate(own.token, { integrityKey: keyOf(other) })],
    ['that is not signed', 401, () => allocate(own.token, {})],
    ['with an unknown token', 403, () => allocate(Uint8Array.of(9))],
    ['with the token of another party', 403, () => allocate(other.token, { integrityKey: keyOf(other) })],
    ['without streams', 400, () => allocate(own.token, { integrityKey: keyOf(own) }, false)],
  ])('refuses a registration %s: %i', (_, code, message) => {
    const party = newParty()
    party.receive(ping())
    party.receive(message())
    party.receive(RTP)
    expect(errorCodeOf(parseStun(answers.at(-1)!))).toBe(code)
    expect(stats.refused).toEqual({ [code]: 1 })
    expect(stats.droppedUnregistered).toBe(1)
  })

  it('lets a native client in by its token alone', () => {
    const party = new RelayParty({
      clock,
      random: seededRandom(1),
      stats,
      passOfToken: () => own,
      pass: undefined,
      dialect: 'native',
      send: () => {},
      forward: () => {},
    })
    expect(party.pass).toBeUndefined()
    party.receive(allocate())
    expect(party.pass).toBe(own)
  })

  it('forgets a party after 4 s without STUN, whatever media it sends', async () => {
    const party = newParty()
    party.receive(ping())
    party.receive(allocate())
    await clock.advance(4000)
    party.receive(RTP)
    expect(party.isPresent).toBe(true)
    await clock.advance(1)
    party.receive(RTP)
    expect(party.isPresent).toBe(false)
    expect(stats).toMatchObject({ forgotten: 1, droppedUnregistered: 1 })
    party.receive(ping())
    party.receive(allocate())
    expect(party.isPresent).toBe(true)
    expect(stats.registrations).toBe(2)
  })

  it('is kept by pings and by signed bindings', async () => {
    const party = newParty()
    party.receive(ping())
    party.receive(allocate())
    for (const message of [ping(), bind(Buffer.from(own.authToken).toString('base64'), keyOf(own)), ping()]) {
      await clock.advance(3000)
      party.receive(message)
    }
    expect(party.isPresent).toBe(true)
    expect(answerTypes().slice(2)).toEqual([STUN_TYPE.pong, STUN_TYPE.bindingSuccess, STUN_TYPE.pong])
  })

  it('refuses a binding with a wrong key or user fragment, and says nothing to a bare one', () => {
    const party = newParty()
    party.receive(bind(Buffer.from(own.token).toString('base64'), keyOf(other)))
    party.receive(bind('someone', keyOf(own)))
    party.receive(buildStun(STUN_TYPE.bindingRequest, transactionId))
    expect(answerTypes()).toEqual([STUN_TYPE.bindingError, STUN_TYPE.bindingError])
    expect(stats.refused).toEqual({ 401: 2 })
  })

  it.each([
    ['web', 1],
    ['raw', 0],
  ] as const)('hears a %s client that sends a binding request within the channel: %i', (dialect, heard) => {
    const party = newParty(undefined, dialect)
    party.receive(ping())
    party.receive(allocate())
    expect(party.isPresent).toBe(true)
    party.receive(bind(Buffer.from(own.authToken).toString('base64'), keyOf(own)))
    party.receive(RTP)
    expect(forwarded.length).toBe(heard)
    expect(party.isPresent).toBe(heard === 1)
  })

  it('answers a ping with an id of its own when told to', () => {
    faults.garblesPongs = true
    newParty().receive(ping())
    expect(parseStun(answers[0]!)).toMatchObject({ type: STUN_TYPE.pong })
    expect(parseStun(answers[0]!).transactionId).not.toEqual(transactionId)
  })

  it('sends RTCP under the hop-by-hop key with its pongs when told to, to who has registered', () => {
    faults.reportsHop = true
    const hbhKey = new Uint8Array(30).fill(3)
    const party = newParty({ ...own, hbhKey })
    party.receive(ping())
    expect(answers).toHaveLength(1)
    party.receive(allocate())
    party.receive(ping())
    party.receive(ping())
    const reports = answers.filter((answer) => kindOf(answer) === 'rtcp')
    const receiver = new SrtpReceiver(deriveHopKeys(hbhKey, 'downlink'), warpProfile())
    expect(reports.map((report) => receiver.unprotectRtcp(report)?.length)).toEqual([8, 8])
  })

  it('throws out a party without RTCP when told to, and not one that reports', async () => {
    const parties = [newParty(), newParty()]
    faults.cutSilentMs = 20_000
    for (const party of parties) party.receive(allocate())
    for (let second = 0; second < 60; second++) {
      for (const party of parties) {
        party.receive(ping())
        party.receive(RTP)
      }
      parties[1].receive(Uint8Array.of(0x81, 208, 0, 2))
      await clock.advance(1000)
    }
    expect(parties.map((party) => party.isPresent)).toEqual([false, true])
    expect(stats.cut).toBe(1)
    expect(forwarded.filter((media) => media === RTP).length).toBe(60 + 21)
    parties[0].receive(allocate())
    expect(parties[0].isPresent).toBe(false)
  })

  it('counts garbage, whatever it is', () => {
    const party = newParty()
    let count = 0
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        if (bytes.length > 0) bytes[0] &= 0x7f
        party.receive(bytes)
        count += 1
      }),
    )
    expect(stats.malformed).toBe(count)
    expect(answers).toEqual([])
  })
})
