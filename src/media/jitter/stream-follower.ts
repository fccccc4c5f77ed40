import type { RtpHeader } from '../rtp/rtp-packet.ts'
import { ahead16, isSequenceJump } from '../rtp/serial.ts'

/** After a change of SSRC, stragglers of the old one are ignored for this long. */
const FORMER_SSRC_MS = 1_000
const SEQUENCE_CYCLE = 0x10000

/**
 * Follows which stream is the current one: the SSRC may change at any time (a PBX does so at answer and on transfer), and a
 * sender may start its sequence numbers over (RFC 3550, A.1: two packets in a row prove it).
 */
export class StreamFollower {
  /** How often a stream after the first one has begun. */
  restarts = 0
  #known = false
  #ssrc = 0
  #formerSsrc = 0
  #formerUntilMs = Number.NEGATIVE_INFINITY
  #highest = 0
  /** Where a restarted sender's second packet would be. */
  #expectedRestart = -1

  /** `begun`: the packet is the first of a stream. `ignored`: it belongs to none that is played. */
  follow(header: RtpHeader, nowMs: number): 'begun' | 'continued' | 'ignored' {
    if (!this.#known) return this.#begin(header)
    if (header.ssrc !== this.#ssrc) {
      if (header.ssrc === this.#formerSsrc && nowMs < this.#formerUntilMs) return 'ignored'
      this.#formerSsrc = this.#ssrc
      this.#formerUntilMs = nowMs + FORMER_SSRC_MS
      this.restarts++
      return this.#begin(header)
    }
    const ahead = ahead16(header.sequence, this.#highest & 0xffff)
    if (!isSequenceJump(ahead)) {
      this.#highest = Math.max(this.#highest, this.#highest + ahead)
      return 'continued'
    }
    if (header.sequence === this.#expectedRestart) {
      this.restarts++
      return this.#begin(header)
    }
    this.#expectedRestart = (header.sequence + 1) & 0xffff
    return 'ignored'
  }

  /** The next packet begins a stream, whatever its SSRC and number. */
  forget(): void {
    if (this.#known) this.restarts++
    this.#known = false
  }

  /** The packet's sequence number without wraps: positive, one cycle up, so that packets before the first have one too. */
  extended(header: RtpHeader): number {
    return this.#highest + ahead16(header.sequence, this.#highest & 0xffff)
  }

  #begin(header: RtpHeader): 'begun' {
    this.#known = true
    this.#ssrc = header.ssrc
    this.#highest = header.sequence + SEQUENCE_CYCLE
    this.#expectedRestart = -1
    return 'begun'
  }
}
