import { expect, test } from 'vitest'
import { VirtualClock } from '../../src/base/clock.ts'
import { seededRandom } from '../../src/base/random.ts'
import { MemoryNetwork } from '../../src/net/memory-network.ts'

const A = { address: '10.0.0.1', port: 1000 }
const B = { address: '10.0.0.2', port: 2000 }

async function link(seed = 1) {
  const clock = new VirtualClock()
  const network = new MemoryNetwork(clock, seededRandom(seed))
  const received: number[] = []
  const from = await network.udp({ ...A, onDatagram: () => {} })
  const to = await network.udp({ ...B, onDatagram: (datagram) => void received.push(datagram[0]!) })
  const send = (count: number) => {
    for (let i = 0; i < count; i++) from.send(Uint8Array.of(i), B)
  }
  return { clock, network, received, from, to, send }
}

test('what is sent arrives, a copy, from the address that sent it', async () => {
  const clock = new VirtualClock()
  const network = new MemoryNetwork(clock, seededRandom(1))
  const seen: unknown[] = []
  const from = await network.udp({ ...A, onDatagram: () => {} })
  await network.udp({ ...B, onDatagram: (datagram, source) => void seen.push([...datagram, source]) })
  const bytes = Uint8Array.of(1, 2)
  from.send(bytes, B)
  bytes.fill(0)
  await clock.advance(0)
  expect(seen).toEqual([[1, 2, A]])
})

test('loss and duplication are as probable as told, and the same for the same seed', async () => {
  const run = async (seed: number) => {
    const { clock, network, received, send } = await link(seed)
    network.faults = { loss: 0.1, duplication: 0.05 }
    for (let i = 0; i < 100; i++) send(100)
    await clock.advance(0)
    return received
  }
  const first = await run(3)
  // 10 000 × 0.9 × 1.05 = 9450; five standard deviations are about 190.
  expect(Math.abs(first.length - 9450)).toBeLessThan(190)
  expect(await run(3)).toEqual(first)
  expect(await run(4)).not.toEqual(first)
})

test('delay waits; jitter lets datagrams overtake each other', async () => {
  const { clock, network, received, send } = await link()
  network.faults = { delayMs: 50 }
  send(1)
  await clock.advance(49)
  expect(received).toEqual([])
  await clock.advance(1)
  expect(received).toEqual([0])
  network.faults = { delayMs: 10, jitterMs: 30 }
  send(50)
  await clock.advance(40)
  const order = received.slice(1)
  expect(order).not.toEqual(order.toSorted((a, b) => a - b))
  expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i))
})

test('a filter drops what a race must lose', async () => {
  const { clock, network, received, send } = await link()
  network.filter = (datagram) => datagram[0] !== 1
  send(3)
  await clock.advance(0)
  expect(received).toEqual([0, 2])
})

test('an address is bound once, free again after close; port 0 chooses', async () => {
  const { network, from, to } = await link()
  await expect(network.udp({ ...A, onDatagram: () => {} })).rejects.toMatchObject({ code: 'net.bind' })
  const chosen = await network.udp({ address: A.address, port: 0, onDatagram: () => {} })
  expect(chosen.local.port).toBeGreaterThanOrEqual(49_152)
  expect(network.openSockets).toBe(3)
  await Promise.all([from.close(), to.close(), chosen.close()])
  expect(network.openSockets).toBe(0)
  expect((await network.udp({ ...A, onDatagram: () => {} })).local).toEqual(A)
})

test('a closed socket neither sends nor receives', async () => {
  const { clock, received, from, to, send } = await link()
  send(1)
  await to.close()
  await from.close()
  send(1)
  await clock.advance(0)
  expect(received).toEqual([])
})

test('names are those that were set', async () => {
  const { network } = await link()
  network.setHost('pbx.test', ['10.0.0.9'])
  expect(await network.lookup('pbx.test')).toEqual(['10.0.0.9'])
  expect(await network.lookup('10.0.0.7')).toEqual(['10.0.0.7'])
  await expect(network.lookup('other.test')).rejects.toMatchObject({ code: 'net.lookup' })
})

test('an IPv6 address may be written in full; sockets report the short form, as those of the machine do', async () => {
  const clock = new VirtualClock()
  const network = new MemoryNetwork(clock, seededRandom(1))
  const sources: unknown[] = []
  const from = await network.udp({ address: '2001:db8:0:0:0:0:0:1', port: 7, onDatagram: () => {} })
  await network.udp({ address: '2001:db8::2', port: 8, onDatagram: (_, source) => void sources.push(source) })
  from.send(Uint8Array.of(1), { address: '2001:db8:0:0:0:0:0:2', port: 8 })
  await clock.advance(0)
  expect(sources).toEqual([{ address: '2001:db8::1', port: 7 }])
})
