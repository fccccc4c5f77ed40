/** How far packets come after the fastest of late: what the playout delay has to cover. */
const BIN_MS = 5
const BINS = 64
/** Weight of the past in the histogram: it forgets with this time constant. */
const MEMORY_MS = 10_000
/** Faults come in spells: a delay that swings with each of them is heard more than one that stays. */
const HOLD_MS = 10_000
/** The share of packets that shall be in time. */
const IN_TIME = 0.98
/** On top of the network's delays: our own event loop is late too. */
const LOOP_MARGIN_MS = 10
/** Two windows of this length bound how long a fastest packet counts; clocks that differ by 200 ppm part by 2 ms in it. */
const WINDOW_MS = 5_000
/** A transit time that moves further than this in one step is a new timeline, not a delay. */
const NEW_TIMELINE_MS = 500

export interface DelayLimits {
  /** The delay that is kept without any jitter. */
  readonly minTargetMs: number
  readonly maxTargetMs: number
}

/**
 * Times are compared as transit: arrival less media time, both in milliseconds, with an unknown constant offset. The
 * smallest recent transit is the path without queues; what comes on top of it is jitter.
 */
export class DelayTracker {
  readonly #limits: DelayLimits
  readonly #histogram = new Float64Array(BINS)
  #weight = 0
  #windowStartMs = 0
  #currentMin = 0
  #previousMin = 0
  #known = false
  #targetMs: number
  /** For how long less than the target has been wanted, and the most of it. */
  #lessForMs = 0
  #mostWantedMs = 0

  constructor(limits: DelayLimits) {
    this.#limits = limits
    this.#targetMs = limits.minTargetMs
  }

  /** How long after its nominal arrival a packet should be played. */
  get targetMs(): number {
    return this.#targetMs
  }

  /** When a packet with this media time would have come over the path without queues. */
  nominalArrivalMs(mediaMs: number): number {
    return mediaMs + Math.min(this.#currentMin, this.#previousMin)
  }

  /** The next packet begins a new timeline; what is known of jitter stays. */
  restart(): void {
    this.#known = false
  }

  /**
   * Takes one packet that lasts `packetMs`. It may have come up to `unreadMs` before it was read, at `arrivalMs`: that part
   * of its delay is our own. Returns true when the timeline began anew with it.
   */
  note(arrivalMs: number, mediaMs: number, packetMs: number, unreadMs = 0): boolean {
    const transit = arrivalMs - mediaMs
    const base = Math.min(this.#currentMin, this.#previousMin)
    if (!this.#known || Math.abs(transit - base) > NEW_TIMELINE_MS) {
      this.#begin(arrivalMs, transit)
      return true
    }
    if (arrivalMs - this.#windowStartMs > WINDOW_MS) this.#nextWindow(arrivalMs, transit)
    this.#currentMin = Math.min(this.#currentMin, transit)
    this.#count(Math.max(0, transit - Math.min(this.#currentMin, this.#previousMin) - unreadMs), packetMs)
    return false
  }

  #begin(arrivalMs: number, transit: number): void {
    this.#known = true
    this.#windowStartMs = arrivalMs
    this.#currentMin = transit
    this.#previousMin = transit
  }

  #nextWindow(arrivalMs: number, transit: number): void {
    this.#windowStartMs = arrivalMs
    this.#previousMin = this.#currentMin
    this.#currentMin = transit
  }

  #count(delayMs: number, packetMs: number): void {
    const keep = Math.exp(-packetMs / MEMORY_MS)
    for (let i = 0; i < BINS; i++) this.#histogram[i]! *= keep
    this.#histogram[Math.min(BINS - 1, Math.floor(delayMs / BIN_MS))]! += 1
    this.#weight = this.#weight * keep + 1
    const { minTargetMs, maxTargetMs } = this.#limits
    this.#follow(Math.min(maxTargetMs, Math.max(minTargetMs, this.#quantileMs() + LOOP_MARGIN_MS)), packetMs)
  }

  /** Longer at once; shorter when nothing longer was wanted for a while, and then by what was not. */
  #follow(wantedMs: number, packetMs: number): void {
    this.#lessForMs = wantedMs < this.#targetMs ? this.#lessForMs + packetMs : 0
    this.#mostWantedMs = Math.max(this.#mostWantedMs, wantedMs)
    if (wantedMs >= this.#targetMs || this.#lessForMs >= HOLD_MS) {
      this.#targetMs = wantedMs >= this.#targetMs ? wantedMs : this.#mostWantedMs
      this.#lessForMs = 0
      this.#mostWantedMs = 0
    }
  }

  #quantileMs(): number {
    let sum = 0
    for (let i = 0; i < BINS; i++) {
      sum += this.#histogram[i]!
      if (sum >= IN_TIME * this.#weight) return (i + 1) * BIN_MS
    }
    return BINS * BIN_MS
  }
}
