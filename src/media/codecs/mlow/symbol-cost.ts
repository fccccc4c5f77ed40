/** Bits that each symbol of the table `cdf[first .. first + entries - 1]` costs. */
export function symbolCosts(cdf: Uint16Array, first: number, entries: number): Float64Array {
  const total = Math.log2(cdf[first + entries - 1] - cdf[first])
  return Float64Array.from({ length: entries - 1 }, (_, k) => total - Math.log2(cdf[first + k + 1] - cdf[first + k]))
}
