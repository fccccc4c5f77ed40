import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { CallCause } from '../../src/bridge/cause.ts'
import type { LegEvent } from '../../src/bridge/leg.ts'
import type { WaState } from '../../src/whatsapp/wa-client.ts'
import type { FakeLeg, FakeSession } from './fakes.ts'
import { LID, setUp } from './switchboard-setup.ts'

/**
 * Calls from both sides while numbers are looked up, legs end, accounts go and the gateway drains, in any order. Whatever happens:
 * each call has one end with a cause, each leg is ended once, and the board has no more calls than it may.
 */

const MAX_CALLS = 3
const RUNS = 1000

class World {
  readonly setting = setUp({
    maxCalls: MAX_CALLS,
    phones: 2,
    limits: { perMinute: 100, perHour: 1000, perDay: 1000, strangersPerDay: 1000 },
  })
  readonly sessions: FakeSession[] = []
  readonly lookups: ((found: string | undefined | Error) => void)[] = []
  readonly gone = new Set<FakeLeg>()
  rings = 0
  isDraining = false

  constructor() {
    for (const account of [this.setting.main!, this.setting.second!]) {
      account.maxCalls = 1
      account.find = () => this.#lookUp()
      account.findNumber = () => this.#lookUp()
    }
  }

  #lookUp(): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      this.lookups.push((found) => (found instanceof Error ? reject(found) : resolve(found)))
    })
  }

  get legs(): readonly FakeLeg[] {
    return Object.values(this.setting.legs).flat()
  }

  says(leg: FakeLeg, event: LegEvent): void {
    if (this.gone.has(leg) || endsOf(leg) > 0) return
    if (event.type === 'ended') this.gone.add(leg)
    leg.events.emit(event)
  }

  check(): void {
    const { board, records } = this.setting
    const last = new Map(records.map((record) => [record.correlationId, record]))
    expect(board.activeCalls).toBe([...last.values()].filter(({ state }) => state !== 'ended').length)
    expect(board.activeCalls).toBeLessThanOrEqual(MAX_CALLS)
    const ends = records.filter(({ state }) => state === 'ended')
    expect(new Set(ends).size).toBe(new Set(ends.map(({ correlationId }) => correlationId)).size)
    for (const { correlationId, cause, endedBy } of ends) {
      expect([cause, endedBy]).not.toContain(undefined)
      expect(last.get(correlationId)!.state).toBe('ended')
    }
    for (const leg of this.legs) expect(endsOf(leg)).toBeLessThanOrEqual(1)
  }

  async findAll(): Promise<void> {
    for (const answer of this.lookups) answer(LID)
    await turns(20)
  }

  /** Every number is found, everybody hangs up, and who calls then finds room in both accounts; the gateway stops. */
  async windUp(): Promise<void> {
    const { board, records, clock, main, second } = this.setting
    main!.state = 'open'
    for (let i = 0; i < 2; i++) {
      await this.findAll()
      // Nobody is joined to, or waits for, somebody who has gone.
      for (const leg of this.gone) expect(endsOf(leg)).toBe(1)
      for (const leg of this.legs) this.says(leg, { type: 'ended', cause: 'normal' })
    }
    expect(board.activeCalls).toBe(0)
    const before = [main!.dialled.length, second!.dialled.length]
    for (let i = 0; i < 2; i++) this.sessions.push(this.setting.offer())
    await this.findAll()
    const made = this.isDraining ? 0 : 1
    expect([main!.dialled.length, second!.dialled.length]).toEqual(before.map((count) => count + made))
    await board.stop()
    await turns(20)
    this.check()
    expect(board.activeCalls).toBe(0)
    expect(new Set(records.map(({ correlationId }) => correlationId)).size).toBe(this.sessions.length + this.rings)
    for (const leg of this.legs) expect(endsOf(leg)).toBe(1)
    const refused = this.sessions.filter(({ told }) => told.some((what) => what.startsWith('reject')))
    expect(refused.length + this.setting.legs.fromSip.length).toBe(this.sessions.length)
    expect(clock.pendingTimers).toBe(0)
  }
}

const endsOf = ({ done }: FakeLeg) => done.filter((what) => what.startsWith('end ')).length

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve()
}

type Command = fc.AsyncCommand<object, World>

/** What it leads to may take some turns, in which nothing else happens, or not. */
const command = (name: string, waits: number, run: (world: World) => void): Command => ({
  check: () => true,
  run: async (_, world) => {
    run(world)
    await turns(waits)
    world.check()
  },
  toString: () => name,
})

const waits = fc.constantFrom(0, 0, 1, 2, 20)
const cause = fc.constantFrom<CallCause>('normal', 'cancelled', 'extension-busy')
const event = fc.oneof(
  fc.constantFrom<LegEvent>({ type: 'ringing' }, { type: 'answered' }, { type: 'answered' }),
  cause.map((why): LegEvent => ({ type: 'ended', cause: why })),
)

const sipCalls = fc
  .tuple(waits, fc.constantFrom('+4915112345678', '+4915112345678', '112'))
  .map(([wait, dialled]) =>
    command(`SIP calls ${dialled}`, wait, ({ sessions, setting }) => void sessions.push(setting.offer({ dialled }))),
  )

const whatsAppCalls = fc.tuple(waits, fc.boolean()).map(([wait, isMain]) =>
  command(`WhatsApp calls ${isMain}`, wait, (world) => {
    world.rings++
    world.setting.ring(isMain ? world.setting.main! : world.setting.second!)
  }),
)

const lookedUp = fc
  .tuple(waits, fc.nat(5), fc.constantFrom(LID, LID, undefined, new Error('no answer')))
  .map(([wait, at, found]) =>
    command(`look-up ${at}: ${found}`, wait, ({ lookups }) => lookups[at % Math.max(1, lookups.length)]?.(found)),
  )

const says = fc.tuple(waits, fc.nat(20), event).map(([wait, at, what]) =>
  command(`leg ${at} says ${JSON.stringify(what)}`, wait, (world) => {
    const leg = world.legs[at % Math.max(1, world.legs.length)]
    if (leg) world.says(leg, what)
  }),
)

const accounts = fc.tuple(waits, fc.constantFrom<WaState>('open', 'open', 'closed', 'banned')).map(([wait, state]) =>
  command(`main is ${state}`, wait, ({ setting }) => {
    setting.main!.state = state
  }),
)

const drains = fc.tuple(waits, fc.boolean()).map(([wait, stops]) =>
  command(stops ? 'stops' : 'drains', wait, (world) => {
    const { board, clock } = world.setting
    world.isDraining = true
    if (stops) void board.stop()
    else void board.drain(1).then(() => clock.advance(1))
  }),
)

const commands = [
  { arbitrary: sipCalls, weight: 6 },
  { arbitrary: whatsAppCalls, weight: 4 },
  { arbitrary: lookedUp, weight: 6 },
  { arbitrary: says, weight: 10 },
  { arbitrary: accounts, weight: 1 },
  { arbitrary: drains, weight: 1 },
].flatMap(({ arbitrary, weight }) => Array.from({ length: weight }, () => arbitrary as fc.Arbitrary<Command>))

it('any course of events: one end for each call, one for each leg', { timeout: 120_000 }, async () => {
  const reached = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 25, size: 'max' }), async (script) => {
      const world = new World()
      await fc.asyncModelRun(() => ({ model: {}, real: world }), script)
      await world.windUp()
      for (const { state, cause: why } of world.setting.records) reached.add(why ?? state)
    }),
    { numRuns: RUNS },
  )
  // The walk is worth something only if it gets to where things happen.
  for (const what of ['ringing', 'up', 'overload', 'cancelled', 'not-on-whatsapp', 'shutting-down', 'account-busy']) {
    expect(reached).toContain(what)
  }
})
