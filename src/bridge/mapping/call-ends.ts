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
  refused: 'internal-error',
  'no-ack': 'signalling-timeout',
  'no-relay': 'signalling-timeout',
  'bad-accept': 'no-common-codec',
  'no-key': 'internal-error',
  'setup-failed': 'internal-error',
  offline: 'account-offline',
  'logged-out': 'account-logged-out',
  replaced: 'account-replaced',
  banned: 'account-banned',
  limit: 'account-busy',
  glare: 'busy',
  shutdown: 'shutting-down',
}

/** What the end of a WhatsApp call means on the bridge. */
export const causeOfCallEnd = (end: CallEnd): CallCause => CAUSES[end]
