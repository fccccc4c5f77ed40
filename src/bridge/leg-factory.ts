import type { Logger } from '../base/logger.ts'
import type { CallTracer } from '../base/tracer.ts'
import type { CallTarget, IncomingSession, Party } from '../sip/sip-engine.ts'
import type { IncomingCall } from '../whatsapp/calls/incoming-call.ts'
import type { OutgoingCall } from '../whatsapp/calls/outgoing-call.ts'
import type { Leg } from './leg.ts'

export interface LegContext {
  readonly correlationId: string
  /** Carries the correlation id already. */
  readonly log: Logger
  readonly tracer: CallTracer
  /** What a trunk is told of the WhatsApp side; filled in as it becomes known. */
  readonly whatsApp: WhatsAppIds
}

interface WhatsAppIds {
  account?: string
  callId?: string
  /** Of the WhatsApp user at the other end: 0 is the phone, others are linked devices. Never whose it is. */
  device?: number
}

/** Makes the legs of a call. The switchboard decides, the factory knows sockets, codecs and relays. */
export interface LegFactory {
  fromSip(session: IncomingSession, context: LegContext): Leg
  toSip(target: CallTarget, caller: Party, context: LegContext): Leg
  /** `isExclusive`: the SIP side decides for all devices of the account, also by being busy or not answering. */
  fromWhatsApp(call: IncomingCall, context: LegContext, isExclusive: boolean): Leg
  toWhatsApp(call: OutgoingCall, context: LegContext): Leg
}
