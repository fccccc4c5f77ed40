import type { CallTracer } from '../base/tracer.ts'
import type { Leg } from './leg.ts'

/** Looks of a leg at its media between two trace records: one look is a second. */
const LOOKS = 5

/** Shows a tracer what a leg has heard, every few seconds and when it ends. */
export class QualityTrace {
  readonly #leg: Pick<Leg, 'side' | 'quality'>
  readonly #tracer: CallTracer
  #looks = 0

  constructor(leg: Pick<Leg, 'side' | 'quality'>, tracer: CallTracer) {
    this.#leg = leg
    this.#tracer = tracer
  }

  look(): void {
    this.#looks = (this.#looks + 1) % LOOKS
    if (this.#looks === 0) this.record()
  }

  record(): void {
    if (!this.#tracer.isOn) return
    const figures = this.#leg.quality()
    if (figures) this.#tracer.record({ what: 'media', side: this.#leg.side, figures: { ...figures } })
  }
}
