type Direction = 'in' | 'out'

/** A stanza, in the form that the WhatsApp room gives it. */
export interface TracedNode {
  readonly tag: string
  readonly attrs: Readonly<Record<string, string>>
  readonly content?: readonly TracedNode[] | Uint8Array | string | undefined
}

/** What passes at the edges of one call. */
export type CallTraceEvent =
  /** The call-id that one side of the call has on the wire. */
  | { readonly what: 'leg'; readonly side: 'sip' | 'whatsapp'; readonly callId: string }
  | {
      readonly what: 'stun'
      readonly direction: Direction
      readonly relay: string
      readonly type: number
      readonly bytes: number
    }
  | {
      readonly what: 'relay'
      readonly event: string
      readonly relay?: string | undefined
      /** Address and port where it was dialled. */
      readonly endpoint?: string | undefined
      readonly rttMs?: number | undefined
      readonly detail?: string | number | undefined
      readonly figures?: Readonly<Record<string, number>> | undefined
    }
  | { readonly what: 'media'; readonly side: 'sip' | 'whatsapp'; readonly figures: Readonly<Record<string, number>> }

/** What passes at the edges of the gateway, as it is there: with numbers, tokens and keys. Who records it redacts it. */
export type TraceEvent =
  | {
      readonly what: 'sip'
      readonly direction: Direction
      readonly transport: string
      readonly remote: { readonly address: string; readonly port: number }
      /** Only valid during the call. */
      readonly message: Uint8Array
    }
  | {
      readonly what: 'stanza'
      readonly direction: Direction
      readonly account: string
      readonly node: TracedNode
    }
  | {
      readonly what: 'account'
      readonly account: string
      readonly state: string
      readonly reason?: string | undefined
    }
  | {
      readonly what: 'call'
      readonly correlationId: string
      readonly direction: string
      readonly account: string
      readonly state: string
      readonly cause?: string | undefined
      readonly endedBy?: string | undefined
    }
  | (CallTraceEvent & { readonly correlationId: string })

/** Where the rooms leave what they see at their edges. Whoever has something to record asks `isOn` first. */
export interface Tracer {
  readonly isOn: boolean
  record(event: TraceEvent): void
}

export interface CallTracer {
  readonly isOn: boolean
  record(event: CallTraceEvent): void
}

export const noTracer: Tracer & CallTracer = { isOn: false, record: () => {} }

/** The tracer of one call. */
export function tracerOfCall(tracer: Tracer, correlationId: string): CallTracer {
  return {
    get isOn() {
      return tracer.isOn
    },
    record: (event) => tracer.record({ ...event, correlationId }),
  }
}
