import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { usualBehaviour } from '../../src/sim/phone/behaviour.ts'
import type { IncomingPhoneCall } from '../../src/sim/phone/incoming-call.ts'
import type { PhoneCall, PhoneCallOver } from '../../src/sim/phone/phone-call.ts'
import { element } from '../../src/sim/server/node.ts'
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

  it('says busy while it dials itself, when it is such a phone', async () => {
    const phone = simulator.phone('ignores')
    phone.behaviour = { ...usualBehaviour, onCall: 'ignores', busyWhileDialling: true }
    const own = phone.call(owner)
    await until(() => own.state === 'ringing')
    await over(simulator.account.call(plans[4]!.number), 'busy')
    own.hangUp()
    const call = simulator.account.call(plans[4]!.number)
    await until(() => call.state === 'ringing')
  })

  it.each<[string, Record<string, string>, PhoneCallOver | undefined]>([
    ['accept', {}, 'elsewhere'],
    ['reject', {}, 'elsewhere'],
    ['reject', { reason: 'busy' }, undefined],
  ])('that hears of a sibling’s %s %j', async (tag, attrs, reason) => {
    const rung = await rungOf('second')
    const [first, second] = rung
    first!.handle(simulator.phone('second').user.devices.get(second!.deviceId)!.jid, element(tag, attrs))
    expect(first!.overReason).toBe(reason)
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

/** The account calls: the calls that ring on the devices of this person. */
async function rungOf(name: string): Promise<IncomingPhoneCall[]> {
  const rung: IncomingPhoneCall[] = []
  const phone = simulator.phone(name)
  phone.calls.on((call) => void rung.push(call as IncomingPhoneCall))
  simulator.account.call(phone.user.number)
  await until(() => rung.length === phone.user.devices.size && rung.every(({ state }) => state === 'ringing'))
  return rung
}

describe('a caller', () => {
  it.each(['busy', 'uncallable'] as const)('goes on ringing until the last device is %s', async (reason) => {
    const calls: PhoneCall[] = []
    simulator.account.calls.on((call) => void calls.push(call))
    const rung = await rungOf('second')
    rung[0]!.decline(reason)
    rung[1]!.decline(reason)
    await until(() => rung[1]!.state === 'over')
    await new Promise((resolve) => setImmediate(resolve))
    expect(calls[0]!.state).toBe('ringing')
    rung[2]!.decline(reason)
    await over(calls[0]!, reason)
  })

  it('takes the first busy for the user’s, when it is such a phone', async () => {
    simulator.account.behaviour = { ...usualBehaviour, busyEndsCall: true }
    const rung = await rungOf('second')
    rung[0]!.decline('busy')
    await over(rung[1]!, 'elsewhere')
    await over(rung[2]!, 'elsewhere')
  })

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
