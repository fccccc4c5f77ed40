import { ParseError } from '../../base/errors.ts'
import type { DialogTable } from '../dialog/dialog-table.ts'
import type { SipRequest } from '../message/message.ts'
import type { SessionPeer } from '../sip-engine.ts'
import { CallSession } from './call-session.ts'
import { parseReplaces } from './replaces.ts'

/**
 * RFC 3891 §3: the call that an INVITE is to replace, or the status that refuses it; undefined: it replaces none. Only
 * the peer that a call is with may replace it (§7).
 */
export function replacedCall(
  dialogs: DialogTable,
  { headers }: SipRequest,
  peer: SessionPeer,
): CallSession | number | undefined {
  const [text, ...others] = headers.lines('Replaces')
  if (text === undefined) return undefined
  if (others.length > 0) return 400
  try {
    const { callId, localTag, remoteTag, earlyOnly } = parseReplaces(text)
    const session = dialogs.find(callId, localTag)
    if (!(session instanceof CallSession) || !session.isReplaceable) return 481
    const state = session.dialogState(remoteTag)
    if (state === 'none') return 481
    if (nameOf(session.peer) !== nameOf(peer)) return 403
    return earlyOnly && state === 'confirmed' ? 486 : session
  } catch (error) {
    if (error instanceof ParseError) return 400
    throw error
  }
}

function nameOf(peer: SessionPeer): string {
  if (peer.kind === 'uri') return peer.kind
  return `${peer.kind} ${peer.kind === 'user' ? peer.username : peer.name}`
}
