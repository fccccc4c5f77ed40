import { type AudioSource, BRIDGE_RATE_HZ } from '../audio-source.ts'
import { toneOfDigit } from './tone-frequencies.ts'

/** Of the full scale; the higher tone is 2 dB louder, which makes up for what lines take (ETSI ES 201 235-2). */
const LOW_AMPLITUDE = 0.2
const HIGH_AMPLITUDE = 0.25
/** Shorter ones are lost in a voice codec now and then. */
const MIN_DURATION_MS = 100
const MAX_DURATION_MS = 2_000
const PAUSE_MS = 80
/** So that a tone begins and ends without a click. */
const RAMP_MS = 4
/** Digits that wait; a caller who is this far ahead has gone wrong. */
const MAX_QUEUE = 64
const MS = BRIDGE_RATE_HZ / 1000

interface Tone {
  readonly lowStep: number
  readonly highStep: number
  readonly samples: number
}

/** Passes audio on, and plays digits as tones in its place (ITU-T Q.23), for a far end that takes them only as sound. */
export class DigitTones implements AudioSource {
  readonly #source: AudioSource
  readonly #queue: Tone[] = []
  /** Samples into the first tone of the queue, or into the pause after it. */
  #position = 0

  constructor(source: AudioSource) {
    this.#source = source
  }

  /** Queues a digit: 0-9, *, #, A-D. Returns false for anything else, or when too many wait. */
  play(digit: string, durationMs: number): boolean {
    const tone = toneOfDigit(digit)
    if (tone === undefined || this.#queue.length >= MAX_QUEUE) return false
    const ms = Math.min(MAX_DURATION_MS, Math.max(MIN_DURATION_MS, durationMs))
    this.#queue.push({ lowStep: step(tone.lowHz), highStep: step(tone.highHz), samples: Math.round(ms * MS) })
    return true
  }

  pull(out: Float32Array, lateMs?: number): void {
    this.#source.pull(out, lateMs)
    for (let i = 0; i < out.length && this.#queue.length > 0; i++) out[i] = this.#next(this.#queue[0]!)
  }

  #next({ lowStep, highStep, samples }: Tone): number {
    const at = this.#position++
    if (at >= samples) {
      if (at === samples + PAUSE_MS * MS - 1) {
        this.#queue.shift()
        this.#position = 0
      }
      return 0
    }
    const ramp = Math.min(1, at / (RAMP_MS * MS), (samples - at) / (RAMP_MS * MS))
    return ramp * (LOW_AMPLITUDE * Math.sin(lowStep * at) + HIGH_AMPLITUDE * Math.sin(highStep * at))
  }
}

const step = (frequencyHz: number) => (2 * Math.PI * frequencyHz) / BRIDGE_RATE_HZ
