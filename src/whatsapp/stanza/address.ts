import { ByteReader, ByteWriter } from '../../base/bytes.ts'
import { ParseError } from '../../base/errors.ts'
import { canonicalAddress, addressBytes as ipBytes } from '../../net/ip-address.ts'
import type { Endpoint } from '../../net/network.ts'

const IPV4_LENGTH = 6
const IPV6_LENGTH = 18

/** The content of `<te>` and `<te2>`: 4 or 16 bytes of address, then the port, big endian. */
export function parseAddress(bytes: Uint8Array): Endpoint {
  const reader = new ByteReader(bytes, 'relay address')
  if (bytes.length === IPV4_LENGTH) {
    return { address: Array.from(reader.take(4)).join('.'), port: reader.u16() }
  }
  if (bytes.length === IPV6_LENGTH) {
    const groups = Array.from({ length: 8 }, () => reader.u16().toString(16))
    return { address: canonicalAddress(groups.join(':')), port: reader.u16() }
  }
  throw new ParseError(
    'whatsapp.relay.address',
    `relay address has ${bytes.length} bytes, ${IPV4_LENGTH} or ${IPV6_LENGTH} allowed`,
  )
}

/** The inverse of `parseAddress`. */
export function addressBytes({ address, port }: Endpoint): Uint8Array {
  return new ByteWriter().raw(ipBytes(address)).u16(port).finish()
}
