import type { Clock } from '../../base/clock.ts'
import { ParseError } from '../../base/errors.ts'
import { Signal } from '../../base/events.ts'
import type { Logger } from '../../base/logger.ts'
import { type Random, randomHex } from '../../base/random.ts'
import { bareJid, sameUser } from '../jid.ts'
import { buildCall, type CallEnvelope, type CallIdentity, parseCall, parseIdentity } from '../stanza/call.ts'
import { buildCallAck, parseAckError } from '../stanza/call-ack.ts'
import { type IncomingOffer, parseOffer } from '../stanza/offer.ts'
import { buildCallReceipt, parseOfferReceipt } from '../stanza/receipt.ts'
import { buildReject } from '../stanza/reject.ts'
import type { Jid, WaClient, WaEvent, WaNode, WaSelf, WaState } from '../wa-client.ts'
import { type MissedCall, type MissedReason, missedBeforeRinging, staleness } from './admission.ts'
import { CALL_KEY_LENGTH, type Call } from './call.ts'
import type { AccountLoss, CallEnd } from './call-event.ts'
import { newCallId, winsGlare } from './call-id.ts'
import type { CallEnvironment } from './environment.ts'
import { inputsFromOwnDevice, inputsFromPeer } from './inbound.ts'
import { IncomingCall } from './incoming-call.ts'
import { Outbox } from './outbox.ts'
import { OutgoingCall } from './outgoing-call.ts'
import { RecentSet } from './recent-set.ts'
import type { CallSettings } from './settings.ts'

export interface CallManagerOptions {
  readonly client: WaClient
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly settings: CallSettings
}

export interface DialRequest {
  /** Bare LID of the user to call. */
  readonly lid: Jid
  /** Bare phone-number JID of the same user, when known. */
  readonly pn?: Jid
}

/** Stanzas and calls remembered after their time, so that a repetition or a late word is known as such. */
const REMEMBERED = 1024
const STANZA_ID_BYTES = 16

/**
 * All calls of one account. Acknowledges every inbound `<call>` exactly once, whatever it holds, and hands each action
 * to its call.
 */
export class CallManager {
  /** Offers that did not ring here. */
  readonly missed = new Signal<MissedCall>()
  readonly #client: WaClient
  readonly #clock: Clock
  readonly #random: Random
  readonly #logger: Logger
  readonly #settings: CallSettings
  readonly #outbox: Outbox
  readonly #environment: CallEnvironment
  readonly #calls = new Map<string, Call>()
  readonly #seenStanzas = new RecentSet(REMEMBERED)
  /** Call-ids of calls that are over. */
  readonly #over = new RecentSet(REMEMBERED)
  /** Call-ids whose terminate came before the offer. */
  readonly #endedEarly = new RecentSet(REMEMBERED)
  readonly #stopWatching: () => void
  #handler: ((call: IncomingCall) => void) | undefined
  #isConnected: boolean
  #isStopped = false

  constructor({ client, clock, random, logger, settings }: CallManagerOptions) {
    this.#client = client
    this.#clock = clock
    this.#random = random
    this.#logger = logger
    this.#settings = settings
    this.#outbox = new Outbox(client, clock, logger, settings.reconnectGraceMs)
    this.#environment = {
      client,
      clock,
      logger,
      settings,
      newStanzaId: () => this.#newStanzaId(),
      post: (to, action) => this.#post(to, action),
    }
    this.#isConnected = client.state === 'open'
    this.#stopWatching = client.events.on((event) => this.#onClientEvent(event))
    client.onCall((node) => this.#onStanza(node, () => this.#onCall(node)))
    client.onCallAck((node) => this.#onStanza(node, () => this.#onCallAck(node)))
    client.onReceipt((node) => this.#onStanza(node, () => this.#onReceipt(node)))
  }

  /** Calls that are not over. */
  get liveCalls(): number {
    return this.#calls.size
  }

  /** Who gets incoming calls. It must subscribe to the call's events before it returns. */
  onIncoming(handler: (call: IncomingCall) => void): void {
    this.#handler = handler
  }

  /**
   * Calls a user. Never throws: what stands in the way comes as the call's `ended`, after the caller has had the time
   * to subscribe.
   */
  dial(request: DialRequest): OutgoingCall {
    const self = this.#client.self()
    const callId = newCallId(this.#random, this.#settings.callIdForm)
    const parties = {
      identity: { callId, callCreator: self?.lid ?? '' },
      peer: bareJid(request.lid),
      peerPn: request.pn,
      self: self?.lid ?? '',
    }
    const callKey = this.#random.bytes(CALL_KEY_LENGTH)
    const obstacle = this.#obstacle(self, request.lid)
    const call = new OutgoingCall(parties, callKey, this.#environment, () => this.#forget(callId))
    if (!obstacle) this.#calls.set(callId, call)
    queueMicrotask(() => call.feed(obstacle ? { type: 'prepare-failed', cause: obstacle } : { type: 'start' }))
    return call
  }

  /** Ends all calls; incoming ones that still ring go on ringing on the account's other devices. */
  stop(): void {
    for (const call of [...this.#calls.values()]) call.feed({ type: 'shutdown' })
    this.#isStopped = true
    this.#stopWatching()
    this.#outbox.clear()
  }

  /** Resolves when what has been said is in the connection, which may then be closed; after `atMostMs` at the latest. */
  async sent(atMostMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const limit = this.#clock.after(atMostMs, resolve)
      void this.#outbox.sent().then(() => {
        limit.cancel()
        resolve()
      })
    })
  }

  #obstacle(self: WaSelf | undefined, lid: Jid): CallEnd | undefined {
    if (this.#isStopped) return 'shutdown'
    const loss = lossOf(this.#client.state)
    if (loss !== undefined) return loss
    if (!self || this.#client.state !== 'open') return 'offline'
    if (sameUser(lid, self.lid)) return 'unreachable'
    return this.#calls.size >= this.#settings.callsLimit ? 'limit' : undefined
  }

  #onClientEvent(event: WaEvent): void {
    if (event.type !== 'state') return
    const isConnected = event.state === 'open'
    const loss = lossOf(event.state)
    if (loss !== undefined) {
      this.#outbox.clear()
      this.#feedAll({ type: 'account-lost', cause: loss })
    } else if (isConnected !== this.#isConnected) {
      this.#feedAll({ type: isConnected ? 'socket-back' : 'socket-lost' })
    }
    this.#isConnected = isConnected
    if (isConnected) this.#outbox.flush()
  }

  #feedAll(input: Parameters<Call['feed']>[0]): void {
    for (const call of [...this.#calls.values()]) call.feed(input)
  }

  /** A stanza out of form costs a log line, nothing else. */
  #onStanza(node: WaNode, take: () => void): void {
    if (this.#isStopped) return
    try {
      take()
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
      this.#logger.warn({ error, tag: node.tag, stanzaId: node.attrs.id }, 'a stanza out of form')
    }
  }

  #onCall(node: WaNode): void {
    const ack = buildCallAck(node)
    if (ack) this.#outbox.postNow(ack)
    const envelope = parseCall(node)
    if (!this.#seenStanzas.add(`${envelope.from} ${envelope.stanzaId}`)) return
    if (envelope.action.tag === 'offer') this.#onOffer(envelope, parseOffer(envelope.action))
    else this.#onAction(envelope, parseIdentity(envelope.action))
  }

  #onAction(envelope: CallEnvelope, identity: CallIdentity): void {
    const { action, from } = envelope
    const call = this.#calls.get(identity.callId)
    if (!call) {
      if (action.tag === 'terminate') this.#endedEarly.add(identity.callId)
      return
    }
    const device = call.peerDevice(from)
    if (device !== undefined) {
      const inputs = inputsFromPeer(action, device)
      if (action.tag === 'accept' && call.direction === 'outgoing') this.#sendReceipt('accept', envelope, identity)
      for (const input of inputs) call.feed(input)
    } else if (this.#isOwnDevice(from)) {
      for (const input of inputsFromOwnDevice(action)) call.feed(input)
    } else {
      this.#logger.warn({ callId: identity.callId, action: action.tag }, 'an action from somebody outside the call')
    }
  }

  #onOffer(envelope: CallEnvelope, offer: IncomingOffer): void {
    if (this.#over.has(offer.callId)) return
    if (this.#calls.has(offer.callId)) {
      this.#sendReceipt('offer', envelope, offer)
      return
    }
    const obstacle = this.#whyNotRing(envelope, offer)
    if (obstacle) {
      this.#miss(envelope, offer, obstacle)
      return
    }
    this.#sendReceipt('offer', envelope, offer)
    const isOursToGoOn = this.#settleGlare(envelope.from, offer) === 'ours'
    if (isOursToGoOn || this.#calls.size >= this.#settings.callsLimit) {
      this.#post(callingDevice(envelope.from, offer), buildReject(offer, 'busy'))
      this.#miss(envelope, offer, 'busy')
      return
    }
    this.#startIncoming(envelope, offer)
  }

  #whyNotRing(envelope: CallEnvelope, offer: IncomingOffer): MissedReason | undefined {
    if (this.#endedEarly.has(offer.callId)) return 'ended'
    const stale = staleness(envelope, offer, this.#clock.wallMs(), this.#settings.offerMaxAgeMs)
    if (stale) return stale
    if (offer.groupJid) return 'group'
    return this.#handler && this.#client.self() ? undefined : 'not-ready'
  }

  #startIncoming(envelope: CallEnvelope, offer: IncomingOffer): void {
    const caller = callingDevice(envelope.from, offer)
    const parties = {
      identity: { callId: offer.callId, callCreator: offer.callCreator },
      peer: bareJid(caller),
      peerPn: offer.callerPn && bareJid(offer.callerPn),
      self: this.#client.self()?.lid ?? '',
      caller,
      callerName: envelope.notify,
    }
    const announce = (call: IncomingCall) => this.#handler?.(call)
    const call = new IncomingCall(parties, offer, this.#environment, announce, ({ cause }) => {
      this.#forget(offer.callId)
      const missed = call.isAnnounced ? undefined : missedBeforeRinging(cause)
      if (missed) this.#miss(envelope, offer, missed)
    })
    this.#calls.set(offer.callId, call)
    call.start()
  }

  /** When the peer calls us while we call it, one of the two calls ends. Undefined when there is no such call. */
  #settleGlare(from: Jid, offer: IncomingOffer): 'ours' | 'theirs' | undefined {
    const ours = [...this.#calls.values()].find(
      (call) => call.direction === 'outgoing' && call.phase !== 'active' && call.peerDevice(from) !== undefined,
    )
    if (!ours) return undefined
    if (winsGlare(ours.callId, offer.callId)) return 'ours'
    ours.feed({ type: 'glare' })
    return 'theirs'
  }

  #miss(envelope: CallEnvelope, offer: IncomingOffer, reason: MissedReason): void {
    this.#over.add(offer.callId)
    this.missed.emit({
      callId: offer.callId,
      reason,
      caller: callingDevice(envelope.from, offer),
      callerPn: offer.callerPn,
      callerName: envelope.notify,
      timestampS: envelope.timestampS,
    })
  }

  #onCallAck(node: WaNode): void {
    const code = parseAckError(node)
    const stanzaId = node.attrs.id
    if (code === undefined || stanzaId === undefined) return
    this.#logger.warn({ stanzaId, code, type: node.attrs.type }, 'the server refused a call stanza')
    for (const call of [...this.#calls.values()]) call.refused(stanzaId, code)
  }

  #onReceipt(node: WaNode): void {
    const receipt = parseOfferReceipt(node)
    const call = receipt && this.#calls.get(receipt.callId)
    const from = receipt && call?.peerDevice(receipt.from)
    if (call && from) call.feed({ type: 'receipt', from })
  }

  #isOwnDevice(from: Jid): boolean {
    const self = this.#client.self()
    return self !== undefined && (sameUser(from, self.lid) || sameUser(from, self.pn))
  }

  #sendReceipt(what: 'offer' | 'accept', { stanzaId, from }: CallEnvelope, identity: CallIdentity): void {
    const self = this.#client.self()
    if (self) this.#outbox.postNow(buildCallReceipt(what, identity, { id: stanzaId, from }, self.lid))
  }

  #post(to: Jid, action: WaNode): string {
    const stanzaId = this.#newStanzaId()
    this.#outbox.post(buildCall(to, stanzaId, action))
    return stanzaId
  }

  #newStanzaId(): string {
    return randomHex(STANZA_ID_BYTES, this.#random).toUpperCase()
  }

  #forget(callId: string): void {
    this.#calls.delete(callId)
    this.#over.add(callId)
  }
}

/** A connection that does not come back by itself; nothing is left to wait for. */
function lossOf(state: WaState): AccountLoss | undefined {
  return state === 'logged-out' || state === 'replaced' || state === 'banned' ? state : undefined
}

/** The device to answer and to derive keys for: the creator by LID, also when the stanza came by phone number. */
function callingDevice(from: Jid, offer: IncomingOffer): Jid {
  const isSame = sameUser(from, offer.callCreator) || (offer.callerPn !== undefined && sameUser(from, offer.callerPn))
  return isSame ? offer.callCreator : from
}
