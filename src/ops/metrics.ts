import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { CallRecord } from '../bridge/call.ts'
import type { BridgeStatus } from '../bridge/status.ts'

/** Prometheus metrics, fed by call events and, at scrape time, by a status snapshot. Names are listed in docs/manual.md. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #ended: Counter<'direction' | 'cause'>
  readonly #missed: Counter<'account' | 'reason'>
  readonly #setup: Histogram<'direction'>
  readonly #talk: Histogram<'direction'>

  constructor(status: () => BridgeStatus) {
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry, prefix: 'tandem_' })
    this.#ended = new Counter({
      name: 'tandem_calls_ended_total',
      help: 'Calls ended, by direction and cause',
      labelNames: ['direction', 'cause'],
      registers,
    })
    this.#missed = new Counter({
      name: 'tandem_calls_missed_total',
      help: 'Calls from WhatsApp that could not ring here, by account and reason',
      labelNames: ['account', 'reason'],
      registers,
    })
    this.#setup = new Histogram({
      name: 'tandem_call_setup_seconds',
      help: 'From the start of a call to its answer',
      labelNames: ['direction'],
      buckets: [0.5, 1, 2, 5, 10, 20, 40, 60],
      registers,
    })
    this.#talk = new Histogram({
      name: 'tandem_call_talk_seconds',
      help: 'From answer to end',
      labelNames: ['direction'],
      buckets: [5, 15, 60, 180, 600, 1800, 3600],
      registers,
    })
    new Gauge({
      name: 'tandem_calls_active',
      help: 'Calls in progress',
      registers,
      collect() {
        this.set(status().activeCalls)
      },
    })
    new Gauge({
      name: 'tandem_account_ready',
      help: '1 when the account can make calls: connected, and not paused by the dialler',
      labelNames: ['account'],
      registers,
      collect() {
        for (const { name: account, isReady } of status().accounts) this.set({ account }, isReady ? 1 : 0)
      },
    })
    new Gauge({
      name: 'tandem_account_dials',
      help: 'Calls dialled by the account in the last minute, hour and day, and numbers never talked to in the last day',
      labelNames: ['account', 'what'],
      registers,
      collect() {
        for (const { name: account, dials } of status().accounts) {
          this.set({ account, what: 'minute' }, dials.lastMinute)
          this.set({ account, what: 'hour' }, dials.lastHour)
          this.set({ account, what: 'day' }, dials.lastDay)
          this.set({ account, what: 'strangers' }, dials.strangersLastDay)
        }
      },
    })
    new Gauge({
      name: 'tandem_account_restricted_seconds',
      help: 'Until the account may dial everyone, or strangers, after a restriction by WhatsApp; 0 when it may',
      labelNames: ['account', 'whom'],
      registers,
      collect() {
        for (const { name: account, restrictedForS, strangersRestrictedForS } of status().accounts) {
          this.set({ account, whom: 'everyone' }, restrictedForS)
          this.set({ account, whom: 'strangers' }, strangersRestrictedForS)
        }
      },
    })
    new Gauge({
      name: 'tandem_trunk_ready',
      help: '1 when calls can go to the trunk: registered, or answering OPTIONS',
      labelNames: ['trunk'],
      registers,
      collect() {
        for (const trunk of status().trunks) this.set({ trunk: trunk.name }, trunk.isReady ? 1 : 0)
      },
    })
  }

  onCall(record: CallRecord): void {
    const { direction, startedAtMs, answeredAtMs, endedAtMs } = record
    if (record.state === 'up' && answeredAtMs !== undefined) {
      this.#setup.observe({ direction }, (answeredAtMs - startedAtMs) / 1000)
    }
    if (record.state !== 'ended') return
    this.#ended.inc({ direction, cause: record.cause ?? 'internal-error' })
    if (answeredAtMs !== undefined && endedAtMs !== undefined) {
      this.#talk.observe({ direction }, (endedAtMs - answeredAtMs) / 1000)
    }
  }

  onMissed(account: string, reason: string): void {
    this.#missed.inc({ account, reason })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }
}
