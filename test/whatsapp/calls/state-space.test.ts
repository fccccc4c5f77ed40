import { describe, expect, it } from 'vitest'
import { newIncoming } from '../../../src/whatsapp/calls/incoming-state.ts'
import { incomingTable } from '../../../src/whatsapp/calls/incoming-table.ts'
import type { CallAction, CallInput, TimerName } from '../../../src/whatsapp/calls/machine.ts'
import { newOutgoing } from '../../../src/whatsapp/calls/outgoing-state.ts'
import { outgoingTable } from '../../../src/whatsapp/calls/outgoing-table.ts'
import { type CallSettings, defaultCallSettings } from '../../../src/whatsapp/calls/settings.ts'
import { type Rule, step } from '../../../src/whatsapp/calls/table.ts'
import { capabilityBlob } from '../../../src/whatsapp/stanza/capability.ts'
import { type IncomingOffer, parseOffer } from '../../../src/whatsapp/stanza/offer.ts'
import { parseRelayBlock } from '../../../src/whatsapp/stanza/relay-block.ts'
import { hex } from '../stanza/nodes.ts'
import { KEY, LAPTOP, offerNode, PEER, PHONE, relayNode, SELF } from './account.ts'

const relays = parseRelayBlock(relayNode())!
const keysFor = (...devices: string[]) => ({
  keys: devices.map((jid) => ({ jid, type: 'msg' as const, ciphertext: hex('00') })),
  deviceIdentity: undefined,
  unreachable: [],
})
const acceptOf = (rate: number, enc?: { type: 'msg'; ciphertext: Uint8Array }) => ({
  audioRatesHz: [rate],
  capability: undefined,
  enc,
})
const latency = { relayName: 'gru1c02', endpoint: { address: '203.0.113.9', port: 3480 }, rttMs: 1 }

/** Every input, in every variant that a guard tells apart. */
const INPUTS: readonly CallInput[] = [
  { type: 'start' },
  { type: 'prepared', keys: keysFor(PHONE, LAPTOP), privacyToken: undefined },
  { type: 'prepare-failed', cause: 'unreachable' },
  { type: 'acked', devices: [] },
  { type: 'acked', devices: [PHONE] },
  { type: 'refused', code: 463 },
  { type: 'query-offline' },
  { type: 'relays', relays },
  ...[PHONE, LAPTOP].flatMap((from): CallInput[] => [
    { type: 'preaccept', from, capability: undefined },
    { type: 'preaccept', from, capability: capabilityBlob('preaccept', 'opus') },
    { type: 'receipt', from },
    { type: 'accept', from, accept: acceptOf(16_000) },
    { type: 'accept', from, accept: acceptOf(16_000, { type: 'msg', ciphertext: hex('00') }) },
    { type: 'accept', from, accept: acceptOf(48_000) },
    { type: 'reject', from, reason: undefined },
    { type: 'reject', from, reason: 'busy' },
    { type: 'reject', from, reason: 'uncallable' },
    { type: 'terminate', from, reason: undefined },
    { type: 'terminate', from, reason: 'timeout' },
    { type: 'peer-mute', from, muted: true },
  ]),
  { type: 'latency', from: LAPTOP, measurements: [] },
  { type: 'own-accept' },
  { type: 'own-reject', reason: undefined },
  { type: 'own-reject', reason: 'busy' },
  { type: 'socket-lost' },
  { type: 'socket-back' },
  { type: 'account-lost', cause: 'logged-out' },
  { type: 'answer' },
  { type: 'decline', reason: undefined },
  { type: 'hang-up', reason: undefined },
  { type: 'mute', muted: true },
  { type: 'mute', muted: false },
  { type: 'bound', measurements: [latency] },
  { type: 'redialled' },
  { type: 'glare' },
  { type: 'shutdown' },
  { type: 'sealed', keys: keysFor(LAPTOP) },
  { type: 'sealed', keys: keysFor() },
  { type: 'seal-failed' },
  { type: 'opened', callKey: KEY },
  { type: 'open-failed' },
]

const MOST_PLACES = 5000

interface Place<S> {
  readonly state: S
  readonly timers: ReadonlySet<TimerName>
}

const nameOf = <S>({ state, timers }: Place<S>) =>
  JSON.stringify([{ ...state, settings: 0, offer: 0, enc: 0 }, [...timers].sort()])

function timersAfter(timers: ReadonlySet<TimerName>, actions: readonly CallAction[], phase: string): Set<TimerName> {
  const left = new Set(timers)
  for (const action of actions) {
    if (action.do === 'start-timer') left.add(action.timer)
    if (action.do === 'stop-timer') left.delete(action.timer)
  }
  return phase === 'ended' ? new Set() : left
}

/** All places that can be reached, each with what it leads to. A timer fires only where it runs. */
function explore<S extends { readonly phase: string }>(table: readonly Rule<S, CallInput, CallAction>[], initial: S) {
  const start: Place<S> = { state: initial, timers: new Set() }
  const places = new Map([[nameOf(start), start]])
  const edges = new Map<string, { input: CallInput; to: string }[]>()
  const steps: { before: S; after: S; actions: readonly CallAction[] }[] = []
  const unused = new Set(table)
  for (const [name, place] of places) {
    if (places.size > MOST_PLACES) throw new Error(`more than ${MOST_PLACES} states: some part of the state grows`)
    const fired = [...place.timers].map((timer): CallInput => ({ type: 'timeout', timer }))
    for (const input of [...INPUTS, ...fired]) {
      const taken = step(table, place.state, input)
      if (!taken) continue
      unused.delete(table.find((row) => step([row], place.state, input) !== undefined)!)
      const running = new Set(place.timers)
      if (input.type === 'timeout') running.delete(input.timer)
      const next = { state: taken.state, timers: timersAfter(running, taken.actions, taken.state.phase) }
      places.set(nameOf(next), places.get(nameOf(next)) ?? next)
      edges.set(name, [...(edges.get(name) ?? []), { input, to: nameOf(next) }])
      steps.push({ before: place.state, after: taken.state, actions: taken.actions })
    }
  }
  return { places, edges, steps, unused }
}

const outgoing = (settings: Partial<CallSettings> = {}) =>
  newOutgoing({ callId: 'A', callCreator: SELF }, PEER, { ...defaultCallSettings, ...settings })

const incoming = (settings: Partial<CallSettings> = {}, offer: Partial<IncomingOffer> = {}) =>
  newIncoming({ ...parseOffer(offerNode('A', LAPTOP)), ...offer }, LAPTOP, SELF, {
    ...defaultCallSettings,
    ...settings,
  })

const OUTGOING = [
  { name: 'outgoing', explored: explore(outgoingTable, outgoing()) },
  { name: 'outgoing, ringing on receipt', explored: explore(outgoingTable, outgoing({ ringingOn: 'receipt' })) },
]
const INCOMING = [
  { name: 'incoming', explored: explore(incomingTable, incoming()) },
  {
    name: 'incoming, plain accept, latency reports, late relays',
    explored: explore(
      incomingTable,
      incoming({ acceptForm: 'with-capability', relayLatencyForm: 'report' }, { relays: undefined }),
    ),
  },
  { name: 'incoming, no key for us', explored: explore(incomingTable, incoming({}, { encs: [] })) },
]

describe.each([...OUTGOING, ...INCOMING])('$name', ({ explored }) => {
  const { places, edges, steps } = explored
  const live = [...places].filter(([, { state }]) => state.phase !== 'ended')

  it('never leaves `ended`', () => {
    for (const [name, { state }] of places) if (state.phase === 'ended') expect(edges.get(name)).toBeUndefined()
  })

  it('ends from everywhere when we hang up, stop, or lose the account', () => {
    for (const [name] of live) {
      for (const type of ['hang-up', 'shutdown', 'account-lost']) {
        const edge = edges.get(name)?.find(({ input }) => input.type === type)
        expect(places.get(edge!.to)!.state.phase, `${type} in ${name}`).toBe('ended')
      }
    }
  })

  it('ends by its timers alone wherever nobody has answered yet', () => {
    for (const [name, { state }] of live) {
      if (state.phase === 'idle' || state.phase === 'active') continue
      const isWatched = edges.get(name)?.some(({ input, to }) => input.type === 'timeout' && to !== name)
      expect(isWatched, `no timer leads out of ${name}`).toBe(true)
    }
  })

  it('reports its end exactly once, and last', () => {
    for (const { after, actions } of steps) {
      const ends = actions.filter((action) => action.do === 'end')
      expect(ends).toHaveLength(after.phase === 'ended' ? 1 : 0)
      if (ends.length > 0) expect(actions.at(-1)!.do).toBe('end')
    }
  })

  it('answers exactly once', () => {
    for (const { before, after, actions } of steps) {
      const answered = actions.filter((action) => action.do === 'emit' && action.event.type === 'answered')
      expect(answered).toHaveLength(before.phase !== 'active' && after.phase === 'active' ? 1 : 0)
    }
  })
})

describe.each([
  { direction: 'outgoing', machines: OUTGOING, phases: ['idle', 'preparing', 'offered', 'ringing', 'active', 'ended'] },
  { direction: 'incoming', machines: INCOMING, phases: ['idle', 'opening', 'ringing', 'accepting', 'active', 'ended'] },
])('the $direction table', ({ machines, phases }) => {
  it('has every phase in reach', () => {
    const reached = machines.flatMap(({ explored }) => [...explored.places.values()].map(({ state }) => state.phase))
    expect([...new Set<string>(reached)].sort()).toStrictEqual([...phases].sort())
  })

  it('has no row that is never taken', () => {
    const [first, ...others] = machines.map(({ explored }) => explored.unused as ReadonlySet<unknown>)
    expect([...first!].filter((row) => others.every((unused) => unused.has(row)))).toStrictEqual([])
  })
})

it.each(OUTGOING)('$name: never waits for devices that are all out', ({ explored }) => {
  const waiting = [...explored.places.values()].filter(
    ({ state: { phase } }) => phase === 'offered' || phase === 'ringing',
  )
  expect(waiting.length).toBeGreaterThan(0)
  for (const { state } of waiting) expect(state.offered.some((device) => !state.out.includes(device))).toBe(true)
})

it('the walk sees a machine that can hang', () => {
  const withoutRing = outgoingTable.filter((row) => !(row.on === 'timeout' && row.in.includes('ringing')))
  const { places, edges } = explore(withoutRing, outgoing())
  const stuck = [...places].filter(
    ([name, { state }]) =>
      state.phase === 'ringing' && !edges.get(name)?.some(({ input, to }) => input.type === 'timeout' && to !== name),
  )
  expect(stuck.length).toBeGreaterThan(0)
})
