import { describe, expect, test } from 'vitest'
import { Dialogue } from '../dialogue.ts'
import { ANSWER, OFFER, types } from '../pair.ts'

/** RFC 3262, both sides, in virtual time. */

const REQUIRED = { extra: ['Require: 100rel'] }

function reliableSequence(dialogue: Dialogue): number {
  return Number(dialogue.lastAnswer.headers.get('RSeq'))
}

describe('as callee (§3, §5)', () => {
  test('Require: 100rel makes 180 reliable: repeated at doubling intervals until its PRACK', async () => {
    const dialogue = await Dialogue.start()
    const { session } = await dialogue.invite(REQUIRED)
    session.ring()
    await dialogue.advance(3600)
    expect(dialogue.peer.statuses).toEqual([100, 180, 180, 180, 180])
    expect(dialogue.lastAnswer.headers.list('Require')).toContain('100rel')
    const toTag = dialogue.lastAnswer.to.params.get('tag')!
    const rack = `RAck: ${reliableSequence(dialogue)} 1 INVITE`
    expect(await dialogue.exchange('PRACK', { toTag, sequence: 2, extra: [rack] })).toEqual([200])
    await dialogue.advance(20_000)
    expect(dialogue.peer.statuses.filter((status) => status === 180)).toHaveLength(4)
  })

  test('a PRACK of something else gets 481, and the 180 goes on', async () => {
    const dialogue = await Dialogue.start()
    const { session } = await dialogue.invite(REQUIRED)
    session.ring()
    await dialogue.advance(1)
    const toTag = dialogue.lastAnswer.to.params.get('tag')!
    const sequence = reliableSequence(dialogue)
    const wrong = [`${sequence + 1} 1 INVITE`, `${sequence} 2 INVITE`, `${sequence} 1 UPDATE`, 'x', '']
    for (const [i, rack] of wrong.entries()) {
      const prack = { toTag, sequence: 2 + i, extra: [`RAck: ${rack}`] }
      expect(await dialogue.exchange('PRACK', prack)).toEqual([481])
    }
    await dialogue.advance(600)
    expect(dialogue.lastAnswer.status).toBe(180)
  })

  test('no PRACK in 64 × T1: the INVITE gets a 5xx', async () => {
    const dialogue = await Dialogue.start()
    const { session, events } = await dialogue.invite(REQUIRED)
    session.ring()
    await dialogue.advance(32_000)
    expect(dialogue.lastAnswer.status).toBe(504)
    expect(events).toMatchObject([{ type: 'ended', end: { by: 'timeout' } }])
  })

  test('a second provisional answer waits for the PRACK of the first, with the next number', async () => {
    const dialogue = await Dialogue.start()
    const { session } = await dialogue.invite(REQUIRED)
    session.ring()
    await dialogue.advance(1)
    const first = reliableSequence(dialogue)
    const toTag = dialogue.lastAnswer.to.params.get('tag')!
    session.ring(ANSWER)
    await dialogue.advance(1)
    expect(dialogue.peer.statuses).toEqual([100, 180])
    await dialogue.exchange('PRACK', { toTag, sequence: 2, extra: [`RAck: ${first} 1 INVITE`] })
    expect(dialogue.peer.statuses).toEqual([100, 180, 200, 183])
    expect(reliableSequence(dialogue)).toBe(first + 1)
  })

  test('the 200 waits for the PRACK of an answer in a 183, and then has none itself', async () => {
    const dialogue = await Dialogue.start()
    const { session, events } = await dialogue.invite({ extra: ['Supported: 100rel'] })
    session.ring(ANSWER)
    session.accept(ANSWER)
    await dialogue.advance(1)
    expect(dialogue.peer.statuses).toEqual([100, 183])
    const toTag = dialogue.lastAnswer.to.params.get('tag')!
    await dialogue.exchange('PRACK', { toTag, sequence: 2, extra: [`RAck: ${reliableSequence(dialogue)} 1 INVITE`] })
    expect(dialogue.peer.statuses).toEqual([100, 183, 200, 200])
    expect(dialogue.lastAnswer).toMatchObject({ cseq: { method: 'INVITE' }, body: { length: 0 } })
    await dialogue.exchange('ACK', { toTag })
    expect(types(events)).toEqual(['established'])
  })

  test('a 200 does not wait for the PRACK of a 180 without SDP, which is taken when it comes', async () => {
    const dialogue = await Dialogue.start()
    const { session } = await dialogue.invite(REQUIRED)
    session.ring()
    await dialogue.advance(1)
    const rack = `RAck: ${reliableSequence(dialogue)} 1 INVITE`
    session.accept(ANSWER)
    await dialogue.advance(1)
    expect(dialogue.peer.statuses).toEqual([100, 180, 200])
    const toTag = dialogue.lastAnswer.to.params.get('tag')!
    await dialogue.exchange('ACK', { toTag })
    await dialogue.advance(40_000)
    expect(dialogue.peer.statuses).toEqual([100, 180, 200])
    expect(await dialogue.exchange('PRACK', { toTag, sequence: 2, extra: [rack] })).toEqual([200])
    expect(await dialogue.exchange('PRACK', { toTag, sequence: 3, extra: [rack] })).toEqual([481])
  })

  test('a 180 that waited when the call was answered is never sent', async () => {
    const dialogue = await Dialogue.start()
    const { session } = await dialogue.invite(REQUIRED)
    session.ring()
    session.ring()
    await dialogue.advance(1)
    const rack = `RAck: ${reliableSequence(dialogue)} 1 INVITE`
    session.accept(ANSWER)
    await dialogue.advance(1)
    const toTag = dialogue.lastAnswer.to.params.get('tag')!
    await dialogue.exchange('PRACK', { toTag, sequence: 2, extra: [rack] })
    await dialogue.exchange('ACK', { toTag })
    await dialogue.advance(40_000)
    expect(dialogue.peer.statuses).toEqual([100, 180, 200, 200])
  })

  test('an answer in a 183 that still waited when the call was answered goes out in the 200', async () => {
    const dialogue = await Dialogue.start()
    const { session } = await dialogue.invite(REQUIRED)
    session.ring()
    session.ring(ANSWER)
    session.accept(ANSWER)
    await dialogue.advance(1)
    expect(dialogue.peer.statuses).toEqual([100, 180, 200])
    expect(new TextDecoder().decode(dialogue.lastAnswer.body)).toBe(ANSWER)
  })

  test('Supported alone: 180 as ever, 183 with SDP reliably; an unable peer gets both as ever', async () => {
    for (const [extra, reliable] of [
      [['Supported: 100rel'], [false, true]],
      [[], [false, false]],
    ] as const) {
      for (const [i, sdp] of [undefined, ANSWER].entries()) {
        const dialogue = await Dialogue.start()
        const { session } = await dialogue.invite({ extra })
        session.ring(sdp)
        await dialogue.advance(1)
        expect(dialogue.lastAnswer.headers.has('RSeq')).toBe(reliable[i])
      }
    }
  })

  test('CANCEL while the 180 waits for its PRACK: 487 and no more 180', async () => {
    const dialogue = await Dialogue.start()
    const { session } = await dialogue.invite({ ...REQUIRED, branch: 'z9hG4bKprackcancel' })
    session.ring()
    await dialogue.advance(1)
    expect(await dialogue.exchange('CANCEL', { branch: 'z9hG4bKprackcancel' })).toEqual([200, 487])
    await dialogue.exchange('ACK', { branch: 'z9hG4bKprackcancel' })
    await dialogue.advance(40_000)
    expect(dialogue.peer.statuses).toEqual([100, 180, 200, 487])
    expect(await dialogue.pair.stop()).toEqual({ timers: 0, sockets: 1 })
  })

  test('an INVITE without SDP that requires 100rel gets 100 alone before its 200', async () => {
    const dialogue = await Dialogue.start()
    const { session } = await dialogue.invite(REQUIRED, '')
    session.ring()
    session.accept(OFFER)
    await dialogue.advance(1)
    expect(dialogue.peer.statuses).toEqual([100, 200])
  })
})

describe('as caller (§4)', () => {
  const reliable = (sequence: number) => ['Require: 100rel', `RSeq: ${sequence}`]

  test('a reliable 180 gets a PRACK; a repeated one no second, one that overtook another none yet', async () => {
    const dialogue = await Dialogue.start()
    const { answerInvite, events } = await dialogue.dialled()
    await answerInvite(180, reliable(7))
    await answerInvite(180, reliable(7))
    await answerInvite(183, reliable(9), ANSWER)
    await answerInvite(183, reliable(8), ANSWER)
    const pracks = dialogue.peer.requests('PRACK')
    expect(pracks.map((prack) => prack.headers.get('RAck'))).toEqual(['7 1 INVITE', '8 1 INVITE'])
    expect(pracks.map((prack) => [prack.cseq.number, prack.requestUri])).toEqual([
      [2, 'sip:peer@10.0.0.9'],
      [3, 'sip:peer@10.0.0.9'],
    ])
    expect(types(events)).toEqual(['progress', 'progress'])
  })

  test('each fork counts for itself', async () => {
    const dialogue = await Dialogue.start()
    const { answerInvite } = await dialogue.dialled()
    await answerInvite(180, reliable(1), '', 'a')
    await answerInvite(180, reliable(50), '', 'b')
    await answerInvite(180, reliable(2), '', 'a')
    const pracks = dialogue.peer.requests('PRACK')
    expect(pracks.map((prack) => prack.headers.get('RAck'))).toEqual(['1 1 INVITE', '50 1 INVITE', '2 1 INVITE'])
    expect(pracks.map((prack) => prack.to.params.get('tag'))).toEqual(['a', 'b', 'a'])
  })

  test('the answer of a reliable 183 is the call’s; the BYE counts on from the PRACK', async () => {
    const dialogue = await Dialogue.start()
    const { answerInvite, events, session } = await dialogue.dialled()
    await answerInvite(183, reliable(3), ANSWER)
    await answerInvite(200)
    expect(events.at(-1)).toEqual({ type: 'established', sdp: ANSWER })
    session.end()
    await dialogue.advance(1)
    expect(dialogue.peer.requests('BYE')[0]!.cseq.number).toBe(3)
  })

  test('our INVITE says that we can', async () => {
    const { invite } = await (await Dialogue.start()).dialled()
    expect(invite.headers.list('Supported')).toContain('100rel')
    expect(invite.headers.list('Allow')).toContain('PRACK')
  })
})

/** Offers before the 2xx (RFC 6337 §2.2, patterns 4 to 6). */
describe('offers in the early dialog', () => {
  const MOVED = OFFER.replace('m=audio 4000', 'm=audio 4010')
  const AGAIN = ANSWER.replace('m=audio 4000', 'm=audio 4020')

  /** Bob has rung with an answer in a reliable 183; what he is offered since. */
  async function answeredEarly() {
    const dialogue = await Dialogue.start()
    const { session, events } = await dialogue.invite({ extra: ['Supported: 100rel'] })
    const offers: (string | undefined)[] = []
    session.onOffer((offer) => {
      offers.push(offer.sdp)
      offer.accept(AGAIN)
    })
    session.ring(ANSWER)
    await dialogue.advance(1)
    const toTag = dialogue.lastAnswer.to.params.get('tag')!
    const rack = [`RAck: ${reliableSequence(dialogue)} 1 INVITE`]
    return { dialogue, session, events, offers, toTag, rack }
  }
  const bodyOf = ({ body }: { body: Uint8Array }) => Buffer.from(body).toString()

  test('in the PRACK of our answer: its 200 has ours (RFC 3262 §5), and the 200 to the INVITE has none', async () => {
    const { dialogue, session, offers, toTag, rack } = await answeredEarly()
    session.accept(ANSWER)
    expect(await dialogue.exchange('PRACK', { toTag, sequence: 2, extra: rack }, MOVED)).toEqual([200, 200])
    const [prack, invite] = dialogue.peer.responses().slice(-2)
    expect([prack!.cseq.method, bodyOf(prack!)]).toEqual(['PRACK', AGAIN])
    expect([invite!.cseq.method, bodyOf(invite!)]).toEqual(['INVITE', ''])
    expect(offers).toEqual([MOVED])
  })

  test('in an UPDATE after it (RFC 3311 §5.2); the same offer again in the call is known', async () => {
    const { dialogue, session, offers, toTag, rack } = await answeredEarly()
    await dialogue.exchange('PRACK', { toTag, sequence: 2, extra: rack })
    expect(await dialogue.exchange('UPDATE', { toTag, sequence: 3 }, MOVED)).toEqual([200])
    expect(bodyOf(dialogue.lastAnswer)).toBe(AGAIN)
    session.accept(ANSWER)
    await dialogue.advance(1)
    await dialogue.exchange('ACK', { toTag })
    expect(await dialogue.exchange('UPDATE', { toTag, sequence: 4 }, MOVED)).toEqual([200])
    expect(offers).toEqual([MOVED])
  })

  test('refused by the handler: 488, and the call goes on as agreed', async () => {
    const { dialogue, session, events, toTag, rack } = await answeredEarly()
    session.onOffer((offer) => offer.reject(488))
    await dialogue.exchange('PRACK', { toTag, sequence: 2, extra: rack })
    expect(await dialogue.exchange('UPDATE', { toTag, sequence: 3 }, MOVED)).toEqual([488])
    session.accept(ANSWER)
    await dialogue.exchange('ACK', { toTag })
    expect(types(events)).toEqual(['established'])
  })

  test('before our answer: 500 to UPDATE, 488 to PRACK; another INVITE before our 200 gets 500 in any case', async () => {
    const dialogue = await Dialogue.start()
    const { session } = await dialogue.invite(REQUIRED)
    session.onOffer(() => expect.unreachable())
    session.ring()
    await dialogue.advance(1)
    const toTag = dialogue.lastAnswer.to.params.get('tag')!
    const rack = [`RAck: ${reliableSequence(dialogue)} 1 INVITE`]
    expect(await dialogue.exchange('UPDATE', { toTag, sequence: 2 }, MOVED)).toEqual([500])
    expect(dialogue.lastAnswer.headers.get('Retry-After')).toBe('1')
    expect(await dialogue.exchange('PRACK', { toTag, sequence: 3, extra: rack }, MOVED)).toEqual([488])
    expect(await dialogue.exchange('INVITE', { toTag, sequence: 4 }, MOVED)).toEqual([500])
    expect(await dialogue.exchange('INVITE', { toTag, sequence: 5 })).toEqual([500])
  })

  test('from a fork that has answered reliably: the handler answers, and the 2xx brings no other description', async () => {
    const dialogue = await Dialogue.start()
    const { session, events, answerInvite, tags } = await dialogue.dialled()
    session.onOffer((offer) => offer.accept(AGAIN))
    await answerInvite(183, ['Require: 100rel', 'RSeq: 1'], ANSWER)
    expect(await dialogue.exchange('UPDATE', { ...tags, sequence: 7 }, MOVED)).toEqual([200])
    expect(bodyOf(dialogue.lastAnswer)).toBe(AGAIN)
    await answerInvite(200)
    expect(events.at(-1)).toEqual({ type: 'established', sdp: undefined })
  })

  test('another fork’s 2xx is not bound by it', async () => {
    const dialogue = await Dialogue.start()
    const { session, events, answerInvite, tags } = await dialogue.dialled()
    session.onOffer((offer) => offer.accept(AGAIN))
    await answerInvite(183, ['Require: 100rel', 'RSeq: 1'], ANSWER)
    await dialogue.exchange('UPDATE', { ...tags, sequence: 7 }, MOVED)
    await answerInvite(200, [], ANSWER, 'other')
    expect(events.at(-1)).toEqual({ type: 'established', sdp: ANSWER })
  })

  test('from a fork whose answer was not reliable, or that nobody knows: 491 and 481', async () => {
    const dialogue = await Dialogue.start()
    const { session, answerInvite, tags } = await dialogue.dialled()
    session.onOffer(() => expect.unreachable())
    await answerInvite(183, [], ANSWER)
    expect(await dialogue.exchange('UPDATE', { ...tags, sequence: 7 }, MOVED)).toEqual([491])
    expect(await dialogue.exchange('UPDATE', { ...tags, fromTag: 'unknown', sequence: 8 }, MOVED)).toEqual([481])
  })
})
