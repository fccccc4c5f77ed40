import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { CallEvent } from '../../../src/whatsapp/calls/call-event.ts'
import type { IncomingCall } from '../../../src/whatsapp/calls/incoming-call.ts'
import type { OutgoingCall } from '../../../src/whatsapp/calls/outgoing-call.ts'
import type { WaNode } from '../../../src/whatsapp/wa-client.ts'
import { sealCallKey } from '../memory-wa-client.ts'
import { hex, n } from '../stanza/nodes.ts'
import {
  eventsOf,
  KEY,
  LAPTOP,
  OWN_PHONE,
  offerNode,
  PEER,
  PHONE,
  relayNode,
  SELF,
  STRANGER,
  TABLET,
  TestAccount,
  typesOf,
} from './account.ts'

/** What must be true of the account whatever happened. */
interface Model {
  acksDue: number
  isOpen: boolean
}

interface Real {
  readonly account: TestAccount
  readonly calls: { readonly call: OutgoingCall | IncomingCall; readonly events: readonly CallEvent[] }[]
}

type Command = fc.AsyncCommand<Model, Real>

const ORDER = ['relays', 'ringing', 'answered']

function check(model: Model, { account, calls }: Real): void {
  expect(account.acks).toHaveLength(model.acksDue)
  for (const { call, events } of calls) {
    const types = typesOf(events)
    const ends = types.filter((type) => type.startsWith('ended'))
    expect(ends).toHaveLength(call.phase === 'ended' ? 1 : 0)
    expect(types.slice(0, -1).some((type) => type.startsWith('ended'))).toBe(false)
    for (const type of ORDER) expect(types.filter((t) => t === type).length).toBeLessThanOrEqual(1)
  }
  const alive = calls.filter(({ call }) => call.phase !== 'ended').length
  expect(account.manager.liveCalls).toBeGreaterThanOrEqual(alive)
  const ids = account.client.sent.filter((node) => node.tag === 'call').map((node) => node.attrs.id)
  expect(new Set(ids).size).toBe(ids.length)
}

function command(name: string, run: (model: Model, real: Real) => void, when = (_: Model) => true): Command {
  return {
    check: (model) => when(model),
    async run(model, real) {
      run(model, real)
      await real.account.settle()
      check(model, real)
    },
    toString: () => name,
  }
}

const deliver = (name: string, run: (real: Real) => void) =>
  command(
    name,
    (model, real) => {
      model.acksDue++
      run(real)
    },
    (model) => model.isOpen,
  )

/** Mostly a call that is alive; the last index means any. */
function callAt({ calls }: Real, index: number): OutgoingCall | IncomingCall | undefined {
  const some = index === ANY ? calls : calls.filter(({ call }) => call.phase !== 'ended')
  return some[index % Math.max(1, some.length)]?.call
}

const person = fc.constantFrom(PHONE, LAPTOP, LAPTOP, TABLET, OWN_PHONE, STRANGER)
const ANY = 5
const index = fc.nat(ANY)
const CONTENTS: readonly (WaNode[] | undefined)[] = [
  undefined,
  [relayNode()],
  [n('audio', { enc: 'opus', rate: '16000' })],
  [n('audio', { enc: 'opus', rate: '44100' })],
  [n('enc', { type: 'msg' }, sealCallKey(SELF, KEY))],
  [n('enc', { type: 'msg' }, sealCallKey(PHONE, KEY))],
  [n('enc', { type: 'rubbish' }, hex('00'))],
  [n('te', { latency: '33554433', relay_name: 'gru1c02' }, hex('cb0071090d98'))],
]

const actionOf = fc
  .record({
    from: person,
    tag: fc.constantFrom(
      ...[
        'preaccept',
        'accept',
        'accept',
        'reject',
        'terminate',
        'transport',
        'relaylatency',
        'mute_v2',
        'video',
        'enc_rekey',
      ],
    ),
    reason: fc.constantFrom(undefined, 'busy', 'uncallable', 'timeout', 'accepted_elsewhere', 'rejected_elsewhere'),
    content: fc.nat(CONTENTS.length - 1),
    index,
  })
  .map(({ from, tag, reason, content, index: at }) =>
    deliver(`${from} says ${tag} ${reason ?? ''} #${content} of call ${at}`, (real) => {
      const call = callAt(real, at)
      const attrs = {
        'call-id': call?.callId ?? 'NOBODY',
        'call-creator': call?.identity.callCreator ?? STRANGER,
        'mute-state': String(content % 3),
        ...(reason && { reason }),
      }
      real.account.deliver(from, n(tag, attrs, CONTENTS[content]))
    }),
  )

const offerOf = fc
  .record({ from: fc.constantFrom(PHONE, LAPTOP, STRANGER), id: fc.nat(4), isOld: fc.boolean(), isOurs: fc.boolean() })
  .map(({ from, id, isOld, isOurs }) =>
    deliver(`${from} offers ${id}${isOld ? ', offline' : ''}${isOurs ? '' : ', undecryptable'}`, ({ account }) => {
      const callId = `${id % 2 === 0 ? '00' : 'FF'}${id}`
      const offer = offerNode(callId, from, {}, isOurs ? KEY : KEY.subarray(3))
      account.deliver(from, offer, isOld ? { offline: '1' } : {})
    }),
  )

const malformed = fc
  .constantFrom<readonly [string, readonly WaNode[]]>(
    ['nothing', []],
    ['an offer without call-id', [n('offer', {}, [])]],
    ['an accept without call-id', [n('accept')]],
    ['the unknown', [n('hologram', { 'call-id': 'X', 'call-creator': PHONE })]],
  )
  .map(([name, content]) =>
    deliver(`somebody sends ${name}`, ({ account }) => {
      account.redeliver(n('call', { from: PHONE, id: `M${account.delivered.length}` }, content))
    }),
  )

const redelivery = fc.nat().map((which) =>
  command(
    `stanza ${which} comes again`,
    (model, { account }) => {
      model.acksDue++
      account.redeliver(account.delivered[which % account.delivered.length]!)
    },
    (model) => model.isOpen && model.acksDue > 0,
  ),
)

const local = fc.oneof(
  fc.constant(
    command('we dial', (_, { account, calls }) => {
      const call = account.manager.dial({ lid: PEER })
      calls.push({ call, events: eventsOf(call) })
    }),
  ),
  fc
    .record({ index, verb: fc.constantFrom('accept', 'reject', 'busy', 'terminate', 'mute', 'bound', 'redialled') })
    .map(({ index: at, verb }) =>
      command(`${verb} on call ${at}`, (_, real) => {
        const call = callAt(real, at)
        if (!call) return
        if (verb === 'terminate') call.terminate()
        if (verb === 'mute') call.mute(at % 2 === 0)
        if (verb === 'redialled') call.renewTransport()
        if (verb === 'bound') {
          call.relayLatency([{ relayName: 'gru1c02', endpoint: { address: '203.0.113.9', port: 3480 }, rttMs: 9 }])
        }
        if (call.direction === 'outgoing') return
        const incoming = call as IncomingCall
        if (verb === 'accept') incoming.accept()
        if (verb === 'reject') incoming.reject()
        if (verb === 'busy') incoming.reject('busy')
      }),
    ),
)

const time = fc.constantFrom(1, 1, 1, 3_000, 10_000, 31_000, 61_000).map(
  (ms): Command => ({
    check: () => true,
    async run(model, real) {
      await real.account.clock.advance(ms)
      check(model, real)
    },
    toString: () => `${ms} ms pass`,
  }),
)

const connection = fc
  .constantFrom('open' as const, 'open' as const, 'closed' as const, 'connecting' as const)
  .map((state) =>
    command(`the connection is ${state}`, (model, { account }) => {
      model.isOpen = state === 'open'
      account.client.enter(state)
    }),
  )

const acks = fc.constantFrom('relays', 'relays', 'none', 'error', 'no relays').map((kind) =>
  command(`offers are acked with ${kind}`, (_, { account }) => {
    account.ackOffers(kind === 'none' ? undefined : kind === 'relays' ? [relayNode()] : [], {
      ...(kind === 'error' && { error: '439' }),
    })
  }),
)

const commands = [
  { arbitrary: actionOf, weight: 6 },
  { arbitrary: offerOf, weight: 2 },
  { arbitrary: local, weight: 6 },
  { arbitrary: time, weight: 2 },
  { arbitrary: malformed, weight: 1 },
  { arbitrary: redelivery, weight: 1 },
  { arbitrary: connection, weight: 1 },
  { arbitrary: acks, weight: 1 },
].flatMap(({ arbitrary, weight }) => Array.from({ length: weight }, () => arbitrary as fc.Arbitrary<Command>))

function fresh(callsLimit: number): Real {
  const account = new TestAccount({ callsLimit })
  const real: Real = { account, calls: [] }
  account.manager.onIncoming((call) => void real.calls.push({ call, events: eventsOf(call) }))
  return real
}

/** With nobody doing anything, unanswered calls end by their timers; hanging up ends the others; nothing is left. */
async function wind(model: Model, real: Real): Promise<void> {
  const { account, calls } = real
  await account.clock.advance(120_000)
  for (const { call } of calls) expect(['active', 'ended']).toContain(call.phase)
  for (const { call } of calls) call.terminate()
  check(model, real)
  expect(account.manager.liveCalls).toBe(0)
  account.manager.stop()
  expect(account.clock.pendingTimers).toBe(0)
}

it('any course of events: one ack for each stanza, one end for each call, nothing left', {
  timeout: 60_000,
}, async () => {
  const reached = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.commands(commands, { maxCommands: 40, size: 'max' }),
      fc.constantFrom(1, 3),
      async (script, limit) => {
        const model: Model = { acksDue: 0, isOpen: true }
        const real = fresh(limit)
        await fc.asyncModelRun(() => ({ model, real }), script)
        await wind(model, real)
        for (const { events } of real.calls) for (const type of typesOf(events)) reached.add(type)
      },
    ),
    { numRuns: 250 },
  )
  // The walk is worth something only if it gets to where things happen.
  for (const type of ['ringing', 'answered', 'ended:no-answer', 'ended:hung-up-here', 'ended:offline']) {
    expect(reached).toContain(type)
  }
})
