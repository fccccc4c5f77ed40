import { Signal } from '../../base/events.ts'
import type { WaNode } from '../../whatsapp/wa-client.ts'

/** Something a client did that the real network refuses or punishes. A correct client causes none. */
export interface Violation {
  /** Stable: `call.child-order`, `ack.twice`, … */
  readonly code: string
  readonly message: string
  /** Device JID that did it, or `unpaired`. */
  readonly device: string
  readonly node: WaNode | undefined
}

export type SimEvent =
  | { readonly type: 'violation'; readonly violation: Violation }
  /** A stanza between the server and a device, as seen by the device: `in` is what the device sent. */
  | { readonly type: 'stanza'; readonly direction: 'in' | 'out'; readonly device: string; readonly node: WaNode }
  | { readonly type: 'linked'; readonly device: string }
  | { readonly type: 'online'; readonly device: string }
  | { readonly type: 'offline'; readonly device: string }
  /** A request that the server has no answer for; it got an error 501. */
  | { readonly type: 'unanswered'; readonly device: string; readonly node: WaNode }
  | { readonly type: 'call-ended'; readonly callId: string; readonly how: CallEnd }

export type CallEnd = 'refused' | 'cancelled' | 'rejected' | 'hung-up' | 'timeout' | 'stopped'

export class Journal {
  readonly events = new Signal<SimEvent>()
  readonly #violations: Violation[] = []

  get violations(): readonly Violation[] {
    return this.#violations
  }

  violation(code: string, device: string, message: string, node?: WaNode): void {
    const violation = { code, device, message, node }
    this.#violations.push(violation)
    this.events.emit({ type: 'violation', violation })
  }
}
