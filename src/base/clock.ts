export interface Timer {
  cancel(): void
}

/** Time as the rooms see it: monotonic for measuring and waiting, wall time for records. Tests put `VirtualClock` here. */
export interface Clock {
  /** Monotonic milliseconds, with fractions. */
  nowMs(): number
  /** Whole milliseconds since the Unix epoch. */
  wallMs(): number
  after(delayMs: number, run: () => void): Timer
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, run) {
    const handle = setTimeout(run, delayMs)
    return { cancel: () => clearTimeout(handle) }
  },
}

interface Pending {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

/** A clock that moves only when told to. Timers fire in order of time, then of creation. */
export class VirtualClock implements Clock {
  #nowMs = 0
  #order = 0
  readonly #pending = new Set<Pending>()
  readonly #epochMs: number

  constructor(epochMs = Date.UTC(2026, 0, 1)) {
    this.#epochMs = epochMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  wallMs(): number {
    return Math.floor(this.#epochMs + this.#nowMs)
  }

  /** Timers that have not fired: a test's check that nothing leaked. */
  get pendingTimers(): number {
    return this.#pending.size
  }

  after(delayMs: number, run: () => void): Timer {
    const entry: Pending = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, run }
    this.#pending.add(entry)
    return { cancel: () => void this.#pending.delete(entry) }
  }

  /** Moves on by `deltaMs`, firing what falls due; promise callbacks run between timers. */
  async advance(deltaMs: number): Promise<void> {
    const endMs = this.#nowMs + deltaMs
    await settle()
    for (let next = this.#earliest(endMs); next; next = this.#earliest(endMs)) {
      this.#pending.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.run()
      await settle()
    }
    this.#nowMs = endMs
  }

  #earliest(endMs: number): Pending | undefined {
    let best: Pending | undefined
    for (const entry of this.#pending) {
      if (entry.atMs > endMs) continue
      if (!best || entry.atMs < best.atMs || (entry.atMs === best.atMs && entry.order < best.order)) best = entry
    }
    return best
  }
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
