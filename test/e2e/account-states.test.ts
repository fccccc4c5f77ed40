import { afterEach, describe, expect, it } from 'vitest'
import { accountOwner } from '../../src/sim/cast.ts'
import type { PhoneCall } from '../../src/sim/phone/phone-call.ts'
import {
  answered,
  expectQuiet,
  type House,
  houseConfig,
  numberOf,
  openHouse,
  outcomeOf,
  over,
  talking,
} from './house.ts'
import { RawSip } from './sip-peers.ts'

let house: House

afterEach(() => house.close())

const account = () => house.gateway.status().accounts[0]!

/** Of the gateway that was started last: the first was there for the pairing. */
async function metrics(): Promise<string> {
  const line = house.log.findLast((entry) => entry.includes('health and metrics'))!
  const { port } = JSON.parse(line) as { readonly port: number }
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
}

/** An answered call to the recorder, and how the recorder sees it. */
describe('an account that only an administrator brings back', () => {
  it.each([
    ['replaced', 300, () => house.simulator.replaceGateway()],
    ['banned', 3600, () => house.simulator.banGateway()],
  ] as const)(
    '%s: BYE to the call in progress, then 503 with Retry-After %i, and no way back',
    async (state, retryAfterS, lose) => {
      house = await openHouse()
      const cause = `account-${state}`
      const { ours, theirs } = await talking(house)
      lose()
      expect(await over(ours)).toMatchObject({ by: 'remote', status: 200, q850: 38 })
      const loggedBefore = house.log.length
      expect(house.records.at(-1)).toMatchObject({ cause, endedBy: 'callee' })
      theirs.hangUp()

      expect(await outcomeOf(house, 'talker')).toMatchObject({ status: 503, q850: 38, retryAfterS })
      expect(house.records.at(-1)).toMatchObject({ cause, endedBy: 'gateway' })
      const peer = await RawSip.open(house.sipPort)
      const options = await peer.request('OPTIONS', `sip:127.0.0.1:${house.sipPort}`)
      expect(options.status).toBe(503)
      expect(options.headers.get('Retry-After')).toBe(String(retryAfterS))
      await peer.close()

      expect(account()).toMatchObject({ state, isReady: false })
      expect(house.log.slice(loggedBefore).join('')).not.toContain('connecting again')
      expect(house.simulator.violations).toEqual([])
    },
  )
})

describe('an account whose connection is lost', () => {
  const GRACE_S = 5
  const AWAY_MS = 8000

  it('for longer than the grace time: the call ends on both sides, and the next one works', async () => {
    house = await openHouse({
      config: (directory) => {
        const { whatsapp } = houseConfig(directory, 1, 60)
        return { whatsapp: { ...whatsapp, reconnectGraceS: GRACE_S } }
      },
    })
    const { ours, theirs } = await talking(house)
    house.simulator.dropGateway(AWAY_MS)
    expect(await over(ours)).toMatchObject({ by: 'remote', status: 200, q850: 38 })
    expect(house.records.at(-1)).toMatchObject({ cause: 'account-offline', endedBy: 'callee' })
    expect(await outcomeOf(house, 'talker')).toMatchObject({ status: 503, retryAfterS: 10 })
    theirs.hangUp()
    await expect.poll(() => account().state, { timeout: 20_000 }).toBe('open')
    const next = await talking(house)
    next.ours.hangUp()
    await over(next.ours)
    await expectQuiet(house)
  })

  it('while somebody calls: the offer that is replayed is a missed call and rings nowhere', async () => {
    house = await openHouse({ config: () => ({ http: { enabled: true, port: 0 } }) })
    house.simulator.dropGateway(AWAY_MS)
    await expect.poll(() => account().state).not.toBe('open')
    const theirs = house.simulator.phone('talker').call(accountOwner.number)
    await expect.poll(() => account().state, { timeout: 20_000 }).toBe('open')
    const missed = () => house.log.filter((line) => line.includes('missed WhatsApp call'))
    await expect.poll(missed, { timeout: 5000 }).toHaveLength(1)
    expect(missed()[0]).toContain('"reason":"offline"')
    const from = numberOf('talker').slice(1)
    await expect.poll(() => house.records).toMatchObject([{ direction: 'inbound', cause: 'account-offline', from }])
    expect(await metrics()).toContain('tandem_calls_missed_total{account="main",reason="offline"} 1')
    theirs.hangUp()
    await expectQuiet(house)
  })
})

describe('both call at once', () => {
  /** Rings at the recorder, who then calls the account under this call-id. */
  async function glare(callId: string) {
    const recorder = house.simulator.phone('recorder')
    recorder.behaviour = { ...recorder.behaviour, onCall: 'ignores' }
    const rings = new Promise<PhoneCall>((resolve) => recorder.calls.on(resolve))
    const ours = await house.phone.dial(numberOf('recorder'))
    await rings
    await ours.ringing
    return { ours, theirs: recorder.call(accountOwner.number, callId), ring: await rings }
  }

  it('theirs has the smaller call-id: our caller hears busy, and the desk phone rings', async () => {
    house = await openHouse({ maxCalls: 1 })
    const desk = house.phone.expectCall()
    const { ours, theirs, ring } = await glare('0'.repeat(32))
    expect(await over(ours)).toMatchObject({ by: 'remote', status: 486 })
    await expect.poll(() => ring.state).toBe('over')
    const call = await desk
    theirs.hangUp()
    expect(await over(call)).toMatchObject({ status: 487 })
    await expectQuiet(house)
  })

  it('ours has it: the other one is told busy, and ours goes on', async () => {
    house = await openHouse({ maxCalls: 1 })
    const { ours, theirs, ring } = await glare('F'.repeat(32))
    const missed = () => house.log.filter((line) => line.includes('missed WhatsApp call'))
    await expect.poll(missed).toHaveLength(1)
    expect(missed()[0]).toContain('"reason":"busy"')
    expect(ring.state).toBe('ringing')
    // Busy is this device alone: the owner's phone rings on.
    expect(theirs.state).toBe('ringing')
    theirs.hangUp()
    ours.hangUp()
    expect(await over(ours)).toMatchObject({ status: 487 })
    await expect.poll(() => ring.state).toBe('over')
    await expectQuiet(house)
  })
})

describe('mute and hold', () => {
  const loudness = (pcm: Float32Array) => Math.sqrt(pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length)
  /** Longer than any pause in what is said. */
  const TAIL_SAMPLES = 8000

  it('a hold without music mutes us, and resume ends that; a phone that mutes itself is silent, and the call goes on', async () => {
    house = await openHouse()
    const muted: string[] = []
    house.simulator.events.on((event) => {
      if (event.type !== 'stanza' || event.direction !== 'in' || event.node.tag !== 'call') return
      const [action] = event.node.content as { tag: string; attrs: Record<string, string> }[]
      if (action?.tag === 'mute_v2') muted.push(`${event.device} ${action.attrs['mute-state']}`)
    })
    const rings = new Promise<PhoneCall>((resolve) => house.simulator.phone('talker').calls.on(resolve))
    const ours = await house.phone.dial(numberOf('talker'))
    const theirs = await rings
    await answered(ours)
    const gateway = house.gateway.account('main')?.client.self()?.lid
    const ofOurs = () => muted.filter((line) => line.startsWith(`${gateway} `)).map((line) => line.at(-1))

    await expect.poll(ofOurs).toEqual(['0'])
    await ours.hold(true, 'inactive')
    await expect.poll(ofOurs).toEqual(['0', '1'])
    await ours.hold(false)
    await expect.poll(ofOurs).toEqual(['0', '1', '0'])

    const heard = () => loudness(ours.media.recording().pcm.slice(-TAIL_SAMPLES))
    await expect.poll(heard, { timeout: 8000, interval: 50 }).toBeGreaterThan(0.01)
    theirs.mute(true)
    await expect.poll(() => house.log.some((line) => line.includes('"muted":true'))).toBe(true)
    await expect.poll(heard, { timeout: 8000, interval: 50 }).toBeLessThan(0.001)
    const samples = () => ours.media.recording().pcm.length
    const before = samples()
    await expect.poll(samples).toBeGreaterThan(before)
    theirs.mute(false)
    await expect.poll(heard, { timeout: 8000, interval: 50 }).toBeGreaterThan(0.01)
    expect(ofOurs()).toEqual(['0', '1', '0'])
    ours.hangUp()
    await over(ours)
    await expectQuiet(house)
  })
})
