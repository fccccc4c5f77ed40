import type { Voice } from './phone-audio.ts'

/** What a phone does with calls. May be changed between calls. */
export interface PhoneBehaviour {
  /** `busy`: every device rejects so; `declines`: the device `takenOn` rejects; `ignores`: it rings and rings. */
  readonly onCall: 'answers' | 'busy' | 'declines' | 'ignores'
  /** Id of the device that answers or declines. */
  readonly takenOn: number
  /** From the offer's arrival to the answer or rejection. */
  readonly takenAfterMs: number
  /** The accept repeats the call key, encrypted for the caller, as some clients do. */
  readonly acceptsWithKey: boolean
  /** Tells the caller that it rings; some devices do not. */
  readonly preaccepts: boolean
  /** As a caller, tells how far it has it to the relays, and hangs up on somebody who does not answer that. */
  readonly wantsLatencies: boolean
  /**
   * As after a session was lost: as a caller, seals keys that companions cannot open; answering, talks under a key of its
   * own, which is in the accept if `acceptsWithKey`, and cannot be opened either.
   */
  readonly garblesKeys: boolean
  /** Says busy to calls that come while it dials itself; otherwise they ring. */
  readonly busyWhileDialling: boolean
  /** As a caller, takes the busy of one device for that of the user. */
  readonly busyEndsCall: boolean
  /** MLow, or ordinary Opus only: what its capability says, and what it sends. */
  readonly codec: 'mlow' | 'opus'
  readonly voice: Voice
  /** From the answer on; undefined leaves it to the other side. */
  readonly hangsUpAfterMs: number | undefined
  /** Having declined, dials the caller after this time. */
  readonly callsBackAfterMs: number | undefined
}

export const usualBehaviour: PhoneBehaviour = {
  onCall: 'answers',
  takenOn: 0,
  takenAfterMs: 400,
  acceptsWithKey: false,
  preaccepts: true,
  wantsLatencies: false,
  garblesKeys: false,
  busyWhileDialling: false,
  busyEndsCall: false,
  codec: 'mlow',
  voice: 'silence',
  hangsUpAfterMs: undefined,
  callsBackAfterMs: undefined,
}
