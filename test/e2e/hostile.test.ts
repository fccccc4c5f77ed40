import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/base/random.ts'
import type { CallRecord } from '../../src/bridge/call.ts'
import type { ScriptedCall } from '../../src/cli/demo/scripted-phone.ts'
import type { Endpoint } from '../../src/net/network.ts'
import type { PhoneCall } from '../../src/sim/phone/phone-call.ts'
import { answered, expectQuiet, type House, LOOPBACK, numberOf, openHouse, over } from './house.ts'
import { agentWithOffer, RawSip } from './sip-peers.ts'

const random = seededRandom(4711)

let house: House

beforeAll(async () => {
  house = await openHouse()
})
afterEach(() => expectQuiet(house))
afterAll(() => house.close())

/** Garbage of many lengths; the first byte says what it pretends to be. */
function garbage(firstByte: number): Uint8Array[] {
  return Array.from({ length: 80 }, (_, index) => {
    const bytes = random.bytes(1 + ((index * 17) % 1400))
    bytes[0] = firstByte
    return bytes
  })
}

async function talking(): Promise<{ ours: ScriptedCall; theirs: PhoneCall }> {
  const rings = new Promise<PhoneCall>((resolve) => house.simulator.phone('talker').calls.on(resolve))
  const ours = await house.phone.dial(numberOf('talker'))
  const theirs = await rings
  await answered(ours)
  return { ours, theirs }
}

/** Sound goes on arriving at both ends. */
async function expectAlive({ ours, theirs }: { ours: ScriptedCall; theirs: PhoneCall }): Promise<void> {
  const packets = theirs.mediaStats?.packetsReceived ?? 0
  const samples = ours.media.recording().pcm.length
  await expect.poll(() => theirs.mediaStats?.packetsReceived ?? 0, { timeout: 5000 }).toBeGreaterThan(packets + 5)
  await expect.poll(() => ours.media.recording().pcm.length, { timeout: 5000 }).toBeGreaterThan(samples + 3000)
  expect(theirs.state).toBe('up')
}

/** Hangs up and waits for the record of the call. */
async function recordOf({ ours }: { ours: ScriptedCall }): Promise<CallRecord> {
  const before = house.records.length
  ours.hangUp()
  await over(ours)
  await expect.poll(() => house.records.length).toBe(before + 1)
  return house.records[before]!
}

/** From a stranger's socket, which stays open until all has left. */
async function send(datagrams: readonly Uint8Array[], to: Endpoint): Promise<void> {
  const socket = createSocket('udp4')
  for (const datagram of datagrams) {
    await new Promise<void>((resolve) => socket.send(datagram, to.port, to.address, () => resolve()))
  }
  await new Promise<void>((resolve) => socket.close(resolve))
}

describe('during a call, garbage', () => {
  it('on SIP leaves the call alone, and SIP is served on', async () => {
    const call = await talking()
    const peer = await RawSip.open(house.sipPort)
    const invite = Buffer.from('INVITE sip:1@x SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\n')
    for (const bytes of [...garbage(0x49), invite, invite.subarray(0, 20), new Uint8Array(0)]) peer.send(bytes)
    await expectAlive(call)
    expect((await peer.request('OPTIONS', `sip:${LOOPBACK}:${house.sipPort}`)).status).toBe(200)
    await peer.close()
    await recordOf(call)
  })

  it('on RTP and RTCP from the phone and from strangers is dropped and counted', async () => {
    const call = await talking()
    await expectAlive(call)
    const to = call.ours.media.remote
    for (const at of [to, { ...to, port: to.port + 1 }]) {
      await send([...garbage(0x80), ...garbage(0x00), new Uint8Array(0)], at)
    }
    await expectAlive(call)
    const { quality } = await recordOf(call)
    expect(quality?.sip?.rejected).toBeGreaterThan(0)
  })

  it.each([
    ['STUN', 0x00],
    ['RTP', 0x80],
    ['nothing known', 0xff],
  ])('on the data channel that looks like %s is dropped', async (_, firstByte) => {
    const call = await talking()
    for (const bytes of garbage(firstByte)) for (const relay of house.whatsApp.relays.servers) relay.broadcast(bytes)
    await expectAlive(call)
    const { quality } = await recordOf(call)
    if (firstByte === 0x80) expect(quality?.whatsapp?.rejected).toBeGreaterThan(0)
  })
})

describe('a relay that', () => {
  async function callOver(fault: 'repeats' | 'forges') {
    const { servers } = house.whatsApp.relays
    for (const { faults } of servers) faults[fault] = true
    const call = await talking()
    await expectAlive(call)
    for (const { faults } of servers) faults[fault] = false
    const { quality } = await recordOf(call)
    return { heard: quality!.whatsapp!, theirs: call.theirs.mediaStats! }
  }

  it('repeats packets: each is heard once', async () => {
    const { heard, theirs } = await callOver('repeats')
    expect(heard.received).toBeGreaterThan(5)
    expect(heard.received).toBeLessThanOrEqual(theirs.packetsSent)
    expect(theirs.packetsRepeated).toBeGreaterThan(5)
  })

  it('forges packets: they are dropped and counted, and those they imitate are heard', async () => {
    const { heard } = await callOver('forges')
    expect(heard.received).toBeGreaterThan(5)
    expect(heard.rejected).toBeGreaterThan(5)
    expect(heard.lost).toBe(0)
  })
})

describe('SIP from strangers', () => {
  it('a wrong password: 401, and one line that fail2ban finds', async () => {
    const before = house.log.length
    const agent = await agentWithOffer(house.sipPort, '8 PCMA/8000', 'not-the-password')
    expect(await agent.invite(numberOf('talker'))).toMatchObject({ by: 'remote', status: 401 })
    await agent.stop()

    const shipped = readFileSync('docs/fail2ban/tandem.conf', 'utf8')
    const failregex = shipped.match(/^failregex = (.+)$/m)?.[1] ?? ''
    expect(failregex).toContain('<ADDR>')
    const filter = new RegExp(failregex.replace('<ADDR>', String.raw`(\d+\.\d+\.\d+\.\d+)`))
    const lines = house.log.slice(before).map((line) => line.trimEnd())
    const found = lines.filter((line) => filter.test(line) && line.includes('"method":"INVITE"'))
    expect(found.map((line) => filter.exec(line)?.[1])).toEqual([LOOPBACK])
    expect(found.join('')).not.toContain('not-the-password')
  })

  it('oversized headers, and too many of them, keep nobody else from being served', async () => {
    const peer = await RawSip.open(house.sipPort)
    const uri = `sip:${LOOPBACK}:${house.sipPort}`
    for (const bytes of [8_000, 40_000, 60_000]) void peer.request('OPTIONS', uri, [`X-Filler: ${'a'.repeat(bytes)}`])
    void peer.request(
      'OPTIONS',
      uri,
      Array.from({ length: 2000 }, (_, n) => `X-${n}: b`),
    )
    expect((await peer.request('OPTIONS', uri)).status).toBe(200)
    await peer.close()
  })
})
