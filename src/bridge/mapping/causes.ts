import type { CallCause } from '../cause.ts'

/** What a SIP peer is told: the final status before answer, and the Q.850 cause of the Reason header (RFC 3326). */
export interface SipCause {
  readonly status: number
  readonly phrase: string
  readonly q850: number
}

/** `silent` leaves the call to ring on the owner's other devices; `reject-busy` speaks for this device alone. */
export type WhatsAppEnding = 'reject' | 'reject-busy' | 'silent'

interface CauseRow {
  readonly sip: SipCause
  /** What WhatsApp is told when this ends a call that WhatsApp offered and nobody has answered. */
  readonly unanswered: WhatsAppEnding
}

const row = (status: number, phrase: string, q850: number, unanswered: WhatsAppEnding): CauseRow => ({
  sip: { status, phrase, q850 },
  unanswered,
})

/** The cause map of the manual (docs/manual.md, "Causes"); Q.850 values from ITU-T Q.850 table 1. */
const CAUSES: Readonly<Record<CallCause, CauseRow>> = {
  normal: row(480, 'Temporarily Unavailable', 16, 'reject'),
  busy: row(486, 'Busy Here', 17, 'reject-busy'),
  declined: row(603, 'Decline', 21, 'reject'),
  'no-answer': row(480, 'Temporarily Unavailable', 19, 'silent'),
  cancelled: row(487, 'Request Terminated', 16, 'silent'),
  'answered-elsewhere': row(487, 'Request Terminated', 26, 'silent'),
  'declined-elsewhere': row(487, 'Request Terminated', 21, 'silent'),
  'not-on-whatsapp': row(404, 'Not Found', 1, 'reject'),
  'invalid-number': row(484, 'Address Incomplete', 28, 'reject'),
  'emergency-number': row(403, 'Forbidden', 21, 'reject'),
  'premium-number': row(403, 'Forbidden', 21, 'reject'),
  'refused-by-policy': row(403, 'Forbidden', 21, 'reject'),
  'quiet-hours': row(480, 'Temporarily Unavailable', 21, 'silent'),
  'stranger-limit': row(480, 'Temporarily Unavailable', 21, 'silent'),
  'stranger-restricted': row(480, 'Temporarily Unavailable', 21, 'silent'),
  'dial-limit': row(503, 'Service Unavailable', 42, 'silent'),
  'account-busy': row(486, 'Busy Here', 17, 'reject-busy'),
  'account-logged-out': row(503, 'Service Unavailable', 38, 'silent'),
  'account-replaced': row(503, 'Service Unavailable', 38, 'silent'),
  'account-banned': row(503, 'Service Unavailable', 38, 'silent'),
  'account-offline': row(503, 'Service Unavailable', 38, 'silent'),
  'account-restricted': row(503, 'Service Unavailable', 42, 'silent'),
  'extension-not-found': row(404, 'Not Found', 1, 'reject'),
  'extension-busy': row(486, 'Busy Here', 17, 'reject-busy'),
  'extension-no-answer': row(480, 'Temporarily Unavailable', 19, 'silent'),
  'extension-declined': row(603, 'Decline', 21, 'reject'),
  'extension-unreachable': row(480, 'Temporarily Unavailable', 20, 'silent'),
  'no-common-codec': row(488, 'Not Acceptable Here', 88, 'silent'),
  'media-timeout': row(480, 'Temporarily Unavailable', 41, 'reject'),
  'relay-lost': row(480, 'Temporarily Unavailable', 41, 'reject'),
  'signalling-timeout': row(504, 'Server Time-out', 102, 'silent'),
  // 502 and 38 belong together in RFC 3398 section 8.2.6.1.
  'whatsapp-error': row(502, 'Bad Gateway', 38, 'silent'),
  overload: row(503, 'Service Unavailable', 42, 'silent'),
  'shutting-down': row(503, 'Service Unavailable', 38, 'silent'),
  'internal-error': row(500, 'Server Internal Error', 41, 'silent'),
}

/** Seconds a PBX is asked to stay away, for causes that may pass, when nobody knows better. */
const RETRY_AFTER_S: Partial<Readonly<Record<CallCause, number>>> = {
  'account-logged-out': 300,
  'account-replaced': 300,
  'account-banned': 3600,
  'account-offline': 10,
  overload: 5,
  'shutting-down': 30,
}

export const ALL_CAUSES = Object.keys(CAUSES) as readonly CallCause[]

export const sipCause = (cause: CallCause): SipCause => CAUSES[cause].sip

/** What the far end of a call that ends is told besides a status. */
export const endReason = (cause: CallCause) => {
  const { q850, phrase } = sipCause(cause)
  return { q850, text: phrase }
}

export const retryAfterS = (cause: CallCause): number | undefined => RETRY_AFTER_S[cause]

/** What an extension says by not being free or not answering; otherwise the owner's own phone may still take the call. */
const LEFT_TO_OWNER = new Set<CallCause>(['extension-busy', 'extension-no-answer'])

/** How a call that WhatsApp offered ends when nobody has answered. `isExclusive`: nothing is left to the owner's phone. */
export function unansweredEnding(cause: CallCause, isExclusive = false): WhatsAppEnding {
  return isExclusive && LEFT_TO_OWNER.has(cause) ? 'reject' : CAUSES[cause].unanswered
}

/** What Q.850 says more precisely than a SIP status that stands for many causes (RFC 4497 §8.4.1). */
const CAUSE_OF_Q850: Readonly<Record<number, CallCause>> = {
  1: 'extension-not-found',
  3: 'extension-not-found',
  17: 'extension-busy',
  18: 'extension-no-answer',
  19: 'extension-no-answer',
  20: 'extension-no-answer',
  21: 'extension-declined',
  22: 'extension-not-found',
  28: 'extension-not-found',
  31: 'extension-no-answer',
  34: 'overload',
  38: 'overload',
  41: 'overload',
  42: 'overload',
  88: 'no-common-codec',
}

const VAGUE = new Set([480, 487, 500, 502, 503, 504])

/** What an extension's final answer to our INVITE means (RFC 3261 §21), with the Q.850 cause of its Reason header. */
export function causeOfSipEnd(status: number, q850?: number): CallCause {
  const said = q850 === undefined || !VAGUE.has(status) ? undefined : CAUSE_OF_Q850[q850]
  return said ?? causeOfSipStatus(status)
}

function causeOfSipStatus(status: number): CallCause {
  switch (status) {
    case 404:
    case 410:
    case 484:
    case 604:
      return 'extension-not-found'
    case 486:
    case 600:
      return 'extension-busy'
    case 408:
    case 480:
    case 487:
    // A forward to somebody whom we do not dial, or by a way that we do not go: the phone has not answered.
    case 300:
    case 301:
    case 302:
    case 305:
    case 380:
      return 'extension-no-answer'
    case 603:
    case 607:
      return 'extension-declined'
    case 415:
    case 488:
    case 606:
      return 'no-common-codec'
    case 503:
      return 'overload'
    default:
      return 'extension-unreachable'
  }
}
