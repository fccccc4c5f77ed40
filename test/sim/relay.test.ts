import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { UdpSocket } from '../../src/net/network.ts'
import { endIceThreads } from '../../src/relay/ice-transport.ts'
import type { RelaySet } from '../../src/relay/relay-set.ts'
import { encodeNativeStream } from '../../src/relay/stream-descriptors.ts'
import { buildStun, parseStun, STUN_ATTRIBUTE, STUN_TYPE } from '../../src/relay/stun.ts'
import type { RelayFleet } from '../../src/sim/relay/relay-fleet.ts'
import type { RelayBlock } from '../../src/sim/server/relay-port.ts'
import { ADDRESS, bindRelays, eventOf, network, registered, startFleet } from './relay-harness.ts'

const CALLER = '1:1@lid'
const CALLEE = '2:3@lid'
const rtp = (n: number) => Uint8Array.of(0x90, 120, n >> 8, n)

/** The next message that `matches`, as a copy. */
function heard(set: RelaySet, matches: (message: Uint8Array) => boolean): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const take = (message: Uint8Array) => {
      if (matches(message)) resolve(new Uint8Array(message))
    }
    set.onMedia(take, take)
  })
}

describe.each(['ice', 'raw'] as const)('relays on real sockets, reached in %s mode', (mode) => {
  let fleet: RelayFleet
  let sets: RelaySet[]

  beforeEach(async () => {
    fleet = await startFleet(3)
    sets = []
  })
  afterEach(async () => {
    await Promise.all(sets.map((set) => set.close()))
    await fleet.close()
    expect(fleet.servers.map(({ clients }) => clients)).toEqual([0, 0, 0])
  })
  afterAll(endIceThreads)

  function bind(block: RelayBlock, overrides = {}): RelaySet {
    const set = bindRelays(block, fleet.dtlsFingerprint, overrides, mode)
    sets.push(set)
    return set
  }

  async function call(callId: string): Promise<[RelaySet, RelaySet]> {
    const blocks = fleet.offerRelays(callId, [CALLER, CALLEE])
    const caller = bind(blocks.get(CALLER)!)
    const callee = bind(blocks.get(CALLEE)!)
    await Promise.all([registered(caller), registered(callee)])
    return [caller, callee]
  }

  const total = (field: 'forwarded' | 'droppedAlone' | 'malformed' | 'droppedByFault') =>
    fleet.stats().reduce((sum, stats) => sum + stats[field], 0)

  it('carry media between the parties of a call over every relay, and to nobody else', async () => {
    const [caller, callee] = await call('ONE')
    const [, stranger] = await call('TWO')
    const strange: Uint8Array[] = []
    stranger.onMedia(
      (message) => strange.push(message),
      (message) => strange.push(message),
    )
    const arrived = heard(callee, (message) => message[3] === 2)
    expect(caller.send(rtp(1))).toBe(3)
    expect(caller.send(rtp(2))).toBe(3)
    expect(await arrived).toEqual(rtp(2))

    const report = Uint8Array.of(0x81, 208, 0, 2)
    const back = heard(caller, (message) => message[1] === 208)
    callee.send(report)
    expect(await back).toEqual(report)
    expect(strange).toEqual([])
  })

  it('lose nothing but the lost relay, which is bound again when it comes back', async () => {
    const [caller, callee] = await call('ONE')
    const lost = eventOf(caller, (event) => event.type === 'lost')
    await fleet.servers[0].die()
    const arrived = heard(callee, (message) => message[3] === 7)
    caller.send(rtp(7))
    expect(await arrived).toEqual(rtp(7))
    expect(await lost).toMatchObject({ relayName: 'sim1c01' })
    expect(caller.openRelays).toBe(2)

    const back = eventOf(caller, (event) => event.type === 'registered')
    await fleet.servers[0].revive()
    expect(await back).toMatchObject({ relayName: 'sim1c01' })
    expect(caller.openRelays).toBe(3)
  }, 20_000)

  it('refuse a client that has the wrong key', async () => {
    const block = fleet.offerRelays('ONE', [CALLER, CALLEE]).get(CALLER)!
    const set = bind({ ...block, key: Buffer.alloc(16).toString('base64') }, { connectTimeoutMs: 400 })
    // With ICE the checks fail; without, the channel opens and the registration is refused.
    await eventOf(set, (event) => event.type === (mode === 'ice' ? 'all-lost' : 'refused'), mode === 'ice' ? 1 : 3)
    expect(fleet.stats().every((stats) => stats.refused[401] > 0 && stats.registrations === 0)).toBe(true)
  })

  it('drop the clients of a call that ended, and let nobody in with its passes', async () => {
    const [caller] = await call('ONE')
    fleet.endCall('ONE')
    await eventOf(caller, (event) => event.type === 'all-lost')
    expect(caller.openRelays).toBe(0)
    expect(fleet.servers.map(({ clients }) => clients)).toEqual([0, 0, 0])
  })

  it('lose the share of media that a test asks for', async () => {
    const [caller, callee] = await call('ONE')
    for (const server of fleet.servers) server.faults.dropRate = 1
    fleet.servers[2].faults.dropRate = 0
    const arrived = heard(callee, (message) => message[3] === 9)
    caller.send(rtp(9))
    await arrived
    // Each server reads in its own time.
    await expect.poll(() => total('droppedByFault')).toBe(2)
    expect(total('forwarded')).toBe(1)
  })

  it('are not disturbed by garbage on the channel or on the socket', async () => {
    const [caller, callee] = await call('ONE')
    const socket = await network.udp({ address: ADDRESS, port: 0, onDatagram: () => {} })
    for (const server of fleet.servers) {
      for (const bytes of [[], [0], [0, 1, 0, 8], [22, 254, 253, 0], [22], [0x80], [255, 255], [0, 3, 0, 0]]) {
        socket.send(Uint8Array.from(bytes), server.endpoint)
      }
    }
    caller.send(Uint8Array.of(0, 1, 2, 3))
    caller.send(Uint8Array.of(255))
    const arrived = heard(callee, (message) => message[3] === 4)
    caller.send(rtp(4))
    expect(await arrived).toEqual(rtp(4))
    expect(total('malformed')).toBeGreaterThanOrEqual(6)
    await socket.close()
  })

  it('serve a native client on the same socket', async () => {
    const blocks = fleet.offerRelays('ONE', [CALLER, CALLEE])
    const web = bind(blocks.get(CALLER)!)
    await registered(web)
    const { key, tokens, endpoints } = blocks.get(CALLEE)!
    const { endpoint, tokenId } = endpoints[1]
    const received: Uint8Array[] = []
    let wake = () => {}
    const socket: UdpSocket = await network.udp({
      address: ADDRESS,
      port: 0,
      onDatagram: (datagram) => {
        received.push(new Uint8Array(datagram))
        wake()
      },
    })
    const next = async () => {
      while (received.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      return received.shift()!
    }
    const transactionId = new Uint8Array(12)
    socket.send(buildStun(STUN_TYPE.ping, transactionId), endpoint)
    expect(parseStun(await next()).type).toBe(STUN_TYPE.pong)
    const attributes = [
      { type: STUN_ATTRIBUTE.token, value: tokens.get(tokenId)! },
      { type: STUN_ATTRIBUTE.streamDescriptors, value: encodeNativeStream(2) },
    ]
    const trailer = { integrityKey: new TextEncoder().encode(key), fingerprint: true }
    socket.send(buildStun(STUN_TYPE.allocateRequest, transactionId, attributes, trailer), endpoint)
    expect(parseStun(await next()).type).toBe(STUN_TYPE.allocateSuccess)

    web.send(rtp(5))
    expect(await next()).toEqual(rtp(5))
    const arrived = heard(web, (message) => message[3] === 6)
    socket.send(rtp(6), endpoint)
    expect(await arrived).toEqual(rtp(6))
    await socket.close()
  })
})

describe.each(['ice', 'raw'] as const)('relays at IPv6 addresses, reached in %s mode', (mode) => {
  afterAll(endIceThreads)

  it('carry media between a caller and a callee', async () => {
    const fleet = await startFleet(1, 6)
    const blocks = fleet.offerRelays('SIX', [CALLER, CALLEE])
    const [caller, callee] = [CALLER, CALLEE].map((jid) =>
      bindRelays(blocks.get(jid)!, fleet.dtlsFingerprint, { addressFamily: 'ipv6' }, mode),
    )
    await Promise.all([registered(caller), registered(callee)])
    const arrived = heard(callee, (message) => message[3] === 3)
    caller.send(rtp(3))
    expect(await arrived).toEqual(rtp(3))
    await Promise.all([caller.close(), callee.close()])
    await fleet.close()
  })
})
