import type { Clock } from '../../base/clock.ts'
import { ParseError } from '../../base/errors.ts'
import type { Signal } from '../../base/events.ts'
import type { Logger } from '../../base/logger.ts'
import { type Random, randomHex } from '../../base/random.ts'
import { bareJid, sameUser } from '../jid.ts'
import { buildCall, type CallEnvelope, type CallIdentity, parseCall, parseIdentity } from '../stanza/call.ts'
import { buildCallAck, parseAckError } from '../stanza/call-ack.ts'
import { unknownKeygen } from '../stanza/media-children.ts'
import { parseOffer } from '../stanza/offer.ts'
import { buildCallReceipt, parseOfferReceipt } from '../stanza/receipt.ts'
import type { Jid, WaClient, WaEvent, WaNode, WaSelf, WaState } from '../wa-client.ts'
import type { MissedCall } from './admission.ts'
import { CALL_KEY_LENGTH, type Call } from './call.ts'
import type { AccountLoss, CallEnd } from './call-event.ts'
import { newCallId } from './call-id.ts'
import type { CallEnvironment } from './environment.ts'
import { endBeforeOffer, inputsFromOwnDevice, inputsFromPeer } from './inbound.ts'
import type { IncomingCall } from './incoming-call.ts'
import { IncomingOffers } from './incoming-offers.ts'
import { LiveCalls } from './live-calls.ts'
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
 * to its call. What becomes of offers is decided in `incoming-offers.ts`.
 */
export class CallManager {
  readonly #client: WaClient
  readonly #clock: Clock
  readonly #random: Random
  readonly #logger: Logger
  readonly #settings: CallSettings
  readonly #outbox: Outbox
  readonly #environment: CallEnvironment
  readonly #calls = new LiveCalls(REMEMBERED)
  readonly #offers: IncomingOffers
  readonly #seenStanzas = new RecentSet(REMEMBERED)
  readonly #stopWatching: () => void
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
      sendReceipt: (what, envelope, identity) => this.#sendReceipt(what, envelope, identity),
    }
    this.#offers = new IncomingOffers(this.#environment, this.#calls, REMEMBERED)
    this.#isConnected = client.state === 'open'
    this.#stopWatching = client.events.on((event) => this.#onClientEvent(event))
    client.onCall((node) => this.#onStanza(node, () => this.#onCall(node)))
    client.onCallAck((node) => this.#onStanza(node, () => this.#onCallAck(node)))
    client.onReceipt((node) => this.#onStanza(node, () => this.#onReceipt(node)))
  }

  /** Offers that did not ring here. */
  get missed(): Signal<MissedCall> {
    return this.#offers.missed
  }

  /** Calls that are not over. */
  get liveCalls(): number {
    return this.#calls.size
  }

  /** Who gets incoming calls. It must subscribe to the call's events before it returns. */
  onIncoming(handler: (call: IncomingCall) => void): void {
    this.#offers.onCall(handler)
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
    const call = new OutgoingCall(parties, callKey, this.#environment, () => this.#calls.end(callId))
    if (!obstacle) this.#calls.add(call)
    queueMicrotask(() => call.feed(obstacle ? { type: 'prepare-failed', cause: obstacle } : { type: 'start' }))
    return call
  }

  /** Ends all calls; incoming ones that still ring go on ringing on the account's other devices. */
  stop(): void {
    this.#isStopped = true
    this.#offers.stop()
    for (const call of this.#calls.list()) call.feed({ type: 'shutdown' })
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
      if (this.#client.retryAfterS === undefined) this.#outbox.clear()
      else this.#outbox.keepLastWords()
      this.#feedAll({ type: 'account-lost', cause: loss })
    } else if (isConnected !== this.#isConnected) {
      this.#feedAll({ type: isConnected ? 'socket-back' : 'socket-lost' })
    }
    this.#isConnected = isConnected
    if (isConnected) this.#outbox.flush()
  }

  #feedAll(input: Parameters<Call['feed']>[0]): void {
    for (const call of this.#calls.list()) call.feed(input)
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
    const { action } = envelope
    const identity = parseIdentity(action)
    const keygen = unknownKeygen(action)
    if (keygen !== undefined) {
      const { callId } = identity
      this.#logger.warn({ callId, action: action.tag, keygen }, 'not key generation 2: media may not be understood')
    }
    if (action.tag === 'offer') this.#offers.take(envelope, parseOffer(action))
    else this.#onAction(envelope, identity)
  }

  #onAction(envelope: CallEnvelope, identity: CallIdentity): void {
    const { action, from } = envelope
    const call = this.#calls.get(identity.callId)
    if (!call) {
      const ended = endBeforeOffer(action, this.#isOwnDevice(from))
      if (ended) this.#offers.endedElsewhere(identity, ended, from)
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

  #onCallAck(node: WaNode): void {
    const stanzaId = node.attrs.id
    if (stanzaId === undefined) return
    this.#outbox.acknowledged(stanzaId)
    const code = parseAckError(node)
    if (code === undefined) return
    this.#logger.warn({ stanzaId, code, type: node.attrs.type }, 'the server refused a call stanza')
    for (const call of this.#calls.list()) call.refused(stanzaId, code)
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
}

/** A connection that no call waits for: it comes back by an administrator, or by itself when a ban is over. */
function lossOf(state: WaState): AccountLoss | undefined {
  return state === 'logged-out' || state === 'replaced' || state === 'banned' ? state : undefined
}
