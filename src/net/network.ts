import type { ProtocolError } from '../base/errors.ts'

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

/** One TCP or TLS connection. Whoever gets it calls `close`, or hears `onClosed`, or both. */
export interface StreamConnection {
  /** Where we are; port 0 until a connection of ours is open. */
  readonly local: Endpoint
  readonly remote: Endpoint
  /** Bytes wait until the connection is open. A peer that does not read loses the connection. */
  send(bytes: Uint8Array): void
  /** Orderly: what was sent goes out first. */
  close(): void
}

export interface StreamHandlers {
  /** The bytes are only valid during the call. */
  onData(bytes: Uint8Array): void
  /** Exactly once, whoever ended it; `error` when it could not be opened or broke. */
  onClosed(error?: ProtocolError): void
}

/** PEM texts. With `ca` only certificates that it signed are trusted; without, the system's authorities. */
export interface TlsIdentity {
  readonly certificate?: string | undefined
  readonly key?: string | undefined
  readonly ca?: string | undefined
}

export interface TlsServerOptions extends TlsIdentity {
  readonly clientCertificates: 'none' | 'optional' | 'required'
}

export interface TlsClientOptions extends TlsIdentity {
  /** The name, or address, that the server's certificate must be for (RFC 5922 §7.1). */
  readonly serverName: string
  /** False takes any certificate: for a network that is trusted as a whole. */
  readonly verify: boolean
}

export interface ListenOptions {
  readonly address: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly tls?: TlsServerOptions | undefined
  /** More connections than this at one time are not taken. */
  readonly maxConnections: number
  readonly onConnection: (connection: StreamConnection) => StreamHandlers
}

export interface ConnectOptions {
  readonly to: Endpoint
  /** Local address to connect from; undefined lets the system choose. */
  readonly from?: string | undefined
  readonly tls?: TlsClientOptions | undefined
}

export interface StreamListener {
  readonly local: Endpoint
  /** Of a TLS listener, for connections to come; `identity` has passed `checkTls`. */
  renew(identity: TlsIdentity): void
  /** Takes no more connections; those that are open stay their owners'. */
  close(): Promise<void>
}

/** An SRV record. */
export interface ServiceRecord {
  readonly host: string
  readonly port: number
  readonly priority: number
  readonly weight: number
}

/** A NAPTR record (RFC 3403 §4.1); those with a regular expression are of no use to SIP and left out. */
export interface NamingPointer {
  readonly order: number
  readonly preference: number
  /** `s`: `replacement` has SRV records. */
  readonly flags: string
  readonly service: string
  readonly replacement: string
}

/** Where sockets come from: the machine (`node-network.ts`) or a network in memory with faults (`memory-network.ts`). */
export interface Network {
  udp(options: UdpOptions): Promise<UdpSocket>
  /** Takes TCP or TLS connections. Rejects with `ProtocolError`, or `ConfigError` for an unusable certificate. */
  listen(options: ListenOptions): Promise<StreamListener>
  /** Throws `ConfigError` for texts that are no certificate, key or authority, or do not belong together. */
  checkTls(identity: TlsIdentity): void
  /** Opens a connection; that it failed is told to the handlers. */
  connect(options: ConnectOptions, handlers: StreamHandlers): StreamConnection
  /** Address literals of a host name, in the resolver's order. Rejects with `ProtocolError` when there are none. */
  lookup(host: string): Promise<readonly string[]>
  /** RFC 2782, in the order of the answer; empty when there are none or the resolver does not answer. */
  lookupServices(name: string): Promise<readonly ServiceRecord[]>
  /** RFC 3403, in the order of the answer; empty when there are none or the resolver does not answer. */
  lookupPointers(name: string): Promise<readonly NamingPointer[]>
  /** Our address as a host at `toward` would see it before any NAT; for sockets bound to 0.0.0.0 or ::. */
  localAddressToward(toward: string): string
}
