import { existsSync, statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accountOwner } from '../../src/sim/cast.ts'
import type { PhoneCall } from '../../src/sim/phone/phone-call.ts'
import { type House, openHouse, outcomeOf, over, stanzasOf, talking } from './house.ts'
import { RawSip } from './sip-peers.ts'

let house: House

beforeEach(async () => {
  house = await openHouse({ maxCalls: 1 })
})
afterEach(async () => {
  await house.close()
  expect(house.simulator.violations).toEqual([])
})

const accountState = () => house.gateway.status().accounts[0]?.state

/** An answered call to the recorder, and how the recorder sees it. */
/** Media arrives at the WhatsApp phone: some more packets than there are now. */
async function mediaGoesOn({ mediaStats }: { mediaStats: PhoneCall['mediaStats'] }, theirs: PhoneCall): Promise<void> {
  const received = mediaStats?.packetsReceived ?? 0
  await expect.poll(() => theirs.mediaStats?.packetsReceived ?? 0, { timeout: 5000 }).toBeGreaterThan(received + 10)
}

describe('the account', () => {
  it('has all the calls it may have: 486 outbound, busy inbound', async () => {
    const { ours } = await talking(house)
    expect(await outcomeOf(house, 'talker')).toMatchObject({ status: 486, q850: 17 })
    const caller = house.simulator.phone('talker').call(accountOwner.number)
    await expect.poll(() => house.log.some((line) => line.includes('"reason":"busy"'))).toBe(true)
    caller.hangUp()
    ours.hangUp()
    await over(ours)
  })

  it('loses its connection in a call: media goes on, and the end is told after the reconnect', async () => {
    const { ours, theirs } = await talking(house)
    const stanzas = stanzasOf(house)
    house.simulator.dropGateway()
    await expect.poll(accountState).not.toBe('open')
    await mediaGoesOn(theirs, theirs)
    ours.hangUp()
    expect(await over(ours)).toMatchObject({ by: 'local', status: 200 })
    await expect.poll(accountState, { timeout: 15_000 }).toBe('open')
    await expect.poll(() => theirs.overReason, { timeout: 5000 }).toBe('ended')
    const terminates = stanzas.filter(({ direction, node }) => direction === 'in' && childTag(node) === 'terminate')
    expect(terminates).toHaveLength(1)
  })

  it('is logged out: 503 with Retry-After for calls and OPTIONS, and the process lives', async () => {
    const { ours, theirs } = await talking(house)
    house.simulator.unlinkGateway()
    await expect.poll(accountState, { timeout: 5000 }).toBe('logged-out')
    expect(await over(ours)).toMatchObject({ by: 'remote', status: 200, q850: 38 })
    theirs.hangUp()

    const peer = await RawSip.open(house.sipPort)
    const answer = await peer.request('OPTIONS', `sip:127.0.0.1:${house.sipPort}`)
    expect(answer.status).toBe(503)
    expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0)
    await peer.close()
    expect(await outcomeOf(house, 'talker')).toMatchObject({ status: 503, retryAfterS: 300 })
    expect(house.gateway.status()).toMatchObject({ state: 'running', accounts: [{ state: 'logged-out' }] })
    expect(house.log.join('')).toContain('"state":"logged-out"')
  })

  it('gets a stanza without call-id: acknowledged once, then forgotten', async () => {
    const { ours, theirs } = await talking(house)
    const stanzas = stanzasOf(house)
    const id = 'ABCDEF0123456789'
    house.simulator.deliverToGateway({
      tag: 'call',
      attrs: { from: theirs.name.creator, id, t: String(Math.floor(Date.now() / 1000)) },
      content: [{ tag: 'terminate', attrs: { 'call-creator': theirs.name.creator } }],
    })
    const acks = () =>
      stanzas.filter(({ direction, node }) => direction === 'in' && node.tag === 'ack' && node.attrs.id === id)
    await expect.poll(() => acks().length).toBe(1)
    await mediaGoesOn(theirs, theirs)
    expect(theirs.state).toBe('up')
    expect(acks()).toHaveLength(1)
    ours.hangUp()
    await over(ours)
  })
})

describe('the end of the gateway', () => {
  it('drain refuses new calls with 503 and lets those in progress go on until they end', async () => {
    const { ours, theirs } = await talking(house)
    const drained = house.gateway.drain(20_000)
    expect(house.gateway.status().state).toBe('draining')
    expect(await outcomeOf(house, 'talker')).toMatchObject({ status: 503, retryAfterS: 30 })
    await mediaGoesOn(theirs, theirs)
    expect(theirs.state).toBe('up')
    ours.hangUp()
    await over(ours)
    await drained
    expect(house.gateway.status().activeCalls).toBe(0)
  })

  it('stop ends what is left: BYE to the phone, terminate to WhatsApp, and the file stays', async () => {
    const { ours, theirs } = await talking(house)
    await house.gateway.drain(0)
    await house.gateway.stop()
    expect(await over(ours)).toMatchObject({ by: 'remote', status: 200 })
    await expect.poll(() => theirs.overReason).toBe('ended')
    expect(house.records.at(-1)).toMatchObject({ cause: 'shutting-down', endedBy: 'gateway' })
    const file = `${house.dataDirectory}/account-main.sqlite`
    expect(existsSync(file)).toBe(true)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })
})

function childTag({ content }: { content?: unknown }): string | undefined {
  return Array.isArray(content) ? (content[0] as { tag: string } | undefined)?.tag : undefined
}
