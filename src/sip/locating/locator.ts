import { ProtocolError, type TandemError } from '../../base/errors.ts'
import { isAddressLiteral } from '../../net/address-list.ts'
import type { Endpoint, Network } from '../../net/network.ts'
import { type SipUri, unbracketed } from '../message/uri.ts'
import type { Flow, SipTransport } from './transport.ts'

const DEFAULT_PORT = 5060

/** RFC 3263: from a URI to the flow that reaches it. A literal is found at once, a name after asking the resolver. */
export class Locator {
  readonly #network: Network
  readonly #transports: readonly SipTransport[]

  constructor(network: Network, transports: readonly SipTransport[]) {
    this.#network = network
    this.#transports = transports
  }

  /** Calls back once, before returning when the host is an address literal. */
  locate(uri: SipUri, found: (result: Flow | TandemError) => void): void {
    const host = unbracketed(uri.params.get('maddr') ?? uri.host)
    const port = uri.port ?? DEFAULT_PORT
    if (isAddressLiteral(host)) {
      found(this.flowTo({ address: host, port }, transportOf(uri)))
      return
    }
    this.#network.lookup(host).then(
      ([address]) => found(address === undefined ? noAddress(host) : this.flowTo({ address, port }, transportOf(uri))),
      () => found(noAddress(host)),
    )
  }

  flowTo(remote: Endpoint, wanted: string): Flow | TandemError {
    const isV6 = remote.address.includes(':')
    const transport = this.#transports.find((t) => t.name === wanted && t.local.address.includes(':') === isV6)
    if (!transport) return new ProtocolError('sip.no-transport', `no ${wanted} listener toward ${remote.address}`)
    return transport.flowTo(remote)
  }
}

/** RFC 3263 §4.1 without NAPTR: what the URI says, TLS for sips, else UDP. */
function transportOf(uri: SipUri): string {
  return uri.params.get('transport')?.toLowerCase() ?? (uri.scheme === 'sips' ? 'tls' : 'udp')
}

function noAddress(host: string): TandemError {
  return new ProtocolError('sip.no-address', `no address found for host ${host}`, { host })
}
