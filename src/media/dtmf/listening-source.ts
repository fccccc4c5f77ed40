import type { AudioSource } from '../audio-source.ts'
import { ToneDetector } from './tone-detector.ts'

/** Passes audio on as it is, and hears the digits in it. */
export class ListeningSource implements AudioSource {
  readonly #source: AudioSource
  readonly #detector: ToneDetector

  constructor(source: AudioSource, onDigit: (digit: string, durationMs: number) => void) {
    this.#source = source
    this.#detector = new ToneDetector(onDigit)
  }

  pull(out: Float32Array, lateMs?: number): void {
    this.#source.pull(out, lateMs)
    this.#detector.feed(out)
  }
}
