import { describe, expect, test } from 'vitest'
import type { SipRequest } from '../../../src/sip/message/message.ts'
import { Dialogue } from '../dialogue.ts'
import { ANSWER, OFFER, types } from '../pair.ts'
import { head, RawPeer, SDP } from '../raw-peer.ts'

/**
 * The call flows of RFC 3665 §3, with us as Alice and as Bob; §2 is in `registration-flows.test.ts`, the
 * flows with proxies between in `proxies.test.ts`. Here the proxies' part is played by a peer that adds what they would.
 */

const ROUTES = '<sip:10.0.0.60;lr>, <sip:10.0.0.61;lr>'

describe('§3 with us as Alice', () => {
  test('3.1 successful session establishment: 180, 200, ACK, BYE from Bob', async () => {
    const dialogue = await Dialogue.start()
    const { events, answerInvite, tags } = await dialogue.dialled()
    await answerInvite(180)
    await answerInvite(200, [], ANSWER)
    const ack = dialogue.peer.requests('ACK')[0]!
    expect([ack.requestUri, ack.cseq.number]).toEqual(['sip:peer@10.0.0.9', 1])
    expect(await dialogue.exchange('BYE', { ...tags, sequence: 1 })).toEqual([200])
    expect(types(events)).toEqual(['progress', 'established', 'ended'])
  })

  test('3.2 through two proxies: ACK and BYE follow Record-Route, the nearest first', async () => {
    const dialogue = await Dialogue.start()
    const proxy = await new RawPeer({ address: '10.0.0.61', port: 5060 }, dialogue.peer.to).open(dialogue.pair.network)
    const { session, answerInvite } = await dialogue.dialled([`Record-Route: ${ROUTES}`])
    await answerInvite(200, [], ANSWER)
    session.end()
    await dialogue.advance(1)
    for (const method of ['ACK', 'BYE']) {
      const [request] = proxy.requests(method)
      expect(request!.requestUri).toBe('sip:peer@10.0.0.9')
      expect(request!.headers.lines('Route')).toEqual(['<sip:10.0.0.61;lr>', '<sip:10.0.0.60;lr>'])
    }
  })

  test('3.3 two proxies challenge one after the other: the last INVITE has credentials for both, and so has its ACK', async () => {
    const registration = { name: 'p', registrar: '10.0.0.9', username: 'alice', password: 'x', expiresS: 300 }
    const dialogue = await Dialogue.start({ staticTrunks: [], registrations: [registration] })
    await dialogue.advance(1)
    dialogue.pair.bob.invite({ kind: 'trunk', trunk: 'p', user: 'bob' }, { caller: { user: '1' }, offer: () => OFFER })
    await dialogue.advance(1)
    const invites = () => dialogue.peer.requests('INVITE')
    const realms = ({ headers }: SipRequest) =>
      headers.lines('Proxy-Authorization').map((line) => /realm="(\w+)".*nc=(\w+)/.exec(line)!.slice(1))
    for (const realm of ['atlanta', 'biloxi']) {
      const challenge = `Proxy-Authenticate: Digest realm="${realm}", nonce="${realm}-1", qop="auth"`
      dialogue.peer.answer(invites().at(-1)!, 407, [challenge])
      await dialogue.advance(1)
    }
    expect(invites().map(realms)).toEqual([
      [],
      [['atlanta', '00000001']],
      [
        ['atlanta', '00000002'],
        ['biloxi', '00000001'],
      ],
    ])
    expect(invites().map(({ cseq }) => cseq.number)).toEqual([1, 2, 3])
    expect(new Set(invites().map(({ callId }) => callId)).size).toBe(1)
    expect(dialogue.peer.requests('ACK')).toHaveLength(2)
    dialogue.peer.answer(invites()[2]!, 200, ['Contact: <sip:bob@10.0.0.9>', ...SDP], ANSWER)
    await dialogue.advance(1)
    const ack = dialogue.peer.requests('ACK')[2]!
    expect(ack.cseq.number).toBe(3)
    expect(ack.headers.lines('Proxy-Authorization')).toEqual(invites()[2]!.headers.lines('Proxy-Authorization'))
  })

  test('one answer with the challenges of two realms is answered for both; a realm that asks twice is not', async () => {
    const registration = { name: 'p', registrar: '10.0.0.9', username: 'alice', password: 'x', expiresS: 300 }
    const dialogue = await Dialogue.start({ registrations: [registration] })
    await dialogue.advance(1)
    const registers = () => dialogue.peer.requests('REGISTER')
    const both = ['a', 'b'].map((realm) => `WWW-Authenticate: Digest realm="${realm}", nonce="1"`)
    dialogue.peer.answer(registers()[0]!, 401, both)
    await dialogue.advance(1)
    expect(registers()[1]!.headers.count('Authorization')).toBe(2)
    dialogue.peer.answer(registers()[1]!, 401, [both[1]!])
    await dialogue.advance(1)
    expect(registers()).toHaveLength(2)
    expect(dialogue.pair.bob.registrations[0]).toMatchObject({ state: 'failed', lastStatus: 401 })
  })

  test('3.6 through a redirect server: 302, ACK, and the same call again to whom it names', async () => {
    const dialogue = await Dialogue.start()
    const { invite, events } = await dialogue.dialled()
    dialogue.peer.answer(invite, 302, ['Contact: <sip:bob@chicago.example;transport=tcp>'])
    await dialogue.advance(1)
    expect(dialogue.peer.requests('ACK')).toHaveLength(1)
    const [first, second] = dialogue.peer.requests('INVITE')
    expect([second!.uri.user, second!.callId, second!.cseq.number]).toEqual(['bob', first!.callId, 2])
    dialogue.peer.answer(second!, 200, ['Contact: <sip:bob@10.0.0.9>', ...SDP], ANSWER, 'bob')
    await dialogue.advance(1)
    expect(types(events)).toEqual(['established'])
  })

  test('3.8 nobody answers: CANCEL, 200 for it, 487, ACK', async () => {
    const dialogue = await Dialogue.start()
    const { session, answerInvite, invite } = await dialogue.dialled()
    await answerInvite(180)
    session.end()
    await dialogue.advance(1)
    const cancel = dialogue.peer.requests('CANCEL')[0]!
    expect([cancel.via.branch, cancel.cseq.number]).toEqual([invite.via.branch, invite.cseq.number])
    dialogue.peer.answer(cancel, 200)
    await answerInvite(487)
    expect(dialogue.peer.requests('ACK')[0]!.via.branch).toBe(invite.via.branch)
    await dialogue.advance(40_000)
    expect(dialogue.pair.bob.stats()).toMatchObject({ sessions: 0, clientTransactions: 0 })
  })

  test.each([
    ['3.9 busy', 486],
    ['3.10 a proxy heard nothing of Bob', 408],
    ['3.11 temporarily unavailable', 480],
  ])('%s: %i, ACK with the INVITE’s branch, ended', async (_, status) => {
    const dialogue = await Dialogue.start()
    const { answerInvite, events, invite } = await dialogue.dialled()
    await answerInvite(100)
    await answerInvite(status)
    expect(dialogue.peer.requests('ACK')[0]!.via.branch).toBe(invite.via.branch)
    expect(events).toMatchObject([{ type: 'ended', end: { by: 'remote', status } }])
  })
})

describe('§3 with us as Bob', () => {
  test('3.1: 180 with tag and Contact, 200 repeated until ACK, we hang up', async () => {
    const dialogue = await Dialogue.start()
    const { session, events } = await dialogue.invite()
    session.ring()
    session.accept(ANSWER)
    await dialogue.advance(1600)
    const answers = dialogue.peer.responses()
    expect(answers.map(({ status }) => status)).toEqual([100, 180, 200, 200, 200])
    expect(new Set(answers.slice(1).map(({ to }) => to.params.get('tag'))).size).toBe(1)
    expect(answers[1]!.headers.get('Contact')).toBe('<sip:100@10.0.0.2:5060>')
    await dialogue.exchange('ACK', { toTag: answers[1]!.to.params.get('tag')! })
    session.end()
    await dialogue.advance(1)
    dialogue.peer.answer(dialogue.peer.requests('BYE')[0]!, 200)
    await dialogue.advance(1)
    expect(types(events)).toEqual(['established', 'ended'])
  })

  test('3.2 and 3.5: three Via lines come back in their order, and Record-Route whole', async () => {
    const dialogue = await Dialogue.start()
    const vias = [
      'SIP/2.0/UDP 10.0.0.62;branch=z9hG4bK2',
      'SIP/2.0/TCP alice.example;branch=z9hG4bK1;received=192.0.2.1',
    ]
    const extra = [...vias.map((via) => `Via: ${via}`), `Record-Route: ${ROUTES}`]
    const { session } = await dialogue.invite({ extra })
    session.ring()
    await dialogue.advance(1)
    expect(dialogue.lastAnswer.headers.lines('Via').slice(1)).toEqual(vias)
    expect(dialogue.lastAnswer.headers.lines('Record-Route')).toEqual([ROUTES])
  })

  test('3.6 SDP in the ACK: our offer is in the 200', async () => {
    const dialogue = await Dialogue.start()
    const { session, events } = await dialogue.invite({}, '')
    session.accept(OFFER)
    await dialogue.advance(1)
    expect(Buffer.from(dialogue.lastAnswer.body).toString()).toBe(OFFER)
    await dialogue.exchange('ACK', { toTag: dialogue.lastAnswer.to.params.get('tag')! }, ANSWER)
    expect(events).toEqual([{ type: 'established', sdp: ANSWER }])
  })

  test('3.7 re-INVITE with another address: answered, ACKed, talked on, and BYE goes to the new Contact', async () => {
    const dialogue = await Dialogue.start()
    const { session, toTag, events } = await dialogue.talking()
    const moved = await new RawPeer({ address: '10.0.0.70', port: 5062 }, dialogue.peer.to).open(dialogue.pair.network)
    session.onOffer((offer) => offer.accept(ANSWER))
    const lines = head('INVITE', { toTag, sequence: 2, extra: SDP }).filter((line) => !line.startsWith('Contact'))
    dialogue.peer.send([...lines, 'Contact: <sip:200@10.0.0.70:5062>'], OFFER.replaceAll('10.0.0.1', '10.0.0.70'))
    await dialogue.advance(1)
    expect(dialogue.lastAnswer.status).toBe(200)
    await dialogue.exchange('ACK', { toTag, sequence: 2 })
    session.end()
    await dialogue.advance(1)
    expect(moved.requests('BYE')).toHaveLength(1)
    expect(types(events)).toEqual(['established', 'ended'])
  })

  test('3.8 CANCEL: 200 for it, 487 repeated until its ACK', async () => {
    const dialogue = await Dialogue.start()
    const branch = 'z9hG4bKnoanswer'
    const { session, events } = await dialogue.invite({ branch })
    session.ring()
    await dialogue.advance(1)
    expect(await dialogue.exchange('CANCEL', { branch })).toEqual([200, 487])
    await dialogue.advance(500)
    expect(dialogue.peer.statuses.filter((status) => status === 487)).toHaveLength(2)
    await dialogue.exchange('ACK', { branch })
    await dialogue.advance(10_000)
    expect(dialogue.peer.statuses.filter((status) => status === 487)).toHaveLength(2)
    expect(types(events)).toEqual(['ended'])
  })

  test.each([486, 480])('3.9, 3.11: %i, and its ACK ends the transaction', async (status) => {
    const dialogue = await Dialogue.start()
    const branch = `z9hG4bK${status}`
    const { session } = await dialogue.invite({ branch })
    session.reject(status)
    await dialogue.advance(1)
    expect(dialogue.lastAnswer.status).toBe(status)
    await dialogue.exchange('ACK', { branch })
    await dialogue.advance(5001)
    expect(dialogue.pair.bob.stats()).toMatchObject({ serverTransactions: 0, sessions: 0 })
  })
})
