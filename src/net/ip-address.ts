import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import { ByteWriter } from '../base/bytes.ts'
import type { Endpoint } from './network.ts'

const IPV6_GROUPS = 8
const EMBEDDED_IPV4 = /[\d.]+$/

/** Whether this is a literal IPv4 address. */
export function isIpv4(address: string): boolean {
  return isIPv4(address)
}

/** Whether this is a literal IPv6 address without zone. */
export function isIpv6(address: string): boolean {
  return isIPv6(address) && !address.includes('%')
}

/** The address as sockets report it, so that two forms of one address are equal; what is no IPv6 literal stays. */
export function canonicalAddress(address: string): string {
  return isIpv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : address
}

/** As people write it: `192.0.2.1:3478`, `[2001:db8::1]:3478`. */
export function endpointText({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** The address in network order: 4 or 16 bytes. Throws `RangeError` for what is neither IPv4 nor IPv6. */
export function addressBytes(address: string): Uint8Array {
  if (isIpv4(address)) return Uint8Array.from(address.split('.'), Number)
  if (!isIpv6(address)) throw new RangeError('not an address literal')
  const writer = new ByteWriter()
  for (const group of ipv6Groups(address)) writer.u16(Number.parseInt(group, 16))
  return writer.finish()
}

/** RFC 4291, section 2.2: eight groups, one run of zeros left out at `::`; the last two may be an IPv4 address. */
function ipv6Groups(address: string): readonly string[] {
  const plain = address.includes('.') ? address.replace(EMBEDDED_IPV4, ipv4Groups) : address
  const [head = [], tail = []] = plain.split('::').map((half) => (half === '' ? [] : half.split(':')))
  const zeros = Array.from({ length: IPV6_GROUPS - head.length - tail.length }, () => '0')
  return [...head, ...zeros, ...tail]
}

function ipv4Groups(address: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = addressBytes(address)
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}
