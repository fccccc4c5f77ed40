import type { SipRecord } from './sip-record.ts'
import type { StanzaRecord } from './stanza-record.ts'

/**
 * One line of a trace file. `at` is ISO 8601 UTC; `call` is the correlation id, where it is known when the line is written
 * (a `leg` line tells it for what came before). Addresses of machines stand as they are: without them no fault of NAT
 * could be found.
 */
export type TraceRecord = { readonly at: string; readonly call?: string | undefined } & (
  | { readonly what: 'begin'; readonly product: string; readonly version: 1 }
  | {
      readonly what: 'sip'
      readonly direction: 'in' | 'out'
      readonly transport: string
      readonly remote: string
      readonly message: SipRecord
    }
  | {
      readonly what: 'stanza'
      readonly direction: 'in' | 'out'
      readonly account: string
      readonly node: StanzaRecord
    }
  | { readonly what: 'account'; readonly account: string; readonly state: string; readonly reason?: string | undefined }
  | { readonly what: 'leg'; readonly side: 'sip' | 'whatsapp'; readonly callId: string }
  | {
      readonly what: 'call'
      readonly direction: string
      readonly account: string
      readonly state: string
      readonly cause?: string | undefined
      readonly endedBy?: string | undefined
    }
  | {
      readonly what: 'stun'
      readonly direction: 'in' | 'out'
      readonly relay: string
      readonly type: string
      readonly bytes: number
    }
  | {
      readonly what: 'relay'
      readonly event: string
      readonly relay?: string | undefined
      readonly endpoint?: string | undefined
      readonly rttMs?: number | undefined
      readonly detail?: string | number | undefined
      readonly figures?: Readonly<Record<string, number>> | undefined
    }
  | { readonly what: 'media'; readonly side: 'sip' | 'whatsapp'; readonly figures: Readonly<Record<string, number>> }
  | { readonly what: 'end'; readonly reason: 'off' | 'full' }
)

/** What a trace event adds to `at` and `call`. */
export type TraceBody = TraceRecord extends infer R ? (R extends TraceRecord ? Omit<R, 'at'> : never) : never

/** The call-ids that a stanza names: that of `<offer>`, `<accept>` and the like, or of an ack’s content. */
export function callIdOfStanza({ attrs, content }: StanzaRecord): string | undefined {
  const own = attrs['call-id']
  if (own !== undefined || typeof content === 'string') return own
  for (const child of content ?? []) if (child.attrs['call-id'] !== undefined) return child.attrs['call-id']
  return undefined
}
