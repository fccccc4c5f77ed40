import { createHash } from 'node:crypto'
import { ParseError } from '../../base/errors.ts'
import { isToken, type Params, quote, splitOutsideQuotes, unquote } from '../message/grammar.ts'

/** RFC 7616 (which keeps RFC 2617's MD5) as RFC 8760 brings it to SIP. Order: the strongest first. */
const HASHES: Readonly<Record<string, string>> = { 'SHA-512-256': 'sha512-256', 'SHA-256': 'sha256', MD5: 'md5' }

export type DigestAlgorithm = 'SHA-512-256' | 'SHA-256' | 'MD5'

/** Preference by strength; undefined for an algorithm that we do not know. `-sess` variants count as their base. */
export function algorithmRank(name: string): number | undefined {
  const rank = Object.keys(HASHES).indexOf(baseAlgorithm(name))
  return rank < 0 ? undefined : rank
}

function baseAlgorithm(name: string): string {
  return name.toUpperCase().replace(/-SESS$/, '')
}

function hash(algorithm: string, text: string): string {
  const name = HASHES[baseAlgorithm(algorithm)]
  if (name === undefined) throw new ParseError('parse.sip-digest', 'unknown digest algorithm')
  return createHash(name).update(text).digest('hex')
}

export interface DigestInput {
  readonly algorithm: string
  readonly username: string
  readonly realm: string
  readonly password: string
  readonly method: string
  readonly uri: string
  readonly nonce: string
  /** Absent: RFC 2069 form, without nc and cnonce. */
  readonly qop?: 'auth' | 'auth-int' | undefined
  /** Eight hex digits. */
  readonly nc?: string | undefined
  readonly cnonce?: string | undefined
  /** Only for auth-int. */
  readonly body?: string | undefined
}

/** RFC 7616 §3.4.1: the value of `response`, lower-case hex. */
export function digestResponse(input: DigestInput): string {
  const h = (text: string) => hash(input.algorithm, text)
  let ha1 = h(`${input.username}:${input.realm}:${input.password}`)
  if (/-sess$/i.test(input.algorithm)) ha1 = h(`${ha1}:${input.nonce}:${input.cnonce ?? ''}`)
  const a2 = `${input.method}:${input.uri}`
  const ha2 = h(input.qop === 'auth-int' ? `${a2}:${h(input.body ?? '')}` : a2)
  if (input.qop === undefined) return h(`${ha1}:${input.nonce}:${ha2}`)
  return h(`${ha1}:${input.nonce}:${input.nc ?? ''}:${input.cnonce ?? ''}:${input.qop}:${ha2}`)
}

/** More than any scheme has. */
const MAX_AUTH_PARAMS = 32

/** `Digest name=value, name="value"`: challenge and credentials have the same form. Values come unquoted. */
export function parseDigestParams(text: string): Params {
  const space = text.indexOf(' ')
  if (text.slice(0, Math.max(space, 0)).toLowerCase() !== 'digest') {
    throw new ParseError('parse.sip-digest', 'the authentication scheme is not Digest')
  }
  const params = new Map<string, string>()
  for (const part of splitOutsideQuotes(text.slice(space + 1), ',')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = part.slice(0, Math.max(equals, 0)).trim().toLowerCase()
    if (!isToken(name)) throw new ParseError('parse.sip-digest', 'a digest parameter without a name')
    if (params.has(name)) throw new ParseError('parse.sip-digest', `the digest parameter ${name} comes twice`)
    if (params.size >= MAX_AUTH_PARAMS)
      throw new ParseError('parse.sip-digest', `more than ${MAX_AUTH_PARAMS} digest parameters`)
    params.set(name, unquote(part.slice(equals + 1).trim()))
  }
  return params
}

/** RFC 7616 §3.3 and §3.4: these values are tokens or numbers; every other one is quoted. */
const UNQUOTED: ReadonlySet<string> = new Set(['algorithm', 'stale', 'nc', 'qop-value'])

export function formatDigestParams(params: Iterable<readonly [string, string]>): string {
  const parts: string[] = []
  for (const [name, value] of params) {
    if (name === 'qop-value') parts.push(`qop=${value}`)
    else parts.push(`${name}=${UNQUOTED.has(name) ? value : quote(value)}`)
  }
  return `Digest ${parts.join(', ')}`
}
