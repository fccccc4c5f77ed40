import { ParseError } from '../../base/errors.ts'

/** RFC 3261 §25.1: the lexical pieces that header fields share. */

const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/

export function isToken(text: string): boolean {
  return TOKEN.test(text)
}

/** `;name=value` parameters in their order. A parameter without `=` has the value ''. Names are lower case. */
export type Params = ReadonlyMap<string, string>

export const NO_PARAMS: Params = new Map()

/** More than any honest header carries; keeps a hostile one cheap. */
const MAX_PARAMS = 64

const QUOTE = 0x22
const BACKSLASH = 0x5c
const LEFT_ANGLE = 0x3c
const RIGHT_ANGLE = 0x3e

/**
 * Splits at `separator` where it is outside of quoted strings and angle brackets (§7.3.1: a header field value list).
 * Throws `ParseError` for an unterminated quote.
 */
export function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  if (!text.includes(separator) && !text.includes('"')) return [text.trim()]
  const parts: string[] = []
  const code = separator.charCodeAt(0)
  let start = 0
  let angle = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === QUOTE && !angle) i = endOfQuoted(text, i) - 1
    else if (c === LEFT_ANGLE) angle = true
    else if (c === RIGHT_ANGLE) angle = false
    else if (c === code && !angle) {
      parts.push(text.slice(start, i).trim())
      start = i + 1
    }
  }
  parts.push(text.slice(start).trim())
  return parts
}

/** `at` is the opening quote; returns the index after the closing one. */
export function endOfQuoted(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === BACKSLASH) i++
    else if (c === QUOTE) return i + 1
  }
  throw new ParseError('parse.sip-header', 'a quoted string without its closing quote')
}

/** The content of a quoted string, or the text itself when it is not quoted. */
export function unquote(text: string): string {
  if (text.length < 2 || text.charCodeAt(0) !== QUOTE || text.charCodeAt(text.length - 1) !== QUOTE) return text
  const inner = text.slice(1, -1)
  return inner.includes('\\') ? inner.replace(/\\([\s\S])/g, '$1') : inner
}

/** A quoted string. Control characters, which could start a new header line, become spaces. */
export function quote(text: string): string {
  return `"${withoutControls(text).replace(/["\\]/g, '\\$&')}"`
}

export function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\x00-\x1f\x7f]/g, ' ')
}

/** Parses what follows the first `;`: `lr;q=0.5;x="a;b"`. Throws `ParseError` for a bad name or too many. */
export function parseParams(text: string): Params {
  const params = new Map<string, string>()
  const parts = splitOutsideQuotes(text, ';')
  // Some phones end with a semicolon; an empty parameter anywhere else is an error.
  if (parts.at(-1) === '') parts.pop()
  for (const part of parts) {
    const equals = part.indexOf('=')
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase()
    if (!isToken(name) && !isUriParamName(name))
      throw new ParseError('parse.sip-param', 'a parameter name is not a token')
    if (params.size >= MAX_PARAMS) throw new ParseError('parse.sip-param', `more than ${MAX_PARAMS} parameters`)
    params.set(name, equals < 0 ? '' : part.slice(equals + 1).trim())
  }
  return params
}

/** §25.1 `paramchar` is wider than a token. */
function isUriParamName(text: string): boolean {
  return /^[A-Za-z0-9\-_.!~*'()[\]/:&+$%]+$/.test(text)
}

export function formatParams(params: Params): string {
  let text = ''
  for (const [name, value] of params) text += value === '' ? `;${name}` : `;${name}=${value}`
  return text
}

/** Digits only, at most `max`. Throws `ParseError` naming `what`. */
export function parseDecimal(text: string, max: number, what: string): number {
  const value = /^[0-9]{1,10}$/.test(text) ? Number(text) : -1
  if (value < 0 || value > max) throw new ParseError('parse.sip-number', `${what} is not a number from 0 to ${max}`)
  return value
}
