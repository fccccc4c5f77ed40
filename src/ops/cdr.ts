import { closeSync, openSync, writeSync } from 'node:fs'
import type { Logger } from '../base/logger.ts'
import type { CallRecord } from '../bridge/call.ts'

/** One ended call as the CDR file holds it: one JSON object per line, times in ISO 8601 UTC. */
interface Cdr {
  readonly correlationId: string
  readonly direction: 'outbound' | 'inbound'
  readonly account: string
  readonly from: string
  readonly to: string
  readonly divertedBy: string | null
  readonly startedAt: string
  readonly ringingAt: string | null
  readonly answeredAt: string | null
  readonly endedAt: string
  readonly talkSeconds: number
  readonly cause: string
  readonly endedBy: string
  /** What each side heard: packets by fate, and milliseconds concealed, of jitter, and muted by its far end. */
  readonly quality: NonNullable<CallRecord['quality']> | null
}

function cdrOf(record: CallRecord): Cdr {
  const endedAtMs = record.endedAtMs ?? record.startedAtMs
  const iso = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString())
  return {
    correlationId: record.correlationId,
    direction: record.direction,
    account: record.account,
    from: record.from,
    to: record.to,
    divertedBy: record.divertedBy ?? null,
    startedAt: new Date(record.startedAtMs).toISOString(),
    ringingAt: iso(record.ringingAtMs),
    answeredAt: iso(record.answeredAtMs),
    endedAt: new Date(endedAtMs).toISOString(),
    talkSeconds: record.answeredAtMs === undefined ? 0 : Math.round((endedAtMs - record.answeredAtMs) / 100) / 10,
    cause: record.cause ?? 'internal-error',
    endedBy: record.endedBy ?? 'gateway',
    quality: record.quality ?? null,
  }
}

/** Appends CDRs to a file that only its owner may read: it holds whole phone numbers. */
export class CdrFile {
  readonly #descriptor: number
  readonly #log: Logger

  constructor(path: string, log: Logger) {
    this.#log = log
    this.#descriptor = openSync(path, 'a', 0o600)
  }

  /** A full disk costs the record, not the call that is being ended. */
  append(record: CallRecord): void {
    try {
      writeSync(this.#descriptor, `${JSON.stringify(cdrOf(record))}\n`)
    } catch (error) {
      this.#log.error({ error, correlationId: record.correlationId }, 'a call record could not be written')
    }
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}
