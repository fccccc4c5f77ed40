import type { CallTraceEvent, CallTracer } from '../base/tracer.ts'

/** Looks of a leg at its media between two trace records: one look is a second. */
const LOOKS = 5

/** Shows a tracer what a leg has heard, every few seconds and when it ends. */
export class QualityTrace {
  readonly #events: () => readonly CallTraceEvent[]
  readonly #tracer: CallTracer
  #looks = 0

  constructor(tracer: CallTracer, events: () => readonly CallTraceEvent[]) {
    this.#tracer = tracer
    this.#events = events
  }

  look(): void {
    this.#looks = (this.#looks + 1) % LOOKS
    if (this.#looks === 0) this.record()
  }

  record(): void {
    if (!this.#tracer.isOn) return
    for (const event of this.#events()) this.#tracer.record(event)
  }
}
