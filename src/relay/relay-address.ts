import { ByteWriter } from '../base/bytes.ts'

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/
const GROUPS = 8

/** Whether this is a literal IPv4 address. */
export function isIpv4(address: string): boolean {
  const octets = IPV4.exec(address)
  return octets?.slice(1).every((octet) => Number(octet) < 256) === true
}

/** Whether this is a literal IPv6 address, without zone and without an embedded IPv4 one. */
export function isIpv6(address: string): boolean {
  return ipv6Groups(address) !== undefined
}

/** The address in network order: 4 or 16 bytes. Throws `RangeError` for what is neither IPv4 nor IPv6. */
export function addressBytes(address: string): Uint8Array {
  if (isIpv4(address)) return Uint8Array.from(address.split('.'), Number)
  const groups = ipv6Groups(address)
  if (!groups) throw new RangeError('not an address literal')
  const writer = new ByteWriter()
  for (const group of groups) writer.u16(group)
  return writer.finish()
}

/** RFC 4291, section 2.2: eight groups, one run of zeros left out at `::`. */
function ipv6Groups(address: string): number[] | undefined {
  const halves = address.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const written = [...(head ?? []), ...(tail ?? [])]
  if (!written.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  const missing = GROUPS - written.length
  if (tail ? missing < 1 : missing !== 0) return undefined
  return [...(head ?? []), ...Array.from({ length: missing }, () => '0'), ...(tail ?? [])].map((group) =>
    Number.parseInt(group, 16),
  )
}
