import { ParseError } from '../../base/errors.ts'
import { isJid } from '../jid.ts'
import type { Jid, WaNode } from '../wa-client.ts'
import { attributeOf, childrenOf, countAttribute, element, requiredAttribute } from './node.ts'

/** What every action inside `<call>` carries. Both go back verbatim in every later action of the call. */
export interface CallIdentity {
  /** Opaque: its ASCII bytes are key derivation input. */
  readonly callId: string
  /** LID device JID of the caller. */
  readonly callCreator: Jid
}

/** `<call>` around one action. */
export interface CallEnvelope {
  readonly stanzaId: string
  readonly from: Jid
  /** The server's time of the stanza, seconds since the Unix epoch. */
  readonly timestampS: number | undefined
  /** Replayed from the server's offline queue. */
  readonly offline: boolean
  /** The caller's profile name. */
  readonly notify: string | undefined
  readonly action: WaNode
}

const CALL_ID = /^[\x21-\x7e]{1,128}$/
const MAX_TIMESTAMP_S = 0xffff_ffff

/** `<call to id>` around one action. Without an id the server drops the stanza silently. */
export function buildCall(to: Jid, stanzaId: string, action: WaNode): WaNode {
  return element('call', { to, id: stanzaId }, [action])
}

/** Throws `ParseError` when id, sender or action is missing. */
export function parseCall(node: WaNode): CallEnvelope {
  const action = childrenOf(node)[0]
  if (!action) throw new ParseError('whatsapp.stanza.content', '<call> has no action')
  const from = requiredAttribute(node, 'from')
  if (!isJid(from)) throw new ParseError('whatsapp.stanza.attribute', 'from of <call> is no JID')
  return {
    stanzaId: requiredAttribute(node, 'id'),
    from,
    timestampS: countAttribute(node, 't', MAX_TIMESTAMP_S),
    offline: attributeOf(node, 'offline') !== undefined,
    notify: attributeOf(node, 'notify'),
    action,
  }
}

export function identityAttributes(call: CallIdentity): Record<string, string> {
  return { 'call-id': call.callId, 'call-creator': call.callCreator }
}

/** Call-id and call-creator of an action; `ParseError` when either is missing or out of form. */
export function parseIdentity(action: WaNode): CallIdentity {
  const callId = requiredAttribute(action, 'call-id')
  if (!CALL_ID.test(callId))
    throw new ParseError('whatsapp.stanza.attribute', 'call-id is not 1 to 128 ASCII characters')
  const callCreator = requiredAttribute(action, 'call-creator')
  if (!isJid(callCreator)) throw new ParseError('whatsapp.stanza.attribute', 'call-creator is no JID')
  return { callId, callCreator }
}

/** The reason of a reject or terminate as written, or undefined. */
export function parseReason(action: WaNode): string | undefined {
  return attributeOf(action, 'reason')
}
