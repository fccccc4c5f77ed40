import { ParseError } from '../../base/errors.ts'
import { parseNameAddress } from '../message/name-address.ts'
import type { SipUri } from '../message/uri.ts'
import { parseReplaces } from './replaces.ts'

export interface ReferTarget {
  /** The number or extension to be dialled. */
  readonly user: string
  /** The Replaces header of the call to be made (RFC 5589 §7: attended transfer), checked. */
  readonly replaces: string | undefined
}

const MAX_LENGTH = 1024

/**
 * A Refer-To (RFC 3515 §2.1), read as PBXs write it: also `600`, `<600>`, `600@pbx` and `sip:600` from dialplans, where
 * what looks like the host is the number. Throws `ParseError` for what names nobody.
 */
export function parseReferTo(text: string): ReferTarget {
  if (text.length > MAX_LENGTH) throw bad(`longer than ${MAX_LENGTH} characters`)
  const bare = /^\s*<?\s*([A-Za-z0-9*#+_.-]{1,64})(?:@[A-Za-z0-9.:[\]-]+)?\s*>?\s*$/.exec(text)?.[1]
  if (bare !== undefined) return { user: bare, replaces: undefined }
  const { uri } = parseNameAddress(text)
  if (uri.scheme !== 'sip' && uri.scheme !== 'sips' && uri.scheme !== 'tel') throw bad('not a SIP or tel URI')
  const user = uri.user ?? (/^[0-9*#+]+$/.test(uri.host) ? uri.host : '')
  if (user === '' || user.length > 128) throw bad('names nobody')
  return { user, replaces: replacesIn(uri) }
}

/** RFC 3261 §19.1.1: `?Replaces=…` with escapes. */
function replacesIn({ headers }: SipUri): string | undefined {
  const escaped = headers?.split('&').find((field) => /^replaces=/i.test(field))
  if (escaped === undefined) return undefined
  const replaces = unescaped(escaped.slice('replaces='.length))
  parseReplaces(replaces)
  return replaces
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw bad('a bad escape in Replaces')
  }
}

function bad(what: string): ParseError {
  return new ParseError('parse.sip-refer-to', `Refer-To: ${what}`)
}
