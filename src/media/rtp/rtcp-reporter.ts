import type { Clock, Timer } from '../../base/clock.ts'
import { ParseError } from '../../base/errors.ts'
import type { Random } from '../../base/random.ts'
import { randomHex } from '../../base/random.ts'
import type { ReceptionStatistics } from './reception-statistics.ts'
import { middleNtp, ReportBlockSource } from './report-block.ts'
import {
  buildGoodbye,
  buildReceiverReport,
  buildSenderReport,
  buildSourceDescription,
  ntpTime,
  parseRtcp,
  type ReportBlock,
} from './rtcp-packet.ts'
import type { RtpWriter } from './rtp-writer.ts'

/** RFC 3550, section 6.2: the least interval; each one is drawn between half and one and a half of it. */
const INTERVAL_MS = 5_000
const CNAME_BYTES = 8
/** A compound packet longer than one datagram is none. */
const MAX_RTCP_BYTES = 1_500

export interface RtcpReporterOptions {
  readonly clock: Clock
  readonly random: Random
  readonly writer: RtpWriter
  readonly reception: ReceptionStatistics
  readonly send: (compound: Uint8Array) => void
}

/** What the other side says of our stream. */
export interface RemoteReport {
  readonly fractionLost: number
  readonly cumulativeLost: number
  readonly jitterMs: number
  readonly roundTripMs: number | undefined
}

/** Sends a report every five seconds, and reads those of the other side (RFC 3550, section 6.4). */
export class RtcpReporter {
  readonly #options: RtcpReporterOptions
  readonly #cname: string
  readonly #blocks: ReportBlockSource
  #timer: Timer | undefined
  #packetsAtLastReport = 0
  #remote: RemoteReport | undefined
  #lastReceivedMs = Number.NEGATIVE_INFINITY
  malformed = 0

  constructor(options: RtcpReporterOptions) {
    this.#options = options
    this.#blocks = new ReportBlockSource(options.reception)
    this.#cname = randomHex(CNAME_BYTES, options.random)
  }

  get remoteReport(): RemoteReport | undefined {
    return this.#remote
  }

  /** When the last RTCP packet came: a peer that sends no audio is alive. */
  get lastReceivedMs(): number {
    return this.#lastReceivedMs
  }

  start(): void {
    const delayMs = INTERVAL_MS / 2 + this.#options.random.below(INTERVAL_MS)
    this.#timer ??= this.#options.clock.after(delayMs, () => {
      this.#timer = undefined
      this.#report([])
      this.start()
    })
  }

  /** Says goodbye and ends the timer. */
  close(): void {
    if (this.#timer === undefined) return
    this.#timer.cancel()
    this.#timer = undefined
    this.#report([buildGoodbye(this.#options.writer.ssrc)])
  }

  receive(datagram: Uint8Array): void {
    try {
      if (datagram.length > MAX_RTCP_BYTES) throw new ParseError('parse.rtcp', `RTCP: ${datagram.length} bytes`)
      for (const packet of parseRtcp(datagram)) {
        if (packet.type === 'sender-report') this.#blocks.noteSenderReport(packet, this.#options.clock.nowMs())
        if (packet.type === 'sender-report' || packet.type === 'receiver-report') this.#noteBlocks(packet.blocks)
      }
      this.#lastReceivedMs = this.#options.clock.nowMs()
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
      this.malformed++
    }
  }

  #noteBlocks(blocks: readonly ReportBlock[]): void {
    const block = blocks.find(({ ssrc }) => ssrc === this.#options.writer.ssrc)
    if (block === undefined) return
    this.#remote = {
      fractionLost: block.fractionLost / 256,
      cumulativeLost: block.cumulativeLost,
      jitterMs: (block.jitter * 1000) / this.#options.writer.clockRateHz,
      roundTripMs: this.#roundTripMs(block),
    }
  }

  /** RFC 3550, section 6.4.1, figure 2: now − LSR − DLSR, in 1/65536 s. */
  #roundTripMs(block: ReportBlock): number | undefined {
    if (block.lastSenderReport === 0) return undefined
    const now = middleNtp(ntpTime(this.#options.clock.wallMs()))
    const elapsed = (now - block.lastSenderReport - block.delaySinceLastSenderReport) | 0
    return Math.max(0, (elapsed * 1000) / 65_536)
  }

  #report(extra: readonly Uint8Array[]): void {
    const { writer, clock, send, reception } = this.#options
    const blocks = reception.received > 0 ? [this.#blocks.take(reception.ssrc, clock.nowMs())] : []
    const sent = writer.packets > this.#packetsAtLastReport
    this.#packetsAtLastReport = writer.packets
    const report = sent
      ? buildSenderReport({
          ssrc: writer.ssrc,
          ...ntpTime(clock.wallMs()),
          rtpTimestamp: writer.timestamp,
          packets: writer.packets >>> 0,
          octets: writer.octets >>> 0,
          blocks,
        })
      : buildReceiverReport(writer.ssrc, blocks)
    send(Buffer.concat([report, buildSourceDescription(writer.ssrc, this.#cname), ...extra]))
  }
}
