import type { Signal } from '../base/events.ts'
import type { AudioSource } from '../media/audio-source.ts'
import type { CallCause } from './cause.ts'

export type LegEvent =
  | { readonly type: 'ringing' }
  /** Both ends agree that the call is up: a leg that we dialled was answered, one that came in has taken our answer. */
  | { readonly type: 'answered' }
  | { readonly type: 'held'; readonly held: boolean }
  | { readonly type: 'dtmf'; readonly digit: string; readonly durationMs: number }
  | { readonly type: 'transfer'; readonly transfer: Transfer }
  | { readonly type: 'ended'; readonly cause: CallCause }

/** The far end of a leg wants another party of its side in its place. `done` or `failed` is the last that it hears. */
export interface Transfer {
  /** The new party has called us; otherwise `begin` dials it. */
  readonly hasCalled: boolean
  /** The new party's leg; called once, unless the transfer is refused by `failed`. */
  begin(): Leg
  ringing(): void
  done(): void
  failed(cause: CallCause): void
}

/** What a leg has heard so far, for the record of the call. Packets, milliseconds. */
export interface LegQuality {
  readonly received: number
  readonly sent: number
  /** Missing when their time came. */
  readonly lost: number
  /** Came after their time. */
  readonly late: number
  /** Dropped: out of form, forged, repeated, or from somebody else. */
  readonly rejected: number
  /** Lost packets of which the next one held a copy. */
  readonly recovered: number
  readonly concealedMs: number
  readonly jitterMs: number
  /** How long its far end had muted itself (WhatsApp) or put the call on hold without music (SIP). */
  readonly mutedMs: number
}

/** One side of a call. `ended` comes exactly once, whoever caused it, and after it nothing else. */
export interface Leg {
  readonly side: 'sip' | 'whatsapp'
  readonly events: Signal<LegEvent>
  /** Audio heard from this leg's far end. */
  readonly audio: AudioSource
  /** Tells the far end that the other side is ringing (SIP 180, WhatsApp preaccept). No effect on a leg that we dial. */
  ring(): void
  /** Accepts a call that came in on this leg (SIP 200, WhatsApp accept). */
  answer(): void
  /** From now on this leg sends what `source` gives; silence until then. */
  listenTo(source: AudioSource): void
  hold(held: boolean): void
  dtmf(digit: string, durationMs: number): void
  /** Undefined before its media is there. */
  quality(): LegQuality | undefined
  /**
   * Ends the leg; idempotent. Resolves when its sockets and timers are gone. `retryAfterS` goes to a caller that can be
   * told when to try again.
   */
  end(cause: CallCause, retryAfterS?: number): Promise<void>
}
