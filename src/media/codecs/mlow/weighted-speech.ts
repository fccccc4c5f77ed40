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
  readonly #design = new WeightingFilter(TAPS)
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
    this.#design.design(r, EMPHASIS, this.#filter)
    const first = subframe * SUBFRAME_SAMPLES
    const count = SUBFRAME_SAMPLES + (subframe === SUBFRAMES - 1 ? LOOKAHEAD : 0)
    filterForward(this.#filter, signal, start + first, count, this.samples, WEIGHTED_HISTORY + first)
  }

  /** Energy of one subframe. */
  subframeEnergy(subframe: number): number {
    let energy = 0
    const from = WEIGHTED_HISTORY + subframe * SUBFRAME_SAMPLES
    for (let n = from; n < from + SUBFRAME_SAMPLES; n++) energy += this.samples[n] * this.samples[n]
    return energy
  }
}

/** `out[at + n] = sum over i of filter[i] * x[from + n - i]`, four outputs at a time. */
export function filterForward(
  filter: Float64Array,
  x: Float64Array,
  from: number,
  count: number,
  out: Float64Array,
  at: number,
): void {
  const taps = filter.length
  let n = 0
  for (; n + 4 <= count; n += 4) {
    const base = from + n
    let y0 = 0
    let y1 = 0
    let y2 = 0
    let y3 = 0
    let x1 = x[base + 1]
    let x2 = x[base + 2]
    let x3 = x[base + 3]
    for (let i = 0; i < taps; i++) {
      const c = filter[i]
      const x0 = x[base - i]
      y0 += c * x0
      y1 += c * x1
      y2 += c * x2
      y3 += c * x3
      x3 = x2
      x2 = x1
      x1 = x0
    }
    out[at + n] = y0
    out[at + n + 1] = y1
    out[at + n + 2] = y2
    out[at + n + 3] = y3
  }
  for (; n < count; n++) {
    let y = 0
    for (let i = 0; i < taps; i++) y += filter[i] * x[from + n - i]
    out[at + n] = y
  }
}
