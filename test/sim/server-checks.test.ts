import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import * as stanzas from '../../src/sim/phone/phone-stanzas.ts'
import { usualCallBehaviour } from '../../src/sim/server/call-behaviour.ts'
import { childOf, childrenOf, element } from '../../src/sim/server/node.ts'
import { type LocalDevice, SimServer } from '../../src/sim/server/sim-server.ts'
import type { WaNode } from '../../src/whatsapp/wa-client.ts'
import { StubRelays } from './stubs.ts'

const alice = '100000000000001@lid'
const bob = '200000000000002@lid'
const bobTablet = '200000000000002:1@lid'
const call = { callId: 'C1', creator: alice }
const enc = element('enc', { v: '2', type: 'msg', count: '0' }, Uint8Array.of(1, 2, 3))
const forBob = [element('to', { jid: bob }, [enc]), element('to', { jid: bobTablet }, [enc])]

interface Party {
  readonly line: LocalDevice
  readonly got: WaNode[]
}

let clock: VirtualClock
let server: SimServer
let relays: StubRelays
let parties: Map<string, Party>

beforeEach(() => {
  clock = new VirtualClock()
  relays = new StubRelays()
  const behaviour = { ...usualCallBehaviour }
  server = new SimServer({ clock, logger: silentLogger, random: seededRandom(1), relays, behaviour })
  const join = (number: string, lid: string, devices: number) => {
    const user = server.directory.add({ number, lid, name: lid, privacyToken: Uint8Array.of(9, 9) })
    return Array.from({ length: devices }, () => {
      const device = server.directory.addDevice(user, undefined)
      const got: WaNode[] = []
      return [device.jid, { got, line: server.attach(user, device, (node) => got.push(node)) }] as const
    })
  }
  parties = new Map([...join('4915100000001', '100000000000001', 1), ...join('4915100000002', '200000000000002', 2)])
})

afterEach(() => {
  server.close()
  expect(clock.pendingTimers).toBe(0)
})

const got = (device: string) => parties.get(device)!.got
const codes = () => server.journal.violations.map(({ code }) => code)

async function send(device: string, stanza: WaNode): Promise<void> {
  parties.get(device)!.line.send(stanza)
  await clock.advance(0)
}

let nextId = 0
const callOf = (to: string, action: WaNode) => stanzas.callTo(to, `S${nextId++}`, action)
const sendCall = (from: string, to: string, action: WaNode) => send(from, callOf(to, action))

/** Every `<call>`, `<receipt>` and notification that has arrived is acknowledged, as a client would. */
async function ackAll(): Promise<void> {
  for (const [device, party] of parties) {
    const stanzaList = party.got.splice(0).filter(({ tag }) => tag !== 'ack')
    for (const stanza of stanzaList) await send(device, stanzas.ackOf(stanza, childrenOf(stanza)[0]?.tag))
  }
}

async function ring(): Promise<void> {
  await sendCall(alice, bob, stanzas.offer(call, forBob, undefined))
}

describe('an offer', () => {
  it('is answered with relays, and each device gets only its own enc', async () => {
    await ring()
    const [ack] = got(alice)
    expect(ack?.attrs).toMatchObject({ class: 'call', type: 'offer', from: bob })
    expect(childrenOf(ack).map(({ tag }) => tag)).toEqual(['relay', 'user', 'voip_settings'])
    for (const device of [bob, bobTablet]) {
      const offer = childrenOf(got(device)[0])[0]
      expect(childrenOf(offer).filter(({ tag }) => tag === 'enc')).toHaveLength(1)
      expect(childOf(offer, 'destination')).toBeUndefined()
      expect(childOf(offer, 'relay')?.attrs.self_pid).toBe(device === bob ? '2' : '3')
      expect(offer?.attrs.caller_pn).toBe('4915100000001@s.whatsapp.net')
    }
    await ackAll()
    expect(codes()).toEqual([])
  })

  const base = () => stanzas.offer(call, forBob, undefined)
  const without = (tag: string) => ({ ...base(), content: childrenOf(base()).filter((child) => child.tag !== tag) })
  const addressed = (...to: WaNode[]) => stanzas.offer(call, to, undefined)

  it.each([
    ['children in another order', { ...base(), content: [...childrenOf(base())].reverse() }, 'call.child-order', '439'],
    ['no net', without('net'), 'call.child-order', '439'],
    ['no destination', without('destination'), 'call.child-order', '439'],
    ['something unknown', { ...base(), content: [...childrenOf(base()), element('x')] }, 'call.child-order', '439'],
    ['no enc for a device', addressed(forBob[0]!), 'offer.device-missing', '400'],
    ['a device twice', addressed(...forBob, forBob[1]!), 'offer.device-twice', '400'],
    ['a stranger device', addressed(...forBob, element('to', { jid: alice }, [enc])), 'offer.device-unknown', '400'],
    ['another call-creator', stanzas.offer({ ...call, creator: bob }, forBob, undefined), 'call.creator', '400'],
    ['no call-id', { ...base(), attrs: { 'call-creator': alice } }, 'call.no-call-id', '400'],
  ])('with %s is refused', async (_what, offer, code, error) => {
    await sendCall(alice, bob, offer)
    expect(codes()).toEqual([code])
    expect(got(alice)[0]?.attrs.error).toBe(error)
    expect(got(bob)).toEqual([])
  })

  it('with a call-id that has been used is refused', async () => {
    await ring()
    await ring()
    expect(codes()).toEqual(['offer.call-id-reused'])
    expect(got(alice)[1]?.attrs.error).toBe('400')
  })

  it('that is swallowed is known of no more after a thousand others', async () => {
    server.calls.behaviour.offers = 'unanswered'
    const leave = (callId: string) => sendCall(alice, bob, stanzas.terminate({ ...call, callId }))
    for (let i = 0; i <= 1000; i++)
      await sendCall(alice, bob, stanzas.offer({ ...call, callId: `C${i}` }, forBob, undefined))
    await leave('C1')
    expect(codes()).toEqual([])
    await leave('C0')
    expect(codes()).toEqual(['call.unknown'])
  })

  it('without id is dropped without an answer', async () => {
    await send(alice, element('call', { to: bob }, [base()]))
    expect(codes()).toEqual(['stanza.no-id'])
    expect(got(alice)).toEqual([])
  })

  it('to a user who wants tokens needs the token', async () => {
    server.directory.byJid(bob)!.onlyWithToken = true
    await ring()
    expect(got(alice)[0]?.attrs.error).toBe('463')
    await sendCall(alice, bob, stanzas.offer({ ...call, callId: 'C2' }, forBob, undefined, Uint8Array.of(9, 9)))
    expect(got(alice)[1]?.attrs.error).toBeUndefined()
    expect(codes()).toEqual([])
  })

  it('of a companion needs its device identity with a pkmsg', async () => {
    const fresh = element('enc', { v: '2', type: 'pkmsg', count: '0' }, Uint8Array.of(1))
    server.directory.deviceByJid(bobTablet)!.keys = {
      registrationId: 1,
      identityKey: new Uint8Array(32),
      signedPreKey: { keyId: 1, publicKey: new Uint8Array(32), signature: new Uint8Array(64) },
      oneTimeKeys: [],
    }
    const keys = [element('to', { jid: alice }, [fresh])]
    const own = { callId: 'C3', creator: bobTablet }
    await sendCall(bobTablet, alice, stanzas.offer(own, keys, undefined))
    await sendCall(bobTablet, alice, stanzas.offer(own, keys, Uint8Array.of(1, 2)))
    await sendCall(bobTablet, alice, stanzas.offer(own, [element('to', { jid: alice }, [enc])], Uint8Array.of(1)))
    expect(codes()).toEqual(['call.device-identity', 'call.device-identity', 'call.device-identity'])
  })
})

describe('an action', () => {
  it('reaches the other side with its sender as from', async () => {
    await ring()
    await ackAll()
    await sendCall(bobTablet, alice, stanzas.accept(call))
    expect(got(bobTablet)[0]?.attrs).toMatchObject({ class: 'call', type: 'accept' })
    expect(got(alice)[0]?.attrs.from).toBe(bobTablet)
    await ackAll()
    expect(codes()).toEqual([])
  })

  it.each([
    ['for a call nobody knows', bob, alice, stanzas.accept({ ...call, callId: 'C9' }), 'call.unknown'],
    ['with another call-creator', bob, alice, stanzas.accept({ ...call, creator: bob }), 'call.creator'],
    ['to a device without part in the call', bob, bobTablet, stanzas.accept(call), 'call.to'],
    ['nobody has heard of', bob, alice, element('jump', { 'call-id': 'C1', 'call-creator': alice }), 'call.action'],
    [
      'with a wrong attribute',
      bob,
      alice,
      element('mute_v2', { 'call-id': 'C1', 'call-creator': alice }),
      'call.attribute',
    ],
  ])('%s is a violation', async (_what, from, to, action, code) => {
    await ring()
    await sendCall(from, to, action)
    expect(codes()).toEqual([code])
  })

  it('to the bare user reaches the phone only; with a destination it reaches those listed', async () => {
    await ring()
    await ackAll()
    await sendCall(alice, bob, stanzas.terminate(call))
    expect([got(bob).length, got(bobTablet).length]).toEqual([1, 0])
    const listed = element('destination', {}, [element('to', { jid: bobTablet })])
    await sendCall(alice, bob, { ...stanzas.terminate(call), content: [listed] })
    expect(childrenOf(got(bobTablet)[0])[0]?.content).toEqual([])
    expect(relays.open.size).toBe(0)
  })

  it('that ends an answered call must not leave other devices ringing', async () => {
    await ring()
    await sendCall(bob, alice, stanzas.accept(call))
    await sendCall(alice, bob, stanzas.terminate(call))
    expect(codes()).toEqual(['call.left-ringing'])
  })

  it('is told to sibling devices when the server does so', async () => {
    server.calls.behaviour.tellSiblings = true
    await ring()
    await ackAll()
    await sendCall(bob, alice, stanzas.accept(call))
    expect(childrenOf(got(bobTablet)[0])[0]?.tag).toBe('accept')
  })
})

describe('delivery', () => {
  it('wants exactly one ack, of the right type', async () => {
    await ring()
    const [offer] = got(bob)
    await send(bob, stanzas.ackOf(offer!, 'accept'))
    await send(bob, stanzas.ackOf(offer!, 'offer'))
    await send(bob, stanzas.ackOf({ ...offer!, attrs: { ...offer!.attrs, id: 'never' } }, 'offer'))
    expect(codes()).toEqual(['ack.type', 'ack.twice', 'ack.of-nothing'])
  })

  it('repeats what is not acknowledged', async () => {
    await ring()
    await send(bobTablet, stanzas.ackOf(got(bobTablet)[0]!, 'offer'))
    await clock.advance(15_000)
    expect(got(bob)).toHaveLength(2)
    expect(codes()).toEqual(['ack.missing'])
    expect(got(bobTablet)).toHaveLength(1)
  })

  it('takes one receipt for a stanza and passes it on', async () => {
    await ring()
    const [stanza] = got(bob)
    const receipt = stanzas.receiptFor(stanza!, childrenOf(stanza)[0]!)
    await send(bob, receipt)
    expect(got(alice).at(-1)).toMatchObject({ tag: 'receipt', attrs: { from: bob, id: stanza?.attrs.id } })
    await send(bob, receipt)
    expect(codes()).toEqual(['receipt.of-nothing'])
  })

  it('ends a call that nobody answers, for everyone', async () => {
    await ring()
    await ackAll()
    await clock.advance(45_000)
    for (const device of [alice, bob, bobTablet]) {
      expect(childrenOf(got(device)[0])[0]).toMatchObject({ tag: 'terminate', attrs: { reason: 'timeout' } })
    }
    expect(relays.open.size).toBe(0)
  })

  it('is late by as much as it is told', async () => {
    server.post.slowDown(bob, 300)
    server.post.slowDown(bobTablet, 100_000)
    await ring()
    expect(got(bob)).toEqual([])
    await clock.advance(300)
    expect(got(bob)).toHaveLength(1)
  })
})
