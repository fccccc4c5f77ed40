import type { Clock, Timer } from '../../base/clock.ts'

/** A clock whose quartz is off: it runs `ppm` millionths faster than the true one. */
export class DriftingClock implements Clock {
  readonly #truth: Clock
  readonly #rate: number

  constructor(truth: Clock, ppm: number) {
    this.#truth = truth
    this.#rate = 1 + ppm / 1e6
  }

  nowMs(): number {
    return this.#truth.nowMs() * this.#rate
  }

  wallMs(): number {
    return this.#truth.wallMs()
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#truth.after(delayMs / this.#rate, run)
  }
}
