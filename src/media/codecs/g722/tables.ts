/** Constants of ITU-T G.722 (09/2012) at 64 kbit/s; names and numbers of tables as there. */

/** Half of the 24 taps of the quadrature mirror filters (table 11), outermost first; the other half mirrors it. */
export const QMF_TAPS = Int16Array.of(3, -11, -11, 53, 12, -156, 32, 362, -210, -805, 951, 3876)

/** Q6 (table 14): decision levels of the lower band, in units of the step / 4096, the same on both sides of zero. */
export const LOW_DECISIONS = Int16Array.of(
  ...[0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219],
  ...[1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919],
)

/** ILN and ILP (table 15), by interval from 1 to 30: the two codes nearest to zero are out of line on the negative side. */
export const LOW_CODES = {
  positive: Uint8Array.from({ length: LOW_DECISIONS.length + 1 }, (_, interval) => 62 - interval),
  negative: Uint8Array.from(
    { length: LOW_DECISIONS.length + 1 },
    (_, interval) => (interval <= 2 ? 64 : 34) - interval,
  ),
}

const mirrored = (levels: readonly number[]) => [...levels.map((level) => -level), ...levels]

/** QM6 (table 18): what a 6-bit code stands for, in units of the step / 32768. */
export const LOW_LEVELS_6 = Int16Array.of(
  ...[-136, -136, -136, -136],
  ...mirrored([
    ...[24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456],
    ...[4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728],
  ]),
  ...[432, 136, -432, -136],
)

/** QM4 (table 16): the same of the upper four bits, which is what both predictors see. */
export const LOW_LEVELS_4 = Int16Array.of(0, ...mirrored([20456, 12896, 8968, 6288, 4240, 2584, 1200]), 0)

/** WL by way of RL42 (tables 17): how the lower step's logarithm moves after each 4-bit code. */
export const LOW_LOG_STEPS = Int16Array.of(
  ...[-60, 3042, 1198, 538, 334, 172, 58, -30],
  ...[3042, 1198, 538, 334, 172, 58, -30, -60],
)

/** QM2 and WH (tables 20, 21), by 2-bit code of the higher band. */
export const HIGH_LEVELS = Int16Array.of(-7408, -1616, 7408, 1616)
export const HIGH_LOG_STEPS = Int16Array.of(798, -214, 798, -214)
/** Q2: the one decision level on each side, as `LOW_DECISIONS`. */
export const HIGH_DECISION = 564

/** ILB (table 19): 2048 · 2^(i/32). */
export const ANTILOG = Int16Array.from({ length: 32 }, (_, i) => Math.round(2048 * 2 ** (i / 32)))
