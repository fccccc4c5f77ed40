import { Signal } from '../base/events.ts'
import type { Logger } from '../base/logger.ts'
import type { CallCause } from './cause.ts'
import type { Leg, LegEvent, LegQuality } from './leg.ts'

/**
 * A call is two legs joined by this table: the caller's leg came in, the callee's leg is dialled.
 *
 * | state     | event             | actions                                | next    |
 * |-----------|-------------------|----------------------------------------|---------|
 * | dialling  | callee ringing    | caller.ring                            | ringing |
 * | dialling, ringing | callee answered | caller.answer, join audio        | up      |
 * | up        | held, dtmf        | pass to the other leg                  | up      |
 * | any       | a leg ended       | end the other leg with the same cause  | ended   |
 *
 * Whatever is not in the table is ignored in that state. Every way out passes `#finish`.
 */
type CallState = 'dialling' | 'ringing' | 'up' | 'ended'

type CallDirection = 'outbound' | 'inbound'

export interface CallParties {
  /** One id for every log line, CDR and SIP header of this call. */
  readonly correlationId: string
  /** `outbound`: from the PBX to WhatsApp. */
  readonly direction: CallDirection
  readonly account: string
  /** Digits, a SIP user, or empty when withheld. */
  readonly from: string
  readonly to: string
}

export interface CallRecord extends CallParties {
  readonly state: CallState
  readonly startedAtMs: number
  readonly ringingAtMs: number | undefined
  readonly answeredAtMs: number | undefined
  readonly endedAtMs: number | undefined
  readonly cause: CallCause | undefined
  readonly endedBy: 'caller' | 'callee' | 'gateway' | undefined
  /** Of an ended call: what each side heard. */
  readonly quality: Readonly<Record<Leg['side'], LegQuality | undefined>> | undefined
}

type Side = 'caller' | 'callee'

const newRecord = (parties: CallParties, startedAtMs: number): CallRecord => ({
  ...parties,
  state: 'dialling',
  startedAtMs,
  ringingAtMs: undefined,
  answeredAtMs: undefined,
  endedAtMs: undefined,
  cause: undefined,
  endedBy: undefined,
  quality: undefined,
})

/** The record of a call that never got a second leg: refused, or given up while its number was looked up. */
export function refusedCall(
  parties: CallParties,
  cause: CallCause,
  startedAtMs: number,
  endedAtMs: number,
): CallRecord {
  const endedBy = cause === 'cancelled' ? 'caller' : 'gateway'
  return { ...newRecord(parties, startedAtMs), state: 'ended', endedAtMs, cause, endedBy }
}

export class Call {
  /** Emits after every change of state. */
  readonly changed = new Signal<CallRecord>()
  readonly #legs: Readonly<Record<Side, Leg>>
  readonly #log: Logger
  readonly #wallMs: () => number
  readonly #unsubscribe: (() => void)[] = []
  #record: CallRecord
  #closed: Promise<void> | undefined

  constructor(
    parties: CallParties,
    legs: Readonly<Record<Side, Leg>>,
    log: Logger,
    wallMs: () => number,
    startedAtMs = wallMs(),
  ) {
    this.#legs = legs
    this.#log = log
    this.#wallMs = wallMs
    this.#record = newRecord(parties, startedAtMs)
    for (const side of ['caller', 'callee'] as const) {
      this.#unsubscribe.push(legs[side].events.on((event) => this.#onLegEvent(side, event)))
    }
  }

  get record(): CallRecord {
    return this.#record
  }

  /** Ends both legs. Resolves when their sockets and timers are gone. */
  end(cause: CallCause): Promise<void> {
    return this.#finish(cause, 'gateway')
  }

  #onLegEvent(side: Side, event: LegEvent): void {
    const { state } = this.#record
    const other = this.#legs[side === 'caller' ? 'callee' : 'caller']
    switch (event.type) {
      case 'ringing':
        if (side === 'callee' && state === 'dialling') this.#ring()
        break
      case 'answered':
        if (side === 'callee' && (state === 'dialling' || state === 'ringing')) this.#answer()
        break
      case 'held':
        if (state === 'up') other.hold(event.held)
        break
      case 'dtmf':
        if (state === 'up') other.dtmf(event.digit, event.durationMs)
        break
      case 'ended':
        void this.#finish(event.cause, side)
        break
    }
  }

  #ring(): void {
    this.#legs.caller.ring()
    this.#change({ state: 'ringing', ringingAtMs: this.#wallMs() })
  }

  #answer(): void {
    const { caller, callee } = this.#legs
    caller.answer()
    caller.listenTo(callee.audio)
    callee.listenTo(caller.audio)
    this.#change({ state: 'up', answeredAtMs: this.#wallMs() })
  }

  #finish(cause: CallCause, endedBy: Side | 'gateway'): Promise<void> {
    if (this.#closed !== undefined) return this.#closed
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    const quality = this.#quality()
    this.#closed = Promise.all([this.#legs.caller.end(cause), this.#legs.callee.end(cause)]).then(() => {})
    this.#change({ state: 'ended', endedAtMs: this.#wallMs(), cause, endedBy, quality })
    this.changed.clear()
    return this.#closed
  }

  #quality(): CallRecord['quality'] {
    const { caller, callee } = this.#legs
    const [sip, whatsapp] = caller.side === 'sip' ? [caller, callee] : [callee, caller]
    return { sip: sip.quality(), whatsapp: whatsapp.quality() }
  }

  #change(update: Partial<CallRecord>): void {
    this.#record = { ...this.#record, ...update }
    const { state, cause, endedBy } = this.#record
    this.#log.info({ state, cause, endedBy }, 'call state')
    this.changed.emit(this.#record)
  }
}
