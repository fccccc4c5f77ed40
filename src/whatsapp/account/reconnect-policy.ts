import type { Random } from '../../base/random.ts'

/** What the end of a connection asks for. */
export type CloseVerdict = 'restart' | 'retry' | 'logged-out' | 'replaced' | 'banned'

/**
 * By the status code of the stream error or connection failure. 515 ends each pairing; 401 and 406 mean that the phone
 * removed this device; 402 and 403 that the account is restricted; 440 that the same credentials connected elsewhere.
 * (docs/protocol/client.md)
 */
export function verdictOnClose(statusCode: number | undefined): CloseVerdict {
  switch (statusCode) {
    case 515:
      return 'restart'
    case 401:
    case 406:
      return 'logged-out'
    case 402:
    case 403:
      return 'banned'
    case 440:
      return 'replaced'
    default:
      return 'retry'
  }
}

export interface ReconnectOptions {
  /** The first delay. Default 1 s. */
  readonly firstDelayMs?: number
  /** No delay is longer. Default 2 min. */
  readonly maxDelayMs?: number
  /** A connection that lasted this long was a good one: the next delay is the first again. Default 1 min. */
  readonly stableAfterMs?: number
}

/** Exponential back-off; each delay lies between half and all of its step, so that many gateways do not return at once. */
export class ReconnectPolicy {
  readonly #random: Random
  readonly #firstDelayMs: number
  readonly #maxDelayMs: number
  readonly #stableAfterMs: number
  #failures = 0

  constructor(random: Random, options: ReconnectOptions = {}) {
    this.#random = random
    this.#firstDelayMs = options.firstDelayMs ?? 1000
    this.#maxDelayMs = options.maxDelayMs ?? 120_000
    this.#stableAfterMs = options.stableAfterMs ?? 60_000
  }

  /** The delay before the next attempt, after a connection that was open for `openForMs` (0: never opened). */
  nextDelayMs(openForMs: number): number {
    if (openForMs >= this.#stableAfterMs) this.#failures = 0
    const stepMs = Math.min(this.#maxDelayMs, this.#firstDelayMs * 2 ** Math.min(this.#failures, 30))
    this.#failures++
    return stepMs / 2 + this.#random.below(Math.floor(stepMs / 2) + 1)
  }
}
