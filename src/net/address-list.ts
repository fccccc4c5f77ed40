import { BlockList, isIP } from 'node:net'
import { ConfigError } from '../base/errors.ts'

/** A set of CIDR blocks or single addresses, IPv4 and IPv6. IPv4-mapped IPv6 addresses count as IPv4. */
export class AddressList {
  readonly #blocks = new BlockList()

  /** Throws `ConfigError` naming the entry that is not a block. */
  constructor(blocks: readonly string[]) {
    for (const block of blocks) this.#add(block)
  }

  has(address: string): boolean {
    const plain = plainAddress(address)
    const version = isIP(plain)
    return version !== 0 && this.#blocks.check(plain, version === 4 ? 'ipv4' : 'ipv6')
  }

  #add(block: string): void {
    const [address = '', prefix, ...rest] = block.split('/')
    const version = isIP(address)
    const bits = version === 4 ? 32 : 128
    const length = prefix === undefined ? bits : /^[0-9]{1,3}$/.test(prefix) ? Number(prefix) : -1
    if (version === 0 || rest.length > 0 || length < 0 || length > bits) {
      throw new ConfigError('config.cidr', `"${block}" is not an address block such as 192.0.2.0/24`)
    }
    this.#blocks.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6')
  }
}

/** Dual-stack sockets give IPv4 peers as ::ffff:192.0.2.1. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

export function isAddressLiteral(host: string): boolean {
  return isIP(host) !== 0
}
