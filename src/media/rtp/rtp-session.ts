import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import { EventReceiver } from '../dtmf/event-receiver.ts'
import type { RtpPlayout } from '../rtp-playout.ts'
import type { MediaEndpoint } from './endpoint.ts'
import { type RemoteReport, RtcpReporter } from './rtcp-reporter.ts'
import { type RejectedPackets, RtpReceiver } from './rtp-receiver.ts'
import { RtpWriter } from './rtp-writer.ts'

export interface RtpSessionOptions {
  readonly clock: Clock
  readonly random: Random
  /** Where the other side's SDP says that it is. */
  readonly announced: MediaEndpoint
  readonly playout: RtpPlayout
  readonly clockRateHz: number
  /** The payload type of telephone events that we offered or answered, if any. */
  readonly eventPayloadType: number | undefined
  readonly onDigit: (digit: string, durationMs: number) => void
  readonly sendRtp: (datagram: Uint8Array, to: MediaEndpoint) => void
  readonly sendRtcp: (datagram: Uint8Array, to: MediaEndpoint) => void
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
  readonly #events: EventReceiver
  #eventPayloadType: number | undefined
  #rtcpRemote: MediaEndpoint | undefined

  constructor(options: RtpSessionOptions) {
    const { clock, random, playout, clockRateHz } = options
    this.#options = options
    this.#eventPayloadType = options.eventPayloadType
    this.writer = new RtpWriter({
      ssrc: random.below(0x1_0000_0000) >>> 0,
      firstSequence: random.below(0x8000),
      send: (datagram) => options.sendRtp(datagram, this.#receiver.remote),
    })
    this.#receiver = new RtpReceiver({
      announced: options.announced,
      ownSsrc: this.writer.ssrc,
      accepts: (payloadType) => payloadType === this.#eventPayloadType || playout.plays(payloadType),
    })
    this.#reporter = new RtcpReporter({
      clock,
      random,
      writer: this.writer,
      reception: playout.reception,
      clockRateHz,
      send: (compound) => options.sendRtcp(compound, this.#rtcpRemote ?? aboveRtp(this.#receiver.remote)),
    })
    this.#events = new EventReceiver({ clock, clockRateHz, onDigit: options.onDigit })
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

  /** The payload type of telephone events, if they were negotiated. */
  get eventPayloadType(): number | undefined {
    return this.#eventPayloadType
  }

  /** What the other side's SDP says now. */
  announce(announced: MediaEndpoint, eventPayloadType: number | undefined): void {
    this.#receiver.announce(announced)
    this.#eventPayloadType = eventPayloadType
    this.#rtcpRemote = undefined
  }

  receiveRtp(datagram: Uint8Array, from: MediaEndpoint): void {
    const { clock, playout } = this.#options
    const header = this.#receiver.receive(datagram, from, clock.nowMs())
    if (header === undefined) return
    if (header.payloadType !== this.#eventPayloadType) {
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
