import type { Endpoint } from '../../net/network.ts'

/** One `<te2>` of the block. */
interface RelayEndpoint {
  readonly relayId: string
  readonly relayName: string
  readonly endpoint: Endpoint
  /** What the stanza says, where that is not the port of `endpoint`; our phones know better. */
  readonly advertisedPort?: number | undefined
  /** Keys into the block's `tokens` and `authTokens`. */
  readonly tokenId: string
  readonly authTokenId: string
  readonly isFna: boolean
  readonly protocol: 0 | 1
  readonly c2rRttMs: number | undefined
}

/** What one device is told about the relays of one call: the content of its `<relay>` block. */
export interface RelayBlock {
  readonly uuid: string
  readonly callId: string
  readonly selfPid: number
  readonly peerPid: number
  /** LID device JIDs. */
  readonly participants: readonly { readonly jid: string; readonly pid: number }[]
  /** 24 ASCII characters: ICE password and MESSAGE-INTEGRITY key. */
  readonly key: string
  /** 30 bytes, or their base64 text, or the base64 text of that; not used on the wire in 1:1 calls. */
  readonly hbhKey: Uint8Array
  readonly warpMiTagLength: number
  readonly tokens: ReadonlyMap<string, Uint8Array>
  readonly authTokens: ReadonlyMap<string, Uint8Array>
  readonly endpoints: readonly RelayEndpoint[]
}

/** Where the server gets relays for a call. Implemented by `sim/relay`; the signalling tests use a stub. */
export interface RelayService {
  /**
   * Allocates relays for a call. `participants` are LID device JIDs, the caller's first, then every device rung; each
   * gets a block of its own.
   */
  offerRelays(callId: string, participants: readonly string[]): ReadonlyMap<string, RelayBlock>
  /** The call is over: registrations and forwarding end. */
  endCall(callId: string): void
}
