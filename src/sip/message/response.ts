import { Headers } from './headers.ts'
import type { OutgoingResponse, SipRequest } from './message.ts'
import { tagOf } from './message.ts'

/** RFC 3261 §21 and its extensions; the phrases of the answers that this user agent gives. */
const PHRASES: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  181: 'Call Is Being Forwarded',
  183: 'Session Progress',
  200: 'OK',
  202: 'Accepted',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  415: 'Unsupported Media Type',
  416: 'Unsupported URI Scheme',
  420: 'Bad Extension',
  422: 'Session Interval Too Small',
  423: 'Interval Too Brief',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  482: 'Loop Detected',
  483: 'Too Many Hops',
  484: 'Address Incomplete',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  491: 'Request Pending',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Server Time-out',
  505: 'Version Not Supported',
  513: 'Message Too Large',
  600: 'Busy Everywhere',
  603: 'Decline',
  604: 'Does Not Exist Anywhere',
}

export function reasonPhrase(status: number): string {
  return PHRASES[status] ?? 'Unknown'
}

export interface ResponseParts {
  /** Goes into To when the request's To has no tag (§8.2.6.2); not for 100. */
  readonly toTag?: string | undefined
  readonly headers?: Iterable<readonly [string, string]>
  readonly body?: string | undefined
}

/** RFC 3261 §8.2.6.2: an answer carries the request's Via, From, To, Call-ID and CSeq. */
export function responseTo(request: SipRequest, status: number, parts: ResponseParts = {}): OutgoingResponse {
  const to = request.headers.get('To')!
  const needsTag = parts.toTag !== undefined && status !== 100 && tagOf(request.to) === ''
  const headers = echoedHeaders(request.headers, needsTag ? `${to};tag=${parts.toTag}` : to)
  for (const [name, value] of parts.headers ?? []) headers.append(name, value)
  if (parts.body !== undefined) headers.append('Content-Type', 'application/sdp')
  return { status, startLine: `SIP/2.0 ${status} ${reasonPhrase(status)}`, headers, body: parts.body }
}

/** The fields an answer repeats; also for requests that could not be interpreted, so each may be missing. */
export function echoedHeaders(received: Headers, to: string | undefined): Headers {
  const headers = new Headers().copyFrom(received, 'Via').copyFrom(received, 'From')
  if (to !== undefined) headers.append('To', to)
  return headers.copyFrom(received, 'Call-ID').copyFrom(received, 'CSeq')
}
