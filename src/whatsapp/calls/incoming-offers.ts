import { Signal } from '../../base/events.ts'
import { bareJid, formatJid, parseJid, sameDevice, sameUser } from '../jid.ts'
import type { CallEnvelope, CallIdentity } from '../stanza/call.ts'
import type { IncomingOffer } from '../stanza/offer.ts'
import type { Jid } from '../wa-client.ts'
import { type MissedCall, type MissedReason, missedBeforeRinging, staleness } from './admission.ts'
import { busyHere } from './busy-here.ts'
import type { Call } from './call.ts'
import type { CallEnd } from './call-event.ts'
import { winsGlare } from './call-id.ts'
import type { CallEnvironment } from './environment.ts'
import { IncomingCall } from './incoming-call.ts'
import type { LiveCalls } from './live-calls.ts'
import { RecentSet } from './recent-set.ts'

/** An offer as it came. */
interface Received {
  readonly envelope: CallEnvelope
  readonly offer: IncomingOffer
}

/** Decides what becomes of the offers to one account: a call that rings, or one that was missed. */
export class IncomingOffers {
  readonly missed = new Signal<MissedCall>()
  readonly #environment: CallEnvironment
  readonly #calls: LiveCalls
  /** Who gave up which call before its offer came. */
  readonly #givenUp: RecentSet
  /** Who said of which call, before its offer came, that another device of the account has dealt with it. */
  readonly #dealtWith: RecentSet
  /** Calls that were missed because their key could not be read. */
  readonly #unreadable: RecentSet
  /** Offers that wait for the fate of a call of ours to the same user, by the id of ours. */
  readonly #waiting = new Map<string, Received>()
  #handler: ((call: IncomingCall) => void) | undefined

  constructor(environment: CallEnvironment, calls: LiveCalls, remembered: number) {
    this.#environment = environment
    this.#calls = calls
    this.#givenUp = new RecentSet(remembered)
    this.#dealtWith = new RecentSet(remembered)
    this.#unreadable = new RecentSet(remembered)
  }

  onCall(handler: (call: IncomingCall) => void): void {
    this.#handler = handler
  }

  /** What waits will not ring any more. */
  stop(): void {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const received of waiting) this.#miss(received, 'not-ready')
  }

  /**
   * A call that does not ring here is over: its offer may still be on its way, or wait. Whether `by` has a say in the call
   * is known when the offer is.
   */
  endedElsewhere(call: CallIdentity, cause: CallEnd, by: Jid): void {
    const missed = missedBeforeRinging(cause)
    const said = missed ? this.#givenUp : this.#dealtWith
    said.add(wordOf(by, call))
    for (const [ours, received] of this.#waiting) {
      if (nameOf(received.offer) !== nameOf(call) || !this.#isSaid(said, received)) continue
      this.#waiting.delete(ours)
      if (missed) this.#miss(received, missed)
      else this.#calls.end(call.callId)
    }
  }

  take(envelope: CallEnvelope, offer: IncomingOffer): void {
    const received = { envelope, offer }
    const known = this.#calls.get(offer.callId)
    if (known) {
      if (isOfCaller(known, received)) this.#environment.sendReceipt('offer', envelope, offer)
      return
    }
    const waiting = [...this.#waiting.values()].find((other) => other.offer.callId === offer.callId)
    if (waiting) {
      const isSame = nameOf(waiting.offer) === nameOf(offer) && isCaller(envelope.from, waiting)
      if (isSame) this.#environment.sendReceipt('offer', envelope, offer)
      return
    }
    // A key that could not be read may come again from who made it; whatever else is over stays so.
    if (this.#calls.isOver(offer.callId) && !this.#unreadable.has(nameOf(offer))) return
    if (this.#isSaid(this.#dealtWith, received)) return
    const obstacle = this.#whyNotRing(received)
    if (obstacle) return this.#miss(received, obstacle)
    this.#environment.sendReceipt('offer', envelope, offer)
    const ours = this.#glaring(envelope.from)
    if (!ours) this.#admit(received)
    else if (winsGlare(ours.callId, offer.callId)) this.#letOursGoOn(ours, received)
    else {
      ours.feed({ type: 'glare' })
      this.#admit(received)
    }
  }

  /** Whether one who has a say in the call said so: its caller, or a device of this account. */
  #isSaid(said: RecentSet, received: Received): boolean {
    const self = this.#environment.client.self()
    return [callingDevice(received), received.offer.callerPn, self?.lid, self?.pn].some(
      (user) => user !== undefined && said.has(wordOf(user, received.offer)),
    )
  }

  #whyNotRing(received: Received): MissedReason | undefined {
    const { envelope, offer } = received
    const { client, clock, settings } = this.#environment
    if (this.#isSaid(this.#givenUp, received)) return 'ended'
    const stale = staleness(envelope, offer, clock.wallMs(), settings.offerMaxAgeMs)
    if (stale) return stale
    if (offer.groupJid) return 'group'
    return this.#handler && client.self() ? undefined : 'not-ready'
  }

  /** When the peer calls us while we call it, one of the two calls ends. */
  #glaring(from: Jid): Call | undefined {
    return this.#calls
      .list()
      .find((call) => call.direction === 'outgoing' && call.phase !== 'active' && call.peerDevice(from) !== undefined)
  }

  /**
   * The peer is refused only when one of its devices rings for us: a phone that is busy with its own call says so to ours,
   * and then theirs is the only one left.
   */
  #letOursGoOn(ours: Call, received: Received): void {
    if (ours.phase === 'ringing' || this.#waiting.has(ours.callId)) return this.#refuse(received)
    this.#waiting.set(ours.callId, received)
    const unsubscribe = ours.events.on(({ type }) => {
      if (type !== 'ringing' && type !== 'answered' && type !== 'ended') return
      unsubscribe()
      // When the peer has hung up and dialled again, another offer waits in its place.
      if (this.#waiting.get(ours.callId) !== received) return
      this.#waiting.delete(ours.callId)
      if (type !== 'ended') this.#refuse(received)
      else if (this.#environment.client.state === 'open') this.#admit(received)
      else this.#miss(received, 'not-ready')
    })
  }

  #admit(received: Received): void {
    if (this.#calls.size < this.#environment.settings.callsLimit) this.#start(received)
    else this.#refuse(received)
  }

  #refuse(received: Received): void {
    const busy = busyHere(received.offer, this.#environment.settings)
    if (busy) this.#environment.post(callingDevice(received), busy)
    this.#miss(received, 'busy')
  }

  #start(received: Received): void {
    const { envelope, offer } = received
    const caller = callingDevice(received)
    const parties = {
      identity: { callId: offer.callId, callCreator: offer.callCreator },
      peer: bareJid(caller),
      peerPn: offer.callerPn && bareJid(offer.callerPn),
      self: this.#environment.client.self()?.lid ?? '',
      caller,
      callerName: envelope.notify,
    }
    const announce = (call: IncomingCall) => this.#handler?.(call)
    const call = new IncomingCall(parties, offer, this.#environment, announce, ({ cause }) => {
      this.#calls.end(offer.callId)
      const missed = call.isAnnounced ? undefined : missedBeforeRinging(cause)
      if (missed) this.#miss(received, missed)
      else this.#unreadable.delete(nameOf(offer))
    })
    this.#calls.add(call)
    call.start()
  }

  /** A call is missed once: what repeats an unreadable offer is told only when it rings. */
  #miss(received: Received, reason: MissedReason): void {
    const { envelope, offer } = received
    this.#calls.end(offer.callId)
    const name = nameOf(offer)
    const wasMissed = reason === 'no-key' ? !this.#unreadable.add(name) : this.#unreadable.delete(name)
    if (wasMissed) return
    this.missed.emit({
      callId: offer.callId,
      reason,
      caller: callingDevice(received),
      callerPn: offer.callerPn,
      callerName: envelope.notify,
      timestampS: envelope.timestampS,
    })
  }
}

/** Somebody else may write down the same call-id; and the creator may be written with its device 0 or without. */
const nameOf = ({ callId, callCreator }: CallIdentity) => `${callId} ${formatJid(parseJid(callCreator))}`

const wordOf = (by: Jid, { callId }: CallIdentity) => `${callId} ${bareJid(by)}`

function isOfCaller(call: Call, { envelope, offer }: Received): boolean {
  return call.peerDevice(envelope.from) !== undefined && sameDevice(call.identity.callCreator, offer.callCreator)
}

/** Whether this is the user whose offer it is, by LID or by phone number: the peer of the call that it would be. */
function isCaller(user: Jid, received: Received): boolean {
  const { callerPn } = received.offer
  return sameUser(user, callingDevice(received)) || (callerPn !== undefined && sameUser(user, callerPn))
}

/** The device to answer and to derive keys for: the creator by LID, also when the stanza came by phone number. */
function callingDevice({ envelope: { from }, offer }: Received): Jid {
  const isSame = sameUser(from, offer.callCreator) || (offer.callerPn !== undefined && sameUser(from, offer.callerPn))
  return isSame ? offer.callCreator : from
}
