import type { Clock, Timer } from '../../src/base/clock.ts'

interface Due {
  readonly atMs: number
  readonly run: () => void
}

/** A time in which the process does not get to its work. */
export interface Stall {
  readonly fromMs: number
  readonly durationMs: number
}

/**
 * Virtual time as the event loop of a process sees it: in each turn first the timers that are due, then what has come
 * in meanwhile. While the process stands still, both wait.
 */
export class BusyLoop implements Clock {
  readonly #stalls: readonly Stall[]
  #nowMs = 0
  #timers: Due[] = []
  #arrivals: Due[] = []

  constructor(stalls: readonly Stall[]) {
    this.#stalls = stalls
  }

  nowMs(): number {
    return this.#nowMs
  }

  wallMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, run: () => void): Timer {
    // As Node does: no timer fires within the turn that set it.
    const due = { atMs: this.#nowMs + Math.max(1, delayMs), run }
    this.#timers.push(due)
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((each) => each !== due)
      },
    }
  }

  /** Something will come in from outside. */
  arrive(atMs: number, run: () => void): void {
    this.#arrivals.push({ atMs, run })
  }

  run(untilMs: number): void {
    for (;;) {
      const nextMs = Math.min(...[...this.#timers, ...this.#arrivals].map(({ atMs }) => atMs))
      if (nextMs > untilMs) return
      this.#nowMs = this.#awakeAt(Math.max(this.#nowMs, nextMs))
      this.#timers = this.#runDue(this.#timers, () => this.#timers)
      this.#arrivals = this.#runDue(this.#arrivals, () => this.#arrivals)
    }
  }

  #awakeAt(ms: number): number {
    const stall = this.#stalls.find(({ fromMs, durationMs }) => ms >= fromMs && ms < fromMs + durationMs)
    return stall ? stall.fromMs + stall.durationMs : ms
  }

  /** Runs what is due. Returns what is left of the list, which the callbacks may have changed. */
  #runDue(list: readonly Due[], current: () => readonly Due[]): Due[] {
    const due = list.filter(({ atMs }) => atMs <= this.#nowMs).sort((a, b) => a.atMs - b.atMs)
    for (const each of due) if (current().includes(each)) each.run()
    return current().filter((each) => !due.includes(each))
  }
}
