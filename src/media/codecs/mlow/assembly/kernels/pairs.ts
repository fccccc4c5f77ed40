// 128-bit SIMD: two doubles at a time. Pointers are byte offsets of 64-bit floats.

export const PAIR: usize = 16
export const ONE: usize = 8

export function at(pointer: usize, index: i32): usize {
  return pointer + ((<usize>index) << 3)
}

/** Sum of a pair. */
export function lanes(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1)
}
