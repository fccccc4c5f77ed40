import type { Signal } from '../base/events.ts'

/** A JID as WhatsApp writes it: `123@lid`, `123:7@lid`, `4915…@s.whatsapp.net`. */
export type Jid = string

/** A WABinary node. */
export interface WaNode {
  readonly tag: string
  readonly attrs: Readonly<Record<string, string>>
  readonly content?: readonly WaNode[] | Uint8Array | string | undefined
}

/**
 * `connecting`, `open`, and `closed` follow the connection; the client itself goes from `closed` back to `connecting`
 * until `stop()`. The last three end that, and only an administrator can help, unless `retryAfterS` says otherwise.
 */
export type WaState =
  | 'connecting'
  | 'pairing'
  | 'open'
  | 'closed'
  /** The pairing was removed on the phone (401), or the account is locked or was moved (403). Pair again. */
  | 'logged-out'
  /** Another process connected with the same credentials (440). */
  | 'replaced'
  /** WhatsApp refuses the account: for good (406), or for a time (402). */
  | 'banned'

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
  /** Devices asked for that no Signal session could be made with: they are not in `keys` and will not ring. */
  readonly unreachable: readonly Jid[]
}

export type WaEvent =
  | { readonly type: 'state'; readonly state: WaState; readonly reason?: string }
  | { readonly type: 'qr'; readonly text: string }
  | { readonly type: 'pairing-code'; readonly code: string }
  /**
   * WhatsApp says until when (milliseconds since the Unix epoch) the account may not turn to people that it has never
   * talked to; undefined: it may.
   */
  | { readonly type: 'restricted'; readonly untilMs: number | undefined }

/**
 * What the call layer asks of a WhatsApp client library (docs/protocol/client.md).
 * Implementations: `account/baileys-client.ts`, `cli/scenario/in-process-client.ts` of the simulator, and in tests
 * `test/whatsapp/memory-wa-client.ts`; all pass `test/contract/wa-client.ts`.
 * The call layer owns every `<ack>` and `<receipt>` of `<call>` stanzas; the client sends none of its own.
 */
export interface WaClient {
  readonly state: WaState
  readonly events: Signal<WaEvent>
  /** Seconds until the client connects again by itself, where that cannot be sooner; undefined: soon, or never. */
  readonly retryAfterS: number | undefined
  /** Undefined until paired. */
  self(): WaSelf | undefined
  start(): Promise<void>
  /** Ends the connection, keeps the pairing; the state is `closed` when it resolves. */
  stop(): Promise<void>
  /** Sends without waiting for an answer. Rejects with `ProtocolError('whatsapp.offline')` when there is no connection. */
  send(node: WaNode): Promise<void>
  /** Sends a `<call>` (it must carry an id) and waits for its `<ack class="call">`. Never rejects. */
  callQuery(node: WaNode, timeoutMs: number): Promise<CallQueryResult>
  /** Every inbound `<call>`, before the library has acted on it. */
  onCall(handler: (node: WaNode) => void): void
  onCallAck(handler: (node: WaNode) => void): void
  onReceipt(handler: (node: WaNode) => void): void
  /** All devices of the user, as LID device JIDs, without this client's own. Rejects with `whatsapp.offline`. */
  devices(user: Jid): Promise<readonly Jid[]>
  /**
   * The bare LID of a phone number given as E.164 digits without `+`, or undefined when it is not on WhatsApp.
   * Rejects with `whatsapp.offline` when that cannot be asked.
   */
  lidForNumber(digits: string): Promise<Jid | undefined>
  /** Phone number digits of a LID, when known. */
  numberForLid(lid: Jid): Promise<string | undefined>
  /** From now on `numberForLid` says these digits of the LID, unless WhatsApp, when asked for a number, gave another. */
  rememberNumber(lid: Jid, digits: string): Promise<void>
  /**
   * Encrypts the 32-byte call key for each device. The Signal state it was made with is on disk before this resolves.
   * Rejects with `whatsapp.no-session` when no device is reachable.
   */
  encryptCallKey(devices: readonly Jid[], callKey: Uint8Array): Promise<CallKeyForDevices>
  /** The 32-byte call key out of an `<enc>` from a device. Rejects with `whatsapp.decrypt`. */
  decryptCallKey(from: Jid, type: string, ciphertext: Uint8Array): Promise<Uint8Array>
  /** The token the user gave us, for `<privacy>` of an offer. */
  privacyToken(user: Jid): Promise<Uint8Array | undefined>
}
