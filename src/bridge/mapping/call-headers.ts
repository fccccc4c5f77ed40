import type { ExtraHeader, IncomingSession } from '../../sip/sip-engine.ts'
import type { LegContext } from '../leg-factory.ts'

const CORRELATION_ID = 'X-Correlation-ID'
const ACCOUNT = 'X-WA-Account'
const CALL_ID = 'X-WA-Call-ID'
const DEVICE = 'X-WA-Device'

/** What is known of a call, for a trunk's log and call records. */
export function callHeaders({ correlationId, whatsApp }: LegContext): readonly ExtraHeader[] {
  const headers = [
    { name: CORRELATION_ID, value: correlationId },
    { name: ACCOUNT, value: whatsApp.account },
    { name: CALL_ID, value: whatsApp.callId },
    { name: DEVICE, value: whatsApp.device?.toString() },
  ]
  return headers.flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }]))
}

/** What a trunk says of a call of its own; a phone is not asked, nor is a value out of form. */
export interface TrunkWishes {
  /** An id that the PBX already logs; stands for ours. */
  readonly correlationId: string | undefined
  /** The WhatsApp account that is to make the call. */
  readonly account: string | undefined
}

export function trunkWishes(session: Pick<IncomingSession, 'peer' | 'header'>): TrunkWishes {
  if (session.peer.kind === 'user') return { correlationId: undefined, account: undefined }
  return { correlationId: inForm(session.header(CORRELATION_ID)), account: inForm(session.header(ACCOUNT)) }
}

const inForm = (value: string | undefined) => (value !== undefined && /^[\w.@-]{1,64}$/.test(value) ? value : undefined)
