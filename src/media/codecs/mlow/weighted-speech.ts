import { kernelFloats, kernels } from './kernels.ts'
import { WeightingFilter } from './perceptual.ts'

/** Samples of weighted speech that the pitch search sees. */
export const WEIGHTED_SAMPLES = 659
/** The samples among them that come before the frame's coded speech. */
export const WEIGHTED_HISTORY = 332

const FRAME_SAMPLES = 320
const SUBFRAME_SAMPLES = 80
const SUBFRAMES = 4
/** Samples behind the frame, weighted with the last subframe's filter and made anew with the next frame. */
const LOOKAHEAD = WEIGHTED_SAMPLES - WEIGHTED_HISTORY - FRAME_SAMPLES
const TAPS = 17
const EMPHASIS = -0.82

/** Speech through a short weighting filter that changes every subframe: input of pitch search and rate control. */
export class WeightedSpeech {
  /** 332 older samples, the frame's 320 and 7 behind it. */
  readonly samples = new Float64Array(WEIGHTED_SAMPLES)
  /** Energy of each of the frame's subframes. */
  readonly energies = new Float64Array(SUBFRAMES)
  readonly #design = new WeightingFilter(TAPS, EMPHASIS)
  readonly #filter = new Float64Array(TAPS)

  reset(): void {
    this.samples.fill(0)
  }

  /** Makes room for the next frame's samples. */
  beginFrame(): void {
    this.samples.copyWithin(0, FRAME_SAMPLES, FRAME_SAMPLES + WEIGHTED_HISTORY)
  }

  /**
   * Weights one subframe of the frame whose coded speech starts at `signal[start]`, by the perceptual
   * autocorrelation `r` (33 lags).
   */
  addSubframe(signal: Float64Array, start: number, subframe: number, r: Float64Array): void {
    this.#design.design(r, this.#filter)
    const first = subframe * SUBFRAME_SAMPLES
    const count = SUBFRAME_SAMPLES + (subframe === SUBFRAMES - 1 ? LOOKAHEAD : 0)
    const from = WEIGHTED_HISTORY + first
    filterForward(this.#filter, signal, start + first, count, this.samples, from)
    let energy = 0
    for (let n = from; n < from + SUBFRAME_SAMPLES; n++) energy += this.samples[n] * this.samples[n]
    this.energies[subframe] = energy
  }
}

const MOST_TAPS = 32
const filterBuffer = kernelFloats(MOST_TAPS)
const inputBuffer = kernelFloats(MOST_TAPS + FRAME_SAMPLES + 8)
const outputBuffer = kernelFloats(FRAME_SAMPLES + 8)

/** `out[at + n] = sum over i of filter[i] * x[from + n - i]` for n < count; at most 32 taps and 320 values. */
export function filterForward(
  filter: Float64Array,
  x: Float64Array,
  from: number,
  count: number,
  out: Float64Array,
  at: number,
): void {
  const taps = filter.length
  for (let i = 0; i < taps; i++) filterBuffer[i] = filter[i]
  const first = from - taps + 1
  const samples = count + taps - 1
  for (let n = 0; n < samples; n++) inputBuffer[n] = x[first + n]
  const input = inputBuffer.byteOffset + 8 * (taps - 1)
  kernels.fir(filterBuffer.byteOffset, taps, input, outputBuffer.byteOffset, count)
  for (let n = 0; n < count; n++) out[at + n] = outputBuffer[n]
}
