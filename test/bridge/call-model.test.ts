import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { CallCause } from '../../src/bridge/cause.ts'
import type { LegEvent } from '../../src/bridge/leg.ts'
import { type Kind, type ModelLeg, STATES, type Temper, World } from './call-world.ts'

/**
 * Two calls of one PBX, with forks, transfers, pick-ups and links between them, and their legs saying anything in any order.
 * Whatever happens: every leg is ended once, nothing is asked of a leg that is over, each transfer has one outcome, each call one
 * end with a cause, and nobody is left behind.
 */

const RUNS = 400

type Command = fc.Command<object, World>

function command(name: string, run: (world: World) => void): Command {
  return {
    check: () => true,
    run: (_, world) => {
      run(world)
      world.check()
      world.checkAudio()
    },
    toString: () => name,
  }
}

/** Mostly a leg that is there. */
function legAt({ legs }: World, index: number): ModelLeg {
  const alive = legs.filter(({ isOver }) => !isOver)
  return (
    (index > 12 || alive.length === 0 ? legs : alive)[index % Math.max(1, index > 12 ? legs.length : alive.length)] ??
    legs[0]!
  )
}

const index = fc.nat(15)
const temper = fc.constantFrom<Temper>('patient', 'patient', 'patient', 'prompt', 'prompt', 'fails')
const cause = fc.constantFrom<CallCause>('normal', 'extension-busy', 'extension-declined', 'signalling-timeout')

const event = fc.oneof(
  { weight: 4, arbitrary: fc.constant<LegEvent>({ type: 'answered' }) },
  { weight: 2, arbitrary: fc.constant<LegEvent>({ type: 'ringing' }) },
  { weight: 2, arbitrary: cause.map((why): LegEvent => ({ type: 'ended', cause: why })) },
  { weight: 2, arbitrary: fc.boolean().map((held): LegEvent => ({ type: 'held', held })) },
  { weight: 2, arbitrary: fc.constant<LegEvent>({ type: 'dtmf', digit: '5', durationMs: 100 }) },
)

const says = fc
  .record({ index, event })
  .map(({ index: at, event: what }) =>
    command(`leg ${at} says ${JSON.stringify(what)}`, (world) => legAt(world, at).says(what)),
  )

const saysLate = fc.record({ index: fc.nat(20), event }).map(({ index: at, event: what }) =>
  command(`leg ${at} says late ${JSON.stringify(what)}`, ({ legs, calls }) => {
    const before = calls.map(({ call }) => call.record)
    const ended = legs.filter(({ isEnded }) => isEnded)
    ended[at % Math.max(1, ended.length)]?.saysLate(what)
    expect(calls.map(({ call }) => call.record)).toEqual(before)
  }),
)

const transfers = fc
  .record({
    index,
    other: index,
    kind: fc.constantFrom<Kind>('dials', 'calls', 'links'),
    tempers: fc.array(temper, { minLength: 1, maxLength: 2 }),
  })
  .map(({ index: at, other, kind, tempers }) =>
    command(`leg ${at} is transferred: ${kind} ${other} ${tempers}`, (world) => {
      const leg = legAt(world, at)
      const another = legAt(world, other)
      if (leg.side !== 'sip' || leg.isOver || (kind === 'links' && another.side !== 'sip')) return
      const transfer =
        kind === 'links'
          ? world.newLink(another)
          : world.newTransfer(kind, () => world.newPhones(kind === 'calls' ? tempers.slice(0, 1) : tempers))
      leg.says({ type: 'transfer', transfer })
    }),
  )

/** A phone of a fork that was ended asks for something all the same. */
const transfersLate = fc.nat(20).map((at) =>
  command(`leg ${at} is transferred late`, (world) => {
    const ended = world.forks.flat().filter(({ isEnded }) => isEnded)
    if (ended.length === 0) return
    const transfer = world.newTransfer('calls', () => world.newPhones(['patient']))
    ended[at % ended.length]!.saysLate({ type: 'transfer', transfer })
  }),
)

const ends = fc
  .record({ at: fc.nat(1), cause })
  .map(({ at, cause: why }) =>
    command(`call ${at} is ended: ${why}`, ({ calls, closing }) => void closing.push(calls[at]!.call.end(why))),
  )

const commands = [
  { arbitrary: says, weight: 12 },
  { arbitrary: transfers, weight: 6 },
  { arbitrary: saysLate, weight: 2 },
  { arbitrary: transfersLate, weight: 1 },
  { arbitrary: ends, weight: 1 },
].flatMap(({ arbitrary, weight }) => Array.from({ length: weight }, () => arbitrary as fc.Arbitrary<Command>))

const shape = fc.record({
  isInbound: fc.boolean(),
  isUp: fc.boolean(),
  tempers: fc.array(temper, { minLength: 2, maxLength: 4 }),
})

it('any course of events: every leg ended once, every call one end with a cause, nobody left', {
  timeout: 120_000,
}, async () => {
  const reached = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(shape, shape),
      fc.commands(commands, { maxCommands: 30, size: 'max' }),
      async (shapes, script) => {
        const world = new World(shapes)
        fc.modelRun(() => ({ model: {}, real: world }), script)
        for (const { records } of world.calls) for (const { state } of records) reached.add(state)
        for (const { kind, told } of world.transfers) for (const what of told) reached.add(`${kind} ${what}`)
        await Promise.all([...world.closing, ...world.calls.map(({ call }) => call.end('shutting-down'))])
        world.check()
        world.checkEmpty()
      },
    ),
    { numRuns: RUNS },
  )
  // The walk is worth something only if it gets to where things happen.
  for (const kind of ['dials', 'calls', 'links']) {
    for (const outcome of ['done', 'failed']) expect(reached).toContain(`${kind} ${outcome}`)
  }
  for (const state of STATES) expect(reached).toContain(state)
})
