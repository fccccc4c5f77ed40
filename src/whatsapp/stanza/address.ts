import { ByteReader, ByteWriter } from '../../base/bytes.ts'
import { ParseError } from '../../base/errors.ts'
import type { Endpoint } from '../../net/network.ts'

const IPV4_LENGTH = 6
const IPV6_LENGTH = 18

/** The content of `<te>` and `<te2>`: 4 or 16 bytes of address, then the port, big endian. IPv6 is written in full. */
export function parseAddress(bytes: Uint8Array): Endpoint {
  const reader = new ByteReader(bytes, 'relay address')
  if (bytes.length === IPV4_LENGTH) {
    return { address: Array.from(reader.take(4)).join('.'), port: reader.u16() }
  }
  if (bytes.length === IPV6_LENGTH) {
    const groups = Array.from({ length: 8 }, () => reader.u16().toString(16))
    return { address: groups.join(':'), port: reader.u16() }
  }
  throw new ParseError(
    'whatsapp.relay.address',
    `relay address has ${bytes.length} bytes, ${IPV4_LENGTH} or ${IPV6_LENGTH} allowed`,
  )
}

/** The inverse of `parseAddress`: IPv4 in dotted form, IPv6 as eight groups. */
export function addressBytes(endpoint: Endpoint): Uint8Array {
  const writer = new ByteWriter()
  const groups = endpoint.address.split(':')
  if (groups.length === 8) for (const group of groups) writer.u16(Number.parseInt(group, 16))
  else for (const octet of endpoint.address.split('.')) writer.u8(Number(octet))
  return writer.u16(endpoint.port).finish()
}
