import { type ComfortNoise, NOISE_BITRATE } from './comfort-noise.ts'
import type { FrameSymbols } from './frame-symbols.ts'
import type { Synthesis } from './synthesis.ts'

export class Concealment {
  reset(): void {}
  afterSpeech(_frame: FrameSymbols, _background: boolean, _synthesis: Synthesis): void {}
  afterNoise(): void {}
  render(s: Synthesis, c: ComfortNoise, subframes: number, out: Float64Array, lags: Float64Array): number {
    lags.fill(0)
    c.proceed(s, subframes, out)
    return NOISE_BITRATE
  }
}
