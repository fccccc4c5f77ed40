import { beforeEach, describe, expect, test } from 'vitest'
import { ProtocolError } from '../../src/base/errors.ts'
import type { LogFields } from '../../src/base/logger.ts'
import { silentLogger } from '../../src/base/logger.ts'
import type { SipUserAgentOptions } from '../../src/sip/sip-engine.ts'
import { ANSWER, BOB, OFFER, Pair, record, types } from './pair.ts'
import { head, RawPeer, SDP } from './raw-peer.ts'

const PEER = { address: '10.0.0.9', port: 5060 }
let pair: Pair
let peer: RawPeer
let logged: { fields: LogFields; message: string }[]

/** Bob, and a peer at 10.0.0.9 that is a static trunk of his unless `bob` says otherwise. */
async function setUp(
  bob: Partial<SipUserAgentOptions> = {
    staticTrunks: [{ name: 'peer', networks: ['10.0.0.0/24'], target: '10.0.0.9' }],
  },
) {
  logged = []
  const logger = {
    ...silentLogger,
    warn: (fields: LogFields, message: string) => void logged.push({ fields, message }),
  }
  pair = await new Pair({ bob, logger }).start()
  peer = await new RawPeer(PEER, BOB).open(pair.network)
}

beforeEach(() => setUp())

async function establish(offer = OFFER) {
  const incoming = pair.nextCallAtBob()
  peer.send(head('INVITE', { extra: offer === '' ? [] : SDP }), offer)
  await pair.clock.advance(1)
  const session = await incoming
  const events = record(session)
  session.accept(ANSWER)
  await pair.clock.advance(1)
  const toTag = peer.responses().at(-1)!.to.params.get('tag')!
  return { session, events, toTag }
}

async function talking() {
  const call = await establish()
  peer.send(head('ACK', { toTag: call.toTag }))
  await pair.clock.advance(1)
  return call
}

async function exchange(lines: string[], body = ''): Promise<number[]> {
  const before = peer.received.length
  peer.send(lines, body)
  await pair.clock.advance(1)
  return peer.received.slice(before).map((message) => (message.kind === 'response' ? message.status : -1))
}

describe('what is refused, and how', () => {
  test.each([
    ['an unknown method', head('BREW'), 405],
    ['an extension we lack', head('INVITE', { extra: ['Require: foo, 100rel'] }), 420],
    ['an unknown scheme', head('INVITE', { uri: 'unknown:something' }), 416],
    ['an INVITE out of hops', head('INVITE').map((line) => line.replace('Forwards: 70', 'Forwards: 0')), 483],
    ['an INVITE without Contact', head('INVITE').filter((line) => !line.startsWith('Contact')), 400],
    ['an INVITE with another body', head('INVITE', { extra: ['Content-Type: text/plain'] }), 415],
    ['a BYE of no call', head('BYE', { toTag: 'nobody' }), 481],
    ['a BYE without a tag', head('BYE'), 481],
    ['a re-INVITE of no call', head('INVITE', { toTag: 'nobody' }), 481],
    ['a CANCEL of nothing', head('CANCEL'), 481],
    ['a bad CSeq', head('OPTIONS').map((line) => line.replace('CSeq: 1 ', 'CSeq: 1 BYE')), 400],
    [
      'another version',
      head('OPTIONS').map((line) => line.replace(' SIP/2.0', line.startsWith('OPTIONS') ? ' SIP/7.0' : ' SIP/2.0')),
      505,
    ],
    ['an unknown authentication at OPTIONS', head('OPTIONS', { extra: ['Authorization: NoOneKnows x'] }), 200],
  ])('%s', async (_, lines, status) => {
    expect(await exchange(lines, lines.includes('Content-Type: text/plain') ? 'hi' : '')).toEqual([status])
    const [response] = peer.responses()
    if (status !== 400 && status !== 505) expect(response!.to.params.get('tag')).toBeTruthy()
    if (status === 420) expect(response!.headers.get('Unsupported')).toBe('foo')
    if (status === 405) expect(response!.headers.get('Allow')).toContain('INVITE')
  })

  test('garbage, truncation and keepalives are survived', async () => {
    const invite = Buffer.from(head('INVITE').join('\r\n'))
    const cuts = Array.from({ length: Math.floor(invite.length / 7) }, (_, i) => invite.subarray(0, 7 * (i + 1)))
    for (const cut of cuts) peer.sendBytes(cut)
    for (const bytes of ['\r\n\r\n', '\0', '', 'SIP/2.0 200 OK\r\n\r\n', 'A'.repeat(60_000)])
      peer.sendBytes(Buffer.from(bytes))
    await pair.clock.advance(1)
    expect(await exchange(head('OPTIONS'))).toEqual([200])
    expect(pair.bob.stats().parseErrors).toBe(cuts.length + 2)
  })

  test('oversized headers get no call, and the next one works', async () => {
    expect(await exchange(head('INVITE', { extra: [`Subject: ${'x'.repeat(20_000)}`] }))).toEqual([])
    expect((await talking()).events).toHaveLength(1)
  })

  test('503 with Retry-After for OPTIONS while unavailable; calls are left to their handler', async () => {
    const asked: unknown[] = []
    pair.bob.onAvailability((trunk) => {
      asked.push(trunk)
      return { available: false, retryAfterS: 17, reason: 'logged out' }
    })
    pair.bob.onInvite((session) => session.reject(503, { q850: 38, retryAfterS: 18 }))
    expect(await exchange(head('OPTIONS'))).toEqual([503])
    expect(await exchange(head('INVITE', { extra: SDP, callId: 'x' }), OFFER)).toEqual([100, 503])
    const last = peer.responses().filter(({ status }) => status === 503)
    expect(last.map(({ headers }) => headers.get('Retry-After'))).toEqual(['17', '18'])
    expect(last[1].headers.get('Reason')).toBe('Q.850;cause=38')
    expect(asked).toEqual([{ kind: 'static-trunk', name: 'peer' }])
  })

  test('503 when all calls are taken', async () => {
    await setUp({ staticTrunks: [{ name: 'p', networks: ['10.0.0.9'] }], limits: { maxSessions: 1 } })
    await talking()
    expect(await exchange(head('INVITE', { extra: SDP, callId: 'x' }), OFFER)).toEqual([503])
    expect(pair.bob.stats().overloadRefusals).toBe(1)
  })

  test('503 without state when all transactions are taken; a BYE still passes', async () => {
    await setUp({ staticTrunks: [{ name: 'p', networks: ['10.0.0.9'] }], limits: { maxTransactions: 1 } })
    const { toTag } = await talking()
    expect(await exchange(head('OPTIONS', { callId: 'x' }))).toEqual([503])
    expect(await exchange(head('BYE', { toTag, sequence: 2 }))).toEqual([200])
  })
})

describe('transactions', () => {
  test('a repeated INVITE gets the last answer again and no second call', async () => {
    const seen: string[] = []
    pair.bob.onInvite((session) => {
      seen.push(session.callId)
      session.ring()
    })
    const invite = head('INVITE', { extra: SDP })
    expect(await exchange(invite, OFFER)).toEqual([100, 180])
    expect(await exchange(invite, OFFER)).toEqual([180])
    expect(seen).toHaveLength(1)
  })

  test('two peers with the same branch are two calls', async () => {
    const seen: string[] = []
    pair.bob.onInvite((session) => void seen.push(session.callId))
    await exchange(head('INVITE', { branch: 'z9hG4bKsame', callId: 'one' }))
    await exchange(head('INVITE', { branch: 'z9hG4bKsame', callId: 'two', sentBy: '10.0.0.8:5060' }))
    expect(seen).toEqual(['one', 'two'])
  })

  test('one INVITE over two ways: 482 for the second (merged request)', async () => {
    pair.bob.onInvite((session) => session.ring())
    await exchange(head('INVITE'))
    expect(await exchange(head('INVITE'))).toEqual([482])
  })

  test('a branch without the magic cookie is matched as RFC 2543 asks', async () => {
    pair.bob.onInvite((session) => session.reject(486))
    const invite = head('INVITE', { branch: 'old' })
    expect(await exchange(invite)).toEqual([100, 486])
    expect(await exchange(invite)).toEqual([486])
    peer.send(head('ACK', { branch: 'old', toTag: peer.responses().at(-1)!.to.params.get('tag')! }))
    await pair.clock.advance(1)
    expect(await exchange(invite)).toEqual([])
  })

  test('486 is repeated until its ACK (timers G and H)', async () => {
    pair.bob.onInvite((session) => session.reject(486))
    const invite = head('INVITE', { branch: 'z9hG4bKg' })
    await exchange(invite)
    await pair.clock.advance(3600)
    expect(peer.statuses).toEqual([100, 486, 486, 486, 486])
    peer.send(head('ACK', { branch: 'z9hG4bKg' }))
    await pair.clock.advance(40_000)
    expect(peer.statuses).toHaveLength(5)
    expect(pair.bob.stats().serverTransactions).toBe(0)
  })

  test('200 is repeated until its ACK; without any the call ends with BYE after 32 s', async () => {
    const { events } = await establish()
    await pair.clock.advance(1600)
    expect(peer.statuses).toEqual([100, 200, 200, 200])
    await pair.clock.advance(31_000)
    expect(types(events)).toEqual(['ended'])
    expect(events[0]).toMatchObject({ end: { by: 'timeout', status: 408 } })
    expect(peer.requests('BYE').length).toBeGreaterThan(0)
  })

  test('the answer goes to the port that sent, with received and rport', async () => {
    const behindNat = await new RawPeer({ address: '10.0.0.77', port: 40_000 }, BOB).open(pair.network)
    behindNat.send(head('OPTIONS', { sentBy: '192.168.1.5:5060' }))
    await pair.clock.advance(1)
    expect(behindNat.responses()[0]!.via.params.get('received')).toBe('10.0.0.77')
    expect(behindNat.responses()[0]!.via.params.get('rport')).toBe('40000')
  })
})

describe('races', () => {
  test('CANCEL while ringing: 200 for it, 487 for the INVITE, its Reason told', async () => {
    const incoming = pair.nextCallAtBob()
    await exchange(head('INVITE', { branch: 'z9hG4bKc' }))
    const events = record(await incoming)
    const cancel = head('CANCEL', { branch: 'z9hG4bKc', extra: ['Reason: Q.850;cause=26'] })
    expect(await exchange(cancel)).toEqual([200, 487])
    expect(events).toMatchObject([{ type: 'ended', end: { by: 'remote', status: 487, q850: 26 } }])
  })

  test('CANCEL after the 200 was sent: 200 for it, the call stays', async () => {
    const { events, toTag } = await establish()
    const branch = peer.responses()[0]!.via.branch
    expect(await exchange(head('CANCEL', { branch }))).toEqual([200])
    peer.send(head('ACK', { toTag }))
    await pair.clock.advance(1)
    expect(types(events)).toEqual(['established'])
  })

  test('BYE while ringing ends the INVITE with 487', async () => {
    const incoming = pair.nextCallAtBob()
    await exchange(head('INVITE'))
    const session = await incoming
    const events = record(session)
    session.ring()
    await pair.clock.advance(1)
    const toTag = peer.responses().at(-1)!.to.params.get('tag')!
    expect(await exchange(head('BYE', { toTag, sequence: 2 }))).toEqual([200, 487])
    expect(events).toMatchObject([{ end: { by: 'remote', status: 487 } }])
  })

  test('we hang up before the ACK: the BYE waits for it', async () => {
    const { session, events, toTag } = await establish()
    session.end()
    await pair.clock.advance(1)
    expect(types(events)).toEqual(['ended'])
    expect(peer.requests('BYE')).toEqual([])
    peer.send(head('ACK', { toTag }))
    await pair.clock.advance(1)
    expect(peer.requests('BYE')).toHaveLength(1)
    peer.answer(peer.requests('BYE')[0]!, 200)
    await pair.clock.advance(1)
    expect(pair.bob.stats()).toMatchObject({ sessions: 0, dialogs: 0 })
  })

  const dial = () => {
    const session = pair.bob.invite(
      { kind: 'trunk', trunk: 'peer', user: '300' },
      { caller: { user: '1' }, offer: () => OFFER },
    )
    return { session, events: record(session) }
  }
  const contact = ['Contact: <sip:peer@10.0.0.9>', ...SDP]

  test('we cancel before any answer: the CANCEL waits for the first provisional one', async () => {
    const { session } = dial()
    await pair.clock.advance(1)
    session.end()
    await pair.clock.advance(1)
    expect(peer.requests('CANCEL')).toEqual([])
    peer.answer(peer.requests('INVITE')[0]!, 180)
    await pair.clock.advance(1)
    expect(peer.requests('CANCEL')).toHaveLength(1)
    expect(peer.requests('CANCEL')[0]!.via.branch).toBe(peer.requests('INVITE')[0]!.via.branch)
  })

  test('our CANCEL crosses their 200: ACK and BYE', async () => {
    const { session, events } = dial()
    await pair.clock.advance(1)
    const invite = peer.requests('INVITE')[0]!
    peer.answer(invite, 180)
    await pair.clock.advance(1)
    session.end()
    peer.answer(invite, 200, contact, ANSWER)
    peer.answer(invite, 200, contact, ANSWER)
    await pair.clock.advance(1)
    expect(peer.requests('ACK')).toHaveLength(2)
    expect(peer.requests('BYE')).toHaveLength(1)
    expect(events).toMatchObject([{ type: 'progress' }, { type: 'ended', end: { by: 'local', status: 487 } }])
  })

  test('a cancelled INVITE that nobody ends is given up after 32 s', async () => {
    const { session } = dial()
    await pair.clock.advance(1)
    peer.answer(peer.requests('INVITE')[0]!, 180)
    await pair.clock.advance(1)
    session.end()
    await pair.clock.advance(33_000)
    expect(pair.bob.stats()).toMatchObject({ sessions: 0, clientTransactions: 0 })
  })

  test('two forks answer: the first is the call, the second gets ACK and BYE', async () => {
    const { events } = dial()
    await pair.clock.advance(1)
    const invite = peer.requests('INVITE')[0]!
    for (const fork of ['a', 'b']) peer.answer(invite, 180, contact, '', fork)
    for (const fork of ['a', 'b']) peer.answer(invite, 200, contact, ANSWER, fork)
    await pair.clock.advance(1)
    expect(peer.requests('ACK').map((ack) => ack.to.params.get('tag'))).toEqual(['a', 'b'])
    expect(peer.requests('BYE').map((bye) => bye.to.params.get('tag'))).toEqual(['b'])
    expect(types(events)).toEqual(['progress', 'progress', 'established'])
  })

  test('a repeated 200 gets its ACK again', async () => {
    dial()
    await pair.clock.advance(1)
    const invite = peer.requests('INVITE')[0]!
    peer.answer(invite, 200, contact, ANSWER)
    peer.answer(invite, 200, contact, ANSWER)
    await pair.clock.advance(1)
    expect(peer.requests('ACK')).toHaveLength(2)
  })

  test('an UPDATE before the answer: a new target yes, an offer no (491)', async () => {
    const { session, events } = dial()
    await pair.clock.advance(1)
    const invite = peer.requests('INVITE')[0]!
    peer.answer(invite, 180, contact)
    await pair.clock.advance(1)
    const tags = { fromTag: 'peer', toTag: invite.from.params.get('tag')!, callId: session.callId }
    expect(await exchange(head('UPDATE', { ...tags, sequence: 5 }))).toEqual([200])
    expect(await exchange(head('UPDATE', { ...tags, sequence: 6, extra: SDP }), OFFER)).toEqual([491])
    expect(await exchange(head('UPDATE', { ...tags, fromTag: 'other', sequence: 7 }))).toEqual([481])
    peer.answer(invite, 200, contact, ANSWER)
    await pair.clock.advance(1)
    expect(await exchange(head('OPTIONS', { ...tags, sequence: 5 }))).toEqual([500])
    expect(types(events)).toEqual(['progress', 'established'])
  })

  test('the answer may come with early media; without any the call is hung up', async () => {
    const early = dial()
    await pair.clock.advance(1)
    peer.answer(peer.requests('INVITE')[0]!, 183, contact, ANSWER)
    peer.answer(peer.requests('INVITE')[0]!, 200, contact)
    await pair.clock.advance(1)
    expect(early.events.at(-1)).toEqual({ type: 'established', sdp: ANSWER })
    const none = dial()
    await pair.clock.advance(1)
    peer.answer(peer.requests('INVITE')[1]!, 200, contact)
    await pair.clock.advance(1)
    expect(none.events).toMatchObject([{ type: 'ended', end: { by: 'local', status: 488 } }])
    expect(peer.requests('BYE')).toHaveLength(1)
  })

  test('an offer that cannot be made ends the call before an INVITE goes out', async () => {
    const offer = () => {
      throw new ProtocolError('media.no-port', 'no free port')
    }
    const session = pair.bob.invite({ kind: 'trunk', trunk: 'peer', user: '3' }, { caller: { user: '1' }, offer })
    const events = record(session)
    await pair.clock.advance(1)
    expect(events).toMatchObject([{ type: 'ended', end: { by: 'transport', reason: 'no free port' } }])
    expect(peer.requests('INVITE')).toEqual([])
  })

  test('no answer at all: seven INVITEs (timer A), then 408 (timer B)', async () => {
    const { events } = dial()
    await pair.clock.advance(32_001)
    expect(peer.requests('INVITE')).toHaveLength(7)
    expect(events).toMatchObject([{ type: 'ended', end: { by: 'timeout', status: 408 } }])
  })

  test('a refusal is ACKed, again for each time that it comes', async () => {
    dial()
    await pair.clock.advance(1)
    const invite = peer.requests('INVITE')[0]!
    peer.answer(invite, 486)
    await pair.clock.advance(500)
    peer.answer(invite, 486)
    await pair.clock.advance(1)
    expect(peer.requests('ACK').map((ack) => ack.via.branch)).toEqual([invite.via.branch, invite.via.branch])
  })

  test('a trunk that does not exist or a host that has no address ends the call with 503', async () => {
    const missing = pair.bob.invite(
      { kind: 'trunk', trunk: 'none', user: '1' },
      { caller: { user: '1' }, offer: () => OFFER },
    )
    const nameless = pair.bob.invite(
      { kind: 'uri', uri: 'sip:a@nowhere.test' },
      { caller: { user: '1' }, offer: () => OFFER },
    )
    const broken = pair.bob.invite({ kind: 'uri', uri: 'not a uri' }, { caller: { user: '1' }, offer: () => OFFER })
    const events = [missing, nameless, broken].map(record)
    await pair.clock.advance(1)
    for (const seen of events) expect(seen).toMatchObject([{ type: 'ended', end: { by: 'transport', status: 503 } }])
  })
})

describe('during a call', () => {
  test('hold and resume by re-INVITE: the handler answers each offer', async () => {
    const { session, toTag } = await talking()
    const offers: (string | undefined)[] = []
    session.onOffer((offer) => {
      offers.push(offer.sdp)
      offer.accept(ANSWER)
    })
    const held = `${OFFER}a=sendonly\r\n`
    expect(await exchange(head('INVITE', { toTag, sequence: 2, extra: SDP }), held)).toEqual([100, 200])
    peer.send(head('ACK', { toTag, sequence: 2 }))
    expect(await exchange(head('UPDATE', { toTag, sequence: 3, extra: SDP }), OFFER)).toEqual([200])
    expect(offers).toEqual([held, OFFER])
  })

  test('without a handler an offer gets 488 and the call goes on', async () => {
    const { events, toTag } = await talking()
    expect(await exchange(head('INVITE', { toTag, sequence: 2, extra: SDP }), `${OFFER}a=sendonly\r\n`)).toEqual([
      100, 488,
    ])
    expect(types(events)).toEqual(['established'])
  })

  test('a re-INVITE 2 ms after the ACK, even before the ACK', async () => {
    const { session, toTag, events } = await establish()
    session.onOffer((offer) => offer.accept(ANSWER))
    expect(await exchange(head('INVITE', { toTag, sequence: 2, extra: SDP }), OFFER)).toEqual([100, 200])
    peer.send(head('ACK', { toTag }))
    peer.send(head('ACK', { toTag, sequence: 2 }))
    await pair.clock.advance(10_000)
    expect(types(events)).toEqual(['established'])
    expect(peer.statuses.filter((status) => status === 200)).toHaveLength(2)
  })

  test('a re-INVITE without SDP gets our offer; the ACK brings the answer', async () => {
    const { session, toTag, events } = await talking()
    session.onOffer((offer) => {
      expect(offer.sdp).toBeUndefined()
      offer.accept(OFFER)
    })
    expect(await exchange(head('INVITE', { toTag, sequence: 2 }))).toEqual([100, 200])
    peer.send(head('ACK', { toTag, sequence: 2, extra: SDP }), ANSWER)
    await pair.clock.advance(1)
    expect(events.at(-1)).toEqual({ type: 'answer', sdp: ANSWER })
  })

  test('an INVITE without SDP: the 200 has our offer, the ACK their answer', async () => {
    const { session, toTag, events } = await establish('')
    expect(session.offer).toBeUndefined()
    peer.send(head('ACK', { toTag, extra: SDP }), OFFER)
    await pair.clock.advance(1)
    expect(events).toEqual([{ type: 'established', sdp: OFFER }])
  })

  test('an ACK without the answer that our 200 asked for ends the call', async () => {
    const { toTag, events } = await establish('')
    peer.send(head('ACK', { toTag }))
    await pair.clock.advance(1)
    expect(events).toMatchObject([{ type: 'ended', end: { by: 'local', status: 488 } }])
    expect(peer.requests('BYE')).toHaveLength(1)
  })

  test('a re-INVITE with another Contact moves our requests there', async () => {
    const { session, toTag } = await talking()
    const moved = await new RawPeer({ address: '10.0.0.70', port: 5090 }, BOB).open(pair.network)
    session.onOffer((offer) => offer.accept(ANSWER))
    const reinvite = head('INVITE', { toTag, sequence: 2, extra: SDP })
    await exchange(
      [...reinvite.filter((line) => !line.startsWith('Contact')), 'Contact: <sip:200@10.0.0.70:5090>'],
      OFFER,
    )
    peer.send(head('ACK', { toTag, sequence: 2 }))
    await pair.clock.advance(1)
    session.end()
    await pair.clock.advance(1)
    expect(moved.requests('BYE').map((bye) => bye.requestUri)).toEqual(['sip:200@10.0.0.70:5090'])
  })

  test('an UPDATE without SDP is a no-op; OPTIONS and an empty INFO are signs of life', async () => {
    const { toTag } = await talking()
    expect(await exchange(head('UPDATE', { toTag, sequence: 2 }))).toEqual([200])
    expect(await exchange(head('OPTIONS', { toTag, sequence: 3 }))).toEqual([200])
    expect(await exchange(head('INFO', { toTag, sequence: 4 }))).toEqual([200])
    expect(await exchange(head('INFO', { toTag, sequence: 5, extra: ['Content-Type: text/plain'] }), 'x')).toEqual([
      415,
    ])
    expect(await exchange(head('OPTIONS', { toTag, sequence: 1 }))).toEqual([500])
  })

  test.each([
    ['application/dtmf-relay', 'Signal=5\r\nDuration=250\r\n', { digit: '5', durationMs: 250 }],
    ['application/dtmf-relay', 'Signal= 11\r\n', { digit: '#', durationMs: 160 }],
    ['application/dtmf', '*', { digit: '*', durationMs: 160 }],
  ])('INFO %s %j', async (type, body, digit) => {
    const { events, toTag } = await talking()
    expect(await exchange(head('INFO', { toTag, sequence: 2, extra: [`Content-Type: ${type}`] }), body)).toEqual([200])
    expect(events.at(-1)).toEqual({ type: 'dtmf', ...digit })
  })

  test('a BYE or re-INVITE with a wrong tag gets 481 and changes nothing', async () => {
    const { events, toTag } = await talking()
    expect(await exchange(head('BYE', { toTag, fromTag: 'forged', sequence: 2 }))).toEqual([481])
    expect(await exchange(head('INVITE', { toTag: 'forged', sequence: 2, extra: SDP }), OFFER)).toEqual([481])
    expect(types(events)).toEqual(['established'])
  })

  test('a request of the dialog may come from anywhere', async () => {
    const { events, toTag } = await talking()
    const elsewhere = await new RawPeer({ address: '10.0.0.50', port: 5060 }, BOB).open(pair.network)
    elsewhere.send(head('BYE', { toTag, sequence: 2 }))
    await pair.clock.advance(1)
    expect(elsewhere.statuses).toEqual([200])
    expect(types(events)).toEqual(['established', 'ended'])
  })

  test('Record-Route is echoed and our requests follow it', async () => {
    const proxy = await new RawPeer({ address: '10.0.0.60', port: 5060 }, BOB).open(pair.network)
    const incoming = pair.nextCallAtBob()
    const routes = ['Record-Route: <sip:10.0.0.60;lr>, <sip:10.0.0.61;lr>']
    await exchange(head('INVITE', { extra: [...routes, ...SDP] }), OFFER)
    const session = await incoming
    session.accept(ANSWER)
    await pair.clock.advance(1)
    const ok = peer.responses().at(-1)!
    expect(ok.headers.lines('Record-Route')).toEqual(['<sip:10.0.0.60;lr>, <sip:10.0.0.61;lr>'])
    peer.send(head('ACK', { toTag: ok.to.params.get('tag')! }))
    await pair.clock.advance(1)
    session.end()
    await pair.clock.advance(1)
    const bye = proxy.requests('BYE')[0]!
    expect(bye.requestUri).toBe('sip:200@10.0.0.9:5060')
    expect(bye.headers.lines('Route')).toEqual(['<sip:10.0.0.60;lr>', '<sip:10.0.0.61;lr>'])
  })

  test('glare: while our re-INVITE is open theirs gets 491; on 491 we try again', async () => {
    pair.bob.onInvite(() => {})
    const session = pair.bob.invite(
      { kind: 'trunk', trunk: 'peer', user: '3' },
      { caller: { user: '1' }, offer: () => OFFER },
    )
    await pair.clock.advance(1)
    const contact = ['Contact: <sip:peer@10.0.0.9>', ...SDP]
    peer.answer(peer.requests('INVITE')[0]!, 200, contact, ANSWER)
    await pair.clock.advance(1)
    const answer = session.reoffer(OFFER)
    await pair.clock.advance(1)
    const reinvite = peer.requests('INVITE')[1]!
    const tags = { fromTag: 'peer', toTag: reinvite.from.params.get('tag')!, callId: session.callId, sequence: 9 }
    expect(await exchange(head('INVITE', { ...tags, extra: SDP }), OFFER)).toEqual([491])
    peer.answer(reinvite, 491)
    await pair.clock.advance(2000)
    expect(peer.requests('INVITE')).toHaveLength(2)
    await pair.clock.advance(2100)
    peer.answer(peer.requests('INVITE')[2]!, 200, contact, ANSWER)
    await pair.clock.advance(1)
    expect(await answer).toBe(ANSWER)
    expect(peer.requests('ACK').map((ack) => ack.cseq.number)).toEqual([1, 2, 3])
  })

  test('a second offer while the first waits for its answer gets 500 with Retry-After', async () => {
    const { session, toTag } = await talking()
    session.onOffer(() => {})
    expect(await exchange(head('INVITE', { toTag, sequence: 2, extra: SDP }), `${OFFER}a=sendonly\r\n`)).toEqual([100])
    expect(await exchange(head('UPDATE', { toTag, sequence: 3, extra: SDP }), OFFER)).toEqual([500])
    expect(peer.responses().at(-1)!.headers.has('Retry-After')).toBe(true)
    expect(await exchange(head('BYE', { toTag, sequence: 4 }))).toEqual([200, 487])
  })

  test('481 to our re-INVITE ends the call', async () => {
    const session = pair.bob.invite(
      { kind: 'trunk', trunk: 'peer', user: '3' },
      { caller: { user: '1' }, offer: () => OFFER },
    )
    const events = record(session)
    await pair.clock.advance(1)
    peer.answer(peer.requests('INVITE')[0]!, 200, ['Contact: <sip:peer@10.0.0.9>', ...SDP], ANSWER)
    await pair.clock.advance(1)
    const answer = session.reoffer(OFFER)
    const refused = expect(answer).rejects.toMatchObject({ code: 'sip.offer-refused', details: { status: 481 } })
    await pair.clock.advance(1)
    peer.answer(peer.requests('INVITE')[1]!, 481)
    await pair.clock.advance(1)
    await refused
    expect(types(events)).toEqual(['established', 'ended'])
  })
})

test('a wrong digest gets 401 and one line that fail2ban can match, without the password', async () => {
  await setUp({ staticTrunks: [], users: [{ username: '200', password: 'secret' }] })
  expect(await exchange(head('INVITE', { extra: SDP }), OFFER)).toEqual([401])
  const nonce = /nonce="([^"]+)"/.exec(peer.responses()[0]!.headers.get('WWW-Authenticate')!)![1]
  const guess = `Authorization: Digest username="200", realm="tandem", nonce="${nonce}", uri="sip:100@10.0.0.2", response="${'0'.repeat(32)}", cnonce="x", qop=auth, nc=00000001`
  expect(await exchange(head('INVITE', { extra: [guess, ...SDP], sequence: 2 }), OFFER)).toEqual([401])
  expect(logged).toEqual([
    {
      fields: { remote: '10.0.0.9', port: 5060, reason: 'wrong-credentials', username: '200', method: 'INVITE' },
      message: 'auth failed',
    },
  ])
  expect(pair.bob.stats().authFailures).toBe(1)
})

test('a mistake in the handler of one call does not end the others', async () => {
  const { events } = await talking()
  pair.bob.onInvite(() => {
    throw new TypeError('a bug')
  })
  expect(await exchange(head('INVITE', { callId: 'other' }))).toEqual([100, 500])
  expect(await exchange(head('OPTIONS', { callId: 'x' }))).toEqual([200])
  expect(types(events)).toEqual(['established'])
})

test('a stranger gets one answer and no memory: a forged address is not flooded by us', async () => {
  await setUp({ staticTrunks: [], users: [{ username: '200', password: 'secret' }] })
  const invite = head('INVITE', { extra: SDP })
  await exchange(invite, OFFER)
  expect(pair.bob.stats().serverTransactions).toBe(0)
  await pair.clock.advance(40_000)
  expect(peer.statuses).toEqual([401])
  await exchange(invite, OFFER)
  const tags = peer.responses().map((response) => response.to.params.get('tag'))
  expect(tags).toEqual([tags[0], tags[0]])
})

test('stop ends calls with BYE, CANCELs what rings, and leaves nothing behind', async () => {
  await talking()
  const ringing = pair.bob.invite(
    { kind: 'trunk', trunk: 'peer', user: '3' },
    { caller: { user: '1' }, offer: () => OFFER },
  )
  await pair.clock.advance(1)
  peer.answer(peer.requests('INVITE')[0]!, 180)
  await pair.clock.advance(1)
  const events = record(ringing)
  const left = pair.stop()
  await pair.clock.advance(1)
  expect(peer.requests('BYE')).toHaveLength(1)
  expect(peer.requests('CANCEL')).toHaveLength(1)
  expect(types(events)).toEqual(['ended'])
  await peer.close()
  expect(await left).toEqual({ timers: 0, sockets: 0 })
})
