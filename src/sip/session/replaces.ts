import { ParseError } from '../../base/errors.ts'
import { parseParams } from '../message/grammar.ts'

/** RFC 3891 §6.1, from the side of the one who receives it: `to-tag` is its own. */
export interface Replaces {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  readonly earlyOnly: boolean
}

/** Throws `ParseError`. */
export function parseReplaces(text: string): Replaces {
  const semicolon = text.indexOf(';')
  const callId = text.slice(0, Math.max(semicolon, 0)).trim()
  const params = parseParams(text.slice(semicolon + 1))
  const localTag = params.get('to-tag')
  const remoteTag = params.get('from-tag')
  if (callId === '' || !localTag || !remoteTag) {
    throw new ParseError('parse.sip-replaces', 'Replaces names no Call-ID, to-tag or from-tag')
  }
  return { callId, localTag, remoteTag, earlyOnly: params.has('early-only') }
}
