import type { FrameSymbols } from './frame-symbols.ts'

/**
 * The decoder behind its symbols, from frames to samples. There are two that agree to the last bit
 * (test/vectors/mlow-renderers.test.ts): CoreRenderer is fast and decodes, ReadableRenderer says in TypeScript what it does.
 *
 * Between `begin` and `end` a packet is rendered from sample `at` 0 on and then passed through the postfilters. Numbers
 * that change are kept in arrays of one: as fields or arguments they would be allocated one by one.
 */
export interface Renderer {
  /** LSF vector of the last subframe. */
  readonly lsf: Float32Array
  /** Residual energy of the last unvoiced subframe of 80 samples. */
  readonly energy: Float64Array
  /** Mean normalised bitrate of the packet, for the postfilters. */
  readonly bitrate: Float64Array
  /** Lags of the packet in samples, one per 40 samples, 0 where there is none; for the postfilters. */
  readonly lags: Float64Array
  /** Whether `lsf` has been set. */
  readonly started: boolean
  /** Whether broken packets have made the long-term predictor run away, which would outlast them. */
  readonly ranAway: boolean
  /** State of the noise generator, and the level at which its last subframe ended. */
  readonly seed: number
  readonly noiseLevel: number

  reset(): void
  begin(): void
  end(): void
  /** Makes `lsf` the vector before the first one. */
  startFrom(lsf: Float32Array): void
  /** Synthesises the internal frame `frame` with the LSF vector `lsf` at samples `at .. at + 320`. */
  codedFrame(frame: FrameSymbols, lsf: Float32Array, lowRate: boolean, at: number): void
  /** Synthesises 80 samples of comfort noise with `lsf` and `energy`. */
  noiseSubframe(at: number): void
  /**
   * Synthesises 80 samples that repeat the past excitation at the lags `lagIndex[0..1]`, scaled by `level[0]`, with
   * `lsf`; noise as in a frame of `pulses` pulses.
   */
  repeatedSubframe(lagIndex: Int16Array, level: Float64Array, pulses: number, at: number): void
  /** Replaces what was synthesised by silence. */
  silence(): void
  /** Writes `samples` filtered samples, clamped to [-1, 1], to `out[at ...]`. */
  postfilter(samples: number, out: Float32Array, at: number): void
}

/** The level beyond which a signal counts as run away: no encoder's comes near this multiple of full scale. */
export const RUNAWAY_LEVEL = 1e4
