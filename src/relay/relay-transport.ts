import type { Signal } from '../base/events.ts'
import type { Endpoint } from '../net/network.ts'

/** One relay of the `<relay>` block, as `docs/protocol/relay.md` describes it. */
export interface RelayCandidate {
  readonly relayId: string
  readonly relayName: string
  readonly endpoint: Endpoint
  /** 0 is UDP; no other is known. */
  readonly protocol: number
  /** A relay inside the network of a party. */
  readonly isFna: boolean
  readonly c2rRttMs: number | undefined
  /** Raw bytes of the `<token>`: STUN attribute 0x4000. */
  readonly token: Uint8Array
  /** Raw bytes of the `<auth_token>`; its base64 text is the relay's ICE user fragment. Empty when there is none. */
  readonly authToken: Uint8Array
  /** The 24 ASCII characters of `<key>`: ICE password and MESSAGE-INTEGRITY key. */
  readonly key: string
}

export type RelayTransportEvent =
  | { readonly type: 'open' }
  /** The last event: the transport is closed, and frees what it holds by itself. */
  | { readonly type: 'lost'; readonly reason: string }

/**
 * A way to one relay: one message in, one message out (STUN, RTP or RTCP). Implementations: ICE + DTLS + SCTP
 * (`ice-transport.ts`) and DTLS + SCTP without ICE (`raw-transport.ts`). `test/contract/relay-transport.ts` holds what all
 * must do.
 */
export interface RelayTransport {
  readonly state: 'connecting' | 'open' | 'closed'
  readonly events: Signal<RelayTransportEvent>
  /** Our own ICE user fragment; undefined without ICE, which makes the registration that of raw mode. */
  readonly localUfrag: string | undefined
  /** The message is only valid during the call. */
  onMessage(handler: (message: Uint8Array) => void): void
  /** Returns false when the message was dropped: not open, too long, or too much waits already. Never throws. */
  send(message: Uint8Array): boolean
  /** Ends it without an event. Resolves when its socket is gone. */
  close(): Promise<void>
}

/** Dials one relay at one of its ports. Throws `ProtocolError` when the candidate's values cannot be used. */
export type RelayConnector = (candidate: RelayCandidate, endpoint: Endpoint) => RelayTransport
