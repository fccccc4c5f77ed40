import type { Clock, Timer } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { Random } from '../../base/random.ts'
import type { WaEvent, WaState } from '../wa-client.ts'
import { type CloseVerdict, type ReconnectOptions, ReconnectPolicy } from './reconnect-policy.ts'

export interface ConnectionCycleOptions {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly reconnect?: ReconnectOptions | undefined
  /** Makes an attempt, which reports by `enter('open')` or `ended`. */
  readonly connect: () => void
  readonly tell: (event: WaEvent) => void
}

/** The states of one account's connection, and when the next attempt is due: until `stop`, or until none helps. */
export class ConnectionCycle {
  readonly #options: ConnectionCycleOptions
  readonly #policy: ReconnectPolicy
  #state: WaState = 'closed'
  #isRunning = false
  #openedMs: number | undefined
  #retry: Timer | undefined
  /** When the next attempt is due, if that is not up to us. */
  #dueMs: number | undefined

  constructor(options: ConnectionCycleOptions) {
    this.#options = options
    this.#policy = new ReconnectPolicy(options.random, options.reconnect)
  }

  get state(): WaState {
    return this.#state
  }

  /** Seconds until an attempt that cannot be made sooner. */
  get retryAfterS(): number | undefined {
    if (this.#dueMs === undefined) return undefined
    return Math.max(1, Math.ceil((this.#dueMs - this.#options.clock.nowMs()) / 1000))
  }

  start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#attempt()
  }

  /** No attempt is made any more. The state stays: the connection may still have to be ended. */
  stop(): void {
    this.#isRunning = false
    this.#retry?.cancel()
    this.#dueMs = undefined
  }

  ended({ state, retry, reason }: CloseVerdict): void {
    if (retry === 'never') {
      this.stop()
      this.enter(state, reason)
      return
    }
    const { clock, logger } = this.#options
    const delayMs = retry === 'back-off' ? this.#policy.nextDelayMs(this.#openForMs()) : retry.afterMs
    const isUpToUs = retry === 'back-off' || delayMs === 0
    this.#dueMs = isUpToUs ? undefined : clock.nowMs() + delayMs
    this.enter(state, reason)
    if (!this.#isRunning) return
    logger[isUpToUs ? 'info' : 'warn']({ delayMs: Math.round(delayMs), reason }, 'connecting again')
    this.#retry = clock.after(delayMs, () => this.#attempt())
  }

  enter(state: WaState, reason?: string): void {
    if (state === this.#state) return
    this.#state = state
    if (state === 'open') this.#openedMs = this.#options.clock.nowMs()
    this.#options.logger.info({ state, reason }, 'WhatsApp connection')
    this.#options.tell(reason === undefined ? { type: 'state', state } : { type: 'state', state, reason })
  }

  #attempt(): void {
    this.#openedMs = undefined
    this.#dueMs = undefined
    this.enter('connecting')
    this.#options.connect()
  }

  #openForMs(): number {
    return this.#openedMs === undefined ? 0 : this.#options.clock.nowMs() - this.#openedMs
  }
}
