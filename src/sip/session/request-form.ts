import { ALLOW, SUPPORTED } from '../core.ts'
import { acceptsSdp, mediaType, type OutgoingResponse, type SipRequest } from '../message/message.ts'
import { responseTo } from '../message/response.ts'
import { isIntervalTooSmall, MIN_SESSION_EXPIRES_S } from './session-timer.ts'

/** Methods that are answered by what they say; anything else is 405 (§8.2.1). */
const METHODS: ReadonlySet<string> = new Set([...ALLOW.split(', '), 'REGISTER'])

/** §8.2.1 to §8.2.2.3; undefined when nothing speaks against the request. */
export function refusalOfRequest(request: SipRequest): OutgoingResponse | undefined {
  if (!METHODS.has(request.method)) return responseTo(request, 405, { headers: [['Allow', ALLOW]] })
  if (request.uri.host === '' && request.uri.scheme !== 'tel') return responseTo(request, 416)
  const unsupported = request.headers.list('Require').filter((tag) => !SUPPORTED.has(tag.toLowerCase()))
  if (unsupported.length === 0) return undefined
  return responseTo(request, 420, { headers: [['Unsupported', unsupported.join(', ')]] })
}

/** §8.2.3 and RFC 4028 §9, for an INVITE outside a dialog; undefined when nothing speaks against it. */
export function refusalOfInvite(request: SipRequest): OutgoingResponse | undefined {
  if (request.body.length > 0 && mediaType(request) !== 'application/sdp') {
    return responseTo(request, 415, { headers: [['Accept', 'application/sdp']] })
  }
  if (!acceptsSdp(request.headers)) return responseTo(request, 406)
  if (!isIntervalTooSmall(request)) return undefined
  return responseTo(request, 422, { headers: [['Min-SE', String(MIN_SESSION_EXPIRES_S)]] })
}
