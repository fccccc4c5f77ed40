import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Headers } from '../../../src/sip/message/headers.ts'
import type { SipResponse } from '../../../src/sip/message/message.ts'
import { Peers } from '../../../src/sip/session/peers.ts'
import { redirectedTo } from '../../../src/sip/session/redirect.ts'
import { Dialogue } from '../dialogue.ts'
import { ANSWER, OFFER, record, types } from '../pair.ts'
import { RawPeer, SDP } from '../raw-peer.ts'

/** RFC 3261 §8.1.3.4, within the peer. */

describe('whom a 3xx names', () => {
  const answer = (status: number, ...contacts: string[]) =>
    ({ status, headers: Headers.of(contacts.map((value) => ['Contact', value])) }) as SipResponse

  test.each<[string, number, string[], string[]]>([
    ['one', 302, ['<sip:601@pbx>'], ['601']],
    ['by q, the best first', 300, ['<sip:1@h>;q=0.2, <sip:2@h>;q=0.9', 'sip:3@h'], ['3', '2', '1']],
    ['a number', 301, ['<tel:+4930123>'], ['+4930123']],
    [
      'none without a user, of another scheme, or too long',
      302,
      ['<sip:h>', '<mailto:a@b>', `<sip:${'6'.repeat(200)}@h>`],
      [],
    ],
    ['none that cannot be read', 302, ['<sip:601@'], []],
    [
      'the others when one cannot be read',
      302,
      ['<601>, <sip:602@pbx>', '"', '<sip:603@', '<sip:604@pbx>'],
      ['602', '604'],
    ],
    ['no other proxy', 305, ['<sip:601@pbx>'], []],
    ['no alternative service', 380, ['<sip:601@pbx>'], []],
    ['nobody in a refusal', 486, ['<sip:601@pbx>'], []],
  ])('%s', (_, status, contacts, users) => {
    expect(redirectedTo(answer(status, ...contacts))).toEqual(users)
  })

  test('any text names somebody or nobody', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (contacts) => {
        for (const user of redirectedTo(answer(302, ...contacts))) expect(user).not.toBe('')
      }),
    )
  })
})

describe('a trunk', () => {
  const to = (...users: string[]) => users.map((user) => `Contact: <sip:${user}@198.51.100.66:5099>`)

  async function dialled() {
    const dialogue = await Dialogue.start()
    const call = await dialogue.dialled()
    const invites = () => dialogue.peer.requests('INVITE')
    const redirect = async (contacts: readonly string[]) => {
      dialogue.peer.answer(invites().at(-1)!, 302, contacts)
      await dialogue.advance(1)
    }
    return { dialogue, invites, redirect, ...call }
  }

  test('is dialled again, whatever host it names: same call, next CSeq, ACK for the 302 before', async () => {
    const { dialogue, invites, redirect, events } = await dialled()
    await redirect(to('601'))
    const [first, second] = invites()
    expect(second!.requestUri).toBe('sip:601@10.0.0.9')
    expect(second!.cseq.number).toBe(first!.cseq.number + 1)
    expect(second!.callId).toBe(first!.callId)
    for (const name of ['From', 'To']) expect(second!.headers.get(name)).toBe(first!.headers.get(name))
    expect(dialogue.peer.requests('ACK')[0]!.via.branch).toBe(first!.via.branch)
    dialogue.peer.answer(second!, 200, ['Contact: <sip:601@10.0.0.9>', ...SDP], ANSWER, 'other')
    await dialogue.advance(1)
    expect(types(events)).toEqual(['established'])
    expect(dialogue.peer.requests('ACK').at(-1)!.requestUri).toBe('sip:601@10.0.0.9')
  })

  test('that sends the call in a circle has it back', async () => {
    const { invites, redirect, events } = await dialled()
    await redirect(to('601'))
    await redirect(to('300', '601'))
    expect(invites()).toHaveLength(2)
    expect(events).toMatchObject([{ type: 'ended', end: { by: 'remote', status: 302 } }])
  })

  test('that sends it on and on is followed five times', async () => {
    const { invites, redirect, events } = await dialled()
    for (let i = 0; i < 8; i++) await redirect(to(String(400 + i)))
    expect(invites().map(({ uri }) => uri.user)).toEqual(['300', '400', '401', '402', '403', '404'])
    expect(types(events)).toEqual(['ended'])
  })

  test('whose caller has given up is not followed', async () => {
    const { dialogue, session, invites, redirect, answerInvite } = await dialled()
    await answerInvite(180)
    session.end()
    await dialogue.advance(1)
    await redirect(to('601'))
    expect(invites()).toHaveLength(1)
    await dialogue.advance(40_000)
    expect(dialogue.pair.bob.stats()).toMatchObject({ sessions: 0, dialogs: 0, clientTransactions: 0 })
  })
})

describe('a phone', () => {
  afterEach(() => void vi.restoreAllMocks())

  /** Users 1 and 2 have a phone each; user 1's is called and answers with a 302. */
  async function redirectedBy(contact: string) {
    const dialogue = await Dialogue.start()
    const { pair } = dialogue
    const at = (i: number) => ({ address: `10.0.0.4${i}`, port: 5060 })
    const phones = await Promise.all([1, 2].map((i) => new RawPeer(at(i), dialogue.peer.to).open(pair.network)))
    const contactOf = (i: number) =>
      ({
        username: String(i),
        uri: `sip:${i}@10.0.0.4${i}`,
        source: at(i),
        transport: 'udp',
        path: [],
        userAgent: undefined,
        expiresAtMs: 1e9,
      }) as const
    const isUser = (name: string) => name === '1' || name === '2'
    vi.spyOn(Peers.prototype, 'contactsOf').mockImplementation((name) =>
      isUser(name) ? [contactOf(Number(name))] : [],
    )
    const options = { caller: { user: '49170' }, offer: () => OFFER }
    const session = pair.bob.invite({ kind: 'contact', contact: contactOf(1) }, options)
    const events = record(session)
    await dialogue.advance(1)
    phones[0]!.answer(phones[0]!.requests('INVITE')[0]!, 302, [`Contact: ${contact}`])
    await dialogue.advance(1)
    return { dialogue, session, events, second: phones[1]! }
  }

  test('forwards to another user that registers here; the call is that user’s now', async () => {
    const { session, second } = await redirectedBy('<sip:2@elsewhere.example>')
    expect(second.requests('INVITE').map(({ requestUri }) => requestUri)).toEqual(['sip:2@10.0.0.42'])
    expect(session.peer).toEqual({ kind: 'user', username: '2' })
  })

  test('forwards to nobody else', async () => {
    const { second, events } = await redirectedBy('<sip:+4900112233@elsewhere.example>')
    expect(second.received).toEqual([])
    expect(events).toMatchObject([{ type: 'ended', end: { status: 302 } }])
  })
})

test('a call to a bare URI is not redirected', async () => {
  const dialogue = await Dialogue.start()
  const target = { kind: 'uri', uri: 'sip:7@10.0.0.9' } as const
  const events = record(dialogue.pair.bob.invite(target, { caller: { user: '1' }, offer: () => OFFER }))
  await dialogue.advance(1)
  dialogue.peer.answer(dialogue.peer.requests('INVITE')[0]!, 302, ['Contact: <sip:8@10.0.0.9>'])
  await dialogue.advance(1)
  expect(dialogue.peer.requests('INVITE')).toHaveLength(1)
  expect(events).toMatchObject([{ type: 'ended', end: { status: 302 } }])
})
