import type { Signal } from '../base/events.ts'

/** A JID as WhatsApp writes it: `123@lid`, `123:7@lid`, `4915…@s.whatsapp.net`. */
export type Jid = string

/** A WABinary node. */
export interface WaNode {
  readonly tag: string
  readonly attrs: Readonly<Record<string, string>>
  readonly content?: readonly WaNode[] | Uint8Array | string | undefined
}

export type WaState = 'connecting' | 'pairing' | 'open' | 'closed' | 'logged-out'

export interface WaSelf {
  /** Phone-number device JID. */
  readonly pn: Jid
  /** LID device JID: what calls are made with. */
  readonly lid: Jid
}

export type CallQueryResult =
  | { readonly kind: 'ack'; readonly ack: WaNode }
  | { readonly kind: 'error'; readonly code: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'offline' }

export interface EncryptedKey {
  readonly jid: Jid
  readonly type: 'pkmsg' | 'msg'
  readonly ciphertext: Uint8Array
}

export interface CallKeyForDevices {
  readonly keys: readonly EncryptedKey[]
  /** Bytes of `<device-identity>`, present exactly when a key is a `pkmsg`. */
  readonly deviceIdentity: Uint8Array | undefined
}

export type WaEvent =
  | { readonly type: 'state'; readonly state: WaState; readonly reason?: string }
  | { readonly type: 'qr'; readonly text: string }
  | { readonly type: 'pairing-code'; readonly code: string }

/**
 * What the call layer asks of a WhatsApp client library (shared sheet whatsapp-client.md, section 4).
 * Implementations: `account/baileys-client.ts`, and in tests `test/whatsapp/memory-wa-client.ts`.
 * The call layer owns every `<ack>` and `<receipt>` of `<call>` stanzas; the client sends none of its own.
 */
export interface WaClient {
  readonly state: WaState
  readonly events: Signal<WaEvent>
  /** Undefined until paired. */
  self(): WaSelf | undefined
  start(): Promise<void>
  /** Ends the connection, keeps the pairing. */
  stop(): Promise<void>
  /** Sends without waiting for an answer. Rejects with `ProtocolError('whatsapp.offline')` when there is no connection. */
  send(node: WaNode): Promise<void>
  /** Sends a `<call>` (it must carry an id) and waits for its `<ack class="call">`. Never rejects. */
  callQuery(node: WaNode, timeoutMs: number): Promise<CallQueryResult>
  /** Every inbound `<call>`, before the library has acted on it. */
  onCall(handler: (node: WaNode) => void): void
  onCallAck(handler: (node: WaNode) => void): void
  onReceipt(handler: (node: WaNode) => void): void
  /** All devices of the user, as LID device JIDs. */
  devices(user: Jid): Promise<readonly Jid[]>
  /** The bare LID of a phone number given as digits, or undefined when it is not on WhatsApp. */
  lidForNumber(digits: string): Promise<Jid | undefined>
  /** Phone number digits of a LID, when known. */
  numberForLid(lid: Jid): Promise<string | undefined>
  encryptCallKey(devices: readonly Jid[], callKey: Uint8Array): Promise<CallKeyForDevices>
  decryptCallKey(from: Jid, type: string, ciphertext: Uint8Array): Promise<Uint8Array>
  privacyToken(user: Jid): Promise<Uint8Array | undefined>
}
