import type { Headers } from './headers.ts'
import type { NameAddress } from './name-address.ts'
import type { SipUri } from './uri.ts'
import type { Via } from './via.ts'

/** Fields that every message must have (RFC 3261 §8.1.1), read once by the parser. */
interface Received {
  readonly headers: Headers
  readonly body: Uint8Array
  /** The topmost. */
  readonly via: Via
  readonly from: NameAddress
  readonly to: NameAddress
  readonly callId: string
  readonly cseq: CSeq
}

export interface CSeq {
  readonly number: number
  readonly method: string
}

export interface SipRequest extends Received {
  readonly kind: 'request'
  readonly method: string
  readonly requestUri: string
  readonly uri: SipUri
}

export interface SipResponse extends Received {
  readonly kind: 'response'
  readonly status: number
  readonly reason: string
}

export type SipMessage = SipRequest | SipResponse

/** A message of ours. `startLine` without CRLF; Content-Length is written by the serializer. */
export interface OutgoingMessage {
  readonly startLine: string
  readonly headers: Headers
  readonly body?: string | undefined
}

export interface OutgoingRequest extends OutgoingMessage {
  readonly method: string
  readonly requestUri: string
}

export interface OutgoingResponse extends OutgoingMessage {
  readonly status: number
}

export function request(method: string, requestUri: string, headers: Headers, body?: string): OutgoingRequest {
  return { method, requestUri, startLine: `${method} ${requestUri} SIP/2.0`, headers, body }
}

/** The From or To tag; '' when absent. */
export function tagOf(address: NameAddress): string {
  return address.params.get('tag') ?? ''
}

export function bodyText(message: Received): string {
  return message.body.length === 0 ? '' : Buffer.from(message.body).toString('utf8')
}

function hasSdp(message: Received): boolean {
  return message.body.length > 0 && mediaType(message) === 'application/sdp'
}

/** The SDP of a message; undefined when it carries none. */
export function sdpOf(message: Received): string | undefined {
  return hasSdp(message) ? bodyText(message) : undefined
}

/** Content-Type without its parameters, lower case; '' when absent. */
export function mediaType(message: Received): string {
  return (message.headers.get('Content-Type') ?? '').split(';', 1)[0]!.trim().toLowerCase()
}

/** §20.1: whether an answer may have SDP; no Accept allows it. */
export function acceptsSdp(headers: Headers): boolean {
  const types = headers.list('Accept').map((value) => value.split(';', 1)[0]!.trim().toLowerCase())
  return !headers.has('Accept') || types.some((type) => ['application/sdp', 'application/*', '*/*'].includes(type))
}
