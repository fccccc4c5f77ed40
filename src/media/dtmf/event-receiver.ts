import type { Clock, Timer } from '../../base/clock.ts'
import type { RtpHeader } from '../rtp/rtp-packet.ts'
import { ahead32 } from '../rtp/serial.ts'
import { digitOfEvent, MAX_DURATION, readTelephoneEvent, type TelephoneEvent } from './telephone-event.ts'

/** An event without news for this long has ended, and its end packets were lost (RFC 4733, section 2.5.2.2). */
const LOST_END_MS = 200
/** Timestamps further back than this are a new timeline. */
const STRAGGLER_S = 5

export interface EventReceiverOptions {
  readonly clock: Clock
  readonly clockRateHz: number
  readonly onDigit: (digit: string, durationMs: number) => void
}

/** Turns telephone-event packets into digits, each reported once, when it ends. */
export class EventReceiver {
  readonly #options: EventReceiverOptions
  readonly #packet: TelephoneEvent = { event: 0, end: false, volume: 0, duration: 0 }
  readonly #onTimer = () => this.#expire()
  #timer: Timer | undefined
  #known = false
  #reported = false
  /** An event is its SSRC, its timestamp and its number (RFC 4733, section 2.5.2.2). */
  #ssrc = 0
  #timestamp = 0
  #event = 0
  #duration = 0
  /** Of the segments before this one. */
  #durationBefore = 0
  #lastMs = 0

  constructor(options: EventReceiverOptions) {
    this.#options = options
  }

  receive(header: RtpHeader, datagram: Uint8Array): void {
    if (!readTelephoneEvent(datagram, header.payloadStart, header.payloadEnd, this.#packet)) return
    if (!this.#isCurrent(header)) {
      if (this.#isStraggler(header)) return
      if (this.#isNextSegment(header)) this.#continue(header)
      else {
        this.#report()
        this.#begin(header)
      }
    }
    this.#lastMs = this.#options.clock.nowMs()
    this.#duration = Math.max(this.#duration, this.#packet.duration)
    if (this.#packet.end) this.#report()
  }

  /** Ends the timer. */
  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#reported = true
  }

  #isCurrent(header: RtpHeader): boolean {
    return (
      this.#known &&
      header.ssrc === this.#ssrc &&
      header.timestamp === this.#timestamp &&
      this.#packet.event === this.#event
    )
  }

  /** A key held for longer than 16 bits can say: the same event goes on where the last one ended (section 2.5.1.3). */
  #isNextSegment(header: RtpHeader): boolean {
    return (
      this.#known &&
      !this.#reported &&
      header.ssrc === this.#ssrc &&
      this.#packet.event === this.#event &&
      ahead32(header.timestamp, this.#timestamp) === MAX_DURATION
    )
  }

  #continue(header: RtpHeader): void {
    this.#durationBefore += MAX_DURATION
    this.#duration = 0
    this.#timestamp = header.timestamp
  }

  /** A packet of an event before the current one, overtaken on its way. */
  #isStraggler(header: RtpHeader): boolean {
    const ahead = ahead32(header.timestamp, this.#timestamp)
    return this.#known && header.ssrc === this.#ssrc && ahead < 0 && ahead > -STRAGGLER_S * this.#options.clockRateHz
  }

  #begin(header: RtpHeader): void {
    this.#known = true
    this.#reported = false
    this.#ssrc = header.ssrc
    this.#timestamp = header.timestamp
    this.#event = this.#packet.event
    this.#duration = 0
    this.#durationBefore = 0
    this.#timer ??= this.#options.clock.after(LOST_END_MS, this.#onTimer)
  }

  #expire(): void {
    this.#timer = undefined
    if (this.#reported) return
    const restMs = this.#lastMs + LOST_END_MS - this.#options.clock.nowMs()
    if (restMs > 0) this.#timer = this.#options.clock.after(restMs, this.#onTimer)
    else this.#report()
  }

  #report(): void {
    if (!this.#known || this.#reported) return
    this.#reported = true
    const digit = digitOfEvent(this.#event)
    const duration = this.#durationBefore + this.#duration
    if (digit !== undefined) this.#options.onDigit(digit, (duration * 1000) / this.#options.clockRateHz)
  }
}
