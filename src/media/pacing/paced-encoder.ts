import type { Clock } from '../../base/clock.ts'
import { type AudioSource, BRIDGE_RATE_HZ, silence } from '../audio-source.ts'
import { ByteViews } from '../byte-views.ts'
import type { AudioEncoder } from '../codecs/codec.ts'
import type { SpeexResampler } from '../resample/speex-resampler.ts'
import { Pacer } from './pacer.ts'

export interface PacedEncoderOptions {
  readonly clock: Clock
  readonly encoder: AudioEncoder
  /** From 16 kHz to the encoder's rate, when that is another one. */
  readonly resampler: SpeexResampler | undefined
  /** The rate of RTP timestamps: 8000 for G.722 whatever it samples at (RFC 3551), 48000 for Opus (RFC 7587). */
  readonly clockRateHz: number
  readonly firstTimestamp: number
  /** What is listened to needs nothing from the network. */
  readonly isSelfSufficient?: boolean
  /** One encoded frame. `payload` is valid during the call. `marker`: the first of a stretch of audio. */
  readonly onPayload: (payload: Uint8Array, timestamp: number, marker: boolean) => void
  /** Asked before each frame: true when something else (a digit) takes this frame's place. */
  readonly instead?: (timestamp: number) => boolean
}

/** Of what a stall has left out, so much is pulled: after minutes all of it would be a stall of its own. */
const LONGEST_PULL_MS = 1000

/** Whatever is listened to → other rate → encode → one payload per frame, at the clock's pace, whether there is sound or not. */
export class PacedEncoder {
  readonly #options: PacedEncoderOptions
  readonly #pacer: Pacer
  readonly #block: Float32Array
  readonly #frame: Float32Array
  readonly #payload: ByteViews
  readonly #frameMs: number
  readonly #timestampStep: number
  readonly #encoder: AudioEncoder
  /** False: time goes on and the source is pulled, but nothing is sent, as a far end that holds the call asks. */
  sending = true
  #source: AudioSource = silence
  #timestamp: number
  #marker = true

  constructor(options: PacedEncoderOptions) {
    const { encoder, clock, clockRateHz } = options
    const frameMs = (encoder.frameSamples * 1000) / encoder.sampleRateHz
    this.#frameMs = frameMs
    this.#options = options
    this.#encoder = encoder
    this.#block = new Float32Array((frameMs * BRIDGE_RATE_HZ) / 1000)
    this.#frame = options.resampler === undefined ? this.#block : new Float32Array(encoder.frameSamples)
    this.#payload = new ByteViews(encoder.maxPayloadBytes)
    this.#timestampStep = (frameMs * clockRateHz) / 1000
    this.#timestamp = options.firstTimestamp >>> 0
    this.#pacer = new Pacer({
      clock,
      periodMs: frameMs,
      isSelfSufficient: options.isSelfSufficient ?? false,
      onFrame: (skipped, lateMs) => this.#sendFrame(skipped, lateMs),
    })
  }

  /** Sends from now on: silence, until told to listen to something. */
  start(): void {
    this.#pacer.start()
  }

  /** Ends the timer. */
  stop(): void {
    this.#pacer.stop()
  }

  listenTo(source: AudioSource): void {
    this.#source = source
  }

  /** What the next frame will be stamped with. */
  get nextTimestamp(): number {
    return this.#timestamp
  }

  /** Frames left out after stalls of this process. */
  get skippedFrames(): number {
    return this.#pacer.skipped
  }

  /** How long a sample waits between being pulled and being sent, besides the frame itself. */
  get delayMs(): number {
    const resampler = this.#options.resampler
    return resampler === undefined ? 0 : (resampler.delaySamples / resampler.toHz) * 1000
  }

  #sendFrame(skippedFrames: number, lateMs: number): void {
    const { resampler, onPayload, instead } = this.#options
    this.#timestamp = (this.#timestamp + skippedFrames * this.#timestampStep) >>> 0
    this.#marker ||= skippedFrames > 0
    // What would have been said meanwhile is not said late.
    const pulledFrames = Math.min(skippedFrames, Math.ceil(LONGEST_PULL_MS / this.#frameMs))
    for (let i = pulledFrames; i > 0; i--) this.#source.pull(this.#block, lateMs + i * this.#frameMs)
    this.#source.pull(this.#block, lateMs)
    if (!this.sending) {
      this.#timestamp = (this.#timestamp + this.#timestampStep) >>> 0
      this.#marker = true
      return
    }
    resampler?.process(this.#block, this.#block.length, this.#frame)
    const length = this.#encoder.encode(this.#frame, this.#payload.bytes)
    const timestamp = this.#timestamp
    this.#timestamp = (timestamp + this.#timestampStep) >>> 0
    if (instead?.(timestamp) === true) {
      this.#marker = true
      return
    }
    if (length === 0) return
    const marker = this.#marker
    this.#marker = false
    onPayload(this.#payload.first(length), timestamp, marker)
  }
}
