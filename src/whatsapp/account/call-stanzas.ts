import type { Clock } from '../../base/clock.ts'
import { Signal } from '../../base/events.ts'
import type { CallQueryResult, WaNode } from '../wa-client.ts'
import { PendingCallQueries } from './call-ack.ts'

/** What of a connection's stanzas concerns calls, handed to those who asked for it. */
export class CallStanzas {
  readonly #calls = new Signal<WaNode>()
  readonly #acks = new Signal<WaNode>()
  readonly #receipts = new Signal<WaNode>()
  readonly #queries: PendingCallQueries

  constructor(clock: Clock) {
    this.#queries = new PendingCallQueries(clock)
  }

  onCall(handler: (node: WaNode) => void): void {
    this.#calls.on(handler)
  }

  onCallAck(handler: (node: WaNode) => void): void {
    this.#acks.on(handler)
  }

  onReceipt(handler: (node: WaNode) => void): void {
    this.#receipts.on(handler)
  }

  query(node: WaNode, timeoutMs: number, send: () => Promise<void>): Promise<CallQueryResult> {
    return this.#queries.ask(node, timeoutMs, send)
  }

  call(node: WaNode): void {
    this.#calls.emit(node)
  }

  /** An `<ack class="call">`. */
  ack(node: WaNode): void {
    this.#queries.settle(node)
    this.#acks.emit(node)
  }

  receipt(node: WaNode): void {
    this.#receipts.emit(node)
  }

  /** The connection is gone: nobody answers any more. */
  offline(): void {
    this.#queries.settleAllOffline()
  }
}
