import { afterEach, describe, expect, it } from 'vitest'
import { type CallSettings, defaultCallSettings } from '../../../src/whatsapp/calls/settings.ts'
import type { WaNode } from '../../../src/whatsapp/wa-client.ts'
import { n } from '../stanza/nodes.ts'
import { eventsOf, KEY, LAPTOP, OWN_PHONE, offerNode, PEER, STRANGER, said, TestAccount } from './account.ts'

let account = new TestAccount()

function open(settings: Partial<CallSettings> = {}): TestAccount {
  account = new TestAccount(settings)
  return account
}

afterEach(() => {
  account.manager.stop()
  expect(account.manager.liveCalls).toBe(0)
  expect(account.clock.pendingTimers).toBe(0)
})

describe('acks', () => {
  const ATTRS = { 'call-id': 'UNKNOWN', 'call-creator': LAPTOP }

  it.each([
    ...['offer', 'preaccept', 'accept', 'reject', 'terminate', 'transport', 'relaylatency', 'mute_v2'],
    ...['enc_rekey', 'video', 'offer_notice', 'flowcontrol', 'heartbeat', 'never seen'],
  ])('one, typed, for <%s>: of an unknown call, without call-id, and with garbage inside', (tag) => {
    open()
    account.deliver(LAPTOP, n(tag, ATTRS))
    account.deliver(LAPTOP, n(tag))
    account.deliver(LAPTOP, n(tag, ATTRS, [n('relay', {}, 'x'), n('enc', { type: 'x' })]))
    expect(account.acks).toStrictEqual(
      ['S1', 'S2', 'S3'].map((id) => n('ack', { class: 'call', type: tag, id, to: LAPTOP })),
    )
  })

  it('one without type for a <call> without action, none for one without id', () => {
    open()
    account.redeliver(n('call', { from: LAPTOP, id: 'X' }))
    account.redeliver(n('call', { from: LAPTOP }, [n('offer', ATTRS)]))
    expect(account.client.sent).toStrictEqual([n('ack', { class: 'call', id: 'X', to: LAPTOP })])
  })

  it('comes before everything that the stanza leads to', async () => {
    open()
    account.deliver(LAPTOP, offerNode('A', LAPTOP))
    await account.settle()
    expect(account.client.sent.map((node) => node.tag)).toStrictEqual(['ack', 'receipt', 'call'])
  })

  it('is not kept for another connection: the stanza comes again there', () => {
    open()
    account.client.enter('closed')
    account.deliver(LAPTOP, n('transport', ATTRS))
    account.client.enter('open')
    expect(account.client.sent).toStrictEqual([])
  })
})

it.each([
  ['2', []],
  ['3', [{ action: 'offer', callId: 'A', keygen: 3 }]],
  ['', [{ keygen: 'unreadable' }]],
  ['100', [{ keygen: 'unreadable' }]],
  ['a stranger’s text', [{ keygen: 'unreadable' }]],
  ['x'.repeat(513), [{ keygen: 'unreadable' }]],
])('an offer with key generation %s rings, and any but 2 is warned of', async (keygen, warnings) => {
  open()
  const offer = offerNode('A', LAPTOP)
  const children = (offer.content as WaNode[]).filter(({ tag }) => tag !== 'encopt')
  account.deliver(LAPTOP, { ...offer, content: [...children, n('encopt', { keygen })] })
  await account.settle()
  expect(account.incoming).toHaveLength(1)
  expect(account.warnings).toEqual(warnings.map((warning) => expect.objectContaining(warning)))
})

describe('limit', () => {
  it('counts both directions', async () => {
    open({ callsLimit: 2 })
    account.deliver(STRANGER, offerNode('A', STRANGER))
    account.manager.dial({ lid: PEER })
    await account.settle()
    expect(account.manager.liveCalls).toBe(2)
    const third = eventsOf(account.manager.dial({ lid: PEER }))
    account.deliver('77@lid', offerNode('B', '77@lid'))
    await account.settle()
    expect(third).toStrictEqual([{ type: 'ended', cause: 'limit' }])
    expect(account.said.at(-1)).toBe('reject:busy → 77@lid')
    account.incoming[0]!.reject()
    account.deliver('77@lid', offerNode('C', '77@lid'))
    await account.settle()
    expect(account.incoming).toHaveLength(2)
  })

  it('a slot is free again when `ended` comes', async () => {
    open()
    const first = account.manager.dial({ lid: PEER })
    await account.settle()
    let second: readonly unknown[] = []
    first.events.on((event) => {
      if (event.type === 'ended') second = eventsOf(account.manager.dial({ lid: PEER }))
    })
    first.terminate()
    await account.settle()
    expect(second).toMatchObject([{ type: 'relays' }])
  })
})

describe('identities', () => {
  it('an offer by phone number is answered and keyed by the creator LID', async () => {
    open()
    account.deliver('15550001:7@s.whatsapp.net', offerNode('A', LAPTOP))
    await account.settle()
    expect(account.incoming[0]).toMatchObject({ caller: LAPTOP, peer: PEER })
    expect(account.said).toStrictEqual([`preaccept → ${LAPTOP}`])
    account.deliver('15550001:7@s.whatsapp.net', said(account.incoming[0]!, 'terminate'))
    expect(account.manager.liveCalls).toBe(0)
  })

  it('a creator that is not the sender is not answered', async () => {
    open()
    account.deliver(STRANGER, offerNode('A', LAPTOP, { caller_pn: '' }))
    await account.settle()
    expect(account.said).toStrictEqual([`preaccept → ${STRANGER}`])
  })

  it('our own devices have no say in calls that we make', async () => {
    open()
    const call = account.manager.dial({ lid: PEER })
    await account.settle()
    for (const tag of ['accept', 'reject', 'terminate', 'preaccept']) account.deliver(OWN_PHONE, said(call, tag))
    expect(call.phase).toBe('offered')
  })
})

describe('stop', () => {
  it('takes nothing from then on', async () => {
    open()
    account.manager.stop()
    account.deliver(LAPTOP, offerNode('A', LAPTOP))
    const events = eventsOf(account.manager.dial({ lid: PEER }))
    await account.settle()
    expect(account.client.sent).toStrictEqual([])
    expect(events).toStrictEqual([{ type: 'ended', cause: 'shutdown' }])
  })
})

it('no stanza holds a call key in clear', async () => {
  open()
  account.deliver(LAPTOP, offerNode('A', LAPTOP))
  await account.settle()
  account.incoming[0]!.accept()
  await account.settle()
  const clear = Buffer.from(KEY).toString('hex')
  const enc = (account.action('accept').content as WaNode[]).find((child) => child.tag === 'enc')!
  const rest = account.client.sent.flatMap(bytesIn).filter((bytes) => bytes !== enc.content)
  expect(rest.map((bytes) => Buffer.from(bytes).toString('hex')).join(' ')).not.toContain(clear)
})

function bytesIn(node: WaNode): readonly Uint8Array[] {
  if (Array.isArray(node.content)) return (node.content as WaNode[]).flatMap(bytesIn)
  return node.content instanceof Uint8Array ? [node.content] : []
}

it('the default settings are those of the protocol note', () => {
  expect(defaultCallSettings).toStrictEqual({
    codec: 'mlow',
    acceptForm: 'by-codec',
    dismissalForm: 'per-device',
    greetings: 'caller',
    relayLatencyForm: 'echo',
    deviceBusy: 'reject',
    ringingOn: 'preaccept',
    callIdForm: 'upper-hex',
    callsLimit: 1,
    prepareTimeoutMs: 15_000,
    ackTimeoutMs: 10_000,
    outgoingRingTimeoutMs: 60_000,
    incomingRingTimeoutMs: 60_000,
    acceptKeyTimeoutMs: 3_000,
    reconnectGraceMs: 30_000,
    offerMaxAgeMs: 30_000,
  })
})
