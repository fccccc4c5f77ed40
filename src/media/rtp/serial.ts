/** RFC 3550, A.1. */
const MAX_DROPOUT = 3000
const MAX_MISORDER = 100

/** Serial numbers that wrap around (RFC 1982): how far `a` is ahead of `b`, negative when behind. */
export function ahead16(a: number, b: number): number {
  return ((a - b) << 16) >> 16
}

export function ahead32(a: number, b: number): number {
  return (a - b) | 0
}

/** RFC 3550, A.1: so far ahead, or so far back, that the sender must have started over. */
export function isSequenceJump(ahead: number): boolean {
  return ahead > MAX_DROPOUT || ahead < -MAX_MISORDER
}

/** Follows a 32-bit RTP timestamp across its wraps. */
export class ExtendedTimestamp {
  #last = 0
  #extended = 0

  /** Starts anew at `timestamp`. */
  restart(timestamp: number): number {
    this.#last = timestamp
    this.#extended = timestamp
    return timestamp
  }

  /** The timestamp without wraps, relative to the start; may be below the last one when packets are out of order. */
  extend(timestamp: number): number {
    this.#extended += ahead32(timestamp, this.#last)
    this.#last = timestamp
    return this.#extended
  }
}
