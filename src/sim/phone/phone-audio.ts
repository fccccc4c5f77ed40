import type { Clock } from '../../base/clock.ts'
import { SPEECH_PAUSE_S, speech } from '../speech.ts'
import { type PhoneAudio, phoneFrameSamples } from './media-port.ts'

/** What a phone says during a call: nothing, a stretch of speech over and over, or what it hears. */
export type Voice = 'silence' | 'speech' | 'echo'

const phoneSampleRateHz = 16_000
const pauseSamples = SPEECH_PAUSE_S * phoneSampleRateHz
/** An echo begins with this much in hand: its packets come and go on two clocks, and a gap would be heard. */
const echoCushionFrames = 2
/** And holds back at most this much, so that jitter cannot pile up as delay. */
const echoLimitFrames = 6
/** Ten minutes: what a recording keeps at most. */
const recordingLimitFrames = 10_000

/** Sound heard in one call, and when it began: sample n was heard at `startedAtMs + n / 16`. */
export interface Recording {
  readonly startedAtMs: number | undefined
  readonly pcm: Float32Array
}

/** One call's sound on a phone: speaks with its voice and keeps what it hears. */
export class CallSound implements PhoneAudio {
  readonly voice: Voice
  readonly #clock: Clock
  readonly #heard: Float32Array[] = []
  readonly #echo: Float32Array[] = []
  #heardFromMs: number | undefined
  #spokeFromMs: number | undefined
  #position = 0
  #isEchoing = false
  /** Says nothing while it is set; time goes on. */
  isMuted = false

  constructor(voice: Voice, clock: Clock) {
    this.voice = voice
    this.#clock = clock
  }

  speak(out: Float32Array): void {
    this.#spokeFromMs ??= this.#clock.nowMs()
    out.fill(0)
    if (this.voice === 'speech') this.#speakOn(out)
    if (this.voice === 'echo') out.set(this.#nextOfEcho() ?? [])
    if (this.isMuted) out.fill(0)
  }

  hear(pcm: Float32Array): void {
    this.#heardFromMs ??= this.#clock.nowMs()
    if (this.#heard.length < recordingLimitFrames) this.#heard.push(pcm.slice())
    if (this.voice !== 'echo') return
    this.#echo.push(pcm.slice())
    if (this.#echo.length > echoLimitFrames) this.#echo.shift()
  }

  /** When the first frame was spoken, or undefined before. The speech starts with it. */
  get spokeFromMs(): number | undefined {
    return this.#spokeFromMs
  }

  recording(): Recording {
    const pcm = new Float32Array(this.#heard.length * phoneFrameSamples)
    for (const [index, frame] of this.#heard.entries()) pcm.set(frame, index * phoneFrameSamples)
    return { startedAtMs: this.#heardFromMs, pcm }
  }

  #nextOfEcho(): Float32Array | undefined {
    if (this.#echo.length >= echoCushionFrames) this.#isEchoing = true
    const frame = this.#isEchoing ? this.#echo.shift() : undefined
    if (!frame) this.#isEchoing = false
    return frame
  }

  #speakOn(out: Float32Array): void {
    const text = speech()
    const round = text.length + pauseSamples
    for (let i = 0; i < out.length; i++) {
      out[i] = text[this.#position] ?? 0
      this.#position = (this.#position + 1) % round
    }
  }
}
