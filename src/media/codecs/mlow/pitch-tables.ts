import { cdfRows } from './cdf.ts'
import {
  acbGainRootFreq8HighRate,
  acbGainRootFreq8LowRate,
  voicedPulseGainDeltaRootFreq8,
  voicedPulseGainRootFreq8,
} from './tables/celp.ts'
import { pitchBlockTransitionRootFreq8, pitchContourRootFreq8, pitchDeltaLagRootFreq8 } from './tables/pitch.ts'

/** Cumulative frequencies of the pitch block of a voiced frame, expanded. */

/** Gain pair index, rows of 17 entries by predecessor + 1. */
export const acbGainCdfHighRate = cdfRows(acbGainRootFreq8HighRate, 16)
export const acbGainCdfLowRate = cdfRows(acbGainRootFreq8LowRate, 16)
/** Voiced pulse gain without a predecessor: 35 entries. */
export const voicedPulseGainCdf = cdfRows(voicedPulseGainRootFreq8, 34)
/** Voiced pulse gain with one: 68 entries, windows of 35 from 33 - predecessor. */
export const voicedPulseGainDeltaCdf = cdfRows(voicedPulseGainDeltaRootFreq8, 67)
/** Rank of the contour: 218 entries. */
export const pitchContourCdf = cdfRows(pitchContourRootFreq8, 217)
/** First lag block by last block of the frame before: rows of 10 entries. */
export const pitchBlockTransitionCdf = cdfRows(pitchBlockTransitionRootFreq8, 9)
/** Lag index relative to the one before: rows of 320 entries by gain class, windows of 65. */
export const pitchDeltaLagCdf = cdfRows(pitchDeltaLagRootFreq8, 319)
