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

/** Where sockets come from: the machine (`node-network.ts`) or a network in memory with faults (`memory-network.ts`). */
export interface Network {
  udp(options: UdpOptions): Promise<UdpSocket>
  /** Address literals of a host name, in the resolver's order. Rejects with `ProtocolError` when there are none. */
  lookup(host: string): Promise<readonly string[]>
  /** Our address as a host at `toward` would see it before any NAT; for sockets bound to 0.0.0.0 or ::. */
  localAddressToward(toward: string): string
}
