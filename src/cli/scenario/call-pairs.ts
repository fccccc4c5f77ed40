import type { TraceEvent, Tracer } from '../../base/tracer.ts'

/** The names that one call of the gateway has on the wire, by side. */
export interface CallPair {
  readonly correlationId: string
  readonly sip: ReadonlySet<string>
  readonly whatsapp: ReadonlySet<string>
}

/** Hears from the gateway which SIP call and which WhatsApp call are the same call. */
export class CallPairs implements Tracer, Iterable<CallPair> {
  /** Packets and stanzas are not asked for; what a leg is called is told in any case. */
  readonly isOn = false
  readonly #pairs = new Map<string, { correlationId: string; sip: Set<string>; whatsapp: Set<string> }>()

  record(event: TraceEvent): void {
    if (event.what !== 'leg') return
    const { correlationId, side, callId } = event
    const pair = this.#pairs.get(correlationId) ?? { correlationId, sip: new Set(), whatsapp: new Set() }
    pair[side].add(callId)
    this.#pairs.set(correlationId, pair)
  }

  [Symbol.iterator](): Iterator<CallPair> {
    return this.#pairs.values()
  }
}
