import { ParseError } from '../../base/errors.ts'
import { endOfQuoted, formatParams, isToken, NO_PARAMS, type Params, parseParams, quote, unquote } from './grammar.ts'
import { formatUri, parseUri, type SipUri } from './uri.ts'

/** RFC 3261 §20.10: `"Name" <uri>;params`, the form of From, To, Contact, Route, P-Asserted-Identity. */
export interface NameAddress {
  readonly displayName: string | undefined
  readonly uri: SipUri
  /** The URI as it was written: what a request to it must carry. */
  readonly uriText: string
  readonly params: Params
}

export function parseNameAddress(text: string): NameAddress {
  const value = text.trim()
  let displayName: string | undefined
  let at = 0
  if (value.startsWith('"')) {
    at = endOfQuoted(value, 0)
    displayName = unquote(value.slice(0, at))
  }
  const open = value.indexOf('<', at)
  if (open < 0) {
    if (at > 0) throw bad('a display name needs <uri>')
    return withoutBrackets(value)
  }
  const between = value.slice(at, open).trim()
  if (between !== '') {
    if (at > 0 || !isTokens(between)) throw bad('text before < is neither tokens nor one quoted string')
    displayName = between
  }
  const close = value.indexOf('>', open)
  if (close < 0) throw bad('< without >')
  const uriText = value.slice(open + 1, close).trim()
  return { displayName, uri: parseUri(uriText), uriText, params: paramsAfter(value.slice(close + 1)) }
}

/** §20.10: without angle brackets every parameter belongs to the header, not to the URI. */
function withoutBrackets(value: string): NameAddress {
  const semicolon = value.indexOf(';')
  const uriText = (semicolon < 0 ? value : value.slice(0, semicolon)).trim()
  if (/[,?]/.test(uriText)) throw bad('a URI with a comma or question mark needs <>')
  const params = semicolon < 0 ? NO_PARAMS : parseParams(value.slice(semicolon + 1))
  return { displayName: undefined, uri: parseUri(uriText), uriText, params }
}

function paramsAfter(text: string): Params {
  const rest = text.trim()
  if (rest === '') return NO_PARAMS
  if (!rest.startsWith(';')) throw bad('text after >')
  return parseParams(rest.slice(1))
}

/** Lenient: many phones send unquoted names with characters that a token may not hold; UTF-8 is among them. */
function isTokens(text: string): boolean {
  return text.split(/\s+/).every((word) => isToken(word) || /^[^\s"<>,;:\\]+$/.test(word))
}

export function formatNameAddress(address: {
  readonly displayName?: string | undefined
  readonly uri: SipUri
  readonly params?: Params
}): string {
  const name = address.displayName ? `${quote(address.displayName)} ` : ''
  return `${name}<${formatUri(address.uri)}>${formatParams(address.params ?? NO_PARAMS)}`
}

function bad(what: string): ParseError {
  return new ParseError('parse.sip-address', `address: ${what}`)
}
