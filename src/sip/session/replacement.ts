import { ParseError } from '../../base/errors.ts'
import type { DialogOwner, DialogTable } from '../dialog/dialog-table.ts'
import type { SipRequest } from '../message/message.ts'
import type { Session, SessionPeer } from '../sip-engine.ts'
import { parseReplaces } from './replaces.ts'

/**
 * RFC 3891 §3: the call that an INVITE is to replace, or the status that refuses it; undefined: it replaces none. Only
 * the peer that a call is with may replace it (§7).
 */
export function replacedCall(
  dialogs: DialogTable,
  { headers }: SipRequest,
  peer: SessionPeer,
): DialogOwner | number | undefined {
  const [text, ...others] = headers.lines('Replaces')
  if (text === undefined) return undefined
  if (others.length > 0) return 400
  try {
    const { callId, localTag, remoteTag, earlyOnly } = parseReplaces(text)
    const call = dialogs.find(callId, localTag)
    if (!call?.isReplaceable) return 481
    const state = call.dialogState(remoteTag)
    if (state === 'none') return 481
    if (!isSamePeer(call.peer, peer)) return 403
    return earlyOnly && state === 'confirmed' ? 486 : call
  } catch (error) {
    if (error instanceof ParseError) return 400
    throw error
  }
}

/**
 * The call of ours that a Refer-To's Replaces names, its tags in either order; undefined: it is one of the far end's own.
 * A status refuses a call that is not talking, is that of another peer, or is the one that asks.
 */
export function joinedCall(dialogs: DialogTable, replaces: string, asking: Session): Session | number | undefined {
  const { callId, localTag, remoteTag } = parseReplaces(replaces)
  for (const [ours, theirs] of [
    [localTag, remoteTag],
    [remoteTag, localTag],
  ] as const) {
    const call = dialogs.find(callId, ours)
    if (!call) continue
    if (call === asking || call.dialogState(theirs) !== 'confirmed') return 481
    return isSamePeer(call.peer, asking.peer) ? call : 403
  }
  return undefined
}

function isSamePeer(one: SessionPeer, other: SessionPeer): boolean {
  return nameOf(one) === nameOf(other)
}

function nameOf(peer: SessionPeer): string {
  if (peer.kind === 'uri') return peer.kind
  return `${peer.kind} ${peer.kind === 'user' ? peer.username : peer.name}`
}
