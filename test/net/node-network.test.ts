import { existsSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type LogFields, silentLogger } from '../../src/base/logger.ts'
import { AddressList, plainAddress } from '../../src/net/address-list.ts'
import type { Endpoint } from '../../src/net/network.ts'
import { NodeNetwork } from '../../src/net/node-network.ts'

const network = new NodeNetwork(silentLogger)
const LOOPBACK = '127.0.0.1'

test('datagrams travel over loopback with their source', async () => {
  let heard: (datagram: { bytes: number[]; from: Endpoint }) => void = () => {}
  const arrived = new Promise((resolve) => {
    heard = resolve
  })
  const receiver = await network.udp({
    address: LOOPBACK,
    port: 0,
    onDatagram: (datagram, { address, port }) => heard({ bytes: [...datagram], from: { address, port } }),
  })
  const sender = await network.udp({ address: LOOPBACK, port: 0, onDatagram: () => {} })
  sender.send(Uint8Array.of(1, 2, 3), receiver.local)
  expect(await arrived).toEqual({ bytes: [1, 2, 3], from: sender.local })
  await Promise.all([receiver.close(), sender.close()])
})

test('a port in use is an error that names it; closing twice is harmless', async () => {
  const first = await network.udp({ address: LOOPBACK, port: 0, onDatagram: () => {} })
  await expect(network.udp({ address: LOOPBACK, port: first.local.port, onDatagram: () => {} })).rejects.toMatchObject({
    code: 'net.bind',
    message: expect.stringContaining(String(first.local.port)) as string,
  })
  await first.close()
  await first.close()
  first.send(Uint8Array.of(1), first.local)
})

test('what cannot be sent is logged the 1st, 2nd, 4th and 8th time, and does not throw', async () => {
  const lines: LogFields[] = []
  const noisy = new NodeNetwork({ ...silentLogger, warn: (fields) => void lines.push(fields) })
  const socket = await noisy.udp({ address: LOOPBACK, port: 0, onDatagram: () => {} })
  for (let i = 0; i < 8; i++) socket.send(Uint8Array.of(1), { address: LOOPBACK, port: -1 })
  expect(lines.map((fields) => fields.errors)).toEqual([1, 2, 4, 8])
  await socket.close()
})

test.skipIf(!existsSync('/proc/self/fd'))('a port that is taken costs no socket', async () => {
  const holder = await network.udp({ address: LOOPBACK, port: 0, onDatagram: () => {} })
  const sockets = () => readdirSync('/proc/self/fd').length
  const before = sockets()
  for (let attempt = 0; attempt < 20; attempt++) {
    const again = network.udp({ address: LOOPBACK, port: holder.local.port, onDatagram: () => {} })
    await expect(again).rejects.toMatchObject({ code: 'net.bind' })
  }
  await expect.poll(sockets).toBeLessThan(before + 10)
  await holder.close()
})

test('lookup takes literals as they are and refuses names that do not exist', async () => {
  expect(await network.lookup('::1')).toEqual(['::1'])
  expect(await network.lookup('localhost')).toContain('127.0.0.1')
  await expect(network.lookup('does-not-exist.invalid')).rejects.toMatchObject({ code: 'net.lookup' })
})

test('the address toward a host of our own net is the one in that net', () => {
  expect(network.localAddressToward('127.0.0.9')).toBe(LOOPBACK)
})

test('address lists hold IPv4, IPv6, single addresses and mapped ones', () => {
  const list = new AddressList(['192.0.2.0/24', '2001:db8::/32', '198.51.100.7'])
  const inside = ['192.0.2.1', '::ffff:192.0.2.255', '2001:db8::1', '198.51.100.7']
  const outside = ['192.0.3.1', '2001:db9::1', '198.51.100.8', 'name', '']
  expect(inside.map((address) => list.has(address))).toEqual(inside.map(() => true))
  expect(outside.map((address) => list.has(address))).toEqual(outside.map(() => false))
  expect(plainAddress('::ffff:10.0.0.1')).toBe('10.0.0.1')
})

test.each(['192.0.2.0/33', '2001:db8::/129', 'name/8', '192.0.2.0/', '192.0.2.0/8/8', ''])(
  '"%s" is no block',
  (block) => {
    expect(() => new AddressList([block])).toThrow(expect.objectContaining({ code: 'config.cidr' }) as Error)
  },
)
