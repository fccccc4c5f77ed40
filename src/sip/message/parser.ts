import { ParseError } from '../../base/errors.ts'
import { isToken, parseDecimal, splitOutsideQuotes } from './grammar.ts'
import { Headers } from './headers.ts'
import type { CSeq, SipMessage } from './message.ts'
import { parseNameAddress } from './name-address.ts'
import { parseUri } from './uri.ts'
import { parseVia } from './via.ts'

/** Bounds checked before anything is interpreted. A UDP datagram cannot be longer than 65 535 bytes anyway. */
const MAX_HEADER_BYTES = 16_384
const MAX_LINE_LENGTH = 4096
const MAX_HEADERS = 128

/** A message cut into its parts; nothing in it has been believed yet. */
export interface RawMessage {
  readonly startLine: string
  readonly headers: Headers
  /** All that follows the empty line. */
  readonly rest: Uint8Array
}

/** RFC 3261 §7: start line, header lines with folding (§7.3.1), empty line, the rest. */
export function splitMessage(bytes: Uint8Array): RawMessage {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = skipEmptyLines(buffer)
  const end = buffer.indexOf('\r\n\r\n', start, 'latin1')
  if (end < 0) throw bad('parse.sip-framing', 'no empty line after the headers')
  if (end - start > MAX_HEADER_BYTES)
    throw bad('parse.sip-too-large', `headers of ${end - start} bytes, ${MAX_HEADER_BYTES} allowed`)
  const head = buffer.toString('utf8', start, end)
  const firstEnd = head.indexOf('\r\n')
  const startLine = firstEnd < 0 ? head : head.slice(0, firstEnd)
  const headers = firstEnd < 0 ? new Headers() : splitHeaders(head, firstEnd + 2)
  return { startLine, headers, rest: buffer.subarray(end + 4) }
}

/** §7.5: CRLFs before the start line are ignored. */
function skipEmptyLines(buffer: Buffer): number {
  let at = 0
  while (buffer[at] === 0x0d && buffer[at + 1] === 0x0a) at += 2
  return at
}

function splitHeaders(head: string, from: number): Headers {
  const headers = new Headers()
  let at = from
  while (at < head.length) {
    let end = lineEnd(head, at)
    let line = head.slice(at, end)
    while (isFolded(head, end + 2)) {
      const next = lineEnd(head, end + 2)
      line = `${line.trimEnd()} ${head.slice(end + 2, next).trim()}`
      end = next
    }
    if (line.length > MAX_LINE_LENGTH) {
      throw bad('parse.sip-too-large', `a header line of ${line.length} characters, ${MAX_LINE_LENGTH} allowed`)
    }
    if (headers.size >= MAX_HEADERS) throw bad('parse.sip-too-large', `more than ${MAX_HEADERS} header lines`)
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0)).trimEnd()
    if (!isToken(name)) throw bad('parse.sip-header', 'a header line without a name')
    headers.appendReceived(name, line.slice(colon + 1).trim())
    at = end + 2
  }
  return headers
}

function lineEnd(head: string, at: number): number {
  const end = head.indexOf('\r\n', at)
  return end < 0 ? head.length : end
}

function isFolded(head: string, at: number): boolean {
  const c = head.charCodeAt(at)
  return c === 0x20 || c === 0x09
}

/** §18.3: bytes beyond Content-Length are not the body; fewer than it says make the message bad. */
function cutBody(headers: Headers, rest: Uint8Array): Uint8Array {
  const text = headers.get('Content-Length')
  if (text === undefined) return rest
  const length = parseDecimal(text, 0xff_ff_ff, 'Content-Length')
  if (length > rest.length) throw bad('parse.sip-framing', `Content-Length ${length}, ${rest.length} bytes there`)
  return rest.subarray(0, length)
}

/** True for what §7.1 would call a request line, right or wrong: decides whether a 400 can be sent. */
export function looksLikeRequest(raw: RawMessage): boolean {
  return !raw.startLine.startsWith('SIP/') && / SIP\/[0-9]/.test(raw.startLine)
}

const REQUEST_LINE = /^([^ ]+) ([^ ]+) SIP\/2\.0$/i
const STATUS_LINE = /^SIP\/2\.0 ([1-6][0-9]{2})(?: (.*))?$/i

/** Reads the start line and the fields every message must have. Throws `ParseError`. */
export function interpretMessage(raw: RawMessage): SipMessage {
  const { headers } = raw
  const received = {
    headers,
    body: cutBody(headers, raw.rest),
    via: parseVia(splitOutsideQuotes(mandatory(headers, 'Via'), ',')[0]!),
    from: parseNameAddress(single(headers, 'From')),
    to: parseNameAddress(single(headers, 'To')),
    callId: parseCallId(single(headers, 'Call-ID')),
    cseq: parseCSeq(single(headers, 'CSeq')),
  }
  const status = STATUS_LINE.exec(raw.startLine)
  if (status) return { kind: 'response', status: Number(status[1]), reason: status[2] ?? '', ...received }
  const line = REQUEST_LINE.exec(raw.startLine)
  if (!line || !isToken(line[1]!)) throw bad('parse.sip-start-line', 'neither a request line nor a status line')
  const method = line[1]!
  if (method !== received.cseq.method) throw bad('parse.sip-cseq', 'the method in CSeq is not that of the request')
  checkOptionalNumbers(headers)
  const uri = parseUri(line[2]!)
  // §19.1.1, table 1: a Request-URI has no headers.
  if (uri.headers !== undefined) throw bad('parse.sip-uri', 'header fields in the Request-URI')
  return { kind: 'request', method, requestUri: line[2]!, uri, ...received }
}

/** Both steps; for tests and streams, where a message that cannot be interpreted is not answered. */
export function parseMessage(bytes: Uint8Array): SipMessage {
  return interpretMessage(splitMessage(bytes))
}

/** Numbers that the layers above rely on (§20.22, §20.19); wrong ones make the request bad as a whole. */
function checkOptionalNumbers(headers: Headers): void {
  maxForwards(headers)
  if (headers.count('Content-Length') > 1) throw bad('parse.sip-header', 'more than one Content-Length')
  if (headers.count('Max-Forwards') > 1) throw bad('parse.sip-header', 'more than one Max-Forwards')
}

/** §20.22; undefined when the field is missing. */
export function maxForwards(headers: Headers): number | undefined {
  const text = headers.get('Max-Forwards')
  return text === undefined ? undefined : parseDecimal(text, 255, 'Max-Forwards')
}

/** §20.16; the method is case-sensitive. */
function parseCSeq(text: string): CSeq {
  const space = text.search(/\s/)
  const method = text.slice(space + 1).trim()
  if (space < 0 || !isToken(method)) throw bad('parse.sip-cseq', 'CSeq is not a number and a method')
  return { number: parseDecimal(text.slice(0, space), 0x7f_ff_ff_ff, 'CSeq'), method }
}

function parseCallId(text: string): string {
  if (text === '' || text.length > 256 || /\s/.test(text))
    throw bad('parse.sip-header', 'Call-ID is empty, longer than 256, or has spaces')
  return text
}

function mandatory(headers: Headers, name: string): string {
  const value = headers.get(name)
  if (value === undefined) throw bad('parse.sip-header', `no ${name}`)
  return value
}

function single(headers: Headers, name: string): string {
  const value = mandatory(headers, name)
  if (headers.count(name) > 1) throw bad('parse.sip-header', `more than one ${name}`)
  return value
}

function bad(code: string, message: string): ParseError {
  return new ParseError(code, message)
}
