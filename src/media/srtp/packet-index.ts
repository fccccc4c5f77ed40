/** Packet index and replay protection of SRTP receivers (RFC 3711, sections 3.3.1, 3.3.2 and appendix A). */

const SEQUENCE_COUNT = 0x1_0000
const HALF_SEQUENCE_COUNT = 0x8000
const WINDOW_PACKETS = 64

/**
 * Estimates the roll-over counter of `sequence`, given the highest sequence received and its counter. It may return -1,
 * for a packet from before the first one; no packet can be authentic there.
 */
export function estimateRollover(sequence: number, highestSequence: number, rollover: number): number {
  const ahead = sequence - highestSequence
  if (highestSequence < HALF_SEQUENCE_COUNT) return ahead > HALF_SEQUENCE_COUNT ? rollover - 1 : rollover
  return ahead < -HALF_SEQUENCE_COUNT ? rollover + 1 : rollover
}

/** The 48-bit packet index as a number: exact, since doubles hold 53 bits. */
export function packetIndex(rollover: number, sequence: number): number {
  return rollover * SEQUENCE_COUNT + sequence
}

/**
 * Which of the last 64 indices have been seen. `isFresh` before the tag is checked, `commit` after: a forged packet
 * never moves the window.
 */
export class ReplayWindow {
  #highest = -1
  // Bit i of the pair stands for index (highest - i); two 32-bit halves, since bit operations have 32 bits.
  #low = 0
  #high = 0

  /** The highest committed index, -1 before the first. */
  get highest(): number {
    return this.#highest
  }

  isFresh(index: number): boolean {
    if (index < 0) return false
    const age = this.#highest - index
    if (age < 0) return true
    if (age >= WINDOW_PACKETS) return false
    return age < 32 ? ((this.#low >>> age) & 1) === 0 : ((this.#high >>> (age - 32)) & 1) === 0
  }

  commit(index: number): void {
    const age = this.#highest - index
    if (age < 0) {
      this.#slide(-age)
      this.#highest = index
      this.#low |= 1
    } else if (age < 32) {
      this.#low |= 1 << age
    } else if (age < WINDOW_PACKETS) {
      this.#high |= 1 << (age - 32)
    }
  }

  #slide(by: number): void {
    if (by >= WINDOW_PACKETS) {
      this.#low = 0
      this.#high = 0
    } else if (by >= 32) {
      this.#high = by === 32 ? this.#low : this.#low << (by - 32)
      this.#low = 0
    } else {
      this.#high = (this.#high << by) | (this.#low >>> (32 - by))
      this.#low <<= by
    }
  }
}
