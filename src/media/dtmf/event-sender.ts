import { EVENT_BYTES, eventOfDigit, MAX_DURATION, type TelephoneEvent, writeTelephoneEvent } from './telephone-event.ts'

/** RFC 4733, section 2.5.1.4: the last packet is sent three times in all. */
const END_PACKETS = 3
/** −dBm0; what most equipment sends. */
const VOLUME = 10
/** Shorter ones are not heard as digits (ETSI ES 201 235: at least 65 ms for a sender). */
const MIN_DURATION_MS = 70
/** Between two digits (ETSI ES 201 235: at least 65 ms). */
const PAUSE_MS = 80
/** Digits that wait; a caller who is this far ahead has gone wrong. */
const MAX_QUEUE = 64

export interface EventSenderOptions {
  readonly clockRateHz: number
  /** Between two packets. */
  readonly packetMs: number
  /** `payload` is valid during the call. */
  readonly send: (payload: Uint8Array, timestamp: number, marker: boolean) => void
}

/** Sends digits as telephone events in the place of audio, one packet per frame (RFC 4733, section 2.5.1). */
export class EventSender {
  readonly #options: EventSenderOptions
  readonly #queue: { event: number; duration: number }[] = []
  readonly #payload = new Uint8Array(EVENT_BYTES)
  readonly #packet: TelephoneEvent = { event: 0, end: false, volume: VOLUME, duration: 0 }
  readonly #step: number
  #startTimestamp = 0
  #total = 0
  /** End packets still to be sent; frames of pause after them. */
  #endsLeft = 0
  #pauseLeft = 0
  #active = false

  constructor(options: EventSenderOptions) {
    this.#options = options
    this.#step = (options.packetMs * options.clockRateHz) / 1000
  }

  /** Queues a digit: 0-9, *, #, A-D. Returns false for anything else, or when too many wait. */
  enqueue(digit: string, durationMs: number): boolean {
    const event = eventOfDigit(digit)
    if (event === undefined || this.#queue.length >= MAX_QUEUE) return false
    const wanted = (Math.max(MIN_DURATION_MS, durationMs) * this.#options.clockRateHz) / 1000
    this.#queue.push({ event, duration: Math.min(MAX_DURATION, Math.round(wanted)) })
    return true
  }

  /** Sends the packet of this frame, if a digit is under way. Returns whether it took the frame's place. */
  takeFrame(timestamp: number): boolean {
    if (!this.#active && !this.#begin(timestamp)) return false
    const first = this.#packet.duration === 0
    this.#packet.duration = Math.min(this.#total, this.#packet.duration + this.#step)
    if (this.#packet.duration === this.#total && !this.#packet.end) {
      this.#packet.end = true
      this.#endsLeft = END_PACKETS
    }
    writeTelephoneEvent(this.#packet, this.#payload)
    this.#options.send(this.#payload, this.#startTimestamp, first)
    if (this.#packet.end && --this.#endsLeft === 0) this.#finish()
    return true
  }

  #begin(timestamp: number): boolean {
    if (this.#pauseLeft > 0) {
      this.#pauseLeft--
      return false
    }
    const next = this.#queue.shift()
    if (next === undefined) return false
    this.#active = true
    this.#startTimestamp = timestamp
    this.#total = next.duration
    this.#packet.event = next.event
    this.#packet.end = false
    this.#packet.duration = 0
    return true
  }

  #finish(): void {
    this.#active = false
    // The two repeated end packets are pause already.
    this.#pauseLeft = Math.max(0, Math.ceil(PAUSE_MS / this.#options.packetMs) - END_PACKETS + 1)
  }
}
