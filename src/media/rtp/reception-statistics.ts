import type { RtpHeader } from './rtp-packet.ts'
import { ahead16, ahead32, isSequenceJump } from './serial.ts'

const JITTER_GAIN = 1 / 16

/** What a receiver knows of one stream (RFC 3550, sections 6.4.1, A.3 and A.8). A new SSRC begins a new count. */
export class ReceptionStatistics {
  #clockRateHz: number
  ssrc = 0
  /** Packets that came, duplicates included. */
  received = 0
  #base = 0
  /** Sequence cycles in the upper bits. */
  #highest = 0
  #transit = 0
  #isTransitKnown = false
  #jitterUnits = 0
  #expectedBefore = 0
  #receivedBefore = 0

  constructor(clockRateHz: number) {
    this.#clockRateHz = clockRateHz
  }

  /** The timestamps to come are of another clock. */
  useClock(clockRateHz: number): void {
    this.#jitterUnits *= clockRateHz / this.#clockRateHz
    this.#clockRateHz = clockRateHz
    this.#isTransitKnown = false
  }

  note(header: RtpHeader, nowMs: number): void {
    const transit = (nowMs * this.#clockRateHz) / 1000 - header.timestamp
    if (this.#count(header, transit)) this.#noteTransit(transit)
  }

  /** A packet whose timestamp is not its time, as in telephone events: it counts, and says nothing of jitter. */
  noteOther(header: RtpHeader): void {
    this.#count(header, this.#transit)
  }

  /** Returns whether the packet is the newest one of a known stream. */
  #count(header: RtpHeader, transit: number): boolean {
    const ahead = ahead16(header.sequence, this.#highest & 0xffff)
    if (this.received === 0 || header.ssrc !== this.ssrc || isSequenceJump(ahead)) {
      this.#restart(header, transit)
      this.received = 1
      return false
    }
    this.received++
    if (ahead <= 0) return false
    this.#highest += ahead
    return true
  }

  /** Interarrival jitter in milliseconds. */
  get jitterMs(): number {
    return (this.#jitterUnits * 1000) / this.#clockRateHz
  }

  /** Interarrival jitter in units of the stream's clock. */
  get jitterUnits(): number {
    return Math.floor(this.#jitterUnits)
  }

  /** 32 bits: cycles, then the highest sequence number. */
  get highestSequence(): number {
    return this.#highest >>> 0
  }

  /** Negative when there were more duplicates than losses. */
  get lost(): number {
    return this.#expected - this.received
  }

  /** The share of packets lost since the last call, in 256ths. */
  takeFractionLost(): number {
    const expected = this.#expected - this.#expectedBefore
    const lost = expected - (this.received - this.#receivedBefore)
    this.#expectedBefore = this.#expected
    this.#receivedBefore = this.received
    return expected <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / expected))
  }

  get #expected(): number {
    return this.received === 0 ? 0 : this.#highest - this.#base + 1
  }

  #restart(header: RtpHeader, transit: number): void {
    this.ssrc = header.ssrc
    this.#base = header.sequence
    this.#highest = header.sequence
    this.#transit = transit
    this.#isTransitKnown = true
    this.#jitterUnits = 0
    this.received = 0
    this.#expectedBefore = 0
    this.#receivedBefore = 0
  }

  /** Wrapping as timestamps do, so a wrap is no jitter; a jump of more than a second is a new start, not jitter. */
  #noteTransit(transit: number): void {
    const difference = Math.abs(ahead32(transit, this.#transit))
    const isKnown = this.#isTransitKnown
    this.#transit = transit
    this.#isTransitKnown = true
    if (isKnown && difference < this.#clockRateHz) this.#jitterUnits += (difference - this.#jitterUnits) * JITTER_GAIN
  }
}
