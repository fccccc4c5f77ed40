import type { Clock } from '../../src/base/clock.ts'
import { type Random, seededRandom } from '../../src/base/random.ts'

/** What happens to packets on one link of a call, in each direction alike. */
export interface LinkFaults {
  /** Share of packets, 0 to 1. */
  readonly loss?: number
  /** Outages: everything is lost for `meanMs` on average, as often as makes this share of the time. */
  readonly outages?: { readonly share: number; readonly meanMs: number }
  /** Every packet takes up to this much longer, each its own time, so that some overtake others. */
  readonly jitterMs?: number
}

/** One way without faults. */
export const LINK_DELAY_MS = 30
const STEPS = 1_000_000

/** One direction of a link. `deliver` gets a copy. */
export class FaultyLink {
  readonly #clock: Clock
  readonly #random: Random
  readonly #faults: LinkFaults
  #isOut = false
  #changesAtMs: number

  constructor(clock: Clock, faults: LinkFaults, seed: number) {
    this.#clock = clock
    this.#faults = faults
    this.#random = seededRandom(seed)
    // The first values of close seeds are alike.
    for (let i = 0; i < 16; i++) this.#random.below(STEPS)
    this.#changesAtMs = clock.nowMs() + this.#stretchMs(false)
  }

  carry(packet: Uint8Array, deliver: (packet: Uint8Array) => void): void {
    const { loss = 0, jitterMs = 0 } = this.#faults
    const isLost = this.#chance() < loss
    const delayMs = LINK_DELAY_MS + this.#chance() * jitterMs
    if (isLost || this.#isInOutage()) return
    const copy = packet.slice()
    this.#clock.after(delayMs, () => deliver(copy))
  }

  #isInOutage(): boolean {
    while (this.#clock.nowMs() >= this.#changesAtMs) {
      this.#isOut = !this.#isOut
      this.#changesAtMs += this.#stretchMs(this.#isOut)
    }
    return this.#isOut
  }

  /** Exponentially distributed. */
  #stretchMs(isOut: boolean): number {
    const { outages } = this.#faults
    if (!outages) return Number.POSITIVE_INFINITY
    const meanMs = isOut ? outages.meanMs : (outages.meanMs * (1 - outages.share)) / outages.share
    return -Math.log(1 - this.#chance()) * meanMs
  }

  #chance(): number {
    return this.#random.below(STEPS) / STEPS
  }
}
