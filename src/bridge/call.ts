import { Signal } from '../base/events.ts'
import type { Logger } from '../base/logger.ts'
import type { CallCause } from './cause.ts'
import type { Leg, LegEvent, LegQuality, Transfer } from './leg.ts'
import type { Refusal } from './refusal.ts'

/**
 * A call is two legs joined by this table: the caller's leg came in, the callee's leg is dialled.
 *
 * | state     | event             | actions                                | next    |
 * |-----------|-------------------|----------------------------------------|---------|
 * | dialling  | callee ringing    | caller.ring                            | ringing |
 * | dialling, ringing | callee answered | join audio, caller.answer        | up      |
 * | up        | held, dtmf        | pass to the other leg                  | up      |
 * | up        | transfer asked    | begin the new party's leg; answer it if it called | up |
 * | up        | new party answered | end the old leg, join the new one in its place | up |
 * | up        | new party gave up | tell the old leg; without one, end     | up, ended |
 * | up        | transferring leg ended | wait for the new party alone      | up      |
 * | dialling, ringing | a call came in for the callee's place | answer it      | as it was |
 * | dialling, ringing | that call is up | end the callee's leg, join that call, caller.answer | up |
 * | any       | a leg ended       | end the other leg with the same cause  | ended   |
 *
 * No leg leaves before the one in its place has said that it is up: a party whose SDP is no good takes nobody's call away.
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
  /** Who sent the call on to us, if a trunk said so. */
  readonly divertedBy?: string
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

export interface CallOptions {
  readonly startedAtMs?: number
  /** What the end of a leg means beyond its call; as it is told to the other leg, and recorded. */
  readonly weigh?: (cause: CallCause) => Refusal
}

type Side = 'caller' | 'callee'

/** A party that is dialled, or has called, to take the place of a leg. */
interface Joining {
  readonly side: Side
  readonly leg: Leg
  readonly transfer: Transfer
  readonly unsubscribe: () => void
  /** The leg whose place it takes has gone. */
  isAlone: boolean
}

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
  readonly #legs: Record<Side, Leg>
  readonly #log: Logger
  readonly #wallMs: () => number
  readonly #weigh: (cause: CallCause) => Refusal
  readonly #unsubscribe: Record<Side, () => void>
  /** Legs that left before the call ended. */
  readonly #left: Promise<void>[] = []
  #joining: Joining | undefined
  #record: CallRecord
  #closed: Promise<void> | undefined

  constructor(
    parties: CallParties,
    legs: Readonly<Record<Side, Leg>>,
    log: Logger,
    wallMs: () => number,
    { startedAtMs = wallMs(), weigh = (cause) => ({ cause }) }: CallOptions = {},
  ) {
    this.#legs = { ...legs }
    this.#log = log
    this.#wallMs = wallMs
    this.#weigh = weigh
    this.#record = newRecord(parties, startedAtMs)
    this.#unsubscribe = { caller: this.#watch('caller'), callee: this.#watch('callee') }
  }

  get record(): CallRecord {
    return this.#record
  }

  /** Ends both legs. Resolves when their sockets and timers are gone. */
  end(cause: CallCause): Promise<void> {
    return this.#finish({ cause }, 'gateway')
  }

  #watch(side: Side): () => void {
    return this.#legs[side].events.on((event) => this.#onLegEvent(side, event))
  }

  #onLegEvent(side: Side, event: LegEvent): void {
    const { state } = this.#record
    switch (event.type) {
      case 'ringing':
        if (side === 'callee' && state === 'dialling') this.#ring()
        break
      case 'answered':
        if (side === 'callee' && (state === 'dialling' || state === 'ringing')) this.#answer()
        break
      case 'held':
        if (state === 'up') this.#across(side)?.hold(event.held)
        break
      case 'dtmf':
        if (state === 'up') this.#across(side)?.dtmf(event.digit, event.durationMs)
        break
      case 'transfer':
        this.#onTransfer(side, event.transfer)
        break
      case 'ended':
        if (this.#joining?.side === side) this.#joining.isAlone = true
        else void this.#finish(this.#weigh(event.cause), side)
        break
    }
  }

  /** The leg on the other side; undefined when that has gone and its place is still empty. */
  #across(side: Side): Leg | undefined {
    const far = side === 'caller' ? 'callee' : 'caller'
    return this.#joining?.isAlone && this.#joining.side === far ? undefined : this.#legs[far]
  }

  #onTransfer(side: Side, transfer: Transfer): void {
    const { state } = this.#record
    const isPickup = transfer.hasCalled && side === 'callee' && (state === 'dialling' || state === 'ringing')
    if (this.#joining || (state !== 'up' && !isPickup)) return transfer.failed('refused-by-policy')
    this.#log.info({ side }, 'transfer')
    const leg = transfer.begin()
    const unsubscribe = leg.events.on((event) => this.#onJoiningEvent(event))
    this.#joining = { side, leg, transfer, unsubscribe, isAlone: false }
    if (transfer.hasCalled) leg.answer()
  }

  #onJoiningEvent(event: LegEvent): void {
    const { side, leg, transfer, unsubscribe, isAlone } = this.#joining!
    if (event.type === 'transfer') return event.transfer.failed('refused-by-policy')
    if (event.type === 'ringing') transfer.ringing()
    if (event.type !== 'answered' && event.type !== 'ended') return
    this.#joining = undefined
    unsubscribe()
    if (event.type === 'answered') {
      // While the call in which it asked still stands.
      transfer.done()
      return this.#replace(side, leg)
    }
    this.#left.push(leg.end(event.cause))
    transfer.failed(event.cause)
    if (isAlone) void this.#finish({ cause: event.cause }, side)
  }

  #replace(side: Side, leg: Leg): void {
    const old = this.#legs[side]
    const wasUp = this.#record.state === 'up'
    this.#unsubscribe[side]()
    this.#legs[side] = leg
    this.#unsubscribe[side] = this.#watch(side)
    this.#log.info({ side }, 'transferred')
    this.#left.push(old.end(wasUp ? 'normal' : 'answered-elsewhere'))
    if (wasUp) this.#joinAudio()
    else this.#answer()
    if (this.#record.state === 'up') this.#across(side)?.hold(false)
  }

  #ring(): void {
    this.#legs.caller.ring()
    this.#change({ state: 'ringing', ringingAtMs: this.#wallMs() })
  }

  #answer(): void {
    this.#joinAudio()
    this.#legs.caller.answer()
    this.#change({ state: 'up', answeredAtMs: this.#wallMs() })
  }

  #joinAudio(): void {
    const { caller, callee } = this.#legs
    caller.listenTo(callee.audio)
    callee.listenTo(caller.audio)
  }

  #finish({ cause, retryAfterS }: Refusal, endedBy: Side | 'gateway'): Promise<void> {
    if (this.#closed !== undefined) return this.#closed
    this.#unsubscribe.caller()
    this.#unsubscribe.callee()
    const quality = this.#quality()
    const { caller, callee } = this.#legs
    const closing = [caller.end(cause, retryAfterS), callee.end(cause), this.#stopJoining(cause), ...this.#left]
    this.#closed = Promise.allSettled(closing).then((results) => {
      for (const result of results) {
        if (result.status === 'rejected') this.#log.error({ error: result.reason }, 'a leg did not close cleanly')
      }
    })
    this.#change({ state: 'ended', endedAtMs: this.#wallMs(), cause, endedBy, quality })
    this.changed.clear()
    return this.#closed
  }

  #stopJoining(cause: CallCause): Promise<void> | undefined {
    const joining = this.#joining
    this.#joining = undefined
    joining?.unsubscribe()
    joining?.transfer.failed(cause)
    return joining?.leg.end(cause)
  }

  #quality(): CallRecord['quality'] {
    const { caller, callee } = this.#legs
    const [sip, whatsapp] = caller.side === 'sip' ? [caller, callee] : [callee, caller]
    return { sip: sip.quality(), whatsapp: whatsapp.quality() }
  }

  /** A leg that fails as it is told something has ended the call already. */
  #change(update: Partial<CallRecord>): void {
    if (this.#record.state === 'ended') return
    this.#record = { ...this.#record, ...update }
    const { state, cause, endedBy } = this.#record
    this.#log.info({ state, cause, endedBy }, 'call state')
    this.changed.emit(this.#record)
  }
}
