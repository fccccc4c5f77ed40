import { describe, expect, test } from 'vitest'
import { Dialogue } from '../dialogue.ts'
import { ANSWER, OFFER, types } from '../pair.ts'

/** RFC 4028, both sides, in virtual time. */

const TIMER = 'Supported: timer'

describe('as callee (§9)', () => {
  test.each([
    ['knows no timer', [], '1800;refresher=uas', false],
    ['names no interval', [TIMER], '1800;refresher=uac', true],
    ['names an interval', [TIMER, 'Session-Expires: 600'], '600;refresher=uac', true],
    ['wants us to refresh', [TIMER, 'Session-Expires: 600;refresher=uas'], '600;refresher=uas', true],
    ['names too long an interval', [TIMER, 'Session-Expires: 7200'], '1800;refresher=uac', true],
    ['insists on a long one', [TIMER, 'Session-Expires: 7200', 'Min-SE: 3600'], '3600;refresher=uac', true],
    ['requires the timer', ['Require: timer', 'x: 200;refresher=UAS'], '200;refresher=uas', true],
    ['knows no timer, but a proxy set one', ['Session-Expires: 30'], '90;refresher=uas', false],
    ['writes nonsense', [TIMER, 'Session-Expires: soon;;'], '1800;refresher=uac', true],
  ])('a caller that %s', async (_, extra, expected, requiresTimer) => {
    const { ok } = await (await Dialogue.start()).talking(extra)
    expect(ok.headers.get('Session-Expires')).toBe(expected)
    expect(ok.headers.list('Require')).toEqual(requiresTimer ? ['timer'] : [])
  })

  test('an interval below 90 s gets 422 with Min-SE, in INVITE, re-INVITE and UPDATE', async () => {
    const dialogue = await Dialogue.start()
    const brief = { extra: [TIMER, 'Session-Expires: 89'] }
    expect(await dialogue.exchange('INVITE', { ...brief, callId: 'brief' }, OFFER)).toEqual([422])
    expect(dialogue.lastAnswer.headers.get('Min-SE')).toBe('90')
    const { toTag, events } = await dialogue.talking()
    expect(await dialogue.exchange('INVITE', { ...brief, toTag, sequence: 2 }, OFFER)).toEqual([422])
    expect(await dialogue.exchange('UPDATE', { ...brief, toTag, sequence: 3 })).toEqual([422])
    expect(types(events)).toEqual(['established'])
  })

  test('the caller refreshes: the call lives; it stops: BYE a little before the end', async () => {
    const dialogue = await Dialogue.start()
    const { toTag, events } = await dialogue.talking([TIMER, 'Session-Expires: 600'])
    await dialogue.advance(500_000)
    const update = { toTag, sequence: 2, extra: [TIMER, 'Session-Expires: 600;refresher=uac'] }
    expect(await dialogue.exchange('UPDATE', update)).toEqual([200])
    expect(dialogue.lastAnswer.headers.get('Session-Expires')).toBe('600;refresher=uac')
    await dialogue.advance(567_000)
    expect(types(events)).toEqual(['established'])
    await dialogue.advance(2000)
    expect(events.at(-1)).toMatchObject({ type: 'ended', end: { by: 'timeout', reason: 'session timer expired' } })
    const bye = dialogue.peer.requests('BYE')[0]!
    expect(bye.headers.get('Reason')).toBe('Q.850;cause=102;text="session timer expired"')
  })

  test('we refresh by UPDATE when the caller allows it, at half the interval, again and again', async () => {
    const dialogue = await Dialogue.start()
    const { events } = await dialogue.talking([TIMER, 'Session-Expires: 200;refresher=uas', 'Allow: INVITE, UPDATE'])
    for (let i = 1; i <= 5; i++) {
      await dialogue.advance(100_001)
      const updates = dialogue.peer.requests('UPDATE')
      expect(updates).toHaveLength(i)
      expect(updates.at(-1)!.body).toHaveLength(0)
      expect(updates.at(-1)!.headers.get('Session-Expires')).toBe('200;refresher=uac')
      dialogue.peer.answer(updates.at(-1)!, 200, ['Session-Expires: 200;refresher=uac', 'Require: timer'])
    }
    expect(types(events)).toEqual(['established'])
  })

  test('we refresh by re-INVITE with the same SDP when the caller does not; nothing changes for media', async () => {
    const dialogue = await Dialogue.start()
    const { events } = await dialogue.talking(['Allow: INVITE, BYE'])
    await dialogue.advance(900_001)
    const reinvite = dialogue.peer.requests('INVITE')[0]!
    expect(Buffer.from(reinvite.body).toString()).toBe(ANSWER)
    dialogue.peer.answer(reinvite, 200, ['Contact: <sip:200@10.0.0.9>', 'Content-Type: application/sdp'], OFFER)
    await dialogue.advance(1)
    expect(dialogue.peer.requests('ACK')).toHaveLength(1)
    expect(types(events)).toEqual(['established'])
  })

  test('UPDATE refused as unknown: the next try is a re-INVITE', async () => {
    const dialogue = await Dialogue.start()
    await dialogue.talking(['Allow: INVITE, UPDATE'])
    await dialogue.advance(900_001)
    dialogue.peer.answer(dialogue.peer.requests('UPDATE')[0]!, 501)
    await dialogue.advance(1)
    expect(dialogue.peer.requests('INVITE')).toHaveLength(1)
  })
})

describe('as caller (§7)', () => {
  test('every INVITE asks for a timer', async () => {
    const { invite } = await (await Dialogue.start({ sessionExpiresS: 300 })).dialled()
    expect(invite.headers.get('Session-Expires')).toBe('300')
    expect(invite.headers.get('Min-SE')).toBe('90')
    expect(invite.headers.list('Supported')).toContain('timer')
  })

  test('422: the INVITE goes out again, same Call-ID, next CSeq, with the interval that is wanted', async () => {
    const dialogue = await Dialogue.start({ sessionExpiresS: 300 })
    const { answerInvite, events, invite } = await dialogue.dialled()
    await answerInvite(422, ['Min-SE: 720'])
    const again = dialogue.peer.requests('INVITE')[1]!
    expect([again.callId, again.cseq.number]).toEqual([invite.callId, invite.cseq.number + 1])
    expect(again.headers.lines('Session-Expires')).toEqual(['720'])
    expect(again.headers.lines('Min-SE')).toEqual(['720'])
    expect(events).toEqual([])
    dialogue.peer.answer(again, 422, ['Min-SE: 720'])
    await dialogue.advance(1)
    expect(events).toMatchObject([{ type: 'ended', end: { status: 422 } }])
  })

  test('the callee refreshes: a re-INVITE with its unchanged SDP is no new offer', async () => {
    const dialogue = await Dialogue.start()
    const { answerInvite, events, session, tags } = await dialogue.dialled()
    const offers: unknown[] = []
    session.onOffer((offer) => {
      offers.push(offer.sdp)
      offer.accept(OFFER)
    })
    await answerInvite(200, ['Session-Expires: 90;refresher=uas', 'Require: timer'], ANSWER)
    for (let sequence = 2; sequence < 6; sequence++) {
      await dialogue.advance(45_000)
      const refresh = { ...tags, sequence, extra: [TIMER, 'Session-Expires: 90;refresher=uac'] }
      expect(await dialogue.exchange('INVITE', refresh, ANSWER)).toEqual([100, 200])
      await dialogue.exchange('ACK', { ...tags, sequence })
    }
    expect(offers).toEqual([ANSWER])
    expect(types(events)).toEqual(['established'])
    await dialogue.advance(61_000)
    expect(types(events)).toEqual(['established', 'ended'])
  })

  test('no Session-Expires in the 200: we ask whether the call is still there, and end it when it is not', async () => {
    const dialogue = await Dialogue.start()
    const { answerInvite, events } = await dialogue.dialled(['Allow: UPDATE'])
    await answerInvite(200, [], ANSWER)
    await dialogue.advance(900_001)
    dialogue.peer.answer(dialogue.peer.requests('UPDATE')[0]!, 200)
    await dialogue.advance(900_001)
    dialogue.peer.answer(dialogue.peer.requests('UPDATE')[1]!, 481)
    await dialogue.advance(1)
    expect(events.at(-1)).toMatchObject({ type: 'ended', end: { by: 'timeout', reason: 'UPDATE answered 481' } })
  })

  test('silence to our refresh ends the call after timer F', async () => {
    const dialogue = await Dialogue.start()
    const { answerInvite, events } = await dialogue.dialled(['Allow: UPDATE'])
    await answerInvite(200, ['Session-Expires: 400;refresher=uac'], ANSWER)
    await dialogue.advance(200_000 + 33_000)
    expect(events.at(-1)).toMatchObject({ type: 'ended', end: { by: 'timeout', reason: 'no answer to an UPDATE' } })
  })

  test('a refresh refused for now is tried again before the end', async () => {
    const dialogue = await Dialogue.start()
    const { answerInvite, events } = await dialogue.dialled(['Allow: UPDATE'])
    await answerInvite(200, ['Session-Expires: 400;refresher=uac'], ANSWER)
    await dialogue.advance(200_001)
    dialogue.peer.answer(dialogue.peer.requests('UPDATE')[0]!, 500, ['Retry-After: 5'])
    await dialogue.advance(50_002)
    expect(dialogue.peer.requests('UPDATE')).toHaveLength(2)
    dialogue.peer.answer(dialogue.peer.requests('UPDATE')[1]!, 422, ['Min-SE: 600'])
    await dialogue.advance(1)
    expect(dialogue.peer.requests('UPDATE')[2]!.headers.get('Session-Expires')).toBe('600;refresher=uac')
    dialogue.peer.answer(dialogue.peer.requests('UPDATE')[2]!, 200, ['Session-Expires: 600;refresher=uac'])
    await dialogue.advance(290_000)
    expect(types(events)).toEqual(['established'])
  })
})

test('a call that has ended leaves no timer', async () => {
  const dialogue = await Dialogue.start()
  const { toTag } = await dialogue.talking([TIMER])
  expect(await dialogue.exchange('BYE', { toTag, sequence: 2 })).toEqual([200])
  await dialogue.advance(40_000)
  expect(await dialogue.pair.stop()).toEqual({ timers: 0, sockets: 1 })
})
