import type { CallIdentity } from '../stanza/call.ts'
import type { Jid } from '../wa-client.ts'
import type { CallSettings } from './settings.ts'

/**
 * idle ─start─▶ preparing ─prepared─▶ offered ─preaccept─▶ ringing ─accept─▶ active; every phase ─▶ ended.
 * The ack with the relays may come in any phase after `preparing`: stanzas overtake each other.
 */
export type OutgoingPhase = 'idle' | 'preparing' | 'offered' | 'ringing' | 'active' | 'ended'

export interface OutgoingState extends CallIdentity {
  readonly phase: OutgoingPhase
  readonly settings: CallSettings
  /** Bare LID of the called user. */
  readonly peer: Jid
  /** Devices that got the offer; after the ack those that the server says it rang. */
  readonly offered: readonly Jid[]
  /** Those of them that said busy or uncallable, also before the ack. */
  readonly out: readonly Jid[]
  readonly someoneBusy: boolean
  /** Devices of which the preaccept says that they have no MLow; the accept of the form with the key says nothing. */
  readonly withoutMlow: readonly Jid[]
  readonly isAcked: boolean
  readonly hasRelays: boolean
  readonly answeredBy: Jid | undefined
  readonly isMuted: boolean
}

export function newOutgoing(identity: CallIdentity, peer: Jid, settings: CallSettings): OutgoingState {
  return {
    ...identity,
    phase: 'idle',
    settings,
    peer,
    offered: [],
    out: [],
    someoneBusy: false,
    withoutMlow: [],
    isAcked: false,
    hasRelays: false,
    answeredBy: undefined,
    isMuted: false,
  }
}
