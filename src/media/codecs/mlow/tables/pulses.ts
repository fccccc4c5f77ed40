// Pulse counts and the fixed-point sigmoid from which the run-length tables are computed.
// Origin and rights: docs/decisions/0010-mlow-tables.md. Values are little-endian under the checksum.
// RootFreq8: frequency codes for cdf.ts.

/**
 * Most pulses per internal frame: [lowRate][background, unvoiced, voiced].
 * @sha256 43c03aa9dbc7190303d667a415851dac85c14d97de489d3e7094e874f06a3899
 */
export const pulseBudget20ms = new Uint8Array([80, 160, 160, 16, 32, 32])

/**
 * Pulse count, low rate, background class: [17].
 * @sha256 ee4cdf4759fc2a98d7dfda35dc47cebd1caeec21767a4b3e9582e44d066c81b2
 */
export const pulseCountRootFreq8Background = new Uint8Array([255, 56, 43, 35, 35, 37, 43, 50, 59, 61, 65, 63, 57, 48, 37, 27, 19])

/**
 * Pulse count, low rate, unvoiced: [33].
 * @sha256 7ad35358dfd68869929654b80ee8c997ef5afd8b14ce5554975b6292d9d6c3ef
 */
export const pulseCountRootFreq8Unvoiced = new Uint8Array([
  255, 68, 84, 55, 66, 44, 46, 47, 48, 49, 50, 52, 53, 52, 53, 54, 60, 52, 54, 54, 54, 53, 51, 48, 45, 40, 36, 30, 25, 16, 15, 14, 20,
])

/**
 * Pulse count, low rate, voiced: [33].
 * @sha256 c6725266aa771d7d9e23da6984919b17042169f87d1486c6de5fbb705a34d66f
 */
export const pulseCountRootFreq8Voiced = new Uint8Array([
  72, 86, 114, 153, 255, 68, 81, 93, 104, 112, 118, 122, 125, 126, 128, 129, 131, 131, 132, 130, 128, 123, 118, 111, 103, 92, 81, 70, 58, 40, 35, 31, 32,
])

/**
 * Fixed-point sigmoid: slope per 1/32 between integers.
 * @sha256 e6c40a159ca5ea4acbf5977ebd3033eb7a83aa179064bf5abdb362fc698953d3
 */
export const sigmoidSlopeQ10 = new Int32Array([237, 153, 73, 30, 12, 7])

/**
 * Fixed-point sigmoid at 0, 1, 2 …
 * @sha256 cdd66bbe1ae22b32a8d0096c1b85dd3195d15e52bb6401233f6bee1499b2dd63
 */
export const sigmoidPositiveQ15 = new Int32Array([16384, 23955, 28861, 31213, 32178, 32548])

/**
 * Fixed-point sigmoid at 0, -1, -2 …
 * @sha256 0047592a770195b6309532002bc85fd35942458fcc90735aaa7f5cedcf3825c8
 */
export const sigmoidNegativeQ15 = new Int32Array([16384, 8812, 3906, 1554, 589, 219])
