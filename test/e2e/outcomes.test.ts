import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { PhoneCall } from '../../src/sim/phone/phone-call.ts'
import { hearingAtPhone, hearingAtWhatsApp, narrowSpeech, speechOver } from './hearing.ts'
import { answered, expectQuiet, type House, numberOf, openHouse, outcomeOf, over, stanzasOf } from './house.ts'
import { agentWithOffer } from './sip-peers.ts'

let house: House

beforeAll(async () => {
  house = await openHouse({ ringTimeoutS: 10 })
})
afterEach(() => expectQuiet(house))
afterAll(() => house.close())

const lastRecord = () => house.records.at(-1)

/** The calls of a phone from now on, one for each device that rings. */
function callsOf(name: string): PhoneCall[] {
  const calls: PhoneCall[] = []
  house.simulator.phone(name).calls.on((call) => calls.push(call))
  return calls
}

describe('a call to WhatsApp that is not answered', () => {
  it.each([
    ['busy', 'busy', 486, 17, 'busy'],
    ['declines', 'declined', 603, 21, 'declined'],
    ['+491713920099', 'not on WhatsApp', 404, 1, 'not-on-whatsapp'],
    ['12345', 'too short', 484, 28, 'invalid-number'],
  ])('%s: %s, SIP %i, Q.850 %i', async (whom, _, status, q850, cause) => {
    expect(await outcomeOf(house, whom)).toMatchObject({ by: 'remote', status, q850 })
    expect(lastRecord()).toMatchObject({ cause, direction: 'outbound', from: 'desk' })
  })

  it('nobody answers until WhatsApp ends it: 480', async () => {
    const { callBehaviour } = house.simulator
    const usualMs = callBehaviour.ringTimeoutMs
    callBehaviour.ringTimeoutMs = 1000
    expect(await outcomeOf(house, 'never')).toMatchObject({ status: 480, q850: 19 })
    expect(lastRecord()).toMatchObject({ cause: 'no-answer', endedBy: 'callee' })
    callBehaviour.ringTimeoutMs = usualMs
  })

  it('nobody answers, and WhatsApp says nothing: the gateway gives up after its own time', async () => {
    const call = await house.phone.dial(numberOf('never'))
    expect(await over(call)).toMatchObject({ status: 480, q850: 19 })
    expect((call.endedMs ?? 0) - (call.ringingMs ?? 0)).toBeGreaterThan(9500)
    expect(lastRecord()).toMatchObject({ cause: 'no-answer' })
  })

  it('the desk phone gives up while it rings: 487, and every device stops ringing', async () => {
    const calls = callsOf('never')
    const call = await house.phone.dial(numberOf('never'))
    await call.ringing
    call.hangUp()
    expect(await over(call)).toMatchObject({ status: 487 })
    await expect.poll(() => calls.map(({ overReason }) => overReason)).toEqual(['ended'])
    expect(lastRecord()).toMatchObject({ cause: 'cancelled', endedBy: 'caller' })
  })

  it('the desk phone gives up before it rings: nobody is left ringing', async () => {
    const call = await house.phone.dial(numberOf('never'))
    call.hangUp()
    expect(await over(call)).toMatchObject({ status: 487 })
  })
})

describe('what is refused before WhatsApp is asked', () => {
  it.each([
    ['112', 403],
    ['110', 403],
    ['+49112', 403],
    ['911', 403],
    ['no-number', 484],
  ])('%s: %i, and not one stanza', async (dialled, status) => {
    const stanzas = stanzasOf(house)
    const call = await house.phone.dial(dialled)
    expect(await over(call)).toMatchObject({ status })
    expect(stanzas.filter(({ direction, node }) => direction === 'in' && node.tag !== 'ack')).toEqual([])
  })

  it('a caller without a codec of ours: 488, and nobody rings', async () => {
    const calls = callsOf('talker')
    const agent = await agentWithOffer(house.sipPort, '18 G729/8000')
    expect(await agent.invite(numberOf('talker'))).toMatchObject({ status: 488 })
    await agent.stop()
    await expect.poll(() => lastRecord()?.cause).toBe('no-common-codec')
    expect(calls.filter(({ state }) => state !== 'over')).toEqual([])
  })
})

describe('an answered call to WhatsApp', () => {
  it('ends when the desk phone hangs up: WhatsApp is told', async () => {
    const calls = callsOf('recorder')
    const call = await house.phone.dial(numberOf('recorder'))
    await answered(call)
    call.hangUp()
    expect(await over(call)).toMatchObject({ by: 'local', status: 200 })
    await expect.poll(() => calls[0]?.overReason).toBe('ended')
    expect(lastRecord()).toMatchObject({ cause: 'normal', endedBy: 'caller' })
  })

  it('ends when WhatsApp hangs up: the desk phone is told', async () => {
    const calls = callsOf('recorder')
    const call = await house.phone.dial(numberOf('recorder'))
    await answered(call)
    calls[0]?.hangUp()
    expect(await over(call)).toMatchObject({ by: 'remote', status: 200, q850: 16 })
    expect(lastRecord()).toMatchObject({ cause: 'normal', endedBy: 'callee' })
  })

  it('is heard both ways from the second device, whose key is another; its siblings stop ringing', async () => {
    const calls = callsOf('second-device')
    const call = (await house.phone.dial(numberOf('second-device'))).willSay(narrowSpeech)
    await answered(call)
    await speechOver()
    const up = calls.filter(({ state }) => state === 'up')
    expect(up).toHaveLength(1)
    expect(calls.map(({ overReason }) => overReason)).toEqual(['elsewhere', undefined, 'elsewhere'])
    call.hangUp()
    await call.ended
    expect(hearingAtPhone(call, up[0]!).stoi).toBeGreaterThanOrEqual(0.9)
    expect(hearingAtWhatsApp(call, up[0]!).stoi).toBeGreaterThanOrEqual(0.9)
    await call.close()
  })

  it('is heard when the answer brings another wrapping of the key', async () => {
    const echo = house.simulator.phone('echo')
    echo.behaviour = { ...echo.behaviour, acceptsWithKey: true, voice: 'silence' }
    const calls = callsOf('echo')
    const call = await house.phone.dial(numberOf('echo'))
    await answered(call)
    await expect.poll(() => calls[0]?.mediaStats?.packetsReceived ?? 0, { timeout: 5000 }).toBeGreaterThan(10)
    await expect.poll(() => call.media.recording().pcm.length, { timeout: 5000 }).toBeGreaterThan(8000)
    call.hangUp()
    await over(call)
  })
})
