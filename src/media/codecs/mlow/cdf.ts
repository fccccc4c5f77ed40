/**
 * Cumulative frequency tables. A table of n symbols has n + 1 rising entries; symbol k covers [cdf[k], cdf[k + 1]).
 * A window is a run of entries inside a table and serves as a table of its own.
 */

/** Expands `count` root-frequency codes from `codes[first]` into `count + 1` entries from `out[at]`. */
export function expandRootFrequencies(codes: Uint8Array, first: number, count: number, out: Uint16Array, at: number) {
  const weights = new Float64Array(count)
  for (let i = 0; i < count; i++) weights[i] = Math.min((codes[first + i] + 1) ** 2, 65535)
  cumulate(weights, out, at)
}

/** Turns positive weights into cumulative frequencies that give every symbol at least 1 and end at 32767 or below. */
export function cumulate(weights: Float64Array, out: Uint16Array, at: number): void {
  const count = weights.length
  let sum = 0
  for (let i = 0; i < count; i++) sum += weights[i]
  out[at] = 0
  for (let i = 0; i < count; i++) {
    out[at + i + 1] = out[at + i] + Math.floor((weights[i] * (32767 - count)) / sum) + 1
  }
}

/** The tables of `codes.length / symbols` rows, each `symbols + 1` entries long, one after the other. */
export function cdfRows(codes: Uint8Array, symbols: number): Uint16Array {
  const rows = codes.length / symbols
  const out = new Uint16Array(rows * (symbols + 1))
  for (let row = 0; row < rows; row++) {
    expandRootFrequencies(codes, row * symbols, symbols, out, row * (symbols + 1))
  }
  return out
}
