import type { TraceEvent, Tracer } from '../../base/tracer.ts'

/** Keeps the latest of each figure that a trace has of the WhatsApp side. */
export class TracedFigures implements Tracer {
  readonly isOn = true
  readonly #figures = new Map<string, number>()

  record(event: TraceEvent): void {
    if (event.what !== 'media' || event.side !== 'whatsapp') return
    for (const [name, value] of Object.entries(event.figures)) this.#figures.set(name, value)
  }

  get(name: string): number | undefined {
    return this.#figures.get(name)
  }
}
