import { type FrameSymbols, MAX_SUBFRAMES } from './frame-symbols.ts'
import {
  CONTOURS,
  contourBlocks,
  contourLengths,
  contourOfSymbol,
  contourSegments,
  LAG_BLOCKS,
  MAX_SEGMENTS,
} from './pitch-contours.ts'
import {
  acbGainCdfHighRate,
  acbGainCdfLowRate,
  pitchBlockTransitionCdf,
  pitchContourCdf,
  pitchDeltaLagCdf,
  voicedPulseGainCdf,
  voicedPulseGainDeltaCdf,
} from './pitch-tables.ts'
import type { SymbolCoder } from './symbol-coder.ts'
import { acbGainQ14HighRate, acbGainQ14LowRate } from './tables/celp.ts'
import { pitchContourRank, pitchFirstBlockRange } from './tables/pitch.ts'

const NONE = -1
const GAIN_PAIR_ENTRIES = 17
const PULSE_GAIN_ENTRIES = 35
const DELTA_LAG_ENTRIES = 320
/** Half-sample lags of a lag block. */
const BLOCK_LAGS = 64
/** Mean gain (centre + both side taps, Q14) from which lags are expected to change less. */
const DELTA_CLASS_1_Q14 = 10007
const DELTA_CLASS_2_Q14 = 14085

/** The pitch block of voiced frames, with the four predictors that run through a packet. */
export class PitchSyntax {
  #acbGain = NONE
  #pulseGain = NONE
  #lagBlock = NONE
  #lagIndex = NONE

  /** Forgets the frames before. */
  forget(): void {
    this.#acbGain = NONE
    this.#pulseGain = NONE
    this.#lagBlock = NONE
    this.#lagIndex = NONE
  }

  code(coder: SymbolCoder, frame: FrameSymbols, lowRate: number): void {
    this.#codeGains(coder, frame, lowRate)
    this.#codeContour(coder, frame)
    this.#codeLags(coder, frame, deltaLagClass(frame, lowRate))
  }

  #codeGains(coder: SymbolCoder, frame: FrameSymbols, lowRate: number): void {
    const { acbGain, pulseGain, subframePulses } = frame
    const gainCdf = lowRate === 1 ? acbGainCdfLowRate : acbGainCdfHighRate
    const subframes = lowRate === 1 ? 2 : MAX_SUBFRAMES
    for (let s = 0; s < subframes; s++) {
      const row = (this.#acbGain + 1) * GAIN_PAIR_ENTRIES
      this.#acbGain = coder.symbol(gainCdf, row, GAIN_PAIR_ENTRIES, acbGain[s])
      acbGain[s] = this.#acbGain
      if (subframePulses[s] === 0) {
        pulseGain[s] = 0
        continue
      }
      this.#pulseGain =
        this.#pulseGain === NONE
          ? coder.symbol(voicedPulseGainCdf, 0, PULSE_GAIN_ENTRIES, pulseGain[s])
          : coder.symbol(voicedPulseGainDeltaCdf, 33 - this.#pulseGain, PULSE_GAIN_ENTRIES, pulseGain[s])
      pulseGain[s] = this.#pulseGain
    }
    acbGain.fill(0, subframes)
    pulseGain.fill(0, subframes)
  }

  #codeContour(coder: SymbolCoder, frame: FrameSymbols): void {
    const given = pitchContourRank[frame.contour] - 1
    if (this.#lagBlock === NONE) {
      frame.contour = contourOfSymbol[coder.symbol(pitchContourCdf, 0, CONTOURS + 1, given)]
      return
    }
    const row = this.#lagBlock * (LAG_BLOCKS + 1)
    const firstBlock = contourBlocks[frame.contour * MAX_SEGMENTS]
    const block = coder.symbol(pitchBlockTransitionCdf, row, LAG_BLOCKS + 1, firstBlock)
    const low = pitchFirstBlockRange[2 * block]
    const high = pitchFirstBlockRange[2 * block + 1]
    frame.contour = contourOfSymbol[low + coder.symbol(pitchContourCdf, low, high - low + 2, given - low)]
  }

  #codeLags(coder: SymbolCoder, frame: FrameSymbols, deltaClass: number): void {
    const { lagIndex } = frame
    const first = frame.contour * MAX_SEGMENTS
    const segments = contourSegments[frame.contour]
    const row = deltaClass * DELTA_LAG_ENTRIES
    let at = 0
    for (let s = first; s < first + segments; s++) {
      const block = contourBlocks[s]
      const base = BLOCK_LAGS * block
      const step = block - this.#lagBlock
      const given = lagIndex[at] - base
      const symbol =
        this.#lagBlock === NONE || step < -1 || step > 2
          ? coder.bits(6, given)
          : coder.symbol(pitchDeltaLagCdf, row + base - this.#lagIndex + 127, BLOCK_LAGS + 1, given)
      this.#lagBlock = block
      this.#lagIndex = base + symbol
      lagIndex.fill(this.#lagIndex, at, at + contourLengths[s])
      at += contourLengths[s]
    }
  }
}

/** Which of three tables predicts the lag steps: the stronger the adaptive codebook, the smaller the steps. */
function deltaLagClass(frame: FrameSymbols, lowRate: number): number {
  const gains = lowRate === 1 ? acbGainQ14LowRate : acbGainQ14HighRate
  const subframes = lowRate === 1 ? 2 : MAX_SUBFRAMES
  let sum = 0
  for (let s = 0; s < subframes; s++) sum += gains[2 * frame.acbGain[s]] + 2 * gains[2 * frame.acbGain[s] + 1]
  const mean = Math.trunc(sum / subframes)
  if (mean < DELTA_CLASS_1_Q14) return 0
  return mean < DELTA_CLASS_2_Q14 ? 1 : 2
}
