import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { usualBehaviour } from '../../src/sim/phone/behaviour.ts'
import type { PhoneCall, PhoneCallOver } from '../../src/sim/phone/phone-call.ts'
import { type Simulator, startSimulator } from '../../src/sim/simulator.ts'
import { StubRelays, stubMedia } from './stubs.ts'

const owner = '4915100000001'
const plans = [
  { name: 'plain', number: '4915100000002' },
  { name: 'second', number: '4915100000003', devices: 3, behaviour: { takenOn: 2 } },
  { name: 'busy', number: '4915100000004', devices: 2, behaviour: { onCall: 'busy' as const } },
  { name: 'declines', number: '4915100000005', devices: 2, behaviour: { onCall: 'declines' as const } },
  { name: 'ignores', number: '4915100000006', behaviour: { onCall: 'ignores' as const } },
  { name: 'leaves', number: '4915100000007', behaviour: { hangsUpAfterMs: 5000 } },
  {
    name: 'back',
    number: '4915100000008',
    behaviour: { onCall: 'declines' as const, callsBackAfterMs: 2000 },
  },
]

let clock: VirtualClock
let simulator: Simulator
let media: ReturnType<typeof stubMedia>
let relays: StubRelays

beforeEach(async () => {
  clock = new VirtualClock()
  media = stubMedia()
  relays = new StubRelays()
  simulator = await startSimulator({
    clock,
    account: { name: 'owner', number: owner },
    phones: plans,
    relays,
    openMedia: media.open,
  })
})

afterEach(async () => {
  await simulator.stop()
  expect(simulator.violations).toEqual([])
  expect(clock.pendingTimers).toBe(0)
  expect(relays.open.size).toBe(0)
  expect(media.all.every((one) => one.closed)).toBe(true)
})

/** Resolves when the condition holds; everything it can wait for happens in this process without real time. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !condition(); turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(condition()).toBe(true)
}

const over = (call: PhoneCall, reason: PhoneCallOver) => until(() => call.overReason === reason)

describe('a phone that is called', () => {
  it('rings, answers, and both sides hold the same key', async () => {
    const call = simulator.account.call(plans[0]!.number)
    await until(() => call.state === 'ringing')
    await clock.advance(400)
    await until(() => call.state === 'up')
    expect(media.all.map((one) => one.running)).toEqual([true, true])
    const [callee, caller] = [media.all.find((m) => m.options.ownDevice === media.all[1]?.peer), media.all]
    expect(callee).toBeDefined()
    expect(Buffer.from(caller[0]!.options.callKey).equals(caller[1]!.options.callKey)).toBe(true)
    call.hangUp()
    await until(() => media.all.every((one) => one.closed))
  })

  it.each([
    ['announces copies in its accept', false, true],
    ['announces nothing in an accept with the key', true, false],
  ])('%s, and gets them or not', async (_, acceptsWithKey, callerMayCopy) => {
    simulator.phone(plans[0]!.name).behaviour = { ...usualBehaviour, acceptsWithKey }
    const call = simulator.account.call(plans[0]!.number)
    await until(() => call.state === 'ringing')
    await clock.advance(400)
    await until(() => call.state === 'up')
    const isCallee = (one: (typeof media.all)[number]) => one.options.peerDevice !== undefined
    expect(media.all.filter(isCallee).map((one) => one.mayCopy)).toEqual([true])
    expect(media.all.filter((one) => !isCallee(one)).map((one) => one.mayCopy)).toEqual([callerMayCopy])
    call.hangUp()
    await until(() => media.all.every((one) => one.closed))
  })

  it('answers on its third device; the others are told', async () => {
    const rung: PhoneCall[] = []
    simulator.phone('second').calls.on((ringing) => rung.push(ringing))
    const call = simulator.account.call(plans[1]!.number)
    await until(() => rung.length === 3 && rung.every((ringing) => ringing.state === 'ringing'))
    await clock.advance(400)
    await until(() => call.state === 'up')
    await until(() => rung.filter((ringing) => ringing.overReason === 'elsewhere').length === 2)
    expect(media.all.map((one) => one.peer).some((peer) => peer?.endsWith(':2@lid'))).toBe(true)
    call.hangUp()
    await over(rung[2]!, 'ended')
  })

  it('is busy on all devices before the caller hears of it', async () => {
    const call = simulator.account.call(plans[2]!.number)
    await until(() => call.state === 'ringing')
    await clock.advance(400)
    await over(call, 'busy')
  })

  it('declines for all its devices', async () => {
    const rung: PhoneCall[] = []
    simulator.phone('declines').calls.on((ringing) => rung.push(ringing))
    const call = simulator.account.call(plans[3]!.number)
    await until(() => rung.length === 2 && rung.every((ringing) => ringing.state === 'ringing'))
    await clock.advance(400)
    await over(call, 'rejected')
    await over(rung[1]!, 'elsewhere')
  })

  it('is given up by the server when nobody answers', async () => {
    const call = simulator.account.call(plans[4]!.number)
    await until(() => call.state === 'ringing')
    await clock.advance(44_000)
    expect(call.state).toBe('ringing')
    await clock.advance(1_000)
    await over(call, 'timeout')
  })

  it('hangs up after its time', async () => {
    const call = simulator.account.call(plans[5]!.number)
    await until(() => call.state === 'ringing')
    await clock.advance(400)
    await until(() => call.state === 'up')
    await clock.advance(4_900)
    expect(call.state).toBe('up')
    await clock.advance(200)
    await over(call, 'ended')
  })

  it('calls back after declining', async () => {
    const incoming: PhoneCall[] = []
    simulator.account.calls.on((call) => call.direction === 'in' && incoming.push(call))
    const call = simulator.account.call(plans[6]!.number)
    await until(() => call.state === 'ringing')
    await clock.advance(400)
    await over(call, 'rejected')
    await clock.advance(2_000)
    await until(() => incoming[0]?.state === 'ringing')
    incoming[0]!.hangUp()
    await until(() => incoming[0]?.state === 'over')
  })
})

describe('a caller', () => {
  it('gives up before the answer and every device stops ringing', async () => {
    const rung: PhoneCall[] = []
    simulator.phone('second').calls.on((ringing) => rung.push(ringing))
    const call = simulator.account.call(plans[1]!.number)
    await until(() => rung.length === 3 && rung.every((ringing) => ringing.state === 'ringing'))
    call.hangUp()
    await until(() => rung.every((ringing) => ringing.overReason === 'ended'))
  })

  it('is refused without a privacy token where one is asked for', async () => {
    simulator.callBehaviour.offers = { error: 463 }
    const call = simulator.account.call(plans[0]!.number)
    await over(call, 'refused 463')
  })
})
