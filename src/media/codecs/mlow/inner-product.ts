/**
 * Sum of a[aFrom + n] b[bFrom + n] for n < count. Even and odd n are summed apart, as the core's pairs of values are:
 * the two forms of the decoder agree to the last bit.
 */
export function innerProduct(a: Float64Array, aFrom: number, b: Float64Array, bFrom: number, count: number): number {
  let even = 0
  let odd = 0
  for (let n = 0; n + 1 < count; n += 2) {
    even += a[aFrom + n] * b[bFrom + n]
    odd += a[aFrom + n + 1] * b[bFrom + n + 1]
  }
  if (count % 2 === 1) even += a[aFrom + count - 1] * b[bFrom + count - 1]
  return even + odd
}
