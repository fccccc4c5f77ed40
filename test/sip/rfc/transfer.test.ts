import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ParseError } from '../../../src/base/errors.ts'
import type { CallSession } from '../../../src/sip/session/call-session.ts'
import { parseReferTo } from '../../../src/sip/session/refer-target.ts'
import { parseReplaces } from '../../../src/sip/session/replaces.ts'
import type { IncomingSession, TransferRequest } from '../../../src/sip/sip-engine.ts'
import { Dialogue } from '../dialogue.ts'
import { ANSWER, OFFER } from '../pair.ts'

describe('Refer-To as PBXs write it', () => {
  test.each([
    ['600', '600'],
    ['<600>', '600'],
    ['600@10.0.0.9', '600'],
    ['sip:600', '600'],
    ['<sip:600@10.0.0.9>', '600'],
    ['sip:600@10.0.0.9;transport=udp', '600'],
    ['"Desk" <sip:600@pbx:5060;user=phone>;x=y', '600'],
    ['tel:+4930123456', '+4930123456'],
    ['<sips:alice@[2001:db8::1]>', 'alice'],
    ['*97', '*97'],
  ])('%s', (text, user) => {
    expect(parseReferTo(text)).toEqual({ user, replaces: undefined })
  })

  test.each(['', '   ', 'mailto:a@b', 'sip:pbx.example.com', '<sip:600@pbx', `sip:${'6'.repeat(200)}@x`, 'a b'])(
    '%j names nobody',
    (text) => expect(() => parseReferTo(text)).toThrow(ParseError),
  )

  test('Replaces comes unescaped and checked', () => {
    const escaped = '<sip:600@pbx?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2&Require=replaces>'
    expect(parseReferTo(escaped)).toEqual({ user: '600', replaces: 'a@b;to-tag=1;from-tag=2' })
    for (const bad of ['a%40b', 'x%3Bto-tag%3D1', '%ZZ']) {
      expect(() => parseReferTo(`<sip:600@pbx?Replaces=${bad}>`)).toThrow(ParseError)
    }
  })

  test('whatever it says, it is read or a ParseError', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string().map((tail) => `<sip:6@x?Replaces=${tail}>`),
    )
    fc.assert(
      fc.property(text, (value) => {
        for (const parse of [parseReferTo, parseReplaces]) {
          try {
            parse(value)
          } catch (error) {
            expect(error).toBeInstanceOf(ParseError)
          }
        }
      }),
    )
  })
})

/** A call in which the peer may ask for a transfer; what it asked for. */
async function transferable() {
  const dialogue = await Dialogue.start()
  const call = await dialogue.talking()
  const asked: TransferRequest[] = []
  call.session.onTransfer((transfer) => void asked.push(transfer))
  const refer = (sequence: number, ...extra: string[]) =>
    dialogue.exchange('REFER', { toTag: call.toTag, sequence, extra })
  return { dialogue, asked, refer, ...call }
}

describe('REFER (RFC 3515)', () => {
  test('202, then NOTIFYs with sipfrag until the final one ends the subscription', async () => {
    const { dialogue, asked, refer } = await transferable()
    await refer(2, 'Refer-To: 600', 'Referred-By: <sip:200@10.0.0.9>')
    expect(asked[0]).toMatchObject({ user: '600', replaces: undefined, referredBy: '<sip:200@10.0.0.9>' })
    asked[0]!.accept()
    for (const status of [180, 200]) asked[0]!.progress(status)
    asked[0]!.progress(180)
    await dialogue.advance(1)
    expect(dialogue.lastAnswer.status).toBe(202)
    const notifies = dialogue.peer.requests('NOTIFY')
    expect(notifies.map((notify) => Buffer.from(notify.body).toString())).toEqual([
      'SIP/2.0 100 Trying\r\n',
      'SIP/2.0 180 Ringing\r\n',
      'SIP/2.0 200 OK\r\n',
    ])
    expect(notifies.map((notify) => notify.headers.get('Subscription-State'))).toEqual([
      'active;expires=300',
      'active;expires=300',
      'terminated;reason=noresource',
    ])
    expect(new Set(notifies.map((notify) => notify.headers.get('Event')))).toEqual(new Set(['refer;id=2']))
    expect(notifies[0]!.headers.get('Content-Type')).toBe('message/sipfrag;version=2.0')
  })

  test('Refer-Sub: false: no NOTIFY (RFC 4488)', async () => {
    const { dialogue, asked, refer } = await transferable()
    await refer(2, 'Refer-To: 600', 'Refer-Sub: false', 'Require: norefersub')
    asked[0]!.accept()
    asked[0]!.progress(200)
    await dialogue.advance(1)
    expect(dialogue.lastAnswer.headers.get('Refer-Sub')).toBe('false')
    expect(dialogue.peer.requests('NOTIFY')).toEqual([])
  })

  test.each([
    ['no Refer-To', [], 400],
    ['two of them', ['Refer-To: 600', 'Refer-To: 601'], 400],
    ['one that names nobody', ['Refer-To: <mailto:x@y>'], 400],
  ])('%s: refused', async (_, extra, status) => {
    const { refer, asked } = await transferable()
    expect(await refer(2, ...extra)).toEqual([status])
    expect(asked).toEqual([])
  })

  test('a second one while the first is under way gets 491; after it, it may', async () => {
    const { refer, asked } = await transferable()
    await refer(2, 'Refer-To: 600')
    asked[0]!.accept()
    expect(await refer(3, 'Refer-To: 601')).toEqual([202, 491])
    asked[0]!.progress(486)
    await refer(4, 'Refer-To: 602')
    expect(asked.map(({ user }) => user)).toEqual(['600', '602'])
  })

  test('before the answer 403; without a call 481; without a handler 603', async () => {
    const dialogue = await Dialogue.start()
    const { session } = await dialogue.invite({ callId: 'ringing' })
    session.ring()
    await dialogue.advance(1)
    const early = { callId: 'ringing', toTag: dialogue.lastAnswer.to.params.get('tag')!, sequence: 2 }
    const extra = ['Refer-To: 600']
    expect(await dialogue.exchange('REFER', { ...early, extra })).toEqual([403])
    expect(await dialogue.exchange('REFER', { extra })).toEqual([481])
    const { toTag } = await dialogue.talking()
    expect(await dialogue.exchange('REFER', { toTag, sequence: 2, extra })).toEqual([603])
  })

  /** A second call of the peer, with its Replaces as the first one's Refer-To would name it. */
  async function secondCall(dialogue: Dialogue, isTalking = true) {
    const { session } = await dialogue.invite({ callId: 'other' })
    if (isTalking) session.accept(ANSWER)
    else session.ring()
    await dialogue.advance(1)
    const tag = dialogue.lastAnswer.to.params.get('tag')!
    const naming = (replaces: string) => `Refer-To: <sip:600@10.0.0.2?Replaces=${encodeURIComponent(replaces)}>`
    return { session, tag, naming }
  }

  test('attended to another call of the same peer with us: that call is named, its tags in either order', async () => {
    for (const isSwapped of [false, true]) {
      const { dialogue, refer, asked } = await transferable()
      const { session, tag, naming } = await secondCall(dialogue)
      const [to, from] = isSwapped ? ['raw', tag] : [tag, 'raw']
      await refer(2, naming(`other;to-tag=${to};from-tag=${from}`))
      expect(asked.map(({ joins }) => joins)).toEqual([session])
      asked[0]!.reject(603)
    }
  })

  test('which calls it may not name', async () => {
    const { dialogue, refer, asked, toTag } = await transferable()
    const { tag, naming } = await secondCall(dialogue)
    expect(await refer(2, naming(`other;to-tag=${tag};from-tag=forged`))).toEqual([481])
    expect(await refer(3, naming(`raw-call;to-tag=${toTag};from-tag=raw`))).toEqual([481])
    expect(asked).toEqual([])
    const ringing = await transferable()
    const other = await secondCall(ringing.dialogue, false)
    expect(await ringing.refer(2, other.naming(`other;to-tag=${other.tag};from-tag=raw`))).toEqual([481])
  })

  test('a call of another peer may not be named', async () => {
    const network = (name: string, address: string) => ({ name, networks: [`${address}/32`], target: address })
    const dialogue = await Dialogue.start({ staticTrunks: [network('peer', '10.0.0.9'), network('alice', '10.0.0.1')] })
    const { session, toTag } = await dialogue.talking()
    session.onTransfer(() => expect.unreachable())
    const theirs = dialogue.pair.nextCallAtBob()
    const { session: alice } = dialogue.pair.call()
    await dialogue.advance(1)
    ;(await theirs).accept(ANSWER)
    await dialogue.advance(10)
    const { localTag, remoteTag } = (alice as unknown as CallSession).dialog
    const replaces = encodeURIComponent(`${alice.callId};to-tag=${remoteTag};from-tag=${localTag}`)
    const extra = [`Refer-To: <sip:600@10.0.0.2?Replaces=${replaces}>`]
    expect(await dialogue.exchange('REFER', { toTag, sequence: 2, extra })).toEqual([403])
  })
})

describe('INVITE with Replaces (RFC 3891)', () => {
  async function replaceable() {
    const dialogue = await Dialogue.start()
    const call = await dialogue.talking()
    const by: IncomingSession[] = []
    call.session.onReplaced((session) => void by.push(session))
    const invite = (replaces: string, callId: string) =>
      dialogue.exchange('INVITE', { callId, extra: [`Replaces: ${replaces}`, 'Require: replaces'] }, OFFER)
    return { dialogue, by, invite, ...call }
  }

  test('is handed to the call that it names', async () => {
    const { dialogue, by, invite, toTag, session } = await replaceable()
    expect(await invite(`raw-call;from-tag=raw;to-tag=${toTag}`, 'new')).toEqual([100])
    expect(by).toHaveLength(1)
    by[0]!.accept(ANSWER)
    session.end()
    await dialogue.advance(1)
    expect(dialogue.lastAnswer).toMatchObject({ status: 200, callId: 'new' })
    expect(dialogue.peer.requests('BYE').map((bye) => bye.callId)).toEqual(['raw-call'])
  })

  test('what it may not replace', async () => {
    const { dialogue, by, invite, toTag, session } = await replaceable()
    const tags = `from-tag=raw;to-tag=${toTag}`
    expect(await invite(`raw-call;from-tag=forged;to-tag=${toTag}`, '1')).toEqual([481])
    expect(await invite(`none;${tags}`, '2')).toEqual([481])
    expect(await invite(`raw-call;${tags};early-only`, '3')).toEqual([486])
    expect(await invite('raw-call', '4')).toEqual([400])
    expect(await invite(`raw-call;${tags}\r\nReplaces: raw-call;${tags}`, '5')).toEqual([400])
    session.end()
    await dialogue.advance(1)
    expect(await invite(`raw-call;${tags}`, '6')).toEqual([481])
    expect(by).toEqual([])
  })

  test('another peer may not replace it', async () => {
    const network = (name: string, address: string) => ({ name, networks: [`${address}/32`], target: address })
    const dialogue = await Dialogue.start({ staticTrunks: [network('peer', '10.0.0.9'), network('alice', '10.0.0.1')] })
    const { session, toTag } = await dialogue.talking()
    session.onReplaced(() => expect.unreachable())
    const headers = [{ name: 'Replaces', value: `raw-call;from-tag=raw;to-tag=${toTag}` }]
    const alice = dialogue.pair.alice.invite(
      { kind: 'trunk', trunk: 'bob', user: '100' },
      { caller: { user: '1' }, offer: () => OFFER, headers },
    )
    const statuses: number[] = []
    alice.events.on((event) => event.type === 'ended' && statuses.push(event.end.status))
    await dialogue.advance(10)
    expect(statuses).toEqual([403])
  })

  test('our own call that still rings may be picked up; one that rings here may not', async () => {
    const dialogue = await Dialogue.start()
    const { session, answerInvite, tags } = await dialogue.dialled()
    const by: IncomingSession[] = []
    session.onReplaced((incoming) => void by.push(incoming))
    await answerInvite(180)
    const pickup = [`Replaces: ${tags.callId};from-tag=${tags.fromTag};to-tag=${tags.toTag};early-only`]
    expect(await dialogue.exchange('INVITE', { callId: 'pickup', extra: pickup }, OFFER)).toEqual([100])
    expect(by).toHaveLength(1)
    const ringing = await dialogue.invite({ callId: 'ringing' })
    ringing.session.ring()
    await dialogue.advance(1)
    const tag = dialogue.lastAnswer.to.params.get('tag')
    const extra = [`Replaces: ringing;from-tag=raw;to-tag=${tag}`]
    expect(await dialogue.exchange('INVITE', { callId: 'other', extra }, OFFER)).toEqual([481])
  })
})
