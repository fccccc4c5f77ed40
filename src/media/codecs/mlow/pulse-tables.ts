import { cumulate } from './cdf.ts'
import { lin2log, log2lin, multiplyQ31, ONE_Q31, sigmoidQ15 } from './fixed-point.ts'

/** Most pulses that a split table divides. */
const MAX_SPLIT_PULSES = 159
/** No half of a split holds more than this many of them. */
const MAX_HALF_PULSES = 80
/** Run-length tables end at this many pulses still to place. */
const MAX_RUN_PULSES = 40
/** Positions of one bucket of run-length tables. */
const BUCKET_POSITIONS = 8
const BUCKETS = 20
/** Run probabilities stay below one, so that every later position remains possible. */
const MAX_RUN_PROBABILITY = 2147376274

/** Entry of the first table for n pulses, by n. The table's symbols are max(n - 80, 0) .. min(n, 80) pulses in the first half. */
export const splitCdfStart = new Int32Array(MAX_SPLIT_PULSES + 1)
/** Split tables for 1 to 159 pulses, one after the other. */
export const splitCdf: Uint16Array = buildSplitTables()

/** Entry of the table for bucket b and one pulse, by b; the tables for more pulses follow. */
const runLengthCdfStart = new Int32Array(BUCKETS + 1)
/** Run-length tables [bucket 1..20][pulses left 1..40], each of 8 bucket + 1 entries. */
export const runLengthCdf: Uint16Array = buildRunLengthTables()

/** First entry and (because the windows end with their table) start of the window for `positions` left and `pulses` left. */
export function runLengthWindow(positions: number, pulses: number): number {
  const bucket = (positions + BUCKET_POSITIONS - 1) >> 3
  const length = bucket << 3
  return runLengthCdfStart[bucket] + (pulses - 1) * (length + 1) + length - positions
}

/** Stirling's approximation of log2 n! in Q15, up to a term that cancels between halves and whole. */
function logFactorialQ15(n: number): number {
  if (n === 0) return 0
  return (2 * n + 1) * 128 * lin2log(n) - 47274 * n + 43442 + Math.trunc(47274 / (12 * n))
}

function buildSplitTables(): Uint16Array {
  const lists: Float64Array[] = []
  let entries = 0
  for (let n = 1; n <= MAX_SPLIT_PULSES; n++) {
    const lowest = Math.max(n - MAX_HALF_PULSES, 0)
    const weights = new Float64Array(n - 2 * lowest + 1)
    for (let k = lowest; k <= n - lowest; k++) {
      const t = logFactorialQ15(n) - logFactorialQ15(k) - logFactorialQ15(n - k) - 32768 * n
      weights[k - lowest] = t === 0 ? 2 ** 30 : Math.floor(2 ** 30 / log2lin(Math.floor(-t / 256)))
    }
    splitCdfStart[n] = entries
    entries += weights.length + 1
    lists.push(weights)
  }
  const out = new Uint16Array(entries)
  lists.forEach((weights, i) => {
    cumulate(weights, out, splitCdfStart[i + 1])
  })
  return out
}

function buildRunLengthTables(): Uint16Array {
  let entries = 0
  for (let bucket = 1; bucket <= BUCKETS; bucket++) {
    runLengthCdfStart[bucket] = entries
    entries += MAX_RUN_PULSES * (BUCKET_POSITIONS * bucket + 1)
  }
  const out = new Uint16Array(entries)
  for (let bucket = 1; bucket <= BUCKETS; bucket++) {
    const length = BUCKET_POSITIONS * bucket
    for (let pulses = 1; pulses <= MAX_RUN_PULSES; pulses++) {
      cumulate(runWeights(length, pulses), out, runLengthCdfStart[bucket] + (pulses - 1) * (length + 1))
    }
  }
  return out
}

/** Weights, Q31, of the first of `pulses` pulses falling on each of `length` positions. */
function runWeights(length: number, pulses: number): Float64Array {
  const density =
    pulses > length
      ? lin2log(Math.floor((1024 * pulses) / length)) - 1280
      : 1280 - lin2log(Math.floor((1024 * length) / pulses))
  const clustering = 36000 - ((10000 * sigmoidQ15((density >> 2) + 146)) >> 15)
  const weights = new Float64Array(length)
  let left = ONE_Q31
  for (let position = 0; position < length; position++) {
    const miss = ONE_Q31 - Math.floor(ONE_Q31 / (length - position))
    let allMiss = miss
    for (let i = 1; i < pulses; i++) allMiss = multiplyQ31(allMiss, miss)
    const hit = Math.min(ONE_Q31 - allMiss, MAX_RUN_PROBABILITY)
    const logMiss = ((clustering * (lin2log(ONE_Q31 - hit) - 3968)) >> 15) + 3968
    const adjusted = Math.min(ONE_Q31 - log2lin(logMiss), MAX_RUN_PROBABILITY)
    weights[position] = multiplyQ31(left, adjusted)
    left = multiplyQ31(left, ONE_Q31 - adjusted)
  }
  return weights
}
