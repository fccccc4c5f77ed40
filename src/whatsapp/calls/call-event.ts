import type { RelayBlock } from '../stanza/relay-block.ts'
import type { Jid } from '../wa-client.ts'

/** The states of an account that no call outlives: only an administrator ends them, or the end of a ban for a time. */
export type AccountLoss = 'logged-out' | 'replaced' | 'banned'

/**
 * Why a call ended.
 *
 * | cause | meaning |
 * |---|---|
 * | `hung-up`, `hung-up-here` | an answered call, ended by the peer or by us |
 * | `cancelled` | the caller gave up before the answer |
 * | `declined`, `declined-here` | the called user, or we, said no |
 * | `busy` | every called device is in a call |
 * | `unavailable` | the called devices cannot take calls |
 * | `unreachable` | the user has no device that could be called |
 * | `no-answer` | nobody answered in time |
 * | `answered-elsewhere`, `declined-elsewhere` | another device of our own account |
 * | `restricted` | the server refused with 463: we may not call this user |
 * | `refused` | the server refused with another code |
 * | `no-ack`, `no-relay` | the server did not acknowledge the offer, or named no relays, in time |
 * | `bad-accept` | the answer asks for what was not offered |
 * | `no-key` | the call key could not be decrypted |
 * | `setup-failed` | devices, sessions or keys could not be had |
 * | `offline` | no connection to the server, or not back within the grace time |
 * | `logged-out`, `replaced`, `banned` | the account was lost, in this way |
 * | `limit` | the account's calls limit |
 * | `glare` | the peer called us at the same time, and that call goes on |
 * | `shutdown` | the gateway stops |
 */
export type CallEnd =
  | 'hung-up'
  | 'hung-up-here'
  | 'cancelled'
  | 'declined'
  | 'declined-here'
  | 'busy'
  | 'unavailable'
  | 'unreachable'
  | 'no-answer'
  | 'answered-elsewhere'
  | 'declined-elsewhere'
  | 'restricted'
  | 'refused'
  | 'no-ack'
  | 'no-relay'
  | 'bad-accept'
  | 'no-key'
  | 'setup-failed'
  | 'offline'
  | AccountLoss
  | 'limit'
  | 'glare'
  | 'shutdown'

export interface CallEnded {
  readonly cause: CallEnd
  /** The peer's reason as written in its stanza. */
  readonly reason?: string | undefined
  /** The server's error code. */
  readonly code?: number | undefined
}

/** What the peer's capability says; undefined where it says nothing. */
interface PeerVoice {
  readonly peerSpeaksMlow: boolean | undefined
  /** Packets with copies. */
  readonly peerUsesCopies: boolean | undefined
}

export type CallEvent =
  /** Where media goes. Outgoing: with the server's ack; incoming: with the offer, right after the handler has run. */
  | { readonly type: 'relays'; readonly relays: RelayBlock }
  /** The first called device rings. */
  | { readonly type: 'ringing' }
  /** `device` is the far end of the media: the answering device, or the caller. Its keys derive from this JID. */
  | ({ readonly type: 'answered'; readonly device: Jid } & PeerVoice)
  /** The answering device brought another call key: all media keys derive anew. */
  | { readonly type: 'keyChanged'; readonly callKey: Uint8Array }
  /** The peer muted or unmuted itself. */
  | { readonly type: 'muted'; readonly muted: boolean }
  /** The last event of a call; comes exactly once. */
  | ({ readonly type: 'ended' } & CallEnded)
