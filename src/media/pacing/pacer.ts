import type { Clock, Timer } from '../../base/clock.ts'

/** Timers fire on whole milliseconds: a tick that comes this much early is on time. */
const EARLY_MS = 1
/** A tick that comes later than this lets in first what has come from the network meanwhile. */
const STALL_MS = 5
/** It waits half as long again as it is late, at most this: packets may come through several hands of this process. */
const LONGEST_WAIT_MS = 10
/** After a stall, frames that are overdue by more than this are skipped instead of sent in a burst. */
const MAX_CATCH_UP_MS = 240

export interface PacerOptions {
  readonly clock: Clock
  readonly periodMs: number
  /** The frames need nothing from the network: no late one waits for it. */
  readonly isSelfSufficient?: boolean
  /** `skippedFrames` were left out just before this one; their time has passed all the same. This one is `lateMs` late. */
  readonly onFrame: (skippedFrames: number, lateMs: number) => void
}

/**
 * Calls `onFrame` once per period, for ever, on absolute deadlines: lateness of one tick never moves the next, so the rate
 * is the clock's and does not drift.
 *
 * An event loop that was held up runs its timers before it reads its sockets: frames made then would miss packets that
 * have long been there. So a late tick waits a moment.
 */
export class Pacer {
  readonly #options: PacerOptions
  readonly #tick = () => this.#run()
  #timer: Timer | undefined
  #deadlineMs = 0
  #hasLetIn = false
  /** Frames left out since the start. */
  skipped = 0

  constructor(options: PacerOptions) {
    this.#options = options
  }

  get running(): boolean {
    return this.#timer !== undefined
  }

  /** The first frame is due at once. */
  start(): void {
    if (this.running) return
    this.#deadlineMs = this.#options.clock.nowMs()
    this.#arm()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #run(): void {
    const { clock, periodMs, onFrame } = this.#options
    const lateMs = clock.nowMs() - this.#deadlineMs
    this.#hasLetIn = !this.#hasLetIn && lateMs > STALL_MS && !this.#options.isSelfSufficient
    if (this.#hasLetIn) {
      this.#timer = clock.after(Math.min(lateMs / 2, LONGEST_WAIT_MS), this.#tick)
      return
    }
    const overdue = Math.floor((lateMs - MAX_CATCH_UP_MS) / periodMs)
    let skipped = Math.max(0, overdue)
    this.skipped += skipped
    this.#deadlineMs += skipped * periodMs
    for (let now = clock.nowMs(); this.running && this.#deadlineMs <= now + EARLY_MS; now = clock.nowMs()) {
      const frameLateMs = Math.max(0, now - this.#deadlineMs)
      this.#deadlineMs += periodMs
      onFrame(skipped, frameLateMs)
      skipped = 0
    }
    if (this.running) this.#arm()
  }

  #arm(): void {
    this.#timer = this.#options.clock.after(Math.max(0, this.#deadlineMs - this.#options.clock.nowMs()), this.#tick)
  }
}
