import { ParseError } from '../../base/errors.ts'
import { splitOutsideQuotes } from '../message/grammar.ts'
import type { Headers } from '../message/headers.ts'
import type { SipResponse } from '../message/message.ts'
import { type NameAddress, parseNameAddress } from '../message/name-address.ts'

/** RFC 3261 §21.3: multiple choices, moved permanently, moved temporarily. Another proxy (305) is not for a far end to choose. */
const FOLLOWED: ReadonlySet<number> = new Set([300, 301, 302])
const DIALABLE: ReadonlySet<string> = new Set(['sip', 'sips', 'tel'])
/** Contacts that are looked at. */
const MAX_CONTACTS = 8
const MAX_USER_LENGTH = 128

/**
 * RFC 3261 §8.1.3.4: whom a 3xx names, the best `q` first. Only the users: at which host is not for the far end to say.
 * What cannot be read is passed over.
 */
export function redirectedTo({ status, headers }: SipResponse): readonly string[] {
  if (!FOLLOWED.has(status)) return []
  const byPreference = contactsOf(headers).sort((a, b) => qOf(b) - qOf(a))
  return byPreference.map(({ uri }) => uri.user ?? '').filter((user) => user !== '' && user.length <= MAX_USER_LENGTH)
}

/** A line or a value that cannot be read takes no other with it. */
function contactsOf(headers: Headers): NameAddress[] {
  const values = headers.lines('Contact').flatMap((line) => readable(() => splitOutsideQuotes(line, ',')) ?? [])
  const filled = values.filter((value) => value !== '').slice(0, MAX_CONTACTS)
  const contacts = filled.flatMap((value) => readable(() => parseNameAddress(value)) ?? [])
  return contacts.filter(({ uri }) => DIALABLE.has(uri.scheme))
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof ParseError) return undefined
    throw error
  }
}

/** §20.10: from 0 to 1; absent or out of form 1. */
function qOf({ params }: NameAddress): number {
  const text = params.get('q') ?? '1'
  return /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 1
}
