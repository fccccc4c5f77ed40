/** Headers of the SplitRed format (docs/protocol/mlow.md). */
const REDUNDANT_BIT = 0x80
const ONE_PACKET_BACK = 1
const NOW = 0
const MAX_BLOCK_BYTES = 255
const HEADER_BYTES = 3

/** Bytes that redundancy may add to a payload. */
export const MAX_REDUNDANCY_BYTES = HEADER_BYTES + MAX_BLOCK_BYTES

/** Puts the packet before in front of each packet, so that a single loss can be repaired. */
export class SplitRedWriter {
  readonly #previous = new Uint8Array(MAX_BLOCK_BYTES)
  #previousBytes = 0

  reset(): void {
    this.#previousBytes = 0
  }

  /**
   * Turns the packet `out[0 .. bytes)` into a payload in place and returns its length; `out` has room for
   * MAX_REDUNDANCY_BYTES more. A packet of more than 255 bytes is not repeated.
   */
  wrap(out: Uint8Array, bytes: number): number {
    const previousBytes = this.#previousBytes
    const main = previousBytes > 0 ? HEADER_BYTES + previousBytes : 1
    out.copyWithin(main, 0, bytes)
    if (previousBytes > 0) {
      out[0] = REDUNDANT_BIT | ONE_PACKET_BACK
      out[1] = previousBytes
      out[2] = NOW
      for (let i = 0; i < previousBytes; i++) out[HEADER_BYTES + i] = this.#previous[i]
    } else out[0] = NOW
    this.remember(out, main, bytes)
    return main + bytes
  }

  /** Keeps the packet `from[at .. at + bytes)` for the next one, when this one goes out without copies. */
  remember(from: Uint8Array, at: number, bytes: number): void {
    this.#previousBytes = bytes <= MAX_BLOCK_BYTES ? bytes : 0
    for (let i = 0; i < this.#previousBytes; i++) this.#previous[i] = from[at + i]
  }
}
