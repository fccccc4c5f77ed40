import type { Clock, Timer } from '../../base/clock.ts'

/** More than this and the answer is not given at all: whoever waits here has guessed wrongly before. */
const MAX_WAITING = 1000

/** Answers that are kept back for a while. */
export class DelayedAnswers {
  readonly #clock: Clock
  readonly #waiting = new Set<Timer>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `answer` after `delayMs`, at once for 0; `drop` when too many wait. */
  after(delayMs: number, answer: () => void, drop: () => void) {
    if (delayMs === 0) return answer()
    if (this.#waiting.size >= MAX_WAITING) return drop()
    const timer: Timer = this.#clock.after(delayMs, () => {
      this.#waiting.delete(timer)
      answer()
    })
    this.#waiting.add(timer)
  }

  close(): void {
    for (const timer of this.#waiting) timer.cancel()
    this.#waiting.clear()
  }
}
