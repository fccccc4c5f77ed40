import type { Clock } from '../../base/clock.ts'
import type { Target } from './target.ts'

/** Long enough that calls do not run into a dead server one after the other, short enough that it is tried again soon. */
const DOWN_MS = 60_000
/** A peer that refused TCP is asked again after this. */
const NO_TCP_MS = 600_000
/** Servers that are remembered; the oldest are forgotten. */
const MAX_REMEMBERED = 1000

/** What earlier requests learnt about servers: RFC 3263 §4.3 asks to fail over, nobody asks to be slow every time. */
export class Reachability {
  readonly #clock: Clock
  readonly #until = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  failed(target: Target): void {
    this.#remember(keyOf(target), DOWN_MS)
  }

  answered(target: Target): void {
    this.#until.delete(keyOf(target))
  }

  refusedTcp(address: string): void {
    this.#remember(`no-tcp ${address}`, NO_TCP_MS)
  }

  mayTakeTcp(address: string): boolean {
    return !this.#holds(`no-tcp ${address}`)
  }

  /** The order kept, but what failed of late comes last. */
  sorted(targets: readonly Target[]): readonly Target[] {
    if (this.#until.size === 0) return targets
    const isDown = (target: Target) => this.#holds(keyOf(target))
    return [...targets.filter((target) => !isDown(target)), ...targets.filter(isDown)]
  }

  #remember(key: string, forMs: number): void {
    this.#until.delete(key)
    this.#until.set(key, this.#clock.nowMs() + forMs)
    if (this.#until.size > MAX_REMEMBERED) this.#until.delete(this.#until.keys().next().value!)
  }

  #holds(key: string): boolean {
    return (this.#until.get(key) ?? 0) > this.#clock.nowMs()
  }
}

const keyOf = ({ transport, remote }: Target) => `${transport} ${remote.address}:${remote.port}`
