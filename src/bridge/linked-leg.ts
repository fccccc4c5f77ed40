import { Signal } from '../base/events.ts'
import { type AudioSource, silence } from '../media/audio-source.ts'
import type { CallCause } from './cause.ts'
import type { Leg, LegEvent } from './leg.ts'

/**
 * One of two legs back to back: what is said to one is heard from the other. Each stands in a call of its own, in the place of
 * a SIP leg, so that the other sides of both calls talk to each other and each call keeps its record and its account.
 */
export class LinkedLeg implements Leg {
  readonly side = 'sip'
  readonly events = new Signal<LegEvent>()
  readonly audio: AudioSource = { pull: (out, lateMs) => this.#far.#source.pull(out, lateMs) }
  readonly #ask: ((far: Leg) => void) | undefined
  readonly #far: LinkedLeg
  #source: AudioSource = silence
  #state: 'waiting' | 'answered' | 'up' | 'over' = 'waiting'

  /** `ask` is called when the first call has taken this leg, and hands the far one to the other call. */
  static near(ask: (far: Leg) => void): LinkedLeg {
    return new LinkedLeg(ask)
  }

  private constructor(ask: ((far: Leg) => void) | undefined, far?: LinkedLeg) {
    this.#ask = ask
    this.#far = far ?? new LinkedLeg(undefined, this)
  }

  ring(): void {}

  /** Both are up as soon as both calls have taken them; a far end that nobody takes ends this one. */
  answer(): void {
    if (this.#state !== 'waiting') return
    this.#state = 'answered'
    this.#ask?.(this.#far)
    if (this.#state !== 'answered') return
    if (this.#far.#state === 'answered') this.#bothUp()
    else if (this.#ask) this.#leave('refused-by-policy')
  }

  listenTo(source: AudioSource): void {
    this.#source = source
  }

  hold(held: boolean): void {
    this.#far.#tell({ type: 'held', held })
  }

  dtmf(digit: string, durationMs: number): void {
    this.#far.#tell({ type: 'dtmf', digit, durationMs })
  }

  quality(): undefined {
    return undefined
  }

  async end(cause: CallCause): Promise<void> {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.events.clear()
    this.#far.#leave(cause)
  }

  #bothUp(): void {
    this.#state = 'up'
    this.#far.#state = 'up'
    this.#far.#tell({ type: 'answered' })
    this.#tell({ type: 'answered' })
  }

  #leave(cause: CallCause): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.events.emit({ type: 'ended', cause })
    this.events.clear()
  }

  #tell(event: LegEvent): void {
    if (this.#state === 'up') this.events.emit(event)
  }
}
