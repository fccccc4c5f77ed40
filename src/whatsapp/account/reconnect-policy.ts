import type { Random } from '../../base/random.ts'
import type { WaState } from '../wa-client.ts'

/** How a connection ended, as the server said it. */
export interface ConnectionEnd {
  /** Of the stream error or `<failure>`; undefined when it just broke. */
  readonly statusCode?: number | undefined
  /** How long a ban lasts: seconds from now. */
  readonly expireS?: number | undefined
}

/** What the end of a connection asks for. */
export interface CloseVerdict {
  readonly state: Extract<WaState, 'closed' | 'logged-out' | 'replaced' | 'banned'>
  readonly retry: 'never' | 'back-off' | { readonly afterMs: number }
  readonly reason: string
}

/** The remedy is a setting, so this is only for the case that the server changes its mind. */
const OUTDATED_RETRY_MS = 900_000
/** A ban for a time that is not named. */
const UNKNOWN_BAN_S = 3600
/** A shorter ban is waited for as long: a server that names seconds each time must not be asked every few. */
const MIN_BAN_S = 60
/** When a longer ban has lasted so long, the server is asked again and names the rest. */
const MAX_BAN_S = 7 * 86_400

/** What the codes mean, and how surely, is in docs/protocol/client.md, "Status codes that end a connection". */
export function verdictOnClose({ statusCode, expireS }: ConnectionEnd): CloseVerdict {
  const verdict = (state: CloseVerdict['state'], retry: CloseVerdict['retry'], meaning?: string): CloseVerdict => {
    const status = statusCode === undefined ? 'connection failed' : `status ${statusCode}`
    return { state, retry, reason: meaning === undefined ? status : `${status}: ${meaning}` }
  }
  switch (statusCode) {
    case 515:
      return verdict('closed', { afterMs: 0 })
    case 401:
      return verdict('logged-out', 'never', 'removed on the phone')
    case 403:
      return verdict('logged-out', 'never', 'the account is locked, or was moved: look at the phone')
    case 402:
      return verdict('banned', { afterMs: banS(expireS) * 1000 }, `banned for ${banS(expireS)} s`)
    case 406:
      return verdict('banned', 'never', 'banned')
    case 405:
      return verdict('closed', { afterMs: OUTDATED_RETRY_MS }, 'this version is refused: set clientVersion')
    case 440:
      return verdict('replaced', 'never', 'connected elsewhere')
    default:
      return verdict('closed', 'back-off')
  }
}

function banS(expireS: number | undefined): number {
  return expireS === undefined ? UNKNOWN_BAN_S : Math.min(Math.max(expireS, MIN_BAN_S), MAX_BAN_S)
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
