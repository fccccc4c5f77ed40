import type { CallIdentity } from '../stanza/call.ts'
import type { Enc } from '../stanza/media-children.ts'
import { encFor, type IncomingOffer } from '../stanza/offer.ts'
import type { RelayLatency } from '../stanza/relaylatency.ts'
import type { Jid } from '../wa-client.ts'
import type { CallSettings } from './settings.ts'

/**
 * idle ─start─▶ opening ─opened─▶ ringing ─answer─▶ accepting ─sealed─▶ active; every phase ─▶ ended. `accepting` is left out
 * when the accept carries no key. The call exists before its key is open, so that a terminate arriving meanwhile finds it.
 */
export type IncomingPhase = 'idle' | 'opening' | 'ringing' | 'accepting' | 'active' | 'ended'

export interface IncomingState extends CallIdentity {
  readonly phase: IncomingPhase
  readonly settings: CallSettings
  /** The calling device. */
  readonly caller: Jid
  readonly offer: IncomingOffer
  /** The key in the offer that is meant for this device. */
  readonly enc: Enc | undefined
  readonly hasRelays: boolean
  readonly isMuted: boolean
  /** Names of the relays that we are bound to. */
  readonly bound: readonly string[]
  /** The caller's measurements of relays that we are not bound to yet. */
  readonly unanswered: readonly RelayLatency[]
  readonly answeredLatencies: number
}

export function newIncoming(offer: IncomingOffer, caller: Jid, self: Jid, settings: CallSettings): IncomingState {
  return {
    callId: offer.callId,
    callCreator: offer.callCreator,
    phase: 'idle',
    settings,
    caller,
    offer,
    enc: encFor(self, offer),
    hasRelays: offer.relays !== undefined,
    isMuted: false,
    bound: [],
    unanswered: [],
    answeredLatencies: 0,
  }
}
