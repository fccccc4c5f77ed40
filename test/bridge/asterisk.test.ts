import { describe, expect, it } from 'vitest'
import type { Transfer } from '../../src/bridge/leg.ts'
import { RINGBACK_TONES } from '../../src/media/ringback-tones.ts'
import { CONTEXT, PBX, PbxCall, PCMU, sdpOf } from './pbx-call.ts'

/** How Asterisk 22 (chan_pjsip) was seen to behave in a call, each point as a test. */

const LOUD = 0.2
const QUIET = 0.01

/** The audio formats of our last SDP, telephone-event left out. */
function codecsIn(body: Uint8Array): string[] {
  return [
    ...Buffer.from(body)
      .toString()
      .matchAll(/a=rtpmap:(\d+ \S+)/g),
  ]
    .map((match) => match[1]!)
    .filter((codec) => !codec.includes('telephone-event'))
}

const OPUS_OFFER = sdpOf(4000, '107 9 0 101 102', [
  'a=rtpmap:107 opus/48000/2',
  'a=fmtp:107 useinbandfec=1',
  'a=rtpmap:9 G722/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-16',
  'a=rtpmap:102 telephone-event/48000',
  'a=fmtp:102 0-16',
  'a=ptime:20',
  'a=maxptime:60',
  'a=sendrecv',
])

describe('SDP', () => {
  it('point 5: Opus is PT 107, two telephone-events: exactly one codec and the event of its clock are answered', async () => {
    const call = await PbxCall.start()
    await call.up(OPUS_OFFER)
    const answer = call.dialogue.peer
      .responses()
      .find(({ status, cseq }) => status === 200 && cseq.method === 'INVITE')!
    expect(codecsIn(answer.body)).toEqual(['107 opus/48000/2'])
    expect(Buffer.from(answer.body).toString()).toContain('a=rtpmap:102 telephone-event/48000')
    expect(Buffer.from(answer.body).toString()).not.toContain('101')
  })

  it('point 5: SDES, RTP/SAVP with AES_CM_128_HMAC_SHA1_80: the same suite and tag are answered, with a key of ours', async () => {
    const call = await PbxCall.start()
    const key = Buffer.alloc(30, 7).toString('base64')
    const offer = sdpOf(4000, '0 101', [...PCMU, `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}`])
    await call.up(offer.replace('RTP/AVP', 'RTP/SAVP'))
    const answer = Buffer.from(call.dialogue.peer.responses().find(({ status }) => status === 200)!.body).toString()
    expect(answer).toContain(' RTP/SAVP 0 101\r\n')
    expect(answer).toMatch(/a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:[A-Za-z0-9+/]{40}\r\n/)
    expect(answer).not.toContain(key)
  })

  it('point 5: it changes the codec in mid-call: the answer follows', async () => {
    const call = await PbxCall.start()
    const toTag = await call.up(OPUS_OFFER)
    await call.dialogue.exchange('INVITE', { toTag, sequence: 2 }, sdpOf(4000, '0 101', PCMU, 2))
    expect(codecsIn(call.dialogue.lastAnswer.body)).toEqual(['0 PCMU/8000'])
    await call.dialogue.exchange('ACK', { toTag, sequence: 2 })
    expect(await call.tone(400)).toBeGreaterThan(LOUD)
  })

  it('point 14: an INVITE without SDP gets our offer in the 200, with every codec; the ACK has the answer', async () => {
    const call = await PbxCall.start()
    await call.dialogue.exchange('INVITE')
    call.leg.answer()
    await call.until(() => call.dialogue.peer.statuses.includes(200))
    const { to, body } = call.dialogue.lastAnswer
    expect(codecsIn(body)).toHaveLength(4)
    await call.dialogue.exchange('ACK', { toTag: to.params.get('tag')! }, sdpOf(4000, '0 101', PCMU))
    await call.silence(100)
    expect(await call.tone(400)).toBeGreaterThan(LOUD)
  })

  it('point 14: so does a re-INVITE without SDP, and the sound goes on', async () => {
    const call = await PbxCall.start()
    const toTag = await call.up()
    await call.dialogue.exchange('INVITE', { toTag, sequence: 2 })
    expect(codecsIn(call.dialogue.lastAnswer.body).length).toBeGreaterThan(0)
    await call.dialogue.exchange('ACK', { toTag, sequence: 2 }, sdpOf(4000, '0 101', PCMU, 2))
    expect(await call.tone(400)).toBeGreaterThan(LOUD)
  })
})

describe('in a call', () => {
  it('point 8: connected line by UPDATE with P-Asserted-Identity: nothing changes for media', async () => {
    const call = await PbxCall.start()
    const toTag = await call.up()
    await call.tone(200)
    const extra = ['P-Asserted-Identity: "Bea" <sip:102@10.0.0.9>']
    expect(await call.dialogue.exchange('UPDATE', { toTag, sequence: 2, extra })).toEqual([200])
    expect(await call.tone(200)).toBeGreaterThan(LOUD)
    expect(call.events).toEqual([])
  })

  it('point 8: connected line by re-INVITE with an unchanged SDP version: the same answer, not one lost packet', async () => {
    const call = await PbxCall.start()
    const toTag = await call.up()
    const [before] = call.dialogue.peer.responses().filter(({ status }) => status === 200)
    await call.tone(200)
    await call.dialogue.exchange('INVITE', { toTag, sequence: 2 }, sdpOf(4000, '0 101', PCMU))
    expect(call.dialogue.lastAnswer.body).toEqual(before!.body)
    await call.dialogue.exchange('ACK', { toTag, sequence: 2 })
    expect(await call.tone(200)).toBeGreaterThan(LOUD)
    expect(call.leg.quality()).toMatchObject({ received: 20, lost: 0, late: 0, rejected: 0 })
  })

  it('point 9: hold without signalling is music in the same RTP', async () => {
    const call = await PbxCall.start()
    await call.up()
    await call.tone(200)
    expect(await call.tone(200, 4000, 1)).toBeGreaterThan(LOUD)
    expect(call.events).toEqual([])
  })

  it.each([
    ['sendonly, its music goes on', ['a=sendonly'], PBX, 'recvonly', []],
    ['inactive', ['a=inactive'], PBX, 'inactive', [true, false]],
    ['0.0.0.0', [], '0.0.0.0', 'recvonly', []],
    ['inactive and 0.0.0.0', ['a=inactive'], '0.0.0.0', 'inactive', [true, false]],
  ] as const)('point 9: hold by re-INVITE, %s', async (_, lines, address, direction, held) => {
    const call = await PbxCall.start()
    const toTag = await call.up()
    await call.tone(200)
    const hold = sdpOf(4000, '0 101', [...PCMU, ...lines], 2, address)
    await call.dialogue.exchange('INVITE', { toTag, sequence: 2 }, hold)
    expect(Buffer.from(call.dialogue.lastAnswer.body).toString()).toContain(`a=${direction}\r\n`)
    await call.dialogue.exchange('ACK', { toTag, sequence: 2 })
    await call.silence(40)
    const before = call.heard.get(4000)
    await call.silence(400)
    expect(call.heard.get(4000)).toBe(before)
    await call.dialogue.exchange('INVITE', { toTag, sequence: 3 }, sdpOf(4000, '0 101', [...PCMU, 'a=sendrecv'], 3))
    await call.dialogue.exchange('ACK', { toTag, sequence: 3 })
    expect(await call.tone(400)).toBeGreaterThan(LOUD)
    expect(call.heard.get(4000)).toBeGreaterThan(before! + 10)
    expect(call.events.map((event) => event.type === 'held' && event.held)).toEqual(held)
    const { mutedMs } = call.leg.quality()!
    if (held.length === 0) expect(mutedMs).toBe(0)
    else expect(mutedMs).toSatisfy((ms: number) => ms >= 440 && ms < 450)
  })

  it('point 10: direct media, a re-INVITE 2 ms after the ACK with a new port: sound both ways there', async () => {
    const call = await PbxCall.start()
    const toTag = await call.up()
    await call.dialogue.advance(2)
    await call.listenAt(4010)
    await call.dialogue.exchange('INVITE', { toTag, sequence: 2 }, sdpOf(4010, '0 101', PCMU, 2))
    expect(call.dialogue.lastAnswer.status).toBe(200)
    await call.dialogue.exchange('ACK', { toTag, sequence: 2 })
    expect(await call.tone(400, 4010, 2)).toBeGreaterThan(LOUD)
    expect(call.heard.get(4010)).toBeGreaterThan(15)
  })

  it('point 10: again on hold, and just before BYE', async () => {
    const call = await PbxCall.start()
    const toTag = await call.up()
    for (const [sequence, port] of [
      [2, 4010],
      [3, 4000],
    ] as const) {
      await call.dialogue.exchange('INVITE', { toTag, sequence }, sdpOf(port, '0 101', PCMU, sequence))
      expect(call.dialogue.lastAnswer.status).toBe(200)
      await call.dialogue.exchange('ACK', { toTag, sequence })
    }
    expect(await call.dialogue.exchange('BYE', { toTag, sequence: 4 })).toEqual([200])
    expect(call.events).toEqual([{ type: 'ended', cause: 'normal' }])
  })

  it('point 11: the SSRC changes, with marker, at answer and on transfer: the new one is heard', async () => {
    const call = await PbxCall.start()
    await call.up()
    expect(await call.tone(300, 4000, 1)).toBeGreaterThan(LOUD)
    expect(await call.tone(300, 4000, 0xabcdef01, true)).toBeGreaterThan(LOUD)
  })

  it('point 11: no RTP at all, a report every 5 s: the call lives; without reports it ends', async () => {
    const call = await PbxCall.start({ mediaTimeoutMs: 20_000 })
    await call.up()
    for (let i = 0; i < 12; i++) {
      expect(await call.silence(5000)).toBeLessThan(QUIET)
      await call.report()
    }
    expect(call.events).toEqual([])
    await call.dialogue.advance(22_000)
    expect(call.events).toEqual([{ type: 'ended', cause: 'media-timeout' }])
  })

  it('point 12: Transfer in the dialplan sends REFER with `Refer-To: 600`: 600 is dialled at the same trunk', async () => {
    const dialled: unknown[] = []
    const dial = (...call: unknown[]) => {
      dialled.push(call)
      return () => ({}) as never
    }
    const call = await PbxCall.start({ transfers: { dial, takeOver: () => expect.unreachable() } })
    const toTag = await call.up()
    await call.dialogue.exchange('REFER', { toTag, sequence: 2, extra: ['Refer-To: 600'] })
    expect(dialled).toEqual([
      [{ kind: 'static-trunk', name: 'peer' }, '600', { caller: { user: '100' }, headers: [] }, CONTEXT],
    ])
    const [event] = call.events
    const transfer = event?.type === 'transfer' ? event.transfer : (expect.unreachable() as Transfer)
    transfer.begin()
    transfer.done()
    await call.dialogue.advance(1)
    expect(call.dialogue.lastAnswer.status).toBe(202)
    expect(call.dialogue.peer.requests('NOTIFY').map(({ body }) => Buffer.from(body).toString())).toEqual([
      'SIP/2.0 100 Trying\r\n',
      'SIP/2.0 200 OK\r\n',
    ])
  })

  it.each([16, 0, 127])('point 13: Reason: Q.850;cause=%i on BYE ends the call as any other', async (cause) => {
    const call = await PbxCall.start()
    const toTag = await call.up()
    const extra = [`Reason: Q.850;cause=${cause}`]
    expect(await call.dialogue.exchange('BYE', { toTag, sequence: 2, extra })).toEqual([200])
    expect(call.events).toEqual([{ type: 'ended', cause: 'normal' }])
  })
})

describe('FreeSWITCH', () => {
  it('offers comfort noise, events 0-15 and no direction: one codec and its event are answered, and both talk', async () => {
    const call = await PbxCall.start()
    const lines = [
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      'a=rtpmap:13 CN/8000',
    ]
    await call.up(sdpOf(4000, '0 101 13', [...lines, 'a=ptime:20']))
    const answer = Buffer.from(call.dialogue.peer.responses().find(({ status }) => status === 200)!.body).toString()
    expect(answer).toContain('RTP/AVP 0 101\r\n')
    expect(answer).toContain('a=sendrecv\r\n')
    expect(await call.tone(400)).toBeGreaterThan(LOUD)
  })
})

it('a trunk is told our ids in the 200', async () => {
  const call = await PbxCall.start()
  await call.up()
  const ok = call.dialogue.peer.responses().find(({ status }) => status === 200)!
  expect(['X-Correlation-ID', 'X-WA-Account', 'X-WA-Call-ID'].map((name) => ok.headers.get(name))).toEqual([
    'c1',
    'main',
    'WA1',
  ])
})

describe('progress', () => {
  it('180 and no sound unless early media is asked for', async () => {
    const call = await PbxCall.start()
    await call.dialogue.exchange('INVITE', {}, sdpOf(4000, '0 101', PCMU))
    await call.listenAt(4000)
    call.leg.ring()
    await call.silence(200)
    expect(call.dialogue.peer.statuses).toEqual([100, 180])
    expect(call.heard.get(4000)).toBeUndefined()
  })

  it('early media: 183 with the answer, a ring tone in RTP, then 200 with the same answer and the other side', async () => {
    const call = await PbxCall.start({ ringback: RINGBACK_TONES.DE })
    await call.dialogue.exchange('INVITE', {}, sdpOf(4000, '0 101', PCMU))
    await call.listenAt(4000)
    call.leg.ring()
    await call.until(() => call.dialogue.peer.statuses.includes(183))
    await call.silence(400)
    const early = call.heard.get(4000)
    expect(early).toBeGreaterThan(15)
    call.leg.answer()
    await call.until(() => call.dialogue.peer.statuses.includes(200))
    const [ringing, ok] = call.dialogue.peer.responses().filter(({ status }) => status > 100)
    expect(ok!.body).toEqual(ringing!.body)
    await call.dialogue.exchange('ACK', { toTag: ok!.to.params.get('tag')! })
    expect(await call.tone(400)).toBeGreaterThan(LOUD)
    expect(call.heard.get(4000)! - early!).toBeLessThanOrEqual(23)
    expect(call.heard.get(4000)! - early!).toBeGreaterThan(15)
  })

  it('early media moves by UPDATE before the answer: the ring tone and the call follow', async () => {
    const call = await PbxCall.start({ ringback: RINGBACK_TONES.US })
    await call.dialogue.exchange('INVITE', { extra: ['Supported: 100rel'] }, sdpOf(4000, '0 101', PCMU))
    call.leg.ring()
    await call.until(() => call.dialogue.peer.statuses.includes(183))
    const { headers, to } = call.dialogue.lastAnswer
    const toTag = to.params.get('tag')!
    await call.dialogue.exchange('PRACK', { toTag, sequence: 2, extra: [`RAck: ${headers.get('RSeq')} 1 INVITE`] })
    await call.listenAt(4010)
    await call.dialogue.exchange('UPDATE', { toTag, sequence: 3 }, sdpOf(4010, '0 101', PCMU, 2))
    expect(call.dialogue.lastAnswer).toMatchObject({ status: 200, cseq: { method: 'UPDATE' } })
    await call.silence(200)
    expect(call.heard.get(4010)).toBeGreaterThan(5)
    call.leg.answer()
    await call.until(() => call.dialogue.peer.statuses.filter((status) => status === 200).length === 3)
    await call.dialogue.exchange('ACK', { toTag })
    expect(await call.tone(400, 4010)).toBeGreaterThan(LOUD)
  })

  it('point 6: where 100rel is known the 183 is reliable, and the 200 waits for its PRACK', async () => {
    const call = await PbxCall.start({ ringback: RINGBACK_TONES.US })
    await call.dialogue.exchange('INVITE', { extra: ['Supported: 100rel'] }, sdpOf(4000, '0 101', PCMU))
    call.leg.ring()
    await call.until(() => call.dialogue.peer.statuses.includes(183))
    const { headers, to } = call.dialogue.lastAnswer
    call.leg.answer()
    await call.silence(100)
    expect(call.dialogue.peer.statuses).toEqual([100, 183])
    const extra = [`RAck: ${headers.get('RSeq')} 1 INVITE`]
    await call.dialogue.exchange('PRACK', { toTag: to.params.get('tag')!, sequence: 2, extra })
    expect(call.dialogue.peer.statuses).toEqual([100, 183, 200, 200])
  })
})
