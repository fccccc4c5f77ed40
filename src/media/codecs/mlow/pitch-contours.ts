import { RangeDecoder } from './range-decoder.ts'
import { pitchContourBitstream, pitchContourRank } from './tables/pitch.ts'

/** Lag contours: each divides the eight 40-sample blocks of an internal frame into segments, each in one lag block. */
export const CONTOURS = 217
/** Row length of the segment arrays. */
export const MAX_SEGMENTS = 6
/** Blocks of 32 samples (64 half-sample lags), from 32 samples up. */
export const LAG_BLOCKS = 9
/** Longest segment in 40-sample blocks. */
const MAX_SEGMENT_LENGTH = 4

/** Segments of each contour: [217]. */
export const contourSegments = new Uint8Array(CONTOURS)
/** Lag block of each segment: [217][6]. */
export const contourBlocks = new Uint8Array(CONTOURS * MAX_SEGMENTS)
/** Length of each segment in 40-sample blocks; they sum to 8: [217][6]. */
export const contourLengths = new Uint8Array(CONTOURS * MAX_SEGMENTS)
/** Contour by coded symbol, the inverse of `pitchContourRank` - 1: [217]. */
export const contourOfSymbol = new Uint8Array(CONTOURS)

function expandContours(): void {
  const uniform = Uint16Array.from({ length: LAG_BLOCKS + 1 }, (_, i) => i)
  const decoder = new RangeDecoder()
  decoder.start(pitchContourBitstream, 0, pitchContourBitstream.length)
  for (let contour = 0; contour < CONTOURS; contour++) {
    const segments = decoder.symbol(uniform, 0, MAX_SEGMENTS + 1) + 1
    contourSegments[contour] = segments
    for (let s = 0; s < segments; s++) {
      contourBlocks[contour * MAX_SEGMENTS + s] = decoder.symbol(uniform, 0, LAG_BLOCKS + 1)
      contourLengths[contour * MAX_SEGMENTS + s] = decoder.symbol(uniform, 0, MAX_SEGMENT_LENGTH + 1) + 1
    }
    contourOfSymbol[pitchContourRank[contour] - 1] = contour
  }
}

expandContours()
