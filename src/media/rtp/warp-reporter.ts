import type { Clock, Timer } from '../../base/clock.ts'
import { type Random, randomHex } from '../../base/random.ts'
import type { ReportBlockSource } from './report-block.ts'
import { buildSenderReport, buildSourceDescription, buildWarp208, buildWarp209, ntpTime } from './rtcp-packet.ts'

/** What has been sent so far, for the sender report. */
interface SentMedia {
  readonly ssrc: number
  readonly packets: number
  readonly octets: number
  readonly timestamp: number
}

export interface WarpReporterOptions {
  readonly clock: Clock
  readonly random: Random
  readonly sent: SentMedia
  /** The peer's stream. */
  readonly remoteSsrc: () => number
  readonly blocks: ReportBlockSource
  /** One compound packet in clear. */
  readonly send: (compound: Uint8Array) => void
}

/** The official client's intervals (docs/protocol/rtcp.md). */
const WARP_208_MS = 1000
const SENDER_REPORT_MS = 1500
const WARP_209_MS = 3000

/**
 * The reports of a WhatsApp call, from its first second on: a sender that never reports is suspected to be cut off
 * after about 20 s (docs/protocol/rtcp.md).
 */
export class WarpReporter {
  readonly #options: WarpReporterOptions
  readonly #cname: string
  readonly #timers = new Map<number, Timer>()

  constructor(options: WarpReporterOptions) {
    this.#options = options
    this.#cname = `${randomHex(3, options.random).slice(0, 5)}@pj${randomHex(3, options.random)}.org`
  }

  start(): void {
    const { sent, remoteSsrc, send } = this.#options
    this.#every(WARP_208_MS, () => send(buildWarp208(sent.ssrc, remoteSsrc())))
    this.#every(SENDER_REPORT_MS, () => send(this.#senderReport()))
    this.#every(WARP_209_MS, () => send(buildWarp209(sent.ssrc)))
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
  }

  #every(periodMs: number, report: () => void): void {
    report()
    this.#timers.set(
      periodMs,
      this.#options.clock.after(periodMs, () => this.#every(periodMs, report)),
    )
  }

  #senderReport(): Uint8Array {
    const { sent, blocks, remoteSsrc, clock } = this.#options
    const report = buildSenderReport({
      ssrc: sent.ssrc,
      ...ntpTime(clock.wallMs()),
      rtpTimestamp: sent.timestamp >>> 0,
      packets: sent.packets >>> 0,
      octets: sent.octets >>> 0,
      blocks: [blocks.take(remoteSsrc(), clock.nowMs())],
    })
    return Buffer.concat([report, buildSourceDescription(sent.ssrc, this.#cname)])
  }
}
