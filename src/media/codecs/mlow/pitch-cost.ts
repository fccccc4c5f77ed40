import { CONTOURS, contourBlocks, LAG_BLOCKS, MAX_SEGMENTS } from './pitch-contours.ts'
import { pitchBlockTransitionCdf, pitchContourCdf, pitchDeltaLagCdf } from './pitch-tables.ts'
import { symbolCosts } from './symbol-cost.ts'
import { pitchContourRank, pitchFirstBlockRange } from './tables/pitch.ts'

/** What lags cost in bits, estimated for the middle one of the three gain classes. */

/** Sum of the bits added since it was last set to 0: a returned number would need a box for each call. */
export const pitchBits = new Float64Array(1)

/** Stands for the block or index of a frame before that does not count. */
export const NO_LAG = -1

const LAG_CLASS = 1
const DELTA_ENTRIES = 320
const DELTA_WINDOW = 65
const LAGS_PER_BLOCK = 64
const UNIFORM_LAG_BITS = 6

const absoluteContourCost = symbolCosts(pitchContourCdf, 0, CONTOURS + 1)
/** Cost of a contour among those that begin in the same block. */
const contourInBlockCost = new Float64Array(CONTOURS)
/** [previous block][first block]. */
const transitionCost = new Float64Array(LAG_BLOCKS * LAG_BLOCKS)
/** Of symbol s in the window from w: `deltaTotalLog[w] - deltaLog[w + s]`. */
const deltaLog = new Float64Array(DELTA_ENTRIES - 1)
const deltaTotalLog = new Float64Array(DELTA_ENTRIES - DELTA_WINDOW + 1)

function tabulate(): void {
  for (let block = 0; block < LAG_BLOCKS; block++) {
    const low = pitchFirstBlockRange[2 * block]
    const high = pitchFirstBlockRange[2 * block + 1]
    contourInBlockCost.set(symbolCosts(pitchContourCdf, low, high - low + 2), low)
    const row = symbolCosts(pitchBlockTransitionCdf, block * (LAG_BLOCKS + 1), LAG_BLOCKS + 1)
    transitionCost.set(row, block * LAG_BLOCKS)
  }
  const cdf = pitchDeltaLagCdf.subarray(LAG_CLASS * DELTA_ENTRIES, (LAG_CLASS + 1) * DELTA_ENTRIES)
  for (let i = 0; i < deltaLog.length; i++) deltaLog[i] = Math.log2(cdf[i + 1] - cdf[i])
  for (let i = 0; i < deltaTotalLog.length; i++) deltaTotalLog[i] = Math.log2(cdf[i + DELTA_WINDOW - 1] - cdf[i])
}

tabulate()

/** Adds the bits for contour `contour` when the frame before ended in `previousBlock` (or NO_LAG). */
export function addContourBits(contour: number, previousBlock: number): void {
  const symbol = pitchContourRank[contour] - 1
  if (previousBlock === NO_LAG) {
    pitchBits[0] += absoluteContourCost[symbol]
    return
  }
  const block = contourBlocks[contour * MAX_SEGMENTS]
  pitchBits[0] += transitionCost[previousBlock * LAG_BLOCKS + block] + contourInBlockCost[symbol]
}

/** Adds the bits for the first lag index of a frame; the block is the one that the index lies in. */
export function addFirstLagBits(index: number, previousBlock: number, previousIndex: number): void {
  const block = index >> 6
  if (isFarFirstBlock(block, previousBlock)) pitchBits[0] += UNIFORM_LAG_BITS
  else addLagDeltaBits(block, previousIndex, index)
}

/** Adds the bits for lag index `index` in `block` after `previousIndex`. */
export function addLagDeltaBits(block: number, previousIndex: number, index: number): void {
  const window = LAGS_PER_BLOCK * block - previousIndex + 127
  pitchBits[0] += deltaTotalLog[window] - deltaLog[window + index - LAGS_PER_BLOCK * block]
}

/** The first lag is coded by itself: nothing to refer to, or too far from it. */
function isFarFirstBlock(block: number, previousBlock: number): boolean {
  const step = block - previousBlock
  return previousBlock === NO_LAG || step < -1 || step > 2
}
