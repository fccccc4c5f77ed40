import type { IncomingAccept } from '../stanza/accept.ts'
import type { Enc } from '../stanza/media-children.ts'
import type { RejectReason } from '../stanza/reject.ts'
import type { RelayBlock } from '../stanza/relay-block.ts'
import type { RelayLatency } from '../stanza/relaylatency.ts'
import type { TerminateReason } from '../stanza/terminate.ts'
import type { CallKeyForDevices, Jid, WaNode } from '../wa-client.ts'
import type { AccountLoss, CallEnd, CallEnded, CallEvent } from './call-event.ts'

export type TimerName = 'prepare' | 'setup' | 'ring' | 'seal' | 'grace'

/** All that can happen to a call. `from` is a device of the peer; what our own account's devices do has its own names. */
export type CallInput =
  // from the peer
  | { readonly type: 'preaccept'; readonly from: Jid; readonly capability: Uint8Array | undefined }
  | { readonly type: 'receipt'; readonly from: Jid }
  | { readonly type: 'accept'; readonly from: Jid; readonly accept: IncomingAccept }
  | { readonly type: 'reject'; readonly from: Jid; readonly reason: string | undefined }
  | { readonly type: 'terminate'; readonly from: Jid; readonly reason: string | undefined }
  | { readonly type: 'peer-mute'; readonly from: Jid; readonly muted: boolean }
  | { readonly type: 'latency'; readonly from: Jid; readonly measurements: readonly RelayLatency[] }
  | { readonly type: 'relays'; readonly relays: RelayBlock }
  // from our own account's other devices
  | { readonly type: 'own-accept' }
  | { readonly type: 'own-reject'; readonly reason: string | undefined }
  // from the server
  | { readonly type: 'acked'; readonly devices: readonly Jid[] }
  | { readonly type: 'refused'; readonly code: number }
  | { readonly type: 'query-offline' }
  | { readonly type: 'socket-lost' }
  | { readonly type: 'socket-back' }
  | { readonly type: 'account-lost'; readonly cause: AccountLoss }
  // from this side
  | { readonly type: 'start' }
  | { readonly type: 'answer' }
  | { readonly type: 'decline'; readonly reason: RejectReason | undefined }
  | { readonly type: 'hang-up'; readonly reason: TerminateReason | undefined }
  | { readonly type: 'mute'; readonly muted: boolean }
  | { readonly type: 'bound'; readonly measurements: readonly RelayLatency[] }
  | { readonly type: 'redialled' }
  | { readonly type: 'glare' }
  | { readonly type: 'shutdown' }
  // what an action brought
  | { readonly type: 'prepared'; readonly keys: CallKeyForDevices; readonly privacyToken: Uint8Array | undefined }
  | { readonly type: 'prepare-failed'; readonly cause: CallEnd }
  | { readonly type: 'sealed'; readonly keys: CallKeyForDevices }
  | { readonly type: 'seal-failed' }
  | { readonly type: 'opened'; readonly callKey: Uint8Array }
  | { readonly type: 'open-failed' }
  | { readonly type: 'timeout'; readonly timer: TimerName }

/** What a call asks its driver to do. */
export type CallAction =
  /** Find the peer's devices and encrypt the call key for each. */
  | { readonly do: 'prepare' }
  /** Send the offer and wait for its ack. */
  | { readonly do: 'offer'; readonly offer: WaNode }
  | { readonly do: 'send'; readonly to: Jid; readonly action: WaNode }
  /** Encrypt the call key for the caller. */
  | { readonly do: 'seal'; readonly to: Jid }
  /** Decrypt a call key. */
  | { readonly do: 'open'; readonly from: Jid; readonly enc: Enc }
  | { readonly do: 'use-key'; readonly callKey: Uint8Array }
  /** Hand the call to the incoming handler. */
  | { readonly do: 'announce' }
  | { readonly do: 'start-timer'; readonly timer: TimerName }
  | { readonly do: 'stop-timer'; readonly timer: TimerName }
  | { readonly do: 'emit'; readonly event: CallEvent }
  /** Everything of this call stops; its last event goes out. */
  | { readonly do: 'end'; readonly ended: CallEnded }

export const send = (to: Jid, action: WaNode): CallAction => ({ do: 'send', to, action })
export const emit = (event: CallEvent): CallAction => ({ do: 'emit', event })
export const end = (ended: CallEnded): CallAction => ({ do: 'end', ended })
export const startTimer = (timer: TimerName): CallAction => ({ do: 'start-timer', timer })
export const stopTimer = (timer: TimerName): CallAction => ({ do: 'stop-timer', timer })
