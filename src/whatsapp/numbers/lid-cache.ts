import type { Clock } from '../../base/clock.ts'
import type { Jid } from '../wa-client.ts'

export interface LidCacheOptions {
  readonly clock: Clock
  /** How long a number found on WhatsApp is believed. Default 24 h. */
  readonly positiveTtlMs?: number
  /** How long a number not found is believed to be absent. Default 1 h. */
  readonly negativeTtlMs?: number
  /** Oldest entries go first beyond this. Default 10000. */
  readonly maxEntries?: number
}

interface Entry {
  readonly lid: Jid | undefined
  readonly expiresMs: number
}

const HOUR_MS = 3_600_000

/** Remembers which LID a phone number has, and which numbers have none, and asks once for callers that ask together. */
export class LidCache {
  readonly #clock: Clock
  readonly #positiveTtlMs: number
  readonly #negativeTtlMs: number
  readonly #maxEntries: number
  readonly #entries = new Map<string, Entry>()
  readonly #asking = new Map<string, Promise<Jid | undefined>>()

  constructor(options: LidCacheOptions) {
    this.#clock = options.clock
    this.#positiveTtlMs = options.positiveTtlMs ?? 24 * HOUR_MS
    this.#negativeTtlMs = options.negativeTtlMs ?? HOUR_MS
    this.#maxEntries = options.maxEntries ?? 10_000
  }

  /** From memory, or by `ask`, whose failure is not remembered. */
  async lookUp(digits: string, ask: () => Promise<Jid | undefined>): Promise<Jid | undefined> {
    const known = this.#entries.get(digits)
    if (known && known.expiresMs > this.#clock.nowMs()) return known.lid
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
    this.#entries.delete(digits)
    this.#entries.set(digits, { lid, expiresMs: this.#clock.nowMs() + ttlMs })
    if (this.#entries.size > this.#maxEntries) this.#entries.delete(this.#entries.keys().next().value!)
  }
}
