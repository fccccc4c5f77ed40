import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { Logger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { createLogger } from '../../src/ops/log.ts'
import { authorization, challengesOf } from '../../src/sip/auth/credentials.ts'
import { Headers } from '../../src/sip/message/headers.ts'
import { request } from '../../src/sip/message/message.ts'
import type { SipUserAgentOptions } from '../../src/sip/sip-engine.ts'
import { ANSWER, BOB, OFFER, Pair, record } from './pair.ts'
import { head, RawPeer, SDP } from './raw-peer.ts'

const STRANGER = { address: '192.0.2.66', port: 5060 }
const URI = 'sip:900@10.0.0.2'
let pair: Pair
const peers: RawPeer[] = []

async function setUp(bob: Partial<SipUserAgentOptions> = {}, logger?: Logger) {
  const users = [
    { username: '200', password: 'secret' },
    { username: '201', password: 'other' },
  ]
  pair = await new Pair({ bob: { users, ...bob }, ...(logger && { logger }) }).start()
}
async function stranger(at = STRANGER): Promise<RawPeer> {
  const peer = await new RawPeer(at, BOB).open(pair.network)
  peers.push(peer)
  return peer
}
afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.close()
  expect(await pair.stop()).toEqual({ timers: 0, sockets: 0 })
})

let sequence = 0

/** REGISTER, its challenge, and REGISTER with that password; how long the second answer took, and what it was. */
async function logIn(
  peer: RawPeer,
  username: string,
  password: string,
  user = username,
): Promise<{ status: number; waitedMs: number }> {
  const lines = (more: string[] = []) => [
    ...head('REGISTER', { uri: 'sip:10.0.0.2', user, sequence: ++sequence, sentBy: `${peer.at.address}:5060` }).filter(
      (line) => !line.startsWith('To'),
    ),
    `To: <sip:${user}@10.0.0.2>`,
    ...more,
  ]
  peer.send(lines())
  await pair.clock.advance(1)
  const challenge = peer.responses().at(-1)!
  const blank = request('REGISTER', 'sip:10.0.0.2', new Headers())
  const [asked] = challengesOf(challenge)
  const value = authorization(asked!, blank, { username, password }, 1, seededRandom(sequence))
  const heard = peer.received.length
  peer.send(lines([`${asked!.header}: ${value}`]))
  const sentAtMs = pair.clock.nowMs()
  while (peer.received.length === heard) await pair.clock.advance(1)
  return { status: peer.responses().at(-1)!.status, waitedMs: pair.clock.nowMs() - sentAtMs }
}

describe('guessing passwords', () => {
  test('each answer waits longer; after twenty failures even the right password is not believed', async () => {
    await setUp()
    const peer = await stranger()
    const waits: number[] = []
    for (let i = 0; i < 20; i++) waits.push((await logIn(peer, '200', `guess ${i}`)).waitedMs)
    expect(waits.slice(0, 7)).toEqual([1, 1, 1, 500, 1000, 2000, 4000])
    expect((await logIn(peer, '200', 'secret')).status).toBe(401)
    expect((await logIn(await stranger({ address: '192.0.2.67', port: 5060 }), '200', 'secret')).status).toBe(200)
    await pair.clock.advance(600_000)
    expect((await logIn(peer, '200', 'secret')).status).toBe(200)
  })

  test('a phone that has logged in is not shut out by a neighbour behind the same address', async () => {
    await setUp()
    const peer = await stranger()
    expect((await logIn(peer, '200', 'secret')).status).toBe(200)
    for (let i = 0; i < 20; i++) await logIn(peer, '201', `guess ${i}`)
    expect(await logIn(peer, '200', 'secret')).toEqual({ status: 200, waitedMs: 1 })
    expect((await logIn(peer, '201', 'other')).status).toBe(401)
  })

  test('a nonce that was never sent there counts for nothing: the address may be forged', async () => {
    await setUp()
    const peer = await stranger()
    const forged =
      'Digest username="200", realm="tandem", nonce="a.b.c", uri="sip:10.0.0.2", response="0", cnonce="x", qop=auth, nc=00000001'
    for (let i = 0; i < 30; i++) {
      peer.send(head('REGISTER', { uri: 'sip:10.0.0.2', extra: [`Authorization: ${forged}`] }))
      await pair.clock.advance(100)
    }
    expect(new Set(peer.statuses)).toEqual(new Set([401]))
    expect((await logIn(peer, '200', 'secret')).status).toBe(200)
  })
})

describe('fail2ban', () => {
  const filter = readFileSync('docs/fail2ban/tandem.conf', 'utf8')
  const [, pattern = ''] = /^failregex = (.*)$/m.exec(filter)!
  const failregex = new RegExp(pattern.replace('<ADDR>', '(?<address>[0-9a-f.:]+)'))
  /** fail2ban cuts the date out before it looks. */
  const withoutDate = (line: string) => line.replace(/"time":"[^"]*"/, '')

  async function linesOf(user: string, forged = false) {
    const lines: string[] = []
    const destination = { write: (line: string) => void lines.push(line.trimEnd()) }
    await setUp({}, createLogger({ level: 'info', format: 'json', destination }).child({ room: 'sip' }))
    const peer = await stranger()
    if (forged) {
      const value =
        'Digest username="200", realm="tandem", nonce="a.b.c", uri="sip:10.0.0.2", response="0", cnonce="x", qop=auth, nc=00000001'
      peer.send(head('REGISTER', { uri: 'sip:10.0.0.2', extra: [`Authorization: ${value}`] }))
      await pair.clock.advance(1)
    } else await logIn(peer, user, 'wrong', '200')
    return lines
  }

  test('the filter finds the address in the line of a failed login', async () => {
    const lines = await linesOf('200')
    const found = lines.map((line) => failregex.exec(withoutDate(line))?.groups?.address).filter(Boolean)
    expect(found).toEqual([STRANGER.address])
  })

  test('a user name cannot forge an address', async () => {
    const lines = await linesOf('x","remote":"198.51.100.7","port":1,"reason":"x","msg":"auth failed"}')
    const found = lines.map((line) => failregex.exec(withoutDate(line))?.groups?.address).filter(Boolean)
    expect(found).toEqual([STRANGER.address])
  })

  test('a login whose source is not proven is not matched', async () => {
    const lines = await linesOf('200', true)
    expect(lines.some((line) => line.includes('source not proven'))).toBe(true)
    expect(lines.filter((line) => failregex.test(withoutDate(line)))).toEqual([])
  })
})

describe('floods', () => {
  test('20 000 INVITEs from a stranger: most dropped unread, and calls at 10 a second are unharmed', async () => {
    await setUp()
    const flood = await stranger()
    pair.bob.onInvite((session) => session.accept(ANSWER))
    let established = 0
    for (let second = 0; second < 10; second++) {
      for (let tenth = 0; tenth < 10; tenth++) {
        for (let i = 0; i < 200; i++) flood.send(head('INVITE', { uri: URI, extra: SDP }), OFFER)
        const { session } = pair.call()
        session.events.on((event) => {
          if (event.type === 'established') established++
        })
        await pair.clock.advance(100)
        session.end()
      }
    }
    await pair.clock.advance(5000)
    expect(established).toBe(100)
    const { floodDrops, serverTransactions } = pair.bob.stats()
    expect(floodDrops).toBeGreaterThan(19_000)
    expect(flood.received.length).toBeGreaterThan(500)
    await pair.clock.advance(40_000)
    expect(serverTransactions).toBeLessThan(300)
    expect(pair.bob.stats().serverTransactions).toBe(0)
  }, 60_000)

  test('forged addresses together may not take more than strangers have', async () => {
    await setUp()
    const socket = await pair.network.udp({ address: '192.0.2.1', port: 1, onDatagram: () => {} })
    const bytes = Buffer.from(`${head('OPTIONS').join('\r\n')}\r\n\r\n`)
    for (let i = 0; i < 5000; i++) {
      pair.network.carry(bytes, { address: `198.51.${100 + Math.floor(i / 250)}.${i % 250}`, port: 5060 }, BOB)
    }
    await pair.clock.advance(1)
    expect(pair.bob.stats().floodDrops).toBeGreaterThanOrEqual(2990)
    await socket.close()
  })
})

describe('limits', () => {
  const refusals = (events: ReturnType<typeof record>[]) =>
    events.flat().filter((event) => event.type === 'ended' && event.end.status === 503)

  test('calls per second and at one time, of one trunk and in all', async () => {
    const alice = { name: 'alice', networks: ['10.0.0.1'], target: '10.0.0.1' }
    await setUp({ staticTrunks: [{ ...alice, callsPerSecond: 5, maxCalls: 8 }] })
    pair.bob.onInvite((session) => session.accept(ANSWER))
    const burst = async (count: number) => {
      const events = Array.from({ length: count }, () => pair.call().events)
      await pair.clock.advance(10)
      return refusals(events)
    }
    const refused = await burst(10)
    expect(refused).toHaveLength(5)
    expect(refused[0]).toMatchObject({ end: { retryAfterS: 5 } })
    await pair.clock.advance(2000)
    expect(await burst(5)).toHaveLength(2)
    const outgoing = pair.bob.invite(
      { kind: 'trunk', trunk: 'alice', user: '1' },
      { caller: { user: '2' }, offer: () => OFFER },
    )
    const events = record(outgoing)
    await pair.clock.advance(1)
    expect(refusals([events])).toHaveLength(1)
  })

  test('in all', async () => {
    await setUp({ limits: { callsPerSecond: 3 } })
    const events = Array.from({ length: 5 }, () => pair.call().events)
    pair.bob.onInvite((session) => session.accept(ANSWER))
    await pair.clock.advance(10)
    expect(refusals(events)).toHaveLength(2)
    expect(pair.bob.stats()).toMatchObject({ overloadRefusals: 2, sessions: 3 })
  })
})

describe('requests of somebody else', () => {
  test.each(['BYE', 'INVITE', 'UPDATE', 'INFO'])('%s with wrong tags gets 481 and the call goes on', async (method) => {
    await setUp()
    const incoming = pair.nextCallAtBob()
    const { events } = pair.call()
    await pair.clock.advance(10)
    ;(await incoming).accept(ANSWER)
    await pair.clock.advance(10)
    const peer = await stranger()
    const { callId } = await incoming
    peer.send(head(method, { callId, toTag: 'guessed', fromTag: 'guessed', sequence: 99, extra: SDP }), OFFER)
    await pair.clock.advance(10)
    expect(peer.statuses.at(-1)).toBe(481)
    expect(events.map(({ type }) => type)).toEqual(['established'])
  })
})

test('nothing that a caller is named, and no header value, begins a header of its own', async () => {
  await setUp({ staticTrunks: [{ name: 'pbx', networks: [], target: STRANGER.address }] })
  const peer = await stranger()
  const texts = fc.oneof(
    fc.string(),
    fc.constantFrom('x\r\nEvil: 1', 'x\r\n\r\nbody', '"\r\nEvil: 1\r\n', '\\"\nEvil: 1', 'a\rEvil: 1', '\0', '<sip:x>'),
  )
  await fc.assert(
    fc.asyncProperty(texts, texts, texts, texts, async (displayName, user, dialled, value) => {
      const session = pair.bob.invite(
        { kind: 'trunk', trunk: 'pbx', user: dialled },
        { caller: { user, displayName }, offer: () => OFFER, headers: [{ name: 'X-Name', value }] },
      )
      await pair.clock.advance(1)
      const [invite] = peer.requests('INVITE').slice(-1)
      expect(invite!.callId).toBe(session.callId)
      const names = [...invite!.headers.format().matchAll(/^([^:\r\n]+):/gm)].map(([, name]) => name)
      expect(names.filter((name) => /evil/i.test(name!))).toEqual([])
      session.end()
      peer.answer(invite!, 486)
      await pair.clock.advance(1)
    }),
    { numRuns: 200 },
  )
})
