import { estimateDelay } from './align.ts'

export interface PieceAlignment {
  /** `recorded` laid over the reference, piece by piece; zeros where nothing was recorded. */
  readonly aligned: Float32Array
  /** The delay of each piece that has sound in it, samples. */
  readonly delays: readonly number[]
}

/** Quieter than this (mean square), a piece says nothing about its delay. */
const LEAST_POWER = 1e-5

/**
 * Aligns a recording whose delay may change on the way, as a jitter buffer makes it do: the delay is found anew for each
 * piece of `pieceSamples`, within `searchSamples` around `delay`. Objective measures of calls align so, too (ITU-T P.862,
 * section 10.1); sound that is missing or distorted stays so.
 */
export function alignPieces(
  reference: Float32Array,
  recorded: Float32Array,
  { delay, pieceSamples, searchSamples }: { delay: number; pieceSamples: number; searchSamples: number },
): PieceAlignment {
  const aligned = new Float32Array(reference.length)
  const delays: number[] = []
  let current = delay
  for (let start = 0; start < reference.length; start += pieceSamples) {
    const piece = reference.subarray(start, start + pieceSamples)
    if (power(piece) > LEAST_POWER) {
      const from = start + delay - searchSamples
      const around = slice(recorded, from, piece.length + 2 * searchSamples)
      current = from - start + Math.max(0, estimateDelay(piece, around, 2 * searchSamples))
      delays.push(current)
    }
    aligned.set(slice(recorded, start + current, piece.length), start)
  }
  return { aligned, delays }
}

function power(pcm: Float32Array): number {
  let sum = 0
  for (const sample of pcm) sum += sample * sample
  return sum / pcm.length
}

/** Like `subarray`, with zeros outside. */
function slice(pcm: Float32Array, from: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => pcm[from + i] ?? 0)
}
