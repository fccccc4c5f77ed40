/**
 * One direction of the entropy coder, so that reading and writing share one description of a packet's order.
 * A reader ignores `given` and returns what it read; a writer writes `given` and returns it.
 */
export interface SymbolCoder {
  /** A symbol of the table `cdf[first .. first + entries - 1]`. */
  symbol(cdf: Uint16Array, first: number, entries: number, given: number): number
  /** `count` equiprobable bits, at most 15. */
  bits(count: number, given: number): number
}
