import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CallEvent } from '../../../src/whatsapp/calls/call-event.ts'
import type { OutgoingCall } from '../../../src/whatsapp/calls/outgoing-call.ts'
import type { CallSettings } from '../../../src/whatsapp/calls/settings.ts'
import type { WaNode } from '../../../src/whatsapp/wa-client.ts'
import { sealCallKey } from '../memory-wa-client.ts'
import { hex, n } from '../stanza/nodes.ts'
import {
  ACCEPT_CHILDREN,
  eventsOf,
  LAPTOP,
  PEER,
  PHONE,
  relayNode,
  SELF,
  STRANGER,
  said,
  TABLET,
  TestAccount,
  typesOf,
} from './account.ts'

let account: TestAccount
let call: OutgoingCall
let events: CallEvent[]

/** Dials; afterwards the offer is acknowledged. */
async function dial(settings: Partial<CallSettings> = {}): Promise<void> {
  account = new TestAccount(settings)
  await redial()
}

async function redial(): Promise<void> {
  call = account.manager.dial({ lid: PEER, pn: '15550001@s.whatsapp.net' })
  events = eventsOf(call)
  await account.settle()
}

async function answer(from = LAPTOP): Promise<void> {
  account.deliver(from, said(call, 'accept', {}, ACCEPT_CHILDREN))
  await account.settle()
}

const ended = () => events.at(-1)

beforeEach(() => dial())

afterEach(() => {
  expect(typesOf(events).filter((type) => type.startsWith('ended'))).toHaveLength(1)
  expect(account.clock.pendingTimers).toBe(0)
  expect(account.manager.liveCalls).toBe(0)
  expect(account.acks).toHaveLength(account.delivered.length)
})

describe('offer', () => {
  it('goes to all devices of the peer, each with the key encrypted for it', () => {
    const offer = account.action('offer')
    const destination = (offer.content as WaNode[]).find((child) => child.tag === 'destination')
    const parts = (destination!.content as WaNode[]).map((to) => [to.attrs.jid, (to.content as WaNode[])[0]!.content])
    expect(parts).toStrictEqual([PHONE, LAPTOP, TABLET].map((device) => [device, sealCallKey(device, call.callKey)]))
    expect(call.callKey).toHaveLength(32)
    expect(call.callId).toMatch(/^[0-9A-F]{32}$/)
    expect(offer.attrs['call-creator']).toBe(SELF)
    expect(typesOf(events)).toStrictEqual(['relays'])
    expect(call.relays?.endpoints[0]?.endpoint).toStrictEqual({ address: '203.0.113.9', port: 3480 })
    call.terminate()
  })

  it('carries the privacy token when there is one', async () => {
    call.terminate()
    account.client.addUser({ number: '2', lid: '77@lid', devices: ['77@lid'], privacyToken: Uint8Array.of(5) })
    call = account.manager.dial({ lid: '77@lid' })
    events = eventsOf(call)
    await account.settle()
    const offers = account.client.sent.filter((node) => node.tag === 'call' && node.attrs.to === '77@lid')
    const offer = (offers[0]!.content as WaNode[])[0]!
    expect((offer.content as WaNode[])[0]).toStrictEqual(n('privacy', {}, Uint8Array.of(5)))
    call.terminate()
  })

  it('uses the web form of call-ids when set', async () => {
    call.terminate()
    await dial({ callIdForm: 'web' })
    expect(call.callId).toMatch(/^00[0-9a-f]{30}$/)
    call.terminate()
  })
})

describe('offers that do not get through', () => {
  beforeEach(() => call.terminate())

  it.each([
    ['463', 'restricted', 463],
    ['439', 'refused', 439],
    ['garbage', 'refused', 0],
  ])('error %s → %s', async (error, cause, code) => {
    account.ackOffers([n('error', { code: error })])
    await redial()
    expect(ended()).toStrictEqual({ type: 'ended', cause, code })
  })

  it('the ack does not come in 10 s', async () => {
    account.ackOffers(undefined)
    await redial()
    await account.clock.advance(9_999)
    expect(events).toStrictEqual([])
    await account.clock.advance(1)
    expect(ended()).toMatchObject({ cause: 'no-ack' })
    expect(account.said.slice(-3)).toStrictEqual([
      `terminate → ${PHONE}`,
      `terminate → ${LAPTOP}`,
      `terminate → ${TABLET}`,
    ])
  })

  it('the ack names no relays, and none follow', async () => {
    account.ackOffers([])
    await redial()
    await account.clock.advance(10_000)
    expect(ended()).toMatchObject({ cause: 'no-relay' })
  })

  it('relays that come late with a transport are taken', async () => {
    account.ackOffers([])
    await redial()
    account.deliver(PHONE, said(call, 'transport', {}, [relayNode()]))
    await account.clock.advance(10_001)
    expect(typesOf(events)).toStrictEqual(['relays'])
    call.terminate()
  })

  it('an ack out of form counts as one without relays', async () => {
    account.ackOffers([n('relay', {}, [n('key', {}, 'not ascii: ä')])])
    await redial()
    await account.clock.advance(10_000)
    expect(ended()).toMatchObject({ cause: 'no-ack' })
  })

  it('the user has no device, or none with a session', async () => {
    account.client.addUser({ number: '2', lid: '55@lid', devices: ['55@lid'] })
    account.client.makeUnreachable('55@lid')
    for (const lid of ['44@lid', '55@lid']) {
      call = account.manager.dial({ lid })
      events = eventsOf(call)
      await account.settle()
      expect(ended()).toMatchObject({ cause: 'unreachable' })
    }
  })

  it('devices are never found out', async () => {
    account.client.devices = () => new Promise(() => {})
    await redial()
    await account.clock.advance(15_000)
    expect(ended()).toMatchObject({ cause: 'setup-failed' })
  })

  it('there is no connection, or no account', async () => {
    account.client.enter('closed')
    await redial()
    expect(ended()).toMatchObject({ cause: 'offline' })
    for (const state of ['logged-out', 'replaced', 'banned'] as const) {
      account.client.enter(state)
      await redial()
      expect(ended()).toMatchObject({ cause: state })
    }
  })

  it('the connection is lost while the ack is awaited', async () => {
    account.ackOffers(undefined)
    await redial()
    account.client.enter('closed')
    await account.settle()
    expect(ended()).toMatchObject({ cause: 'offline' })
    account.client.enter('open')
    expect(account.said.slice(-3)).toStrictEqual([
      `terminate → ${PHONE}`,
      `terminate → ${LAPTOP}`,
      `terminate → ${TABLET}`,
    ])
  })

  it('we call ourselves', async () => {
    call = account.manager.dial({ lid: '900000000000001@lid' })
    events = eventsOf(call)
    await account.settle()
    expect(ended()).toMatchObject({ cause: 'unreachable' })
  })
})

it('the calls limit is one by default', async () => {
  const second = account.manager.dial({ lid: PEER })
  const secondEvents = eventsOf(second)
  await account.settle()
  expect(secondEvents).toStrictEqual([{ type: 'ended', cause: 'limit' }])
  call.terminate()
})

describe('ringing', () => {
  it('begins with the first preaccept', () => {
    account.deliver(LAPTOP, said(call, 'preaccept'))
    account.deliver(PHONE, said(call, 'preaccept'))
    expect(typesOf(events)).toStrictEqual(['relays', 'ringing'])
    call.terminate()
  })

  it('begins with a receipt only when so set', async () => {
    const receipt = () => n('receipt', { from: PHONE, id: 'x' }, [said(call, 'offer')])
    account.client.deliverReceipt(receipt())
    expect(typesOf(events)).toStrictEqual(['relays'])
    call.terminate()
    await dial({ ringingOn: 'receipt' })
    account.client.deliverReceipt(n('receipt', { from: STRANGER, id: 'x' }, [said(call, 'offer')]))
    expect(typesOf(events)).toStrictEqual(['relays'])
    account.client.deliverReceipt(receipt())
    expect(typesOf(events)).toStrictEqual(['relays', 'ringing'])
    call.terminate()
  })

  it('ends after 60 s with a terminate for every device', async () => {
    account.deliver(PHONE, said(call, 'preaccept'))
    await account.clock.advance(60_000)
    expect(ended()).toStrictEqual({ type: 'ended', cause: 'no-answer' })
    expect(account.said.slice(-3)).toStrictEqual([
      `terminate:timeout → ${PHONE}`,
      `terminate:timeout → ${LAPTOP}`,
      `terminate:timeout → ${TABLET}`,
    ])
  })

  it('ends by cancelling', () => {
    call.terminate()
    expect(ended()).toStrictEqual({ type: 'ended', cause: 'cancelled' })
    expect(account.said.slice(-3)).toStrictEqual([
      `terminate → ${PHONE}`,
      `terminate → ${LAPTOP}`,
      `terminate → ${TABLET}`,
    ])
  })

  it('cancelled before the offer left: nothing is sent', async () => {
    call.terminate()
    const before = account.said.length
    const early = account.manager.dial({ lid: PEER })
    events = eventsOf(early)
    early.terminate()
    await account.settle()
    expect(events).toStrictEqual([{ type: 'ended', cause: 'cancelled' }])
    expect(account.said).toHaveLength(before)
  })
})

describe('forked devices', () => {
  const reject = (from: string, reason?: string) =>
    account.deliver(from, said(call, 'reject', reason === undefined ? {} : { reason }))

  it('busy on one device does not end the call; busy on all does', () => {
    reject(PHONE, 'busy')
    reject(LAPTOP, 'busy')
    reject(LAPTOP, 'busy')
    expect(typesOf(events)).toStrictEqual(['relays'])
    reject(TABLET, 'busy')
    expect(ended()).toStrictEqual({ type: 'ended', cause: 'busy', reason: 'busy' })
  })

  it('busy on one device, answer on another', async () => {
    reject(PHONE, 'busy')
    await answer(LAPTOP)
    expect(typesOf(events)).toStrictEqual(['relays', 'answered'])
    expect(account.said).toContain(`terminate:accepted_elsewhere → ${TABLET}`)
    expect(account.said).not.toContain(`terminate:accepted_elsewhere → ${PHONE}`)
    call.terminate()
  })

  it('uncallable from a companion is no word about the user', () => {
    reject(LAPTOP, 'uncallable')
    reject('123:99@hosted.lid', 'uncallable')
    expect(typesOf(events)).toStrictEqual(['relays'])
    reject(TABLET, 'busy')
    reject(PHONE, 'busy')
    expect(ended()).toMatchObject({ cause: 'busy' })
  })

  it('all uncallable', () => {
    for (const device of [PHONE, LAPTOP, TABLET]) reject(device, 'uncallable')
    expect(ended()).toMatchObject({ cause: 'unavailable' })
  })

  it('only the devices that the server says it rang count', async () => {
    call.terminate()
    account.ackOffers([relayNode(), n('user', {}, [n('device', { jid: PHONE }), n('device', { jid: STRANGER })])])
    await redial()
    reject(PHONE, 'busy')
    expect(ended()).toMatchObject({ cause: 'busy' })
  })

  it.each([
    ['busy', 'busy', [PHONE]],
    ['uncallable', 'unavailable', [PHONE]],
    ['busy', 'busy', [PHONE, LAPTOP]],
  ])('%s before an ack that names nobody else ends the call: %s', async (reason, cause, named) => {
    call.terminate()
    account.ackOffers(undefined)
    await redial()
    const offer = account.client.sent.findLast((node) => node.tag === 'call')!
    for (const device of named) reject(device, reason)
    expect(typesOf(events)).toStrictEqual([])
    const rung = n(
      'user',
      {},
      named.map((jid) => n('device', { jid })),
    )
    account.client.deliverCallAck(n('ack', { class: 'call', type: 'offer', id: offer.attrs.id! }, [relayNode(), rung]))
    await account.settle()
    expect(ended()).toMatchObject({ cause })
    expect(account.said.at(-1)).toMatch(/^offer/)
  })

  it('busy before an ack that names another one: that one may answer', async () => {
    call.terminate()
    account.ackOffers(undefined)
    await redial()
    const offer = account.client.sent.findLast((node) => node.tag === 'call')!
    reject(PHONE, 'busy')
    const rung = n(
      'user',
      {},
      [PHONE, LAPTOP].map((jid) => n('device', { jid })),
    )
    account.client.deliverCallAck(n('ack', { class: 'call', type: 'offer', id: offer.attrs.id! }, [relayNode(), rung]))
    await account.settle()
    expect(typesOf(events)).toStrictEqual(['relays'])
    reject(LAPTOP, 'busy')
    expect(ended()).toMatchObject({ cause: 'busy' })
  })

  it('a reject without reason declines for all and dismisses the siblings', () => {
    reject(LAPTOP)
    expect(ended()).toStrictEqual({ type: 'ended', cause: 'declined', reason: undefined })
    expect(account.said.slice(-2)).toStrictEqual([
      `terminate:rejected_elsewhere → ${PHONE}`,
      `terminate:rejected_elsewhere → ${TABLET}`,
    ])
  })

  it.each([
    ['timeout', 'no-answer', 0],
    ['other', 'unavailable', 2],
  ])('terminate:%s before the answer → %s', (reason, cause, dismissed) => {
    const before = account.said.length
    account.deliver(PHONE, said(call, 'terminate', { reason }))
    expect(ended()).toStrictEqual({ type: 'ended', cause, reason })
    expect(account.said).toHaveLength(before + dismissed)
  })

  it('siblings are dismissed in one stanza when so set', async () => {
    call.terminate()
    await dial({ dismissalForm: 'destination' })
    await answer(LAPTOP)
    const terminate = account.action('terminate')
    expect(account.said).toContain(`terminate:accepted_elsewhere → ${PEER}`)
    expect(terminate.content).toStrictEqual([n('destination', {}, [n('to', { jid: PHONE }), n('to', { jid: TABLET })])])
    call.terminate()
    expect(account.said.at(-1)).toBe(`terminate → ${LAPTOP}`)
  })
})

describe('answer', () => {
  it('the first accept wins: siblings, transport, mute, receipt', async () => {
    account.deliver(LAPTOP, said(call, 'preaccept'))
    const stanza = account.deliver(LAPTOP, said(call, 'accept', {}, ACCEPT_CHILDREN))
    await account.settle()
    expect(account.said.slice(1)).toStrictEqual([
      `terminate:accepted_elsewhere → ${PHONE}`,
      `terminate:accepted_elsewhere → ${TABLET}`,
      `transport → ${LAPTOP}`,
      `mute_v2:0 → ${LAPTOP}`,
    ])
    expect(account.receipts).toStrictEqual([`accept ${stanza.attrs.id} → ${LAPTOP}`])
    expect(events.at(-1)).toStrictEqual({
      type: 'answered',
      device: LAPTOP,
      peerSpeaksMlow: undefined,
      peerUsesCopies: undefined,
    })
    call.terminate()
  })

  const capable = (blob: string) => n('capability', { ver: '1' }, hex(blob))
  const [MLOW, NO_MLOW] = ['01 05 f7 09 e0 bb 07', '01 05 f7 09 e0 3b 07'].map(capable)

  it.each([
    ['its capability says', [], [capable('01 05 f7 09 e0 bb 13')], true, true],
    ['its capability says no', [], [capable('01 05 f7 09 e0 3b 03')], false, false],
    ['its preaccept said, when it says nothing itself', [[LAPTOP, NO_MLOW]], [], false, undefined],
    [
      'its preaccept said after that of another device',
      [
        [PHONE, MLOW],
        [LAPTOP, NO_MLOW],
      ],
      [],
      false,
      undefined,
    ],
    ['itself says rather than its preaccept', [[LAPTOP, NO_MLOW]], [capable('01 05 f7 09 e0 bb 13')], true, true],
    [
      'no preaccept of another device says',
      [
        [PHONE, NO_MLOW],
        [LAPTOP, MLOW],
      ],
      [],
      undefined,
      undefined,
    ],
    ['no preaccept of a device says that does not ring', [['123:77@lid', NO_MLOW]], [], undefined, undefined],
  ] as const)('the answering device speaks as %s', async (_, preaccepts, children, peerSpeaksMlow, peerUsesCopies) => {
    for (const [from, blob] of preaccepts) account.deliver(from, said(call, 'preaccept', {}, [blob!]))
    account.deliver(LAPTOP, said(call, 'accept', {}, [...ACCEPT_CHILDREN, ...children]))
    await account.settle()
    expect(events.at(-1)).toStrictEqual({ type: 'answered', device: LAPTOP, peerSpeaksMlow, peerUsesCopies })
    call.terminate()
  })

  it('is not greeted when so set, but told of a mute', async () => {
    call.terminate()
    await dial({ greetings: 'none' })
    const before = account.said.length
    await answer(LAPTOP)
    expect(account.said.slice(before).filter((line) => !line.startsWith('terminate'))).toStrictEqual([])
    call.terminate()
    await redial()
    call.mute(true)
    await answer(LAPTOP)
    expect(account.said.at(-1)).toBe(`mute_v2:1 → ${LAPTOP}`)
    call.terminate()
  })

  it('an accept of another device is ignored', async () => {
    await answer(LAPTOP)
    const before = account.said.length
    await answer(TABLET)
    expect(typesOf(events)).toStrictEqual(['relays', 'answered'])
    expect(account.said).toHaveLength(before)
    account.deliver(TABLET, said(call, 'terminate'))
    account.deliver(TABLET, said(call, 'reject'))
    account.deliver(PHONE, said(call, 'reject', { reason: 'busy' }))
    expect(call.phase).toBe('active')
    account.deliver(LAPTOP, said(call, 'terminate'))
    expect(ended()).toStrictEqual({ type: 'ended', cause: 'hung-up', reason: undefined })
  })

  it('a repeated accept may bring another key', async () => {
    await answer(LAPTOP)
    const key = new Uint8Array(32).fill(9)
    const enc = (bytes: Uint8Array) => n('enc', { v: '2', type: 'msg', count: '0' }, sealCallKey(SELF, bytes))
    account.deliver(LAPTOP, said(call, 'accept', {}, [...ACCEPT_CHILDREN, enc(call.callKey)]))
    await account.settle()
    expect(typesOf(events)).toStrictEqual(['relays', 'answered'])
    account.deliver(LAPTOP, said(call, 'accept', {}, [...ACCEPT_CHILDREN, enc(key)]))
    await account.settle()
    expect(events.at(-1)).toStrictEqual({ type: 'keyChanged', callKey: key })
    expect(call.callKey).toStrictEqual(key)
    account.deliver(LAPTOP, said(call, 'accept', {}, [n('enc', { v: '2', type: 'msg' }, sealCallKey(PHONE, key))]))
    await account.settle()
    expect(call.phase).toBe('active')
    call.terminate()
  })

  it('with a key that cannot be read: the call goes on with its own', async () => {
    const broken = n('enc', { v: '2', type: 'msg', count: '0' }, new Uint8Array(40).fill(1))
    account.deliver(LAPTOP, said(call, 'accept', {}, [...ACCEPT_CHILDREN, broken]))
    await account.settle()
    expect(typesOf(events)).toStrictEqual(['relays', 'answered'])
    expect(call.phase).toBe('active')
    expect(call.callKey).toHaveLength(32)
    call.terminate()
  })

  it('at a rate that was not offered ends the call', async () => {
    account.deliver(LAPTOP, said(call, 'accept', {}, [n('audio', { enc: 'opus', rate: '48000' })]))
    expect(ended()).toMatchObject({ cause: 'bad-accept' })
    expect(account.said.at(-1)).toBe(`terminate → ${TABLET}`)
  })

  it('may overtake the ack', async () => {
    call.terminate()
    account.ackOffers(undefined)
    await redial()
    await answer()
    expect(typesOf(events)).toStrictEqual(['answered'])
    await account.clock.advance(10_000)
    expect(ended()).toMatchObject({ cause: 'no-ack' })
    expect(account.said.at(-1)).toBe(`terminate → ${LAPTOP}`)
  })

  it('comes from the phone number: the device is told by LID', async () => {
    account.deliver('15550001:7@s.whatsapp.net', said(call, 'accept', {}, ACCEPT_CHILDREN))
    expect(events.at(-1)).toMatchObject({ type: 'answered', device: LAPTOP })
    call.terminate()
  })

  it('is not taken from somebody else', () => {
    account.deliver(STRANGER, said(call, 'accept', {}, ACCEPT_CHILDREN))
    account.deliver(STRANGER, said(call, 'terminate'))
    expect(typesOf(events)).toStrictEqual(['relays'])
    call.terminate()
  })

  it('crossing our cancel finds the call over', async () => {
    call.terminate()
    const before = account.said.length
    await answer()
    expect(account.said).toHaveLength(before)
  })
})

describe('talking', () => {
  beforeEach(() => answer(LAPTOP))

  it('mutes both ways, and answers no mute with a mute', () => {
    const before = account.said.length
    call.mute(true)
    call.mute(true)
    call.mute(false)
    expect(account.said.slice(before)).toStrictEqual([`mute_v2:1 → ${LAPTOP}`, `mute_v2:0 → ${LAPTOP}`])
    account.deliver(LAPTOP, said(call, 'mute_v2', { 'mute-state': '1' }))
    account.deliver(PHONE, said(call, 'mute_v2', { 'mute-state': '0' }))
    expect(events.slice(2)).toStrictEqual([{ type: 'muted', muted: true }])
    expect(account.said).toHaveLength(before + 2)
    call.terminate()
  })

  it('a mute before the answer is told with the answer', async () => {
    call.terminate()
    await redial()
    call.mute(true)
    await answer()
    expect(account.said.at(-1)).toBe(`mute_v2:1 → ${LAPTOP}`)
    call.terminate()
  })

  it('relays dialled again are told to the peer', () => {
    call.renewTransport()
    expect(account.said.at(-1)).toBe(`transport → ${LAPTOP}`)
    call.terminate()
  })

  it('our end is told to the answering device alone', () => {
    const before = account.said.length
    call.terminate()
    call.terminate()
    expect(account.said.slice(before)).toStrictEqual([`terminate → ${LAPTOP}`])
    expect(ended()).toStrictEqual({ type: 'ended', cause: 'hung-up-here' })
  })

  it('goes on without connection for 30 s', async () => {
    account.client.enter('closed')
    account.client.enter('connecting')
    await account.clock.advance(29_999)
    account.client.enter('open')
    await account.clock.advance(60_000)
    expect(call.phase).toBe('active')
    account.client.enter('closed')
    await account.clock.advance(30_000)
    expect(ended()).toStrictEqual({ type: 'ended', cause: 'offline' })
  })

  it('our end waits for the connection, but not for ever', async () => {
    const before = account.said.length
    account.client.enter('closed')
    call.terminate()
    expect(ended()).toMatchObject({ cause: 'hung-up-here' })
    expect(account.said).toHaveLength(before)
    await account.clock.advance(29_000)
    account.client.enter('open')
    expect(account.said.slice(before)).toStrictEqual([`terminate → ${LAPTOP}`])

    await redial()
    await answer(LAPTOP)
    account.client.enter('closed')
    call.terminate()
    const later = account.said.length
    await account.clock.advance(600_000)
    account.client.enter('open')
    expect(account.said).toHaveLength(later)
  })

  it('our end is told again on the next connection when no server has acknowledged it', async () => {
    account.client.acknowledgesActions = false
    const before = account.said.length
    call.terminate()
    account.client.enter('closed')
    account.client.enter('open')
    expect(account.said.slice(before)).toStrictEqual([`terminate → ${LAPTOP}`, `terminate → ${LAPTOP}`])
    const [first, second] = account.client.sent.slice(-2)
    expect(second).toStrictEqual(first)
  })

  it('a connection that stays away ends the call, and the peer is told when it is back', async () => {
    await answer(LAPTOP)
    const before = account.said.length
    account.client.enter('closed')
    await account.clock.advance(30_000)
    expect(ended()).toMatchObject({ cause: 'offline' })
    await account.clock.advance(60_000)
    account.client.enter('open')
    expect(account.said.slice(before)).toStrictEqual([`terminate → ${LAPTOP}`])
  })

  it('anything else waits for the grace only', async () => {
    await answer(LAPTOP)
    account.client.enter('closed')
    call.mute(true)
    await account.clock.advance(29_999)
    call.terminate()
    await account.clock.advance(10_000)
    const before = account.said.length
    account.client.enter('open')
    expect(account.said.slice(before)).toStrictEqual([`terminate → ${LAPTOP}`])
  })

  it.each(['logged-out', 'replaced', 'banned'] as const)('the account is %s: nothing is waited for', async (state) => {
    await answer(LAPTOP)
    const before = account.said.length
    account.client.enter(state)
    expect(ended()).toStrictEqual({ type: 'ended', cause: state })
    account.client.enter('open')
    expect(account.said).toHaveLength(before)
  })

  it('the account is banned for a time: the peer is told of a hang-up before it, and of nothing else', async () => {
    await answer(LAPTOP)
    account.client.enter('closed')
    call.mute(true)
    call.terminate()
    const before = account.said.length
    account.client.retryAfterS = 20
    account.client.enter('banned')
    account.client.enter('open')
    expect(account.said.slice(before)).toStrictEqual([`terminate → ${LAPTOP}`])
  })

  it('a handler that fails keeps nobody else from the end', () => {
    const before = account.said.length
    call.events.on(() => {
      throw new Error('a fault in a handler')
    })
    call.terminate()
    expect(ended()).toMatchObject({ cause: 'hung-up-here' })
    expect(account.said.slice(before)).toStrictEqual([`terminate → ${LAPTOP}`])
  })

  it('the gateway stops', () => {
    account.manager.stop()
    expect(ended()).toStrictEqual({ type: 'ended', cause: 'shutdown' })
    expect(account.said.at(-1)).toBe(`terminate → ${LAPTOP}`)
  })
})
