import type { ProtocolError } from '../base/errors.ts'
import type { Endpoint } from './network.ts'

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
  /** Takes no more connections; those that are open stay their owners'. */
  close(): Promise<void>
}
