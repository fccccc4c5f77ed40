import type { Clock } from '../base/clock.ts'

/** How long the far end of a leg has been muted, or has had the call on hold, in all. */
export class MutedTime {
  readonly #clock: Clock
  #sinceMs: number | undefined
  #beforeMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isMuted(): boolean {
    return this.#sinceMs !== undefined
  }

  set(isMuted: boolean): void {
    const nowMs = this.#clock.nowMs()
    if (isMuted) this.#sinceMs ??= nowMs
    else if (this.#sinceMs !== undefined) {
      this.#beforeMs += nowMs - this.#sinceMs
      this.#sinceMs = undefined
    }
  }

  totalMs(): number {
    const presentMs = this.#sinceMs === undefined ? 0 : this.#clock.nowMs() - this.#sinceMs
    return Math.round(this.#beforeMs + presentMs)
  }
}
