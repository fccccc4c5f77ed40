import type { Signal } from '../base/events.ts'
import type { Endpoint } from '../net/network.ts'

/** One relay of the `<relay>` block, as `docs/protocol/relay.md` describes it. */
export interface RelayCandidate {
  readonly relayId: string
  readonly relayName: string
  readonly endpoint: Endpoint
  readonly isFna: boolean
  readonly c2rRttMs: number | undefined
  /** Raw bytes of the `<token>`: STUN attribute 0x4000. */
  readonly token: Uint8Array
  /** Raw bytes of the `<auth_token>`; its base64 text is the relay's ICE user fragment. */
  readonly authToken: Uint8Array
  /** The 24 ASCII characters of `<key>`: ICE password and MESSAGE-INTEGRITY key. */
  readonly key: string
}

export type RelayEvent =
  | { readonly type: 'open' }
  | { readonly type: 'registered' }
  | { readonly type: 'lost'; readonly reason: string }

/**
 * A way to one relay: one message in, one message out (STUN, RTP or RTCP). Implementations: ICE + DTLS + SCTP
 * (`ice-transport.ts`); raw DTLS + SCTP comes later. `test/contract/relay-transport.ts` holds what all must do.
 */
export interface RelayTransport {
  readonly candidate: RelayCandidate
  readonly state: 'connecting' | 'open' | 'closed'
  readonly events: Signal<RelayEvent>
  /** The message is only valid during the call. */
  onMessage(handler: (message: Uint8Array) => void): void
  /** Dropped and counted when not open. */
  send(message: Uint8Array): void
  close(): Promise<void>
}
