// Voice activity detector (the one of SILK, RFC 6716).
// Origin and rights: docs/decisions/0010-mlow-tables.md. Values are little-endian under the checksum.

/**
 * All-pass coefficients of the band split, Q16: second and first sample of a pair.
 * @sha256 0cde2000dd59f12873b443e93782f53a154003c137445ab96414c7d8ef09a648
 */
export const vadAllpassCoefQ16 = new Int32Array([7788, -29322])

/**
 * Bias of the noise level per band.
 * @sha256 97a23e8ed0aa106aee6ff4b57bf9bca76285008530b0992825fd354b8041a38e
 */
export const vadInitialNoiseBias = new Int32Array([50, 25, 16, 12])

/**
 * Noise level per band at the start.
 * @sha256 2810ffb9e1ff268e82b1b088c52b898f4b4b227898584abfaef978aa09aec47a
 */
export const vadInitialNoiseLevel = new Int32Array([5000, 2500, 1600, 1200])

/**
 * Inverse noise level per band at the start.
 * @sha256 1ad5f32f3bf0201df0311cb98f2345c460205a7617f6fc5dfae48364410d4892
 */
export const vadInitialInverseNoiseLevel = new Int32Array([429496, 858993, 1342177, 1789569])
