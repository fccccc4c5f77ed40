import type { CallEnvelope } from '../stanza/call.ts'
import type { IncomingOffer } from '../stanza/offer.ts'
import type { Jid } from '../wa-client.ts'
import type { CallEnd } from './call-event.ts'

/**
 * Why an offer does not ring here.
 *
 * | reason | meaning |
 * |---|---|
 * | `offline` | replayed from the server's queue |
 * | `ended` | over before it arrived |
 * | `too-old` | sent longer ago than the setting allows |
 * | `group` | a group call: not offered by this gateway |
 * | `not-ready` | the account is not paired, or nobody takes calls yet, or the connection is gone |
 * | `no-key` | its key could not be decrypted; the caller is told as `deviceBusy` says |
 * | `busy` | the account's calls limit, or glare won by our own call; likewise |
 */
export type MissedReason = 'offline' | 'ended' | 'too-old' | 'group' | 'not-ready' | 'no-key' | 'busy'

export interface MissedCall {
  readonly callId: string
  readonly reason: MissedReason
  /** The calling device. */
  readonly caller: Jid
  readonly callerPn: Jid | undefined
  readonly callerName: string | undefined
  /** Seconds since the Unix epoch, the server's time. */
  readonly timestampS: number | undefined
}

/** Whether the offer is a call that is over already. `wallMs` is our time, `maxAgeMs` how old an offer may be. */
export function staleness(
  envelope: CallEnvelope,
  offer: IncomingOffer,
  wallMs: number,
  maxAgeMs: number,
): 'offline' | 'ended' | 'too-old' | undefined {
  if (envelope.offline) return 'offline'
  if (offer.isCallEnded || offer.terminateReason !== undefined) return 'ended'
  const isOld = envelope.timestampS !== undefined && wallMs - envelope.timestampS * 1000 > maxAgeMs
  return isOld ? 'too-old' : undefined
}

/** A call that ended before anybody here could be told of it; undefined when another device of the account had it. */
export function missedBeforeRinging(cause: CallEnd): MissedReason | undefined {
  if (cause === 'no-key') return 'no-key'
  return cause === 'cancelled' || cause === 'no-answer' ? 'ended' : undefined
}
