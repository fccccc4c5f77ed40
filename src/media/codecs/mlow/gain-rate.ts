import { acbGainCdfHighRate, voicedPulseGainCdf, voicedPulseGainDeltaCdf } from './pitch-tables.ts'
import { symbolCosts } from './symbol-cost.ts'

/**
 * What the bits of a gain index count against the squared error: the error is multiplied by 2^(0.015 bits). The
 * factors are single precision, as the original tabulates them.
 */
const ERROR_PER_BIT = 0.015
const GAIN_PAIRS = 16
const PULSE_GAINS = 34
const PULSE_GAIN_DELTAS = 67

const acbFactors = new Float32Array((GAIN_PAIRS + 1) * GAIN_PAIRS)
const firstPulseFactors = rateFactors(voicedPulseGainCdf, 0, PULSE_GAINS + 1)
const pulseDeltaFactors = rateFactors(voicedPulseGainDeltaCdf, 0, PULSE_GAIN_DELTAS + 1)

for (let row = 0; row <= GAIN_PAIRS; row++) {
  acbFactors.set(rateFactors(acbGainCdfHighRate, row * (GAIN_PAIRS + 1), GAIN_PAIRS + 1), row * GAIN_PAIRS)
}

function rateFactors(cdf: Uint16Array, first: number, entries: number): Float32Array {
  return Float32Array.from(symbolCosts(cdf, first, entries), (bits) => 2 ** (ERROR_PER_BIT * bits))
}

/** Factor of gain pair `index` after `previous` (-1: none). */
export function acbGainRateFactor(previous: number, index: number): number {
  return acbFactors[(previous + 1) * GAIN_PAIRS + index]
}

/** Factor of a voiced pulse gain index without predecessor. */
export function firstPulseGainRateFactor(index: number): number {
  return firstPulseFactors[index]
}

/**
 * Factor of a voiced pulse gain index after `previous`. The original reads its table backwards and one off (the
 * decoder's window runs the other way); its choices follow from that.
 */
export function nextPulseGainRateFactor(previous: number, index: number): number {
  return pulseDeltaFactors[Math.min(previous - index + PULSE_GAINS, PULSE_GAIN_DELTAS - 1)]
}
