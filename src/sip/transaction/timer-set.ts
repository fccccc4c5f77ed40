import type { Clock, Timer } from '../../base/clock.ts'

/** The timers of one transaction by their RFC letter. Starting one again replaces it. */
export class TimerSet<Name extends string> {
  readonly #clock: Clock
  readonly #timers = new Map<Name, Timer>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  start(name: Name, delayMs: number, run: () => void): void {
    this.stop(name)
    this.#timers.set(
      name,
      this.#clock.after(delayMs, () => {
        this.#timers.delete(name)
        run()
      }),
    )
  }

  stop(name: Name): void {
    this.#timers.get(name)?.cancel()
    this.#timers.delete(name)
  }

  stopAll(): void {
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
  }
}
