import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/base/random.ts'
import { authorization, challengesOf } from '../../src/sip/auth/credentials.ts'
import { Headers } from '../../src/sip/message/headers.ts'
import { request } from '../../src/sip/message/message.ts'
import type { SipUserAgentOptions } from '../../src/sip/sip-engine.ts'
import { Dialogue } from './dialogue.ts'
import { ANSWER, OFFER, record, types } from './pair.ts'
import { head, RawPeer, SDP } from './raw-peer.ts'

/** How PBXs were seen to behave as trunk peers, each point as a test; what concerns media is in `test/bridge/asterisk.test.ts`. */

const REGISTRATION = { name: 'pbx', registrar: '10.0.0.9', username: 'wa', password: 'secret', expiresS: 300 }
const CALLER = { user: '4917012345678', displayName: 'Ann' }

/** Bob registers at the peer, which challenges as that PBX does. */
async function registered(options: Partial<SipUserAgentOptions> = {}) {
  const dialogue = await Dialogue.start({ staticTrunks: [], registrations: [REGISTRATION], ...options })
  await dialogue.advance(1)
  const register = dialogue.peer.requests('REGISTER')[0]!
  dialogue.peer.answer(register, 401, [
    'WWW-Authenticate: Digest realm="asterisk", nonce="1/a", algorithm=MD5, qop="auth"',
  ])
  await dialogue.advance(1)
  return dialogue
}

async function settle(dialogue: Dialogue) {
  const register = dialogue.peer.requests('REGISTER').at(-1)!
  dialogue.peer.answer(register, 200, [`Contact: ${register.headers.get('Contact')};expires=300`])
  await dialogue.advance(1)
}

function dial(dialogue: Dialogue) {
  const session = dialogue.pair.bob.invite(
    { kind: 'trunk', trunk: 'pbx', user: '100' },
    { caller: CALLER, offer: () => OFFER },
  )
  return record(session)
}

describe('Asterisk', () => {
  test('point 1: it knows a trunk by the user in From: the account is there, the caller in P-Asserted-Identity', async () => {
    const dialogue = await registered()
    await settle(dialogue)
    dial(dialogue)
    await dialogue.advance(1)
    const { from, headers } = dialogue.peer.requests('INVITE')[0]!
    expect(from.uri.user).toBe('wa')
    expect(headers.get('P-Asserted-Identity')).toBe('"Ann" <sip:4917012345678@10.0.0.9>')
  })

  test.each([
    ['point 2: a nonce lives 32 s, so every INVITE is challenged with 401', 401, 'WWW-Authenticate', 'Authorization'],
    ['FreeSWITCH challenges an INVITE with 407', 407, 'Proxy-Authenticate', 'Proxy-Authorization'],
  ] as const)('%s', async (_, status, challenge, answer) => {
    const dialogue = await registered()
    await settle(dialogue)
    for (let i = 1; i <= 3; i++) {
      const events = dial(dialogue)
      await dialogue.advance(1)
      dialogue.peer.answer(dialogue.peer.requests('INVITE').at(-1)!, status, [
        `${challenge}: Digest realm="asterisk", nonce="${i}", qop="auth"`,
      ])
      await dialogue.advance(1)
      const again = dialogue.peer.requests('INVITE').at(-1)!
      expect(again.headers.get(answer)).toContain(`nonce="${i}"`)
      dialogue.peer.answer(again, 200, ['Contact: <sip:asterisk@10.0.0.9>', ...SDP], ANSWER)
      await dialogue.advance(33_000)
      expect(types(events)).toEqual(['established'])
    }
  })

  test('point 3: OPTIONS before the 200 to REGISTER, and later, are answered 200', async () => {
    const dialogue = await registered()
    expect(await dialogue.exchange('OPTIONS', { callId: 'q1' })).toEqual([200])
    await settle(dialogue)
    expect(await dialogue.exchange('OPTIONS', { callId: 'q2' })).toEqual([200])
    expect(dialogue.lastAnswer.headers.list('Supported')).toEqual(['100rel', 'timer', 'replaces', 'norefersub'])
  })

  test('point 3: un-REGISTER on shutdown', async () => {
    const dialogue = await registered()
    await settle(dialogue)
    const stopped = dialogue.pair.stop()
    await dialogue.advance(1)
    const last = dialogue.peer.requests('REGISTER').at(-1)!
    expect(last.headers.get('Expires') ?? last.headers.get('Contact')).toMatch(/(^|expires=)0$/)
    await dialogue.advance(5000)
    await stopped
  })

  const ASTERISK_INVITE = [
    'Allow: OPTIONS, REGISTER, SUBSCRIBE, NOTIFY, PUBLISH, INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, INFO, MESSAGE, REFER',
    'Supported: 100rel, timer, replaces, norefersub, histinfo',
    'Session-Expires: 1800',
    'Min-SE: 90',
  ]

  test('point 4: the Request-URI is number@registered-contact; no challenge for the PBX at which we are registered', async () => {
    const dialogue = await registered()
    await settle(dialogue)
    const { session } = await dialogue.invite({ uri: 'sip:4917099@10.0.0.2:5060', extra: ASTERISK_INVITE })
    expect(session).toMatchObject({ dialled: '4917099', peer: { kind: 'registration', name: 'pbx' } })
  })

  test('point 4: the caller may be sip:anonymous@anonymous.invalid', async () => {
    const dialogue = await Dialogue.start()
    const lines = head('INVITE', { extra: [...ASTERISK_INVITE, ...SDP] })
    const from = lines.map((line) =>
      line.startsWith('From') ? 'From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=a' : line,
    )
    const incoming = new Promise<boolean>((resolve) => dialogue.pair.bob.onInvite((s) => resolve(s.caller.isPrivate)))
    dialogue.peer.send(from, OFFER)
    await dialogue.advance(1)
    expect(await incoming).toBe(true)
  })

  test('point 6: Require: 100rel in INVITE and re-INVITE', async () => {
    const dialogue = await Dialogue.start()
    const { session } = await dialogue.invite({ extra: ['Require: 100rel'] })
    session.onOffer((offer) => offer.accept(ANSWER))
    session.ring()
    await dialogue.advance(1)
    const toTag = dialogue.lastAnswer.to.params.get('tag')!
    const rack = `RAck: ${dialogue.lastAnswer.headers.get('RSeq')} 1 INVITE`
    expect(await dialogue.exchange('PRACK', { toTag, sequence: 2, extra: [rack] })).toEqual([200])
    session.accept(ANSWER)
    await dialogue.advance(1)
    await dialogue.exchange('ACK', { toTag })
    const reinvite = { toTag, sequence: 3, extra: ['Require: 100rel'] }
    expect(await dialogue.exchange('INVITE', reinvite, `${OFFER}a=sendonly\r\n`)).toEqual([100, 200])
  })

  test('point 7: Require: timer, refresher=uac, UPDATE without SDP at half the interval', async () => {
    const dialogue = await Dialogue.start()
    const { events, ok, toTag } = await dialogue.talking(ASTERISK_INVITE)
    expect(ok.headers.get('Session-Expires')).toBe('1800;refresher=uac')
    expect(ok.headers.list('Require')).toEqual(['timer'])
    for (let sequence = 2; sequence < 6; sequence++) {
      await dialogue.advance(900_000)
      const extra = ['Require: timer', 'Session-Expires: 1800;refresher=uac', 'Supported: timer']
      expect(await dialogue.exchange('UPDATE', { toTag, sequence, extra })).toEqual([200])
    }
    expect(types(events)).toEqual(['established'])
  })

  test('point 7: without a Session-Expires from us no timer runs there, so every INVITE of ours asks for one', async () => {
    const { invite } = await (await Dialogue.start()).dialled()
    expect([invite.headers.get('Session-Expires'), invite.headers.get('Min-SE')]).toEqual(['1800', '90'])
    expect(invite.headers.list('Supported')).toContain('timer')
  })

  test('point 7: it answers an interval below 90 s with 422 and Min-SE, and so do we', async () => {
    const dialogue = await Dialogue.start()
    const short = { extra: ['Supported: timer', 'Session-Expires: 60'] }
    expect(await dialogue.exchange('INVITE', short, OFFER)).toEqual([422])
    expect(dialogue.lastAnswer.headers.get('Min-SE')).toBe('90')
    const { answerInvite } = await dialogue.dialled()
    await answerInvite(422, ['Min-SE: 2400'])
    expect(dialogue.peer.requests('INVITE').at(-1)!.headers.get('Session-Expires')).toBe('2400')
  })

  test('point 8: connected line before the answer: UPDATE with P-Asserted-Identity in the early dialog', async () => {
    const dialogue = await Dialogue.start()
    const { answerInvite, tags, events } = await dialogue.dialled()
    await answerInvite(180)
    const extra = ['P-Asserted-Identity: <sip:101@10.0.0.9>', 'Supported: timer']
    expect(await dialogue.exchange('UPDATE', { ...tags, sequence: 9, extra })).toEqual([200])
    expect(types(events)).toEqual(['progress'])
  })

  test.each([0, 16, 17, 127])('point 13: Reason: Q.850;cause=%i on CANCEL and on a refusal is read', async (cause) => {
    const dialogue = await Dialogue.start()
    const branch = 'z9hG4bKcause'
    const extra = [`Reason: Q.850;cause=${cause}`]
    const { events } = await dialogue.invite({ branch, callId: 'cause' })
    expect(await dialogue.exchange('CANCEL', { branch, callId: 'cause', extra })).toEqual([200, 487])
    expect(events).toMatchObject([{ end: { status: 487, q850: cause } }])
    const out = await dialogue.dialled()
    await out.answerInvite(486, extra)
    expect(out.events).toMatchObject([{ end: { status: 486, q850: cause } }])
  })
})

describe('FreeSWITCH', () => {
  test('Require: timer only when asked: a caller without it gets no Require', async () => {
    const { ok } = await (await Dialogue.start()).talking()
    expect(ok.headers.has('Require')).toBe(false)
    expect(ok.headers.get('Session-Expires')).toBe('1800;refresher=uas')
  })

  test('its Remote-Party-ID names the caller', async () => {
    const extra = ['Remote-Party-ID: "1000" <sip:1000@10.0.0.9>;party=calling;screen=yes;privacy=off']
    const { session } = await (await Dialogue.start()).invite({ extra })
    expect(session.caller).toEqual({ party: { user: '1000', displayName: '1000' }, isPrivate: false })
  })

  test('603 for a call that was rejected', async () => {
    const { answerInvite, events } = await (await Dialogue.start()).dialled()
    await answerInvite(603, ['Reason: Q.850;cause=21;text="CALL_REJECTED"'])
    expect(events).toMatchObject([{ type: 'ended', end: { status: 603, q850: 21 } }])
  })

  test('BYE soon after REFER: the NOTIFYs still go out, whatever they are answered', async () => {
    const dialogue = await Dialogue.start()
    const { session, toTag, events } = await dialogue.talking()
    session.onTransfer((transfer) => {
      transfer.accept()
      dialogue.pair.clock.after(500, () => transfer.progress(200))
    })
    await dialogue.exchange('REFER', { toTag, sequence: 2, extra: ['Refer-To: <sip:600@10.0.0.9>'] })
    expect(await dialogue.exchange('BYE', { toTag, sequence: 3 })).toEqual([200])
    await dialogue.advance(600)
    expect(types(events)).toEqual(['established', 'ended'])
    const bodies = new Set(dialogue.peer.requests('NOTIFY').map(({ body }) => Buffer.from(body).toString()))
    expect(bodies).toEqual(new Set(['SIP/2.0 100 Trying\r\n', 'SIP/2.0 200 OK\r\n']))
    for (const notify of dialogue.peer.requests('NOTIFY')) dialogue.peer.answer(notify, 481)
    await dialogue.advance(40_000)
    expect(dialogue.pair.bob.stats()).toMatchObject({ sessions: 0, dialogs: 0, clientTransactions: 0 })
  })
})

/** What `docs/pbx/3cx.md` and `docs/pbx/freepbx.md` tell an administrator to set, from the wire's side. */
describe('3CX', () => {
  const USERS = { staticTrunks: [], users: [{ username: '3cx', password: 'secret', maxContacts: 1 }] }
  const CONTACT = 'Contact: <sip:3cx@10.0.0.9:5060;rinstance='

  /** A request of 3CX, whose From is its account, once more with the credentials that it is asked for. */
  async function authenticated(dialogue: Dialogue, method: string, uri: string, fields: readonly string[], body = '') {
    const lines = (sequence: number, extra: readonly string[] = []) => {
      const usual = head(method, { uri, user: '3cx', callId: `3cx-${method}`, sequence, extra: [...fields, ...extra] })
      const kept = fields.some((field) => field.startsWith('Contact')) ? withoutFirstContact(usual) : usual
      return kept.map((line) => (line.startsWith('To:') && method === 'REGISTER' ? 'To: <sip:3cx@10.0.0.2>' : line))
    }
    const sequence = dialogue.peer.received.length * 2 + 1
    dialogue.peer.send(lines(sequence), body)
    await dialogue.advance(1)
    const [asked] = challengesOf(dialogue.lastAnswer)
    const blank = request(method, uri, new Headers())
    const credentials = { username: '3cx', password: 'secret' }
    const value = authorization(asked!, blank, credentials, 1, seededRandom(sequence))
    dialogue.peer.send(lines(sequence + 1, [`Authorization: ${value}`]), body)
    await dialogue.advance(1)
    return dialogue.lastAnswer
  }
  const withoutFirstContact = (lines: readonly string[]) => {
    const first = lines.findIndex((line) => line.startsWith('Contact'))
    return lines.filter((_, i) => i !== first)
  }

  test('registers at us with a new rinstance after each restart, though it may have one contact only', async () => {
    const dialogue = await Dialogue.start(USERS)
    for (const instance of ['a1', 'b2']) {
      const ok = await authenticated(dialogue, 'REGISTER', 'sip:10.0.0.2', [`${CONTACT}${instance}>`, 'Expires: 300'])
      expect(ok.status).toBe(200)
    }
    expect(dialogue.pair.bob.contactsOf('3cx').map(({ uri }) => uri)).toEqual(['sip:3cx@10.0.0.9:5060;rinstance=b2'])
  })

  test('is called at the Contact that it gave, every parameter kept, the caller in From', async () => {
    const dialogue = await Dialogue.start(USERS)
    await authenticated(dialogue, 'REGISTER', 'sip:10.0.0.2', [`${CONTACT}a1>`])
    const [contact] = dialogue.pair.bob.contactsOf('3cx')
    dialogue.pair.bob.invite({ kind: 'contact', contact: contact! }, { caller: CALLER, offer: () => OFFER })
    await dialogue.advance(1)
    const [invite] = dialogue.peer.requests('INVITE')
    expect(invite!.requestUri).toBe('sip:3cx@10.0.0.9:5060;rinstance=a1')
    expect(invite!.from.uri.user).toBe(CALLER.user)
  })

  test('calls with its account in From and the number in the Request-URI, and answers our challenge', async () => {
    const dialogue = await Dialogue.start(USERS)
    const called = new Promise<unknown>((resolve) =>
      dialogue.pair.bob.onInvite(({ dialled, peer }) => resolve({ dialled, peer })),
    )
    await authenticated(dialogue, 'INVITE', 'sip:004917012345678@10.0.0.2', SDP, OFFER)
    expect(await called).toEqual({ dialled: '004917012345678', peer: { kind: 'user', username: '3cx' } })
  })
})

describe('FreePBX', () => {
  const TRUNK = { staticTrunks: [{ name: 'freepbx', networks: ['10.0.0.9/32'], target: '10.0.0.9' }] }

  test('by address: the DID is in the Request-URI, the caller in From; P-Asserted-Identity is believed', async () => {
    const dialogue = await Dialogue.start(TRUNK)
    const target = { kind: 'trunk', trunk: 'freepbx', user: '4917012345678' } as const
    dialogue.pair.bob.invite(target, { caller: CALLER, offer: () => OFFER })
    await dialogue.advance(1)
    const [invite] = dialogue.peer.requests('INVITE')
    expect([invite!.uri.user, invite!.from.uri.user]).toEqual(['4917012345678', CALLER.user])
    const { session } = await dialogue.invite({ extra: ['P-Asserted-Identity: "Bea" <sip:201@10.0.0.9>'] })
    expect(session.caller).toEqual({ party: { user: '201', displayName: 'Bea' }, isPrivate: false })
  })

  test('registered there ("Receive"): its calls are the trunk’s, without a challenge', async () => {
    const dialogue = await registered()
    await settle(dialogue)
    const { session } = await dialogue.invite({ uri: 'sip:004917099@10.0.0.2:5060' })
    expect([session.dialled, session.peer]).toEqual(['004917099', { kind: 'registration', name: 'pbx' }])
  })
})

describe('Kamailio as dispatcher', () => {
  test('its OPTIONS get 200, and 503 with Retry-After while we drain', async () => {
    const dialogue = await Dialogue.start()
    expect(await dialogue.exchange('OPTIONS', { user: 'dispatcher' })).toEqual([200])
    dialogue.pair.bob.onAvailability(() => ({ available: false, retryAfterS: 30, reason: 'draining' }))
    expect(await dialogue.exchange('OPTIONS', { user: 'dispatcher', callId: 'b' })).toEqual([503])
    expect(dialogue.lastAnswer.headers.get('Retry-After')).toBe('30')
  })

  test('Record-Route is echoed in 180 and 200; the dialog is known by Call-ID and tags, from whatever instance', async () => {
    const dialogue = await Dialogue.start()
    const route = '<sip:10.0.0.60;lr;ftag=raw;did=1.2>'
    const { session, events } = await dialogue.invite({ extra: [`Record-Route: ${route}`] })
    session.ring()
    session.accept(ANSWER)
    await dialogue.advance(1)
    const answers = dialogue.peer.responses().filter(({ status }) => status > 100)
    expect(answers.map(({ headers }) => headers.lines('Record-Route'))).toEqual([[route], [route]])
    const second = await new RawPeer({ address: '10.0.0.61', port: 5060 }, dialogue.peer.to).open(dialogue.pair.network)
    const toTag = answers[0]!.to.params.get('tag')!
    second.send(head('ACK', { toTag }))
    second.send(head('BYE', { toTag, sequence: 2 }))
    await dialogue.advance(1)
    expect(second.statuses).toEqual([200])
    expect(types(events)).toEqual(['established', 'ended'])
  })

  test('a Contact per instance: ours names our own address', async () => {
    const { ok } = await (await Dialogue.start()).talking()
    expect(ok.headers.get('Contact')).toBe('<sip:100@10.0.0.2:5060>')
  })
})
