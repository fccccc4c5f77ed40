import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CallEvent } from '../../../src/whatsapp/calls/call-event.ts'
import type { IncomingCall } from '../../../src/whatsapp/calls/incoming-call.ts'
import type { CallSettings } from '../../../src/whatsapp/calls/settings.ts'
import type { WaNode } from '../../../src/whatsapp/wa-client.ts'
import { openCallKey, sealCallKey } from '../memory-wa-client.ts'
import { hex, n } from '../stanza/nodes.ts'
import {
  eventsOf,
  KEY,
  LAPTOP,
  OWN_PHONE,
  offerNode,
  PEER,
  relayNode,
  SELF,
  STRANGER,
  said,
  TABLET,
  TestAccount,
  typesOf,
} from './account.ts'

const ID = 'AB12CD34EF56AB12CD34EF56AB12CD34'

let account: TestAccount
let call: IncomingCall
let events: CallEvent[]

async function ring(settings: Partial<CallSettings> = {}, offer = offerNode(ID, LAPTOP)): Promise<void> {
  account = new TestAccount(settings)
  account.manager.onIncoming((incoming) => {
    account.incoming.push(incoming)
    events = eventsOf(incoming)
  })
  account.deliver(LAPTOP, offer, { notify: 'Ana' })
  await account.settle()
  call = account.incoming[0]!
}

async function accept(): Promise<void> {
  call.accept()
  await account.settle()
}

const ended = () => events.at(-1)

beforeEach(() => ring())

afterEach(() => {
  expect(typesOf(events).filter((type) => type.startsWith('ended'))).toHaveLength(1)
  expect(account.clock.pendingTimers).toBe(0)
  expect(account.manager.liveCalls).toBe(0)
  expect(account.acks).toHaveLength(account.delivered.length)
})

describe('offer', () => {
  it('is acknowledged, receipted, preaccepted, and handed over with key and relays', () => {
    expect(account.client.sent.map((node) => node.tag)).toStrictEqual(['ack', 'receipt', 'call'])
    expect(account.said).toStrictEqual([`preaccept → ${LAPTOP}`])
    expect(account.receipts).toStrictEqual([`offer S1 → ${LAPTOP}`])
    expect(call.callKey).toStrictEqual(KEY)
    expect(call).toMatchObject({
      callId: ID,
      peer: PEER,
      caller: LAPTOP,
      callerName: 'Ana',
      callerPn: '15550001@s.whatsapp.net',
      self: SELF,
      hasVideo: false,
      phase: 'ringing',
    })
    expect(typesOf(events)).toStrictEqual(['relays'])
    expect(call.relays?.key).toBe('AAAAAAAAAAAAAAAAAAAAAA==')
    call.reject()
  })

  it('with one call-id twice rings once', async () => {
    account.deliver(LAPTOP, offerNode(ID, LAPTOP))
    await account.settle()
    expect(account.incoming).toHaveLength(1)
    expect(account.receipts).toHaveLength(2)
    call.reject()
    account.deliver(LAPTOP, offerNode(ID, LAPTOP))
    await account.settle()
    expect(account.incoming).toHaveLength(1)
    expect(account.missed).toStrictEqual([])
  })

  it('delivered again is acknowledged again and taken once', async () => {
    const [offer] = account.delivered
    account.redeliver(offer!)
    await account.settle()
    expect(account.acks).toHaveLength(2)
    expect(account.receipts).toHaveLength(1)
    expect(account.said).toHaveLength(1)
    call.reject()
  })

  it('over the limit is refused as busy, and missed', async () => {
    account.deliver(STRANGER, offerNode('OTHER', STRANGER))
    await account.settle()
    expect(account.said.at(-1)).toBe(`reject:busy → ${STRANGER}`)
    expect(account.missed).toMatchObject([{ callId: 'OTHER', reason: 'busy' }])
    call.reject()
  })
})

describe('answering', () => {
  it('sends the key again for the caller', async () => {
    await accept()
    const children = account.action('accept').content as WaNode[]
    expect(children.map((child) => child.tag)).toStrictEqual(['audio', 'net', 'enc', 'encopt', 'device-identity'])
    expect(openCallKey(LAPTOP, children[2]!.content as Uint8Array)).toStrictEqual(KEY)
    expect(account.said).toStrictEqual([`preaccept → ${LAPTOP}`, `accept → ${LAPTOP}`])
    expect(events.at(-1)).toStrictEqual({
      type: 'answered',
      device: LAPTOP,
      peerSpeaksMlow: true,
      peerUsesCopies: true,
    })
    account.deliver(LAPTOP, said(call, 'terminate'))
  })

  it('sends the capability instead with Opus, or when so set', async () => {
    call.reject()
    for (const settings of [{ codec: 'opus' }, { acceptForm: 'with-capability' }] as const) {
      await ring(settings)
      await accept()
      const children = account.action('accept').content as WaNode[]
      expect(children.map((child) => child.tag).slice(0, 6)).toStrictEqual([
        'audio',
        'net',
        'encopt',
        'metadata',
        'capability',
        'rte',
      ])
      expect(children[5]!.content).toStrictEqual(hex('2da0ee43c6c3'))
      call.terminate()
    }
  })

  it('greets before the accept when so set', async () => {
    call.reject()
    await ring({ greetings: 'both' })
    call.mute(true)
    await accept()
    expect(account.said).toStrictEqual([
      `preaccept → ${LAPTOP}`,
      `mute_v2:1 → ${LAPTOP}`,
      `transport → ${LAPTOP}`,
      `accept → ${LAPTOP}`,
    ])
    call.terminate()
  })

  it('does not wait for ever for the key', async () => {
    account.client.encryptCallKey = () => new Promise(() => {})
    await accept()
    expect(call.phase).toBe('accepting')
    await account.clock.advance(3_000)
    expect(call.phase).toBe('active')
    expect((account.action('accept').content as WaNode[]).map((child) => child.tag)).toContain('capability')
    call.terminate()
  })

  it('goes on without the key when there is no session', async () => {
    account.client.makeUnreachable(LAPTOP)
    await accept()
    expect(typesOf(events)).toStrictEqual(['relays', 'answered'])
    call.terminate()
  })

  it('in the handler itself works', async () => {
    call.reject()
    account = new TestAccount()
    account.manager.onIncoming((incoming) => {
      call = incoming
      events = eventsOf(incoming)
      incoming.accept()
    })
    account.deliver(LAPTOP, offerNode(ID, LAPTOP))
    await account.settle()
    expect(typesOf(events)).toStrictEqual(['relays', 'answered'])
    call.terminate()
    expect(account.said.at(-1)).toBe(`terminate → ${LAPTOP}`)
  })

  it('crossing the end by the caller', async () => {
    call.accept()
    account.deliver(LAPTOP, said(call, 'terminate'))
    await account.settle()
    expect(ended()).toStrictEqual({ type: 'ended', cause: 'cancelled', reason: undefined })
    expect(account.said).toStrictEqual([`preaccept → ${LAPTOP}`])
  })

  it('and an accept of a sibling that the caller took', async () => {
    await accept()
    account.deliver(OWN_PHONE, said(call, 'accept'))
    expect(call.phase).toBe('active')
    account.deliver(LAPTOP, said(call, 'terminate', { reason: 'accepted_elsewhere' }))
    expect(ended()).toMatchObject({ cause: 'answered-elsewhere' })
  })

  it('refused by the server', async () => {
    await accept()
    const accepted = account.client.sent.find((node) => (node.content as WaNode[])?.[0]?.tag === 'accept')
    account.client.deliverCallAck(n('ack', { class: 'call', type: 'accept', id: 'somebody else', error: '400' }))
    expect(call.phase).toBe('active')
    account.client.deliverCallAck(n('ack', { class: 'call', type: 'accept', id: accepted!.attrs.id!, error: '400' }))
    expect(ended()).toStrictEqual({ type: 'ended', cause: 'refused', code: 400 })
  })
})

describe('not answering', () => {
  it('rejects for all devices, or as busy for this one', async () => {
    call.reject()
    expect(account.said.at(-1)).toBe(`reject → ${LAPTOP}`)
    expect(ended()).toStrictEqual({ type: 'ended', cause: 'declined-here' })
    await ring()
    call.reject('busy')
    expect(account.said.at(-1)).toBe(`reject:busy → ${LAPTOP}`)
  })

  it('rings for 60 s, then leaves the call to the other devices', async () => {
    await account.clock.advance(60_000)
    expect(ended()).toStrictEqual({ type: 'ended', cause: 'no-answer' })
    expect(account.said).toStrictEqual([`preaccept → ${LAPTOP}`])
  })

  it.each([
    [undefined, 'cancelled'],
    ['timeout', 'no-answer'],
    ['accepted_elsewhere', 'answered-elsewhere'],
    ['rejected_elsewhere', 'declined-elsewhere'],
    ['group_call_ended', 'cancelled'],
  ])('terminate %s → %s', (reason, cause) => {
    account.deliver(LAPTOP, said(call, 'terminate', reason === undefined ? {} : { reason }))
    expect(ended()).toStrictEqual({ type: 'ended', cause, reason })
    expect(account.said).toStrictEqual([`preaccept → ${LAPTOP}`])
  })

  it.each([
    ['accept', 'answered-elsewhere'],
    ['reject', 'declined-elsewhere'],
  ])('%s on our phone → %s, and nothing is said', (tag, cause) => {
    account.deliver(OWN_PHONE, said(call, tag))
    expect(ended()).toMatchObject({ cause })
    expect(account.said).toStrictEqual([`preaccept → ${LAPTOP}`])
    expect(account.receipts).toHaveLength(1)
  })

  it('busy on our phone ends nothing', () => {
    account.deliver(OWN_PHONE, said(call, 'reject', { reason: 'busy' }))
    expect(call.phase).toBe('ringing')
    call.reject()
  })

  it('the gateway stops: our phone may still answer', () => {
    account.manager.stop()
    expect(ended()).toStrictEqual({ type: 'ended', cause: 'shutdown' })
    expect(account.said).toStrictEqual([`preaccept → ${LAPTOP}`])
  })

  it('the connection is lost for 30 s', async () => {
    account.client.enter('closed')
    await account.clock.advance(30_000)
    expect(ended()).toStrictEqual({ type: 'ended', cause: 'offline' })
  })
})

describe('relaylatency', () => {
  const own = (relayName: string) => ({ relayName, endpoint: { address: '203.0.113.9', port: 3480 }, rttMs: 12 })
  const te = (name: string, rttMs: number) =>
    n('te', { latency: String(33_554_432 + rttMs), relay_name: name }, hex('cb0071090d98'))
  const sent = () =>
    account.client.sent
      .flatMap((node) => (node.tag === 'call' ? (node.content as WaNode[]) : []))
      .filter((action) => action.tag === 'relaylatency')
      .flatMap((action) => action.content as WaNode[])
      .map((child) => `${child.attrs.relay_name} ${child.attrs.latency}`)

  it('is echoed for bound relays only, before or after they are bound', () => {
    account.deliver(LAPTOP, said(call, 'relaylatency', {}, [te('gru1c02', 40), te('fra5c01', 90)]))
    expect(sent()).toStrictEqual([])
    call.relayLatency([own('gru1c02')])
    expect(sent()).toStrictEqual(['gru1c02 33554472'])
    account.deliver(LAPTOP, said(call, 'relaylatency', {}, [te('gru1c02', 41)]))
    account.deliver(LAPTOP, said(call, 'relaylatency', {}, [te('fra5c01', 91)]))
    expect(sent()).toStrictEqual(['gru1c02 33554472', 'gru1c02 33554473'])
    call.reject()
  })

  it('is echoed 64 times at most', () => {
    call.relayLatency([own('gru1c02')])
    for (let i = 0; i < 100; i++) account.deliver(LAPTOP, said(call, 'relaylatency', {}, [te('gru1c02', i)]))
    expect(sent()).toHaveLength(64)
    call.reject()
  })

  it('reports our own measurements, or nothing, when so set', async () => {
    call.reject()
    await ring({ relayLatencyForm: 'report' })
    call.relayLatency([own('gru1c02')])
    expect(sent()).toStrictEqual(['gru1c02 33554444'])
    call.reject()
    await ring({ relayLatencyForm: 'off' })
    account.deliver(LAPTOP, said(call, 'relaylatency', {}, [te('gru1c02', 40)]))
    call.relayLatency([own('gru1c02')])
    expect(sent()).toStrictEqual([])
    call.reject()
  })
})

describe('talking', () => {
  beforeEach(accept)

  it('ends by the calling device, not by another', () => {
    account.deliver(TABLET, said(call, 'terminate'))
    account.deliver(STRANGER, said(call, 'terminate'))
    expect(call.phase).toBe('active')
    account.deliver(LAPTOP, said(call, 'terminate'))
    expect(ended()).toMatchObject({ cause: 'hung-up' })
  })

  it('mutes both ways', () => {
    account.deliver(LAPTOP, said(call, 'mute_v2', { 'mute-state': '1' }))
    expect(events.at(-1)).toStrictEqual({ type: 'muted', muted: true })
    call.mute(true)
    expect(account.said.at(-1)).toBe(`mute_v2:1 → ${LAPTOP}`)
    call.terminate()
    expect(account.said.at(-1)).toBe(`terminate → ${LAPTOP}`)
  })
})

describe('keys', () => {
  beforeEach(() => call.reject())

  async function offerOf(content: (offer: WaNode) => WaNode[]): Promise<void> {
    const offer = offerNode(ID, LAPTOP)
    account = new TestAccount()
    account.deliver(LAPTOP, { ...offer, content: content(offer) })
    await account.settle()
  }
  const without = (offer: WaNode, tag: string) => (offer.content as WaNode[]).filter((child) => child.tag !== tag)

  it('for another device, of the wrong length, or missing: busy for this device', async () => {
    const enc = (bytes: Uint8Array) => n('enc', { v: '2', type: 'msg' }, bytes)
    for (const extra of [[enc(sealCallKey(TABLET, KEY))], [enc(sealCallKey(SELF, KEY.subarray(1)))], []]) {
      await offerOf((offer) => [...without(offer, 'enc'), ...extra])
      expect(account.incoming).toStrictEqual([])
      expect(account.said).toStrictEqual([`reject:busy → ${LAPTOP}`])
      expect(account.missed).toMatchObject([{ callId: ID, reason: 'no-key' }])
      expect(account.clock.pendingTimers).toBe(0)
    }
  })

  it('in a destination: the one for this device', async () => {
    const to = (jid: string, device: string) =>
      n('to', { jid }, [n('enc', { v: '2', type: 'msg' }, sealCallKey(device, KEY))])
    await offerOf((offer) => [
      ...without(offer, 'enc'),
      n('destination', {}, [to(OWN_PHONE, OWN_PHONE), to(SELF, SELF)]),
    ])
    call = account.incoming[0]!
    expect(call.callKey).toStrictEqual(KEY)
    call.reject()
  })

  it('are not there before they are open', async () => {
    let open: (key: Uint8Array) => void = () => {}
    account = new TestAccount()
    account.client.decryptCallKey = () => new Promise((resolve) => (open = resolve))
    account.deliver(LAPTOP, offerNode(ID, LAPTOP))
    await account.settle()
    expect(account.incoming).toStrictEqual([])
    account.deliver(LAPTOP, n('terminate', { 'call-id': ID, 'call-creator': LAPTOP }))
    open(KEY)
    await account.settle()
    expect(account.incoming).toStrictEqual([])
    expect(account.said).toStrictEqual([])
    expect(account.missed).toMatchObject([{ callId: ID, reason: 'ended' }])
    expect(account.clock.pendingTimers).toBe(0)
  })
})

it('relays that come with a transport are taken when the offer had none', async () => {
  call.reject()
  const offer = offerNode(ID, LAPTOP)
  await ring({}, { ...offer, content: (offer.content as WaNode[]).filter((child) => child.tag !== 'relay') })
  expect(call.relays).toBeUndefined()
  account.deliver(LAPTOP, said(call, 'transport', {}, [relayNode()]))
  account.deliver(LAPTOP, said(call, 'transport', {}, [relayNode()]))
  expect(typesOf(events)).toStrictEqual(['relays'])
  call.reject()
})
