import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import type { CallRecord } from '../../src/bridge/call.ts'
import { CallPairs } from '../../src/cli/scenario/call-pairs.ts'
import { CallRecords } from '../../src/cli/scenario/call-records.ts'
import { Disagreement } from '../../src/cli/scenario/disagreement.ts'
import { ErrorLines } from '../../src/cli/scenario/error-lines.ts'
import type { House } from '../../src/cli/scenario/house.ts'
import { leftBehind } from '../../src/cli/scenario/left-behind.ts'
import { scenarioFrom } from '../../src/cli/scenario/load.ts'
import { runScenario, tooSlow } from '../../src/cli/scenario/run-scenario.ts'
import type { Stage } from '../../src/cli/scenario/stage.ts'
import { callFaults, violationFaults } from '../../src/cli/scenario/verdict.ts'
import { openVirtualHouse } from '../../src/cli/scenario/virtual-house.ts'
import type { PhoneCallState } from '../../src/sim/phone/phone-call.ts'

/** Each check that is always made has to be able to fail: here is what each of them sees. */

const GATEWAY = '100:1@lid'
const OWN_PHONE = '100@lid'

type SipState = 'waiting' | 'up' | 'over'

/** Two sides that say of each call what a test makes them say. */
class TwoSides {
  readonly clock = new VirtualClock()
  readonly accounts = ['main']
  readonly pairs = new CallPairs()
  readonly records = new CallRecords()
  readonly phoneCalls: { call: { callId: string; establishedMs?: number | undefined }; end: object | undefined }[] = []
  readonly peerCalls = new Map<string, object[]>()
  state = 'open'
  liveCalls = 0
  activeCalls = 0

  readonly gateway = {
    account: () => ({
      client: { state: this.state, self: () => ({ lid: GATEWAY }) },
      calls: { liveCalls: this.liveCalls },
    }),
    status: () => ({ activeCalls: this.activeCalls, accounts: [{ name: 'main', activeCalls: this.activeCalls }] }),
  }

  call(id: string, direction: 'outbound' | 'inbound' = 'outbound'): this {
    this.records.note({ correlationId: id, account: 'main', direction } as CallRecord)
    this.pairs.record({ what: 'leg', correlationId: id, side: 'sip', callId: `sip-${id}` })
    this.pairs.record({ what: 'leg', correlationId: id, side: 'whatsapp', callId: `wa-${id}` })
    return this
  }

  atSip(id: string, state: SipState): this {
    this.phoneCalls.push({
      call: { callId: `sip-${id}`, establishedMs: state === 'up' ? 1 : undefined },
      end: state === 'over' ? {} : undefined,
    })
    return this
  }

  atWhatsApp(id: string, state: PhoneCallState, who = 'anna', direction = 'in', peer = GATEWAY): this {
    const calls = this.peerCalls.get(who) ?? []
    calls.push({ name: { callId: `wa-${id}` }, state, direction, peer: state === 'up' ? peer : undefined })
    this.peerCalls.set(who, calls)
    return this
  }

  async faultsAfter(ms: number, excusedMs = 0): Promise<string[]> {
    const watch = new Disagreement(this as unknown as House, this as unknown as Stage, excusedMs)
    await this.clock.advance(ms)
    watch.stop()
    return watch.faults()
  }
}

describe('the sides of a call', () => {
  let sides: TwoSides
  beforeEach(() => {
    sides = new TwoSides()
  })

  it('may differ for two seconds', async () => {
    sides.call('a').atSip('a', 'up').atWhatsApp('a', 'ringing')
    expect(await sides.faultsAfter(2000)).toEqual([])
  })

  it('may not differ for longer', async () => {
    sides.call('a').atSip('a', 'up').atWhatsApp('a', 'ringing')
    expect(await sides.faultsAfter(2100)).toEqual(['call a was up at SIP and waiting at WhatsApp, for 2100 ms'])
  })

  it('are compared call by call: two calls that are wrong in opposite ways are two faults', async () => {
    sides.call('a').atSip('a', 'up').atWhatsApp('a', 'over')
    sides.call('b').atSip('b', 'over').atWhatsApp('b', 'up')
    expect(await sides.faultsAfter(5000)).toHaveLength(2)
  })

  it('may differ again after they agreed', async () => {
    sides.call('a').atSip('a', 'up').atWhatsApp('a', 'up')
    const watch = new Disagreement(sides as unknown as House, sides as unknown as Stage, 0)
    for (const state of ['over', 'up', 'over', 'up']) {
      sides.peerCalls.set('anna', [])
      sides.atWhatsApp('a', state as PhoneCallState)
      await sides.clock.advance(1500)
    }
    expect(watch.faults()).toEqual([])
  })

  it.each([
    ['at WhatsApp', 'over', 'ringing'],
    ['at SIP', 'waiting', 'over'],
  ] as const)('may not ring on %s when the other is over', async (_, sip, whatsapp) => {
    sides.call('a').atSip('a', sip).atWhatsApp('a', whatsapp)
    expect(await sides.faultsAfter(3000)).toHaveLength(1)
  })

  it('may not ring on inbound when the caller has gone, or has another device of the account', async () => {
    sides.call('a', 'inbound').atSip('a', 'waiting').atWhatsApp('a', 'up', 'anna', 'out', OWN_PHONE)
    sides.call('b', 'inbound').atSip('b', 'waiting').atWhatsApp('b', 'over', 'ben', 'out')
    expect(await sides.faultsAfter(3000)).toHaveLength(2)
  })

  it("leave a caller to the owner's phone, and only to one that rings", async () => {
    sides.call('a', 'inbound').atSip('a', 'over').atWhatsApp('a', 'ringing', 'anna', 'out')
    sides.atWhatsApp('a', 'ringing', 'owner')
    expect(await sides.faultsAfter(3000)).toEqual([])
    sides.peerCalls.delete('owner')
    expect(await sides.faultsAfter(3000)).toHaveLength(1)
  })

  it('include calls that the gateway does not know', async () => {
    sides.atWhatsApp('x', 'up')
    expect(await sides.faultsAfter(3000)).toEqual(['WhatsApp call wa-x was up with nobody at SIP, for 3000 ms'])
  })

  it('have as many calls each in the gateway', async () => {
    sides.liveCalls = 1
    expect(await sides.faultsAfter(3000)).toEqual(['main: 0 calls at the switchboard, 1 at WhatsApp, for 3000 ms'])
  })

  it('are excused while faults last, and without a connection', async () => {
    sides.call('a').atSip('a', 'up').atWhatsApp('a', 'over')
    expect(await sides.faultsAfter(5000, 3500)).toEqual([])
    sides.state = 'connecting'
    expect(await sides.faultsAfter(5000)).toEqual([])
  })
})

describe('what calls leave behind', () => {
  const nothing = { sockets: 2, timers: 3, 'SIP sessions': 0, 'SIP dialogs': 0, 'SIP transactions': 0 }
  const house = (now: Partial<typeof nothing>, calls = 0) =>
    ({
      holdings: () => ({ ...nothing, ...now }),
      pass: async (isDone: () => boolean) => isDone(),
      gateway: { status: () => ({ activeCalls: calls }), account: () => undefined },
      accounts: [],
    }) as unknown as House

  it.each(Object.keys(nothing))('is seen in the number of %s', async (kind) => {
    const now = { ...nothing, [kind]: 9 }
    const more = 9 - nothing[kind as keyof typeof nothing]
    expect(await leftBehind(house(now), nothing)).toEqual([`the calls left ${more} ${kind}`])
  })

  it('is seen in calls', async () => {
    expect(await leftBehind(house({}, 1), nothing)).toEqual(['the calls left 1 calls'])
  })

  it('is nothing when no more is there than before', async () => {
    expect(await leftBehind(house({ timers: 1 }), nothing)).toEqual([])
  })
})

describe('the records of calls', () => {
  const noted = (...states: readonly CallRecord['state'][]) => {
    const records = new CallRecords()
    for (const state of states) records.note({ correlationId: 'a', state } as CallRecord)
    return records
  }

  it.each(['ended', 'up'] as const)('end once: not %s after that', (state) => {
    const records = noted('dialling', 'ended', state)
    expect(records.faults).toEqual([`call a was ${state} after its end`])
  })

  it('are each call’s last', () => {
    const records = noted('dialling', 'up', 'ended')
    expect(records.all()).toEqual([{ correlationId: 'a', state: 'ended' }])
    expect(records.faults).toEqual([])
  })
})

describe('the end of a house', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-checks-'))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  it('names timers and sockets that stay', async () => {
    const { scenario } = scenarioFrom('x', { title: 'x', script: [{ who: 'gateway', does: 'stops' }] })
    const house = await openVirtualHouse(scenario, silentLogger, 1, directory)
    const again = () => void house.clock.after(10_000, again)
    again()
    expect(await house.close()).toEqual(['1 timers left'])
  })
})

describe('the verdict', () => {
  const { scenario } = scenarioFrom('x', { title: 'x', script: [{ who: 'gateway', does: 'stops' }] })
  const record = (fields: Partial<CallRecord>) => ({ correlationId: 'a', state: 'ended', ...fields }) as CallRecord

  it.each([
    ['a call that is not over', { state: 'up' }, 'call a is up, without a cause'],
    ['a call without a cause', { cause: undefined }, 'call a is ended, without a cause'],
    ['a fault of ours', { cause: 'internal-error' }, 'call a ended by internal-error'],
  ] as const)('names %s', (_, fields, fault) => {
    expect(callFaults(scenario.expect, [record(fields)])).toEqual([fault])
  })

  it('takes a fault of ours that the scenario is about', () => {
    const expected = { ...scenario.expect, calls: [{ cause: 'internal-error' }] }
    expect(callFaults(expected, [record({ cause: 'internal-error' })])).toEqual([])
  })

  it('names what the network found wrong', () => {
    const violations = [{ code: 'ack.twice', device: '1@lid', message: 'twice' }]
    const house = { simulator: { violations } } as unknown as House
    expect(violationFaults(scenario.expect, house)).toEqual(['violation ack.twice by 1@lid: twice'])
  })
})

describe('a run', () => {
  it('may take 20 s of the processor', () => {
    expect(tooSlow({ user: 15e6, system: 5e6 })).toEqual([])
    expect(tooSlow({ user: 15e6, system: 7e6 })).toEqual(['took 22 s of the processor, expected 20 at most'])
  })

  it('that is not over in time says what is left', async () => {
    const rings = scenarioFrom('x', {
      title: 'x',
      people: { anna: { devices: ['rings'] } },
      script: [{ who: 'phone', does: 'dials', to: 'anna' }],
      lastsMs: 5000,
    })
    const { faults } = await runScenario(rings, silentLogger, 1)
    expect(faults[0]).toBe(
      "not over in time: 0 steps, 2 calls of the gateway, 1 of the desk phone, anna's device 0 is ringing",
    )
    expect(faults).toContainEqual(expect.stringMatching(/^the calls left \d+ calls$/))
  })

  it('names each line that was logged as an error', () => {
    const lines = new ErrorLines(silentLogger)
    lines.warn({}, 'no fault')
    lines.child({ room: 'x' }).child({ callId: 'y' }).error({ error: 'why' }, 'a call failed')
    expect(lines.faults).toEqual(['logged as an error: a call failed (why)'])
  })

  it('in which something is logged as an error fails', async () => {
    const busy = scenarioFrom('x', {
      title: 'x',
      people: { anna: { devices: [{ does: 'busy' }] } },
      script: [{ who: 'phone', does: 'dials', to: 'anna' }],
    })
    // Each call of the gateway has a log of its own; this one says that it is broken.
    const broken = {
      ...silentLogger,
      child: () => broken,
      info: (_: object, message: string) => {
        if (message === 'call from SIP') throw new Error('broken on purpose')
      },
    }
    const { ok, faults } = await runScenario(busy, broken, 1)
    expect(ok).toBe(false)
    expect(faults.join('\n')).toContain('logged as an error: a call failed (Error: broken on purpose')
  })
})
