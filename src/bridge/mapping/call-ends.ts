import type { MissedReason } from '../../whatsapp/calls/admission.ts'
import type { CallEnd } from '../../whatsapp/calls/call-event.ts'
import type { CallCause } from '../cause.ts'

const CAUSES: Readonly<Record<CallEnd, CallCause>> = {
  'hung-up': 'normal',
  'hung-up-here': 'normal',
  cancelled: 'cancelled',
  declined: 'declined',
  'declined-here': 'declined',
  busy: 'busy',
  unavailable: 'no-answer',
  unreachable: 'no-answer',
  'no-answer': 'no-answer',
  'answered-elsewhere': 'answered-elsewhere',
  'declined-elsewhere': 'declined-elsewhere',
  restricted: 'account-restricted',
  refused: 'whatsapp-error',
  'no-ack': 'signalling-timeout',
  'no-relay': 'signalling-timeout',
  'bad-accept': 'no-common-codec',
  'no-key': 'whatsapp-error',
  'setup-failed': 'internal-error',
  offline: 'account-offline',
  'logged-out': 'account-logged-out',
  replaced: 'account-replaced',
  banned: 'account-banned',
  limit: 'account-busy',
  glare: 'busy',
  shutdown: 'shutting-down',
}

const MISSED: Readonly<Record<MissedReason, CallCause>> = {
  offline: 'account-offline',
  'too-old': 'account-offline',
  'not-ready': 'account-offline',
  ended: 'cancelled',
  group: 'refused-by-policy',
  'no-key': CAUSES['no-key'],
  busy: CAUSES.limit,
}

/** What the end of a WhatsApp call means on the bridge. */
export const causeOfCallEnd = (end: CallEnd): CallCause => CAUSES[end]

/** What the record of an offer says that did not ring here. */
export const causeOfMissed = (reason: MissedReason): CallCause => MISSED[reason]
