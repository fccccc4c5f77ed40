import type { CallRecord } from '../../bridge/call.ts'

/** The last record of every call, in the order in which they began. A call that has ended has no more of them. */
export class CallRecords {
  /** One line for each record that came after the end of its call. */
  readonly faults: string[] = []
  readonly #last = new Map<string, CallRecord>()

  note(record: CallRecord): void {
    const { correlationId, state } = record
    if (this.get(correlationId)?.state === 'ended') this.faults.push(`call ${correlationId} was ${state} after its end`)
    this.#last.set(correlationId, record)
  }

  get(correlationId: string): CallRecord | undefined {
    return this.#last.get(correlationId)
  }

  all(): readonly CallRecord[] {
    return [...this.#last.values()]
  }
}
