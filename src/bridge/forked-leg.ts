import { Signal } from '../base/events.ts'
import { type AudioSource, silence } from '../media/audio-source.ts'
import type { CallCause } from './cause.ts'
import type { Leg, LegEvent, LegQuality } from './leg.ts'

/** Which refusal counts when no phone answers: what a person decided before what a machine met. */
const WEIGHT: Partial<Readonly<Record<CallCause, number>>> = {
  'extension-declined': 3,
  'extension-busy': 2,
  'extension-no-answer': 1,
}

/**
 * Several phones of one user, dialled at once, as one leg: the first to answer has the call and the others stop ringing.
 * The leg ends when the last phone has given up.
 */
export class ForkedLeg implements Leg {
  readonly side = 'sip'
  readonly events = new Signal<LegEvent>()
  readonly audio: AudioSource = { pull: (out, lateMs) => (this.#chosen?.audio ?? silence).pull(out, lateMs) }
  readonly #ringing: Set<Leg>
  readonly #closing: Promise<void>[] = []
  #chosen: Leg | undefined
  #source: AudioSource = silence
  #cause: CallCause = 'extension-unreachable'
  #isOver = false

  /** `legs` holds at least one, each dialled and none answered. */
  constructor(legs: readonly Leg[]) {
    this.#ringing = new Set(legs)
    for (const leg of legs) leg.events.on((event) => this.#onEvent(leg, event))
  }

  ring(): void {}

  answer(): void {}

  listenTo(source: AudioSource): void {
    this.#source = source
    this.#chosen?.listenTo(source)
  }

  hold(held: boolean): void {
    this.#chosen?.hold(held)
  }

  dtmf(digit: string, durationMs: number): void {
    this.#chosen?.dtmf(digit, durationMs)
  }

  quality(): LegQuality | undefined {
    return this.#chosen?.quality()
  }

  async end(cause: CallCause): Promise<void> {
    this.#isOver = true
    this.#stopRinging(cause)
    if (this.#chosen) this.#closing.push(this.#chosen.end(cause))
    await Promise.all(this.#closing)
  }

  #onEvent(leg: Leg, event: LegEvent): void {
    if (this.#isOver || !(this.#ringing.has(leg) || leg === this.#chosen)) return refuseTransfer(event)
    if (event.type === 'answered' && !this.#chosen) this.#choose(leg)
    if (event.type === 'ended' && leg !== this.#chosen) return this.#onRefused(leg, event.cause)
    // A call that came in for a ringing phone's place takes that of all.
    const concernsAll = event.type === 'ringing' || event.type === 'transfer'
    if (concernsAll || leg === this.#chosen) this.events.emit(event)
    if (event.type === 'ended') this.#isOver = true
  }

  #choose(leg: Leg): void {
    this.#chosen = leg
    this.#ringing.delete(leg)
    leg.listenTo(this.#source)
    this.#stopRinging('answered-elsewhere')
  }

  #onRefused(leg: Leg, cause: CallCause): void {
    this.#ringing.delete(leg)
    this.#closing.push(leg.end(cause))
    if ((WEIGHT[cause] ?? 0) > (WEIGHT[this.#cause] ?? 0)) this.#cause = cause
    if (this.#ringing.size > 0 || this.#chosen) return
    this.#isOver = true
    this.events.emit({ type: 'ended', cause: this.#cause })
  }

  #stopRinging(cause: CallCause): void {
    for (const leg of this.#ringing) this.#closing.push(leg.end(cause))
    this.#ringing.clear()
  }
}

/** A phone that has been told to stop may still be asking; whatever else it says has no meaning any more. */
function refuseTransfer(event: LegEvent): void {
  if (event.type === 'transfer') event.transfer.failed('refused-by-policy')
}
