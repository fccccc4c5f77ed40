import { afterEach, describe, expect, it } from 'vitest'
import type { OutgoingCall } from '../../../src/whatsapp/calls/outgoing-call.ts'
import type { CallSettings } from '../../../src/whatsapp/calls/settings.ts'
import { n } from '../stanza/nodes.ts'
import {
  ACCEPT_CHILDREN,
  eventsOf,
  KEY,
  LAPTOP,
  OWN_PHONE,
  offerNode,
  PEER,
  PHONE,
  STRANGER,
  said,
  TABLET,
  TestAccount,
} from './account.ts'

let account = new TestAccount()

function open(settings: Partial<CallSettings> = {}): TestAccount {
  account = new TestAccount(settings)
  return account
}

afterEach(() => {
  account.manager.stop()
  expect(account.manager.liveCalls).toBe(0)
  expect(account.clock.pendingTimers).toBe(0)
  expect(account.acks).toHaveLength(account.delivered.length)
})

describe('offers that do not ring', () => {
  it.each([
    ['offline', { offline: '1' }, {}],
    ['ended', {}, { is_call_ended: '1' }],
    ['ended', {}, { terminate_reason: 'timeout' }],
    ['too-old', { t: '1759999969' }, {}],
    ['group', {}, { 'group-jid': '1@g.us' }],
  ])('%s', async (reason, stanza, offer) => {
    open()
    account.deliver(LAPTOP, offerNode('A', LAPTOP, offer), { notify: 'Ana', ...stanza } as Record<string, string>)
    await account.settle()
    expect(account.incoming).toStrictEqual([])
    expect(account.client.sent.map((node) => node.tag)).toStrictEqual(['ack'])
    expect(account.missed).toMatchObject([
      { callId: 'A', reason, caller: LAPTOP, callerPn: '15550001@s.whatsapp.net', callerName: 'Ana' },
    ])
  })

  it('rings 30 s after it was sent, not later', async () => {
    open()
    account.deliver(LAPTOP, offerNode('A', LAPTOP), { t: '1759999970' })
    await account.settle()
    expect(account.incoming).toHaveLength(1)
  })

  it('before the account is ready', async () => {
    open()
    account.client.self = () => undefined as never
    account.deliver(LAPTOP, offerNode('A', LAPTOP))
    await account.settle()
    expect(account.missed).toMatchObject([{ reason: 'not-ready' }])
    expect(account.acks).toHaveLength(1)
  })

  it.each([LAPTOP, PHONE, '15550001:7@s.whatsapp.net'])('whose terminate came first, from %s', async (from) => {
    open()
    account.deliver(from, n('terminate', { 'call-id': 'A', 'call-creator': LAPTOP }))
    account.deliver(LAPTOP, offerNode('A', LAPTOP))
    await account.settle()
    expect(account.incoming).toStrictEqual([])
    expect(account.missed).toMatchObject([{ reason: 'ended' }])
  })

  it.each<[string, string, Record<string, string>, string[]]>([
    ['accepted', 'accept', {}, []],
    ['declined', 'reject', {}, []],
    ['hung up on', 'terminate', {}, ['ended']],
  ])('that the owner’s phone has %s before it came', async (_, tag, attrs, missed) => {
    open()
    account.deliver(OWN_PHONE, n(tag, { 'call-id': 'A', 'call-creator': LAPTOP, ...attrs }))
    account.deliver(LAPTOP, offerNode('A', LAPTOP))
    await account.settle()
    expect(account.incoming).toStrictEqual([])
    expect(account.said).toStrictEqual([])
    expect(account.missed.map(({ reason }) => reason)).toStrictEqual(missed)
  })

  it.each<[string, string, Record<string, string>]>([
    [OWN_PHONE, 'reject', { reason: 'busy' }],
    [OWN_PHONE, 'preaccept', {}],
    [STRANGER, 'accept', {}],
    [STRANGER, 'reject', {}],
    [STRANGER, 'terminate', {}],
    [STRANGER, 'terminate', { reason: 'accepted_elsewhere' }],
  ])('rings although %s has sent %s %j before', async (from, tag, attrs) => {
    open()
    account.deliver(from, n(tag, { 'call-id': 'A', 'call-creator': LAPTOP, ...attrs }))
    account.deliver(LAPTOP, offerNode('A', LAPTOP))
    await account.settle()
    expect(account.incoming).toHaveLength(1)
  })

  it('out of form: logged, nothing else', async () => {
    open()
    account.deliver(LAPTOP, n('offer', { 'call-id': 'A', 'call-creator': LAPTOP }, [n('enc', { type: 'skmsg' })]))
    await account.settle()
    expect(account.incoming).toStrictEqual([])
    expect(account.missed).toStrictEqual([])
  })
})

describe('a second offer with the same call-id', () => {
  const UNREADABLE = KEY.subarray(3)
  const deliver = (creator: string, key = KEY, from = creator) =>
    account.deliver(from, offerNode('A', creator, {}, key))

  it('is confirmed and changes nothing while the call is live', async () => {
    open()
    deliver(LAPTOP)
    await account.settle()
    deliver(LAPTOP)
    await account.settle()
    expect(account.incoming).toHaveLength(1)
    expect(account.receipts).toStrictEqual([`offer S1 → ${LAPTOP}`, `offer S2 → ${LAPTOP}`])
  })

  it.each([
    ['of another creator', STRANGER, STRANGER],
    ['from somebody else in its creator’s name', LAPTOP, STRANGER],
  ])('%s is not confirmed', async (_, creator, from) => {
    open()
    deliver(LAPTOP)
    await account.settle()
    deliver(creator, KEY, from)
    await account.settle()
    expect(account.receipts).toStrictEqual([`offer S1 → ${LAPTOP}`])
    expect(account.incoming).toHaveLength(1)
  })

  it('is ignored when the call is over', async () => {
    open()
    deliver(LAPTOP)
    await account.settle()
    account.incoming[0]!.reject()
    deliver(LAPTOP)
    await account.settle()
    expect(account.incoming).toHaveLength(1)
    expect(account.receipts).toHaveLength(1)
  })

  it('rings when the first one’s key could not be read', async () => {
    open()
    deliver(LAPTOP, UNREADABLE)
    await account.settle()
    expect(account.said).toStrictEqual([`reject:busy → ${LAPTOP}`])
    expect(account.missed).toMatchObject([{ reason: 'no-key' }])
    deliver(LAPTOP)
    await account.settle()
    expect(account.incoming).toHaveLength(1)
    expect(account.said.at(-1)).toBe(`preaccept → ${LAPTOP}`)
    account.incoming[0]!.reject()
    deliver(LAPTOP)
    await account.settle()
    expect(account.incoming).toHaveLength(1)
  })

  it('rings after an unreadable one also when its creator is written with device 0', async () => {
    open()
    deliver(PHONE, UNREADABLE)
    await account.settle()
    deliver('123:0@lid', KEY)
    await account.settle()
    expect(account.incoming).toHaveLength(1)
  })

  it.each<[string, () => void]>([
    ['unreadable again', () => deliver(LAPTOP, UNREADABLE)],
    ['too late', () => account.deliver(LAPTOP, offerNode('A', LAPTOP), { offline: '1' })],
    [
      'a call that is cancelled before it rings',
      () => {
        deliver(LAPTOP)
        account.deliver(LAPTOP, n('terminate', { 'call-id': 'A', 'call-creator': LAPTOP }))
      },
    ],
  ])('after an unreadable one is missed no second time when it is %s', async (_, repeat) => {
    open()
    deliver(LAPTOP, UNREADABLE)
    await account.settle()
    repeat()
    await account.settle()
    expect(account.incoming).toStrictEqual([])
    expect(account.missed.map(({ reason }) => reason)).toStrictEqual(['no-key'])
  })

  it('does not ring when the first one’s key could not be read, but somebody else sends it', async () => {
    open()
    deliver(LAPTOP, UNREADABLE)
    await account.settle()
    deliver(STRANGER)
    await account.settle()
    expect(account.incoming).toStrictEqual([])
  })

  it('rings after an unreadable one although a stranger has sent terminate', async () => {
    open()
    deliver(LAPTOP, UNREADABLE)
    await account.settle()
    account.deliver(STRANGER, n('terminate', { 'call-id': 'A', 'call-creator': LAPTOP }))
    deliver(LAPTOP)
    await account.settle()
    expect(account.incoming).toHaveLength(1)
  })

  it.each([
    [OWN_PHONE, 'accept'],
    [LAPTOP, 'terminate'],
  ])('does not ring after an unreadable one when %s has sent %s', async (from, tag) => {
    open()
    deliver(LAPTOP, UNREADABLE)
    await account.settle()
    account.deliver(from, n(tag, { 'call-id': 'A', 'call-creator': LAPTOP }))
    deliver(LAPTOP)
    await account.settle()
    expect(account.incoming).toStrictEqual([])
  })
})

describe('a call that this device alone cannot take', () => {
  it.each(['reject', 'silent'] as const)('%s', async (deviceBusy) => {
    open({ deviceBusy, callsLimit: 1 })
    const busy = (to: string) => (deviceBusy === 'reject' ? [`reject:busy → ${to}`] : [])
    account.deliver(LAPTOP, offerNode('NOKEY', LAPTOP, {}, KEY.subarray(3)))
    await account.settle()
    expect(account.said).toStrictEqual(busy(LAPTOP))
    account.deliver(LAPTOP, offerNode('DESK', LAPTOP))
    await account.settle()
    account.deliver(STRANGER, offerNode('LIMIT', STRANGER))
    await account.settle()
    expect(account.said.slice(busy('').length)).toStrictEqual([`preaccept → ${LAPTOP}`, ...busy(STRANGER)])
    account.incoming[0]!.reject('busy')
    expect(account.said.slice(busy('').length * 2 + 1)).toStrictEqual(busy(LAPTOP))
    expect(account.missed.map(({ reason }) => reason)).toStrictEqual(['no-key', 'busy'])
  })

  it('a person’s no is told in any case', async () => {
    open({ deviceBusy: 'silent' })
    account.deliver(LAPTOP, offerNode('A', LAPTOP))
    await account.settle()
    account.incoming[0]!.reject()
    expect(account.said.at(-1)).toBe(`reject → ${LAPTOP}`)
  })
})

describe('glare: both call at once', () => {
  async function both(theirs: string, from = LAPTOP) {
    open()
    const ours = account.manager.dial({ lid: PEER })
    const events = eventsOf(ours)
    await account.settle()
    account.deliver(from, offerNode(theirs, from))
    await account.settle()
    return { ours, events }
  }

  it('the peer has the smaller call-id: its call rings, ours ends', async () => {
    const { events } = await both('0000000000000000')
    expect(events.at(-1)).toStrictEqual({ type: 'ended', cause: 'glare' })
    expect(account.incoming).toHaveLength(1)
    expect(account.said).toContain(`terminate → ${PHONE}`)
    expect(account.said.at(-1)).toBe(`preaccept → ${LAPTOP}`)
  })

  it('we have it, and a device rings for us: ours goes on, the peer is busy', async () => {
    const { ours } = await both('ffffffffffffffff')
    expect(account.said.at(-1)).toMatch(/^offer/)
    account.deliver(TABLET, said(ours, 'preaccept'))
    await account.settle()
    expect(ours.phase).toBe('ringing')
    expect(account.incoming).toStrictEqual([])
    expect(account.said.at(-1)).toBe(`reject:busy → ${LAPTOP}`)
    expect(account.missed).toMatchObject([{ reason: 'busy' }])
  })

  it('we have it, and ours rings already: the peer is busy at once', async () => {
    open()
    const ours = account.manager.dial({ lid: PEER })
    await account.settle()
    account.deliver(TABLET, said(ours, 'preaccept'))
    account.deliver(LAPTOP, offerNode('ffffffffffffffff', LAPTOP))
    expect(account.said.at(-1)).toBe(`reject:busy → ${LAPTOP}`)
  })

  it.each<[string, (ours: OutgoingCall) => void]>([
    [
      'every device of theirs is busy',
      (ours) =>
        [PHONE, LAPTOP, TABLET].forEach((from) => void account.deliver(from, said(ours, 'reject', { reason: 'busy' }))),
    ],
    ['we hang up', (ours) => ours.terminate()],
  ])('we have it, but %s: theirs rings, and nobody was told that we are busy', async (_, happens) => {
    const { ours } = await both('ffffffffffffffff')
    happens(ours)
    await account.settle()
    expect(account.incoming.map(({ callId }) => callId)).toStrictEqual(['ffffffffffffffff'])
    expect(account.said.filter((what) => what.startsWith('reject'))).toStrictEqual([])
    expect(account.missed).toStrictEqual([])
  })

  it.each<[string, string, Record<string, string>, string[]]>([
    [LAPTOP, 'terminate', {}, ['ended']],
    [LAPTOP, 'terminate', { reason: 'accepted_elsewhere' }, []],
    [OWN_PHONE, 'accept', {}, []],
    [OWN_PHONE, 'reject', {}, []],
  ])(
    'theirs is over while it waits (%s: %s %j): nothing rings, nobody is refused',
    async (from, tag, attrs, missed) => {
      const glare = await both('ffffffffffffffff')
      account.deliver(from, n(tag, { 'call-id': 'ffffffffffffffff', 'call-creator': LAPTOP, ...attrs }))
      glare.ours.terminate()
      await account.settle()
      expect(account.incoming).toStrictEqual([])
      expect(account.said.filter((what) => what.startsWith('reject'))).toStrictEqual([])
      expect(account.missed.map(({ reason }) => reason)).toStrictEqual(missed)
    },
  )

  it('theirs is over while it waits, and its creator is written with device 0: nothing rings', async () => {
    const { ours } = await both('ffffffffffffffff', PHONE)
    account.deliver(PHONE, n('terminate', { 'call-id': 'ffffffffffffffff', 'call-creator': '123:0@lid' }))
    ours.terminate()
    await account.settle()
    expect(account.incoming).toStrictEqual([])
  })

  it('one call of theirs waits; a repetition of its offer changes nothing, another one is busy', async () => {
    const glare = await both('ffffffffffffffff')
    account.deliver(LAPTOP, offerNode('ffffffffffffffff', LAPTOP))
    expect(account.missed).toStrictEqual([])
    account.deliver(TABLET, offerNode('fffffffffffffffe', TABLET))
    expect(account.said.at(-1)).toBe(`reject:busy → ${TABLET}`)
    glare.ours.terminate()
    await account.settle()
    expect(account.incoming.map(({ callId }) => callId)).toStrictEqual(['ffffffffffffffff'])
  })

  it.each([
    ['replayed from the queue', LAPTOP, { offline: '1' }, [`offer S2 → ${LAPTOP}`]],
    ['sent long ago', LAPTOP, { t: '1759999969' }, [`offer S2 → ${LAPTOP}`]],
    ['of a stranger', STRANGER, {}, []],
  ])('a repetition of the offer that waits, %s, changes nothing', async (_, from, stanza, receipts) => {
    const { ours } = await both('ffffffffffffffff')
    account.deliver(from, offerNode('ffffffffffffffff', LAPTOP), stanza as Record<string, string>)
    expect(account.receipts.slice(1)).toStrictEqual(receipts)
    ours.terminate()
    await account.settle()
    expect(account.incoming).toMatchObject([{ callId: 'ffffffffffffffff', caller: LAPTOP }])
    expect(account.missed).toStrictEqual([])
  })

  it.each([{}, { reason: 'accepted_elsewhere' }])(
    'a stranger’s terminate %j does not end the call that waits',
    async (attrs) => {
      const { ours } = await both('ffffffffffffffff')
      const ending = { 'call-id': 'ffffffffffffffff', 'call-creator': LAPTOP, ...attrs }
      account.deliver(STRANGER, n('terminate', ending as Record<string, string>))
      ours.terminate()
      await account.settle()
      expect(account.incoming.map(({ callId }) => callId)).toStrictEqual(['ffffffffffffffff'])
      expect(account.missed).toStrictEqual([])
    },
  )

  describe('the peer hangs up the call that waits, and dials again', () => {
    async function dialledAgain() {
      const { ours } = await both('ffffffffffffffff')
      account.deliver(LAPTOP, n('terminate', { 'call-id': 'ffffffffffffffff', 'call-creator': LAPTOP }))
      account.deliver(LAPTOP, offerNode('fffffffffffffffe', LAPTOP))
      await account.settle()
      return ours
    }

    it('ours ends: the second one rings, the first is missed', async () => {
      const ours = await dialledAgain()
      ours.terminate()
      await account.settle()
      expect(account.incoming.map(({ callId }) => callId)).toStrictEqual(['fffffffffffffffe'])
      expect(account.missed).toMatchObject([{ callId: 'ffffffffffffffff', reason: 'ended' }])
      expect(account.said.filter((what) => what.startsWith('reject'))).toStrictEqual([])
    })

    it('ours rings: the second one is refused, the first is missed', async () => {
      const ours = await dialledAgain()
      account.deliver(TABLET, said(ours, 'preaccept'))
      await account.settle()
      expect(account.missed).toMatchObject([
        { callId: 'ffffffffffffffff', reason: 'ended' },
        { callId: 'fffffffffffffffe', reason: 'busy' },
      ])
      expect(account.said.at(-1)).toBe(`reject:busy → ${LAPTOP}`)
    })
  })

  it.each(['logged-out', 'stopped'])('we have it, and are %s: theirs is missed', async (how) => {
    await both('ffffffffffffffff')
    if (how === 'stopped') account.manager.stop()
    else account.client.enter('logged-out')
    await account.settle()
    expect(account.incoming).toStrictEqual([])
    expect(account.missed).toMatchObject([{ callId: 'ffffffffffffffff', reason: 'not-ready' }])
    expect(account.manager.liveCalls).toBe(0)
  })

  it('the peer is told nothing when so set', async () => {
    open({ deviceBusy: 'silent' })
    const ours = account.manager.dial({ lid: PEER })
    await account.settle()
    account.deliver(LAPTOP, offerNode('ffffffffffffffff', LAPTOP))
    account.deliver(TABLET, said(ours, 'preaccept'))
    expect(account.said.filter((what) => what.startsWith('reject'))).toStrictEqual([])
    expect(account.missed).toMatchObject([{ reason: 'busy' }])
  })

  it('is no glare once ours is answered, nor with somebody else', async () => {
    open({ callsLimit: 3 })
    const ours = account.manager.dial({ lid: PEER })
    await account.settle()
    account.deliver(STRANGER, offerNode('0', STRANGER))
    account.deliver(LAPTOP, said(ours, 'accept', {}, ACCEPT_CHILDREN))
    account.deliver(LAPTOP, offerNode('00', LAPTOP))
    await account.settle()
    expect(ours.phase).toBe('active')
    expect(account.incoming).toHaveLength(2)
  })
})
