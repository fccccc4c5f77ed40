import type { ReceptionStatistics } from './reception-statistics.ts'
import type { ReportBlock, SenderReport } from './rtcp-packet.ts'

const UNITS_PER_MS = 65.536
const LEAST_LOST = -0x80_0000
const MOST_LOST = 0x7f_ffff

/** The middle 32 bits of an NTP time, in 1/65536 s (RFC 3550, section 4). */
export function middleNtp(time: { readonly ntpSeconds: number; readonly ntpFraction: number }): number {
  return ((time.ntpSeconds << 16) | (time.ntpFraction >>> 16)) >>> 0
}

/** Makes report blocks about one received stream, and remembers the sender report that they must point to. */
export class ReportBlockSource {
  readonly #reception: ReceptionStatistics
  #lastReportNtp = 0
  #lastReportMs = 0

  constructor(reception: ReceptionStatistics) {
    this.#reception = reception
  }

  noteSenderReport(report: SenderReport, nowMs: number): void {
    this.#lastReportNtp = middleNtp(report)
    this.#lastReportMs = nowMs
  }

  /** RFC 3550, section 6.4.1; begins a new interval of the fraction lost. */
  take(ssrc: number, nowMs: number): ReportBlock {
    const reception = this.#reception
    const sinceMs = this.#lastReportNtp === 0 ? 0 : nowMs - this.#lastReportMs
    return {
      ssrc,
      fractionLost: reception.takeFractionLost(),
      cumulativeLost: Math.max(LEAST_LOST, Math.min(MOST_LOST, reception.lost)),
      highestSequence: reception.highestSequence,
      jitter: reception.jitterUnits,
      lastSenderReport: this.#lastReportNtp,
      delaySinceLastSenderReport: Math.floor(sinceMs * UNITS_PER_MS) >>> 0,
    }
  }
}
