import { maskDigits } from '../log.ts'
import type { Redactor } from './redactor.ts'

/** A SIP message as a trace holds it. */
export interface SipRecord {
  /** Start line with the user of its URI redacted. */
  readonly line: string
  readonly callId: string
  readonly cseq: string
  /** `Name: value` for headers that tell nothing of people, the name alone for the others. */
  readonly headers: readonly string[]
  /** Media, codecs and directions of an SDP body. */
  readonly sdp?: readonly string[]
}

/** Headers whose value is of the protocol. */
const HARMLESS: ReadonlySet<string> = new Set(
  `allow supported require unsupported expires min-expires retry-after reason user-agent server max-forwards
   session-expires min-se event rseq rack content-type content-length accept refer-sub subscription-state`.split(/\s+/),
)

/** RFC 3261 section 7.3.3. */
const COMPACT: Readonly<Record<string, string>> = {
  i: 'call-id',
  k: 'supported',
  l: 'content-length',
  c: 'content-type',
}

/** Lines of SDP without keys, ICE credentials or names. */
const SDP_LINES =
  /^(m=|c=|b=|t=|a=(rtpmap|fmtp|ptime|maxptime|sendrecv|sendonly|recvonly|inactive|rtcp|rtcp-mux|group|mid)\b)/

/** Ports, rates and payload types are shorter. */
const NUMBER_IN_SDP = /\d{7,}/g

const MAX_LINES = 128
const MAX_LINE_CHARS = 200

/** Reads no more of a message than a trace shows; what is no SIP gives an empty start line. Never throws. */
export function sipRecord(message: Uint8Array, redactor: Redactor): SipRecord {
  const text = Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString('utf8')
  const bodyAt = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = (bodyAt < 0 ? text : text.slice(0, bodyAt)).split('\r\n').slice(0, MAX_LINES)
  const headers = lines.map(headerOf).filter((header) => header !== undefined)
  const valueFor = (name: string) => headers.find((header) => header.name === name)?.value
  const sdp = bodyAt < 0 ? [] : sdpLines(text.slice(bodyAt + 4))
  return {
    line: startLine(first, redactor),
    callId: redactor.id(valueFor('call-id') ?? ''),
    cseq: /^\d{1,10} [A-Z]{1,20}$/.exec(valueFor('cseq') ?? '')?.[0] ?? '',
    headers: headers.map(shown),
    ...(sdp.length > 0 && { sdp }),
  }
}

interface Header {
  readonly written: string
  readonly name: string
  readonly value: string
}

function headerOf(line: string): Header | undefined {
  const match = /^([A-Za-z][A-Za-z0-9-]{0,40})[ \t]*:[ \t]*(.*)$/.exec(line)
  if (!match) return undefined
  const written = match[1]!
  const name = written.toLowerCase()
  return { written, name: COMPACT[name] ?? name, value: match[2]!.slice(0, MAX_LINE_CHARS) }
}

function shown({ written, name, value }: Header): string {
  const shownName = maskDigits(written)
  return HARMLESS.has(name) ? `${shownName}: ${maskDigits(value)}` : shownName
}

/** `INVITE sip:USER@HOST SIP/2.0` or `SIP/2.0 180 Ringing`. */
function startLine(line: string, redactor: Redactor): string {
  const response = /^SIP\/2\.0 (\d{3}) ?(.*)$/.exec(line)
  if (response) return maskDigits(line.slice(0, MAX_LINE_CHARS))
  const request = /^([A-Z]{1,20}) (sips?|tel):([^ ]*) SIP\/2\.0$/.exec(line)
  if (!request) return redactor.text(line)
  const [, method, scheme, rest = ''] = request
  if (scheme === 'tel') return `${method} tel:${redactor.number(rest)} SIP/2.0`
  const at = rest.lastIndexOf('@')
  const user = at < 0 ? '' : `${redactor.number(rest.slice(0, at).split(/[:;]/, 1)[0] ?? '')}@`
  return `${method} ${scheme}:${user}${hostPort(rest.slice(at + 1).split(/[;?]/, 1)[0] ?? '', redactor)} SIP/2.0`
}

const MAX_NAME_DIGITS = 4
const IP_LITERAL = /^(\d{1,3}(\.\d{1,3}){3}|\[(?=.*:.*:)[0-9A-Fa-f:.]{2,45}\])$/
const DOMAIN_NAME = /^(localhost|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,63})$/

/** An address stays, and a domain name with a few digits. Without a user, or with `%40` for `@`, a number stands here. */
function hostPort(text: string, redactor: Redactor): string {
  const [, host = text, port = ''] = /^(.*?)(:\d{1,5})?$/.exec(text) ?? []
  const isName = DOMAIN_NAME.test(host) && digitsOf(host) <= MAX_NAME_DIGITS
  return `${isName || IP_LITERAL.test(host) ? host : redactor.number(host)}${port}`
}

const digitsOf = (text: string) => text.replace(/\D/g, '').length

function sdpLines(body: string): readonly string[] {
  const lines = body.split(/\r?\n/, MAX_LINES)
  const shownLines = lines.filter((line) => SDP_LINES.test(line)).map((line) => line.slice(0, MAX_LINE_CHARS))
  return shownLines.map((line) => line.replace(NUMBER_IN_SDP, '*'))
}
