import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import { EventReceiver } from '../dtmf/event-receiver.ts'
import type { RtpPlayout } from '../rtp-playout.ts'
import type { MediaEndpoint } from './endpoint.ts'
import { type RemoteReport, RtcpReporter } from './rtcp-reporter.ts'
import { type RejectedPackets, RtpReceiver } from './rtp-receiver.ts'
import { RtpWriter } from './rtp-writer.ts'

/** The payload type of telephone events, and the clock of their durations (RFC 4733). */
export interface EventFormat {
  readonly payloadType: number
  readonly clockRateHz: number
}

/** What the two sides' SDP says of the stream. */
export interface RtpAgreement {
  /** Where the other side's SDP says that it is. */
  readonly remote: MediaEndpoint
  /** Undefined when telephone events were not negotiated. */
  readonly events: EventFormat | undefined
  /** RTCP goes over the sockets of RTP (RFC 5761). */
  readonly rtcpMux: boolean
}

export interface RtpSessionOptions {
  readonly clock: Clock
  readonly random: Random
  readonly agreement: RtpAgreement
  readonly playout: RtpPlayout
  /** Of the first codec that is sent. */
  readonly clockRateHz: number
  readonly onDigit: (digit: string, durationMs: number) => void
  readonly sendRtp: (datagram: Uint8Array, to: MediaEndpoint) => void
  readonly sendRtcp: (datagram: Uint8Array, to: MediaEndpoint) => void
  /** RTCP over the socket of RTP. */
  readonly sendMuxedRtcp: (datagram: Uint8Array, to: MediaEndpoint) => void
}

export interface RtpSessionStats {
  readonly sentPackets: number
  readonly sentOctets: number
  readonly rejected: RejectedPackets
  /** −Infinity before the first. */
  readonly lastRtpMs: number
  readonly lastRtcpMs: number
  readonly remoteReport: RemoteReport | undefined
}

/** One RTP stream in each direction and its RTCP, on a pair of sockets that belong to the caller. */
export class RtpSession {
  readonly writer: RtpWriter
  readonly #options: RtpSessionOptions
  readonly #receiver: RtpReceiver
  readonly #reporter: RtcpReporter
  #agreement: RtpAgreement
  #events: EventReceiver
  #rtcpRemote: MediaEndpoint | undefined

  constructor(options: RtpSessionOptions) {
    const { clock, random, playout, clockRateHz, agreement } = options
    this.#options = options
    this.#agreement = agreement
    this.writer = new RtpWriter({
      ssrc: random.below(0x1_0000_0000) >>> 0,
      firstSequence: random.below(0x8000),
      clockRateHz,
      send: (datagram) => options.sendRtp(datagram, this.#receiver.remote),
    })
    this.#receiver = new RtpReceiver({
      announced: agreement.remote,
      ownSsrc: this.writer.ssrc,
      accepts: (payloadType) => payloadType === this.events?.payloadType || playout.plays(payloadType),
    })
    this.#reporter = new RtcpReporter({
      clock,
      random,
      writer: this.writer,
      reception: playout.reception,
      send: (compound) => this.#sendRtcp(compound),
    })
    this.#events = this.#receiverOf(agreement.events)
  }

  /** Starts the reports. */
  start(): void {
    this.#reporter.start()
  }

  /** Says goodbye and ends the timers. */
  close(): void {
    this.#reporter.close()
    this.#events.close()
  }

  get events(): EventFormat | undefined {
    return this.#agreement.events
  }

  get rtcpMux(): boolean {
    return this.#agreement.rtcpMux
  }

  /** What was agreed on now. */
  announce(agreement: RtpAgreement): void {
    const { events } = this.#agreement
    this.#agreement = agreement
    this.#receiver.announce(agreement.remote)
    this.#rtcpRemote = undefined
    if (agreement.events?.clockRateHz === events?.clockRateHz) return
    this.#events.close()
    this.#events = this.#receiverOf(agreement.events)
  }

  receiveRtp(datagram: Uint8Array, from: MediaEndpoint): void {
    const { clock, playout } = this.#options
    const header = this.#receiver.receive(datagram, from, clock.nowMs())
    if (header === undefined) return
    if (header.payloadType !== this.events?.payloadType) {
      playout.push(header, datagram)
      return
    }
    playout.reception.noteOther(header)
    this.#events.receive(header, datagram)
  }

  /** Heard only from the host that sends the audio. */
  receiveRtcp(datagram: Uint8Array, from: MediaEndpoint): void {
    if (from.address !== this.#receiver.remote.address) return
    this.#rtcpRemote = { address: from.address, port: from.port }
    this.#reporter.receive(datagram)
  }

  #receiverOf(events: EventFormat | undefined): EventReceiver {
    const { clock, clockRateHz, onDigit } = this.#options
    return new EventReceiver({ clock, clockRateHz: events?.clockRateHz ?? clockRateHz, onDigit })
  }

  #sendRtcp(compound: Uint8Array): void {
    const { sendMuxedRtcp, sendRtcp } = this.#options
    if (this.rtcpMux) sendMuxedRtcp(compound, this.#receiver.remote)
    else sendRtcp(compound, this.#rtcpRemote ?? aboveRtp(this.#receiver.remote))
  }

  stats(): RtpSessionStats {
    return {
      sentPackets: this.writer.packets,
      sentOctets: this.writer.octets,
      rejected: { ...this.#receiver.rejected },
      lastRtpMs: this.#receiver.lastPacketMs,
      lastRtcpMs: this.#reporter.lastReceivedMs,
      remoteReport: this.#reporter.remoteReport,
    }
  }
}

/** RFC 3550, section 11: RTCP is on the next higher port. */
function aboveRtp(remote: MediaEndpoint): MediaEndpoint {
  return { address: remote.address, port: remote.port + 1 }
}
