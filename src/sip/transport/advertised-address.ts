import { AddressList } from '../../net/address-list.ts'
import type { Network } from '../../net/network.ts'
import type { Flow } from './transport.ts'

export interface AdvertisedAddressOptions {
  readonly externalAddress?: string | undefined
  readonly localNetworks?: readonly string[] | undefined
}

const UNSPECIFIED: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** Which of our addresses a peer is told in Via, Contact and SDP: the external one, unless it is in a local network. */
export class AdvertisedAddress {
  readonly #network: Network
  readonly #external: string | undefined
  readonly #local: AddressList

  constructor(network: Network, options: AdvertisedAddressOptions) {
    this.#network = network
    this.#external = options.externalAddress
    this.#local = new AddressList(options.localNetworks ?? [])
  }

  toward(flow: Flow): string {
    if (this.#external !== undefined && !this.#local.has(flow.remote.address)) return this.#external
    if (!UNSPECIFIED.has(flow.local.address)) return flow.local.address
    return this.#network.localAddressToward(flow.remote.address)
  }
}
