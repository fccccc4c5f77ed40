import { LOWEST_BITRATE } from './energy.ts'
import { FRAME_SAMPLES, type FrameSymbols, LAGS_PER_FRAME, PACKET_SAMPLES } from './frame-symbols.ts'
import { HarmonicPostfilter } from './harmonic-postfilter.ts'
import { HighpassPostfilter, meanLag } from './highpass-postfilter.ts'
import { type Renderer, RUNAWAY_LEVEL } from './renderer.ts'
import { Synthesis } from './synthesis.ts'

const LAG_BLOCK = FRAME_SAMPLES / LAGS_PER_FRAME

/** Rendering in plain TypeScript, slower than CoreRenderer: the form to read and to check the other against. */
export class ReadableRenderer implements Renderer {
  readonly bitrate = new Float64Array(1)
  readonly lags = new Float64Array(PACKET_SAMPLES / LAG_BLOCK)
  readonly #synthesis = new Synthesis()
  readonly #highpass = new HighpassPostfilter()
  readonly #harmonic = new HarmonicPostfilter()
  /** A packet between synthesis and postfilters. */
  readonly #signal = new Float64Array(PACKET_SAMPLES)

  get lsf(): Float32Array {
    return this.#synthesis.lsf
  }

  get energy(): Float64Array {
    return this.#synthesis.energy
  }

  get started(): boolean {
    return this.#synthesis.started
  }

  get ranAway(): boolean {
    return !this.#synthesis.isWithin(RUNAWAY_LEVEL)
  }

  get seed(): number {
    return this.#synthesis.noise.seed
  }

  get noiseLevel(): number {
    return this.#synthesis.noise.lastEnvelope
  }

  reset(): void {
    this.#synthesis.reset()
    this.#highpass.reset()
    this.#harmonic.reset()
  }

  begin(): void {}

  end(): void {}

  startFrom(lsf: Float32Array): void {
    this.#synthesis.startFrom(lsf)
  }

  codedFrame(frame: FrameSymbols, lsf: Float32Array, lowRate: boolean, at: number): void {
    this.#synthesis.codedFrame(frame, lsf, lowRate, this.#signal, at)
  }

  noiseSubframe(at: number): void {
    this.#synthesis.noiseSubframe(LOWEST_BITRATE, this.#signal, at)
  }

  repeatedSubframe(lagIndex: Int16Array, level: Float64Array, pulses: number, at: number): void {
    this.#synthesis.repeatedSubframe(lagIndex, level[0], pulses, this.#signal, at)
  }

  silence(): void {
    this.#signal.fill(0)
  }

  postfilter(samples: number, out: Float32Array, at: number): void {
    for (let n = 0; n < samples; n += FRAME_SAMPLES) {
      const length = Math.min(samples - n, FRAME_SAMPLES)
      this.#highpass.process(this.#signal, n, length, meanLag(this.lags, n / LAG_BLOCK, length / LAG_BLOCK))
    }
    this.#harmonic.process(this.#signal, samples, this.lags, this.bitrate[0], out, at)
  }
}
