import type { Clock } from '../../base/clock.ts'
import type { Jid } from '../wa-client.ts'

export interface LidCacheOptions {
  readonly clock: Clock
  /** How long a number found on WhatsApp is believed. Default 24 h. */
  readonly positiveTtlMs?: number
  /** How long a number not found is believed to be absent. Default 1 h. */
  readonly negativeTtlMs?: number
  /** Where answers are kept. Default: in memory. */
  readonly entries?: LidEntries
}

export interface LidEntry {
  /** Undefined: the number is not on WhatsApp. */
  readonly lid: Jid | undefined
  /** Milliseconds since the Unix epoch. */
  readonly expiresMs: number
}

export interface LidEntries {
  get(digits: string): LidEntry | undefined
  set(digits: string, entry: LidEntry, nowMs: number): void
}

const MAX_ENTRIES = 10_000

/** Answers in memory. The oldest go first beyond the bound. */
export class MemoryLidEntries implements LidEntries {
  readonly #entries = new Map<string, LidEntry>()
  readonly #maxEntries: number

  constructor(maxEntries = MAX_ENTRIES) {
    this.#maxEntries = maxEntries
  }

  get(digits: string): LidEntry | undefined {
    return this.#entries.get(digits)
  }

  set(digits: string, entry: LidEntry): void {
    this.#entries.delete(digits)
    this.#entries.set(digits, entry)
    if (this.#entries.size > this.#maxEntries) this.#entries.delete(this.#entries.keys().next().value!)
  }
}

const HOUR_MS = 3_600_000

/** Remembers which LID a phone number has, and which numbers have none, and asks once for callers that ask together. */
export class LidCache {
  readonly #clock: Clock
  readonly #positiveTtlMs: number
  readonly #negativeTtlMs: number
  readonly #entries: LidEntries
  readonly #asking = new Map<string, Promise<Jid | undefined>>()

  constructor(options: LidCacheOptions) {
    this.#clock = options.clock
    this.#positiveTtlMs = options.positiveTtlMs ?? 24 * HOUR_MS
    this.#negativeTtlMs = options.negativeTtlMs ?? HOUR_MS
    this.#entries = options.entries ?? new MemoryLidEntries()
  }

  /** From what is kept, or by `ask`, whose failure is not remembered. */
  async lookUp(digits: string, ask: () => Promise<Jid | undefined>): Promise<Jid | undefined> {
    const known = this.#entries.get(digits)
    if (known && known.expiresMs > this.#clock.wallMs()) return known.lid
    const asking = this.#asking.get(digits)
    if (asking !== undefined) return asking
    const answer = ask().then((lid) => {
      this.#remember(digits, lid)
      return lid
    })
    this.#asking.set(digits, answer)
    try {
      return await answer
    } finally {
      this.#asking.delete(digits)
    }
  }

  #remember(digits: string, lid: Jid | undefined): void {
    const ttlMs = lid === undefined ? this.#negativeTtlMs : this.#positiveTtlMs
    const nowMs = this.#clock.wallMs()
    this.#entries.set(digits, { lid, expiresMs: nowMs + ttlMs }, nowMs)
  }
}
