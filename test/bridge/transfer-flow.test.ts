import { describe, expect, it } from 'vitest'
import { Signal } from '../../src/base/events.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { Call } from '../../src/bridge/call.ts'
import { IncomingSipLeg } from '../../src/bridge/incoming-sip-leg.ts'
import type { Leg, LegEvent } from '../../src/bridge/leg.ts'
import { OutgoingSipLeg } from '../../src/bridge/outgoing-sip-leg.ts'
import { SDP } from '../sip/raw-peer.ts'
import { CONTEXT, PbxCall, PCMU, sdpOf } from './pbx-call.ts'

/** A transfer from the first REFER to the last NOTIFY, on the wire of the PBX, with a WhatsApp side that answers nothing. */

class WhatsAppSide implements Leg {
  readonly side = 'whatsapp'
  readonly events = new Signal<LegEvent>()
  readonly audio = { pull: (out: Float32Array) => void out.fill(0.25) }
  readonly done: string[] = []
  heard: Leg['audio'] | undefined
  ring() {}
  answer() {}
  listenTo(source: Leg['audio']) {
    this.heard = source
  }
  hold(held: boolean) {
    this.done.push(`hold ${held}`)
  }
  dtmf() {}
  quality() {
    return undefined
  }
  end(cause: string) {
    this.done.push(`end ${cause}`)
    return Promise.resolve()
  }
}

async function talking() {
  const pbx: PbxCall = await PbxCall.start({
    transfers: {
      dial: (peer, user, call, context) => () => {
        const target = { kind: 'trunk', trunk: peer.kind === 'static-trunk' ? peer.name : '', user } as const
        return new OutgoingSipLeg(pbx.dialogue.pair.bob, { target, ...call }, pbx.options, context)
      },
      takeOver: (session, context) => new IncomingSipLeg(session, pbx.options, context),
    },
  })
  await pbx.dialogue.exchange('INVITE', {}, sdpOf(4000, '0 101', PCMU))
  const whatsApp = new WhatsAppSide()
  const parties = { correlationId: 'c1', direction: 'outbound', account: 'main', from: '200', to: '100' } as const
  const call = new Call(parties, { caller: pbx.leg, callee: whatsApp }, silentLogger, () => 0)
  whatsApp.events.emit({ type: 'answered' })
  await pbx.until(() => pbx.dialogue.peer.statuses.includes(200))
  const toTag = pbx.dialogue.lastAnswer.to.params.get('tag')!
  await pbx.dialogue.exchange('ACK', { toTag })
  const { leg } = pbx
  const refer = (to: string) => pbx.dialogue.exchange('REFER', { toTag, sequence: 2, extra: [`Refer-To: ${to}`] })
  const newInvite = async () => {
    await pbx.until(() => pbx.dialogue.peer.requests('INVITE').length > 0)
    return pbx.dialogue.peer.requests('INVITE')[0]!
  }
  const notified = () =>
    pbx.dialogue.peer.requests('NOTIFY').map(({ body }) => Buffer.from(body).toString().slice(8, 11))
  return { pbx, whatsApp, call, toTag, refer, newInvite, notified, peer: pbx.dialogue.peer, leg }
}

const CONTACT = ['Contact: <sip:600@10.0.0.9>', ...SDP]

describe('blind transfer', () => {
  it('600 is called at the trunk with our ids, joined to WhatsApp, and the old call is hung up', async () => {
    const { pbx, whatsApp, call, refer, newInvite, notified, peer } = await talking()
    await refer('600')
    const invite = await newInvite()
    expect(invite.requestUri).toBe('sip:600@10.0.0.9')
    expect(invite.headers.get('X-Correlation-ID')).toBe(CONTEXT.correlationId)
    expect(invite.from.uri.user).toBe('100')
    peer.answer(invite, 180, ['Contact: <sip:600@10.0.0.9>'])
    await pbx.dialogue.advance(1)
    peer.answer(invite, 200, CONTACT, sdpOf(4020, '0 101', PCMU))
    await pbx.until(() => peer.requests('BYE').length > 0)
    await pbx.dialogue.advance(1)
    expect(notified()).toEqual(['100', '180', '200'])
    expect(peer.requests('BYE').map(({ callId }) => callId)).toEqual(['raw-call'])
    expect(whatsApp.heard).not.toBe(pbx.leg.audio)
    expect(call.record.state).toBe('up')
    await call.end('normal')
    expect(whatsApp.done.at(-1)).toBe('end normal')
  })

  it('600 is busy: the phone is told, and talks on', async () => {
    const { pbx, call, refer, newInvite, notified, peer, whatsApp } = await talking()
    await refer('<sip:600@elsewhere.example>')
    const invite = await newInvite()
    expect(invite.requestUri).toBe('sip:600@10.0.0.9')
    peer.answer(invite, 486)
    await pbx.until(() => notified().length === 2)
    expect(notified()).toEqual(['100', '486'])
    expect(peer.requests('BYE')).toEqual([])
    expect(call.record.state).toBe('up')
    expect(whatsApp.heard).toBe(pbx.leg.audio)
  })

  it('600 answers with nothing that we offered: 488 in the NOTIFY, and the phone talks on', async () => {
    const { pbx, call, refer, newInvite, notified, peer, whatsApp, leg } = await talking()
    await refer('600')
    peer.answer(await newInvite(), 200, CONTACT, sdpOf(4020, '99', ['a=rtpmap:99 SPEEX/8000']))
    await pbx.until(() => notified().length === 2)
    expect(notified()).toEqual(['100', '488'])
    expect(peer.requests('BYE').map(({ callId }) => callId)).not.toContain('raw-call')
    expect(call.record.state).toBe('up')
    expect(whatsApp.heard).toBe(leg.audio)
  })

  it('the phone hangs up right after REFER: WhatsApp waits for 600; when that declines, the call ends', async () => {
    const { pbx, call, refer, newInvite, peer, toTag, whatsApp } = await talking()
    await refer('600')
    await pbx.dialogue.exchange('BYE', { toTag, sequence: 3 })
    expect(call.record.state).toBe('up')
    peer.answer(await newInvite(), 603)
    await pbx.until(() => call.record.state === 'ended')
    expect(call.record.cause).toBe('extension-declined')
    expect(whatsApp.done).toEqual(['end extension-declined'])
  })
})

it('attended transfer: Replaces goes into the new INVITE', async () => {
  const { refer, newInvite } = await talking()
  await refer('<sip:600@10.0.0.9?Replaces=desk%4010.0.0.9%3Bto-tag%3Da%3Bfrom-tag%3Db>')
  const { headers } = await newInvite()
  expect(headers.get('Replaces')).toBe('desk@10.0.0.9;to-tag=a;from-tag=b')
  expect(headers.list('Require')).toContain('replaces')
})

it('INVITE with Replaces: the new call talks, the old one is hung up', async () => {
  const { pbx, whatsApp, peer, toTag, call } = await talking()
  const extra = [`Replaces: raw-call;from-tag=raw;to-tag=${toTag}`]
  await pbx.dialogue.exchange('INVITE', { callId: 'new', extra }, sdpOf(4030, '0 101', PCMU))
  await pbx.until(() => peer.responses().some(({ status, callId }) => status === 200 && callId === 'new'))
  await pbx.dialogue.exchange('ACK', { callId: 'new', toTag: peer.responses().at(-1)!.to.params.get('tag')! })
  expect(peer.requests('BYE').map(({ callId }) => callId)).toEqual(['raw-call'])
  expect(whatsApp.heard).not.toBe(pbx.leg.audio)
  expect(call.record.state).toBe('up')
})

it('INVITE with Replaces whose SDP is no good: 488, and the old call talks on', async () => {
  const { pbx, whatsApp, peer, toTag, call, leg } = await talking()
  const extra = [`Replaces: raw-call;from-tag=raw;to-tag=${toTag}`]
  await pbx.dialogue.exchange('INVITE', { callId: 'new', extra }, sdpOf(4030, '99', ['a=rtpmap:99 SPEEX/8000']))
  await pbx.until(() => peer.responses().some(({ status, callId }) => status === 488 && callId === 'new'))
  expect(peer.requests('BYE')).toEqual([])
  expect(whatsApp.heard).toBe(leg.audio)
  expect(call.record.state).toBe('up')
})

it('INVITE with Replaces that is never ACKed: the old call talks on', async () => {
  const { pbx, whatsApp, peer, toTag, call, leg } = await talking()
  const extra = [`Replaces: raw-call;from-tag=raw;to-tag=${toTag}`]
  await pbx.dialogue.exchange('INVITE', { callId: 'new', extra }, sdpOf(4030, '0 101', PCMU))
  await pbx.until(() => peer.responses().some(({ status, callId }) => status === 200 && callId === 'new'))
  for (let i = 0; i < 4; i++) {
    await pbx.dialogue.advance(10_000)
    await pbx.report()
  }
  expect(new Set(peer.requests('BYE').map(({ callId }) => callId))).toEqual(new Set(['new']))
  expect(whatsApp.heard).toBe(leg.audio)
  expect(call.record.state).toBe('up')
})

it('attended transfer between two WhatsApp calls: both parties talk, the phone gets two BYEs and NOTIFY 200', async () => {
  const { pbx, whatsApp, peer, call, refer, notified } = await talking()
  await pbx.dialogue.exchange('INVITE', { callId: 'second' }, sdpOf(4040, '0 101', PCMU))
  const other = new WhatsAppSide()
  const parties = { correlationId: 'c2', direction: 'outbound', account: 'main', from: '200', to: '101' } as const
  const second = new Call(parties, { caller: pbx.leg, callee: other }, silentLogger, () => 0)
  other.events.emit({ type: 'answered' })
  const ok = () => peer.responses().find(({ status, callId }) => status === 200 && callId === 'second')
  await pbx.until(() => ok() !== undefined)
  const tag = ok()!.to.params.get('tag')!
  await pbx.dialogue.exchange('ACK', { callId: 'second', toTag: tag })
  await refer(`<sip:101@10.0.0.2?Replaces=second%3Bto-tag%3D${tag}%3Bfrom-tag%3Draw>`)
  await pbx.dialogue.advance(1)
  expect(notified()).toEqual(['100', '200'])
  expect(peer.requests('INVITE')).toEqual([])
  expect(peer.requests('BYE').map(({ callId }) => callId)).toEqual(['raw-call', 'second'])
  const heard = [whatsApp, other].map((side) => {
    const block = new Float32Array(1)
    side.heard!.pull(block)
    return block[0]
  })
  expect(heard).toEqual([0.25, 0.25])
  whatsApp.events.emit({ type: 'ended', cause: 'normal' })
  expect([call.record.state, second.record.state]).toEqual(['ended', 'ended'])
  expect(other.done.at(-1)).toBe('end normal')
})
