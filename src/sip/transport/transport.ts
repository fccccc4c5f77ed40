import type { Endpoint } from '../../net/network.ts'
import type { SipTlsOptions, TransportName } from '../sip-engine.ts'

/**
 * A path to one remote address over one listener or connection (the word is RFC 5626's). Transactions keep the flow they
 * began with; an answer goes back on the flow of its request.
 */
export interface Flow {
  readonly transport: TransportName
  /** False: the transaction layer retransmits (RFC 3261 §17.1). */
  readonly reliable: boolean
  /** Where we are on this flow, as bound. */
  readonly local: Endpoint
  readonly remote: Endpoint
  /** False once the flow has broken: what is sent is lost. */
  readonly isOpen: boolean
  send(bytes: Uint8Array): void
  /** RFC 3261 §18.2.2: where answers go. A datagram flow to that port of the same host; a connection is its own answer. */
  answering(port: number): Flow
  /** Calls back once if the flow breaks; returns how to stop listening. A datagram flow never breaks. */
  onFailure(handler: () => void): () => void
}

export const isSecure = (flow: Flow): boolean => flow.transport === 'tls'

/** One listener. `flowTo` gives a datagram path, or reuses or begins a connection. */
export interface SipTransport {
  readonly name: TransportName
  /** Valid after `open`. */
  readonly local: Endpoint
  readonly messagesIn: number
  readonly messagesOut: number
  open(): Promise<void>
  /** `serverName` is what a TLS peer's certificate must be for; its address when absent. */
  flowTo(remote: Endpoint, serverName?: string): Flow
  /** False when `flowTo` would have to begin a connection. */
  isConnectedTo(remote: Endpoint): boolean
  /** For connections to come. A listener that had no certificate still has none. */
  renewTls(tls: SipTlsOptions): void
  close(): Promise<void>
}

/** Whole messages, framed by the transport; the bytes are only valid during the call. */
export type OnMessage = (bytes: Uint8Array, flow: Flow) => void
