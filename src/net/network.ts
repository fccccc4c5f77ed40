import type { ConnectOptions, ListenOptions, StreamConnection, StreamHandlers, StreamListener } from './stream.ts'

/** An address and port as the socket layer gives it. `address` is a literal, never a name. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

export interface UdpSocket {
  readonly local: Endpoint
  /** Fire and forget: UDP gives no delivery; socket errors are counted and logged by the implementation. */
  send(datagram: Uint8Array, to: Endpoint): void
  close(): Promise<void>
}

export interface UdpOptions {
  readonly address: string
  /** 0 lets the system choose. */
  readonly port: number
  /** The datagram is only valid during the call. */
  readonly onDatagram: (datagram: Uint8Array, from: Endpoint) => void
}

/** An SRV record. */
export interface ServiceRecord {
  readonly host: string
  readonly port: number
  readonly priority: number
  readonly weight: number
}

/** Where sockets come from: the machine (`node-network.ts`) or a network in memory with faults (`memory-network.ts`). */
export interface Network {
  udp(options: UdpOptions): Promise<UdpSocket>
  /** Takes TCP or TLS connections. Rejects with `ProtocolError`, or `ConfigError` for an unusable certificate. */
  listen(options: ListenOptions): Promise<StreamListener>
  /** Opens a connection; that it failed is told to the handlers. */
  connect(options: ConnectOptions, handlers: StreamHandlers): StreamConnection
  /** Address literals of a host name, in the resolver's order. Rejects with `ProtocolError` when there are none. */
  lookup(host: string): Promise<readonly string[]>
  /** RFC 2782, in the order of the answer; empty when there are none or the resolver does not answer. */
  lookupServices(name: string): Promise<readonly ServiceRecord[]>
  /** Our address as a host at `toward` would see it before any NAT; for sockets bound to 0.0.0.0 or ::. */
  localAddressToward(toward: string): string
}
