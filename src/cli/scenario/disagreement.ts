import type { Timer } from '../../base/clock.ts'
import type { House } from './house.ts'
import type { Stage } from './stage.ts'

const LOOK_EVERY_MS = 50
/** So long one side may take a call for up that the other does not. */
const LONGEST_MS = 2000

/** Watches whether the desk phone and WhatsApp's phones agree on how many calls are up. */
export class Disagreement {
  readonly #house: House
  readonly #stage: Stage
  #timer: Timer | undefined
  #sinceMs: number | undefined
  #longestMs = 0
  readonly #excusedUntilMs: number

  constructor(house: House, stage: Stage, excusedForMs: number) {
    this.#house = house
    this.#stage = stage
    this.#excusedUntilMs = house.clock.nowMs() + excusedForMs
    this.#look()
  }

  stop(): void {
    this.#timer?.cancel()
  }

  faults(): string[] {
    if (this.#longestMs <= LONGEST_MS) return []
    return [`the two sides disagreed for ${Math.round(this.#longestMs)} ms on whether a call is up`]
  }

  /** Without a connection nobody can be told anything. */
  #isFaulty(): boolean {
    const { gateway, accounts, clock } = this.#house
    if (clock.nowMs() < this.#excusedUntilMs) return true
    return accounts.some((name) => gateway.account(name)?.client.state !== 'open')
  }

  #look(): void {
    const nowMs = this.#house.clock.nowMs()
    const { phone, peers } = this.#stage.callsUp()
    if (phone === peers || this.#isFaulty()) this.#sinceMs = undefined
    else {
      this.#sinceMs ??= nowMs
      this.#longestMs = Math.max(this.#longestMs, nowMs - this.#sinceMs)
    }
    this.#timer = this.#house.clock.after(LOOK_EVERY_MS, () => this.#look())
  }
}
