import { FRAME_SAMPLES, type FrameSymbols, MAX_SUBFRAMES } from './frame-symbols.ts'
import { pulseCountCdf } from './gain-tables.ts'
import { runLengthCdf, runLengthWindow, splitCdf, splitCdfStart } from './pulse-tables.ts'
import type { SymbolCoder } from './symbol-coder.ts'
import { pulseBudget20ms } from './tables/pulses.ts'

/** Signs go in groups of this many. */
const SIGN_GROUP = 15
/** No half of a split holds more. */
const MAX_HALF_PULSES = 80

/**
 * Codes pulse counts, positions and signs. `kind`: 0 background, 1 unvoiced, 2 voiced. Counts that no encoder
 * produces (a broken packet) leave the frame without pulses.
 */
export function codePulses(coder: SymbolCoder, frame: FrameSymbols, kind: number, lowRate: number): void {
  const pulses = frame.subframePulses
  const subframes = lowRate === 1 ? 2 : MAX_SUBFRAMES
  const most = pulseBudget20ms[lowRate * 3 + kind] / subframes
  if (lowRate === 1) {
    pulses[2] = 0
    pulses[3] = 0
  }
  const cdf = pulseCountCdf[lowRate][kind]
  const count = coder.symbol(cdf, 0, cdf.length, pulses[0] + pulses[1] + pulses[2] + pulses[3])
  const sound = lowRate === 1 ? splitPair(coder, pulses, 0, count, most) : splitQuad(coder, pulses, count, most)
  if (!sound) pulses.fill(0)
  codePositions(coder, frame, subframes)
  codeSigns(coder, frame)
}

/** Divides `count` among four subframes of at most `most` pulses; false if that is impossible. */
function splitQuad(coder: SymbolCoder, pulses: Uint8Array, count: number, most: number): boolean {
  const given = pulses[0] + pulses[1]
  const least = Math.max(count - 2 * most, 0)
  const tableLeast = Math.max(count - MAX_HALF_PULSES, 0)
  const tableMost = count - tableLeast
  if (least < tableLeast) return false
  let half = least
  if (least < tableMost) {
    const first = splitCdfStart[count] + least - tableLeast
    half += coder.symbol(splitCdf, first, tableMost - least + 2, given - least)
  }
  return splitPair(coder, pulses, 0, half, most) && splitPair(coder, pulses, 2, count - half, most)
}

/** Divides `count` between the subframes `at` and `at + 1`. */
function splitPair(coder: SymbolCoder, pulses: Uint8Array, at: number, count: number, most: number): boolean {
  const least = Math.max(count - most, 0)
  const greatest = Math.min(count, most)
  if (greatest < least) return false
  let first = least
  if (least < greatest) {
    first += coder.symbol(splitCdf, splitCdfStart[count] + least, greatest - least + 2, pulses[at] - least)
  }
  pulses[at] = first
  pulses[at + 1] = count - first
  return true
}

/** Runs from pulse to pulse; a run of 0 (except the first of a subframe) adds to the pulse before. */
function codePositions(coder: SymbolCoder, frame: FrameSymbols, subframes: number): void {
  const { subframePulses, positions, magnitudes } = frame
  const length = FRAME_SAMPLES / subframes
  let at = -1
  for (let s = 0; s < subframes; s++) {
    const pulses = subframePulses[s]
    let position = s * length
    let room = length
    let held = 0
    for (let left = pulses; left > 0; left--) {
      const given = held > 0 && held < magnitudes[at] ? 0 : positions[at + 1] - position
      const run = coder.symbol(runLengthCdf, runLengthWindow(room, left), room + 1, given)
      if (run > 0 || held === 0) {
        if (held > 0) magnitudes[at] = held
        position += run
        room -= run
        positions[++at] = position
        held = 1
      } else held++
    }
    if (held > 0) magnitudes[at] = held
  }
  frame.positionCount = at + 1
}

function codeSigns(coder: SymbolCoder, frame: FrameSymbols): void {
  const { signs, positionCount } = frame
  for (let first = 0; first < positionCount; first += SIGN_GROUP) {
    const count = Math.min(positionCount - first, SIGN_GROUP)
    let given = 0
    for (let i = 0; i < count; i++) given = 2 * given + (signs[first + i] > 0 ? 1 : 0)
    const bits = coder.bits(count, given)
    for (let i = 0; i < count; i++) signs[first + i] = (bits >> (count - 1 - i)) & 1 ? 1 : -1
  }
}
