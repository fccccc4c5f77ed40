import { ParseError } from '../../base/errors.ts'
import { formatParams, NO_PARAMS, type Params, parseDecimal, parseParams } from './grammar.ts'

/**
 * RFC 3261 §19.1. For `tel:` (RFC 3966) the number is `user` and `host` is empty; a URI of any other scheme keeps its text
 * in `user` with an empty host, so that a request for it can be answered 416.
 */
export interface SipUri {
  /** Lower case. */
  readonly scheme: string
  /** Percent-decoded. */
  readonly user: string | undefined
  readonly password: string | undefined
  /** As written; an IPv6 literal keeps its brackets. */
  readonly host: string
  readonly port: number | undefined
  readonly params: Params
  /** What follows `?`, unread. */
  readonly headers: string | undefined
}

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/
const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])$/
const MAX_URI_LENGTH = 2048

export function parseUri(text: string): SipUri {
  if (text.length > MAX_URI_LENGTH) throw bad(`longer than ${MAX_URI_LENGTH} characters`)
  const colon = text.indexOf(':')
  const scheme = text.slice(0, Math.max(colon, 0)).toLowerCase()
  if (!SCHEME.test(scheme)) throw bad('no scheme')
  if (/[\s<>"]/.test(text)) throw bad('a space, quote or angle bracket')
  const rest = text.slice(colon + 1)
  if (scheme === 'sip' || scheme === 'sips') return parseSipUri(scheme, rest)
  if (scheme === 'tel') {
    const semicolon = rest.indexOf(';')
    const number = semicolon < 0 ? rest : rest.slice(0, semicolon)
    return { ...bare(scheme, number), params: semicolon < 0 ? NO_PARAMS : parseParams(rest.slice(semicolon + 1)) }
  }
  return bare(scheme, rest)
}

function bare(scheme: string, user: string): SipUri {
  return { scheme, user, password: undefined, host: '', port: undefined, params: NO_PARAMS, headers: undefined }
}

/** userinfo may hold `;` and `?` unescaped, so the last `@` is looked for first. */
function parseSipUri(scheme: string, rest: string): SipUri {
  const at = rest.lastIndexOf('@')
  let user: string | undefined
  let password: string | undefined
  if (at >= 0) {
    const userinfo = rest.slice(0, at)
    const colon = userinfo.indexOf(':')
    user = percentDecoded(colon < 0 ? userinfo : userinfo.slice(0, colon))
    if (colon >= 0) password = percentDecoded(userinfo.slice(colon + 1))
    if (userinfo === '') throw bad('nothing before the @')
  }
  let hostport = rest.slice(at + 1)
  let headers: string | undefined
  const question = hostport.indexOf('?')
  if (question >= 0) {
    headers = hostport.slice(question + 1)
    hostport = hostport.slice(0, question)
  }
  let params = NO_PARAMS
  const semicolon = hostport.indexOf(';')
  if (semicolon >= 0) {
    params = parseParams(hostport.slice(semicolon + 1))
    hostport = hostport.slice(0, semicolon)
  }
  const { host, port } = parseHostPort(hostport)
  return { scheme, user, password, host, port, params, headers }
}

/** `host`, `host:port`, `[v6]`, `[v6]:port`. */
export function parseHostPort(text: string): { host: string; port: number | undefined } {
  const colon = text.indexOf(':', text.startsWith('[') ? text.indexOf(']') : 0)
  const host = (colon < 0 ? text : text.slice(0, colon)).trimEnd()
  if (!HOST.test(host) || host.length > 255) throw bad('the host is neither a name nor an address')
  return { host, port: colon < 0 ? undefined : parseDecimal(text.slice(colon + 1).trim(), 65_535, 'the port') }
}

export function formatUri(uri: SipUri): string {
  if (uri.host === '') return `${uri.scheme}:${uri.user ?? ''}${formatParams(uri.params)}`
  let text = `${uri.scheme}:`
  // §25.1: a userinfo has at least one character.
  if (uri.user !== undefined && uri.user !== '') {
    text += percentEncoded(uri.user)
    if (uri.password !== undefined) text += `:${percentEncoded(uri.password)}`
    text += '@'
  }
  text += uri.host
  if (uri.port !== undefined) text += `:${uri.port}`
  text += formatParams(uri.params)
  return uri.headers === undefined ? text : `${text}?${uri.headers}`
}

/**
 * §19.1.5: what a Request-URI may have of a URI that was given as a contact: everything but header fields, which we do not write into
 * requests at somebody's wish.
 */
export function requestUriOf(text: string, { headers } = parseUri(text)): string {
  return headers === undefined ? text : text.slice(0, -headers.length - 1)
}

/** A plain `sip:user@host:port`; `user` may be any text. */
export function sipUri(user: string | undefined, host: string, port?: number, params: Params = NO_PARAMS): SipUri {
  return { scheme: 'sip', user, password: undefined, host: bracketed(host), port, params, headers: undefined }
}

/** The URI with a `transport` parameter; as it is when `transport` is undefined. */
export function over(uri: SipUri, transport: string | undefined): SipUri {
  return transport === undefined ? uri : { ...uri, params: new Map([...uri.params, ['transport', transport]]) }
}

/** An address literal as it stands in a URI, a Via or behind `c=IN IP6`'s opposite: IPv6 in brackets. */
export function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}

export function unbracketed(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}

/**
 * The parts that make two contacts the same (§19.1.4, without the parameters that a phone changes between refreshes):
 * scheme, user, host, port and transport.
 */
export function contactIdentity(uri: SipUri): string {
  const transport = uri.params.get('transport')?.toLowerCase() ?? ''
  return `${uri.scheme}:${uri.user ?? ''}@${uri.host.toLowerCase()}:${uri.port ?? ''};${transport};${uri.params.get('rinstance') ?? ''}`
}

function percentDecoded(text: string): string {
  if (!text.includes('%')) return text
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) throw bad('a % without two hex digits')
  try {
    return decodeURIComponent(text)
  } catch {
    throw bad('escaped bytes that are not UTF-8')
  }
}

/** §25.1 `user`: unreserved and user-unreserved stand as they are. */
function percentEncoded(text: string): string {
  if (/^[A-Za-z0-9\-_.!~*'()&=+$,;?/]*$/.test(text)) return text
  let encoded = ''
  for (const byte of Buffer.from(text)) {
    const c = String.fromCharCode(byte)
    encoded += /[A-Za-z0-9\-_.!~*'()&=+$,;?/]/.test(c) ? c : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded
}

function bad(what: string): ParseError {
  return new ParseError('parse.sip-uri', `URI: ${what}`)
}
