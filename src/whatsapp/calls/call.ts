import type { Timer } from '../../base/clock.ts'
import { ProtocolError } from '../../base/errors.ts'
import { Signal } from '../../base/events.ts'
import { deviceOfUser, sameUser } from '../jid.ts'
import type { CallIdentity } from '../stanza/call.ts'
import type { Enc } from '../stanza/media-children.ts'
import type { RelayBlock } from '../stanza/relay-block.ts'
import type { RelayLatency } from '../stanza/relaylatency.ts'
import type { TerminateReason } from '../stanza/terminate.ts'
import type { Jid, WaNode } from '../wa-client.ts'
import type { CallEnded, CallEvent } from './call-event.ts'
import type { CallEnvironment } from './environment.ts'
import type { CallAction, CallInput, TimerName } from './machine.ts'
import type { CallSettings } from './settings.ts'
import type { Machine } from './table.ts'

export const CALL_KEY_LENGTH = 32

const TIMER_MS: Readonly<Record<TimerName, (settings: CallSettings, direction: CallDirection) => number>> = {
  prepare: (settings) => settings.prepareTimeoutMs,
  setup: (settings) => settings.ackTimeoutMs,
  ring: (settings, direction) =>
    direction === 'outgoing' ? settings.outgoingRingTimeoutMs : settings.incomingRingTimeoutMs,
  seal: (settings) => settings.acceptKeyTimeoutMs,
  grace: (settings) => settings.reconnectGraceMs,
}

export type CallDirection = 'outgoing' | 'incoming'

export interface CallParties {
  readonly identity: CallIdentity
  /** Bare LID of the other user. */
  readonly peer: Jid
  /** Bare phone-number JID of the same user, when known: stanzas may come from either. */
  readonly peerPn: Jid | undefined
  /** Our own LID device JID. */
  readonly self: Jid
}

/**
 * One call: runs its table, performs the actions, owns its timers. Inputs are taken one after the other, also those
 * that an event handler causes.
 */
export abstract class Call {
  abstract readonly direction: CallDirection
  readonly events = new Signal<CallEvent>()
  readonly identity: CallIdentity
  readonly peer: Jid
  readonly self: Jid
  protected readonly environment: CallEnvironment
  readonly #peerPn: Jid | undefined
  readonly #machine: Machine<CallInput, CallAction>
  readonly #onEnded: (ended: CallEnded) => void
  readonly #timers = new Map<TimerName, Timer>()
  readonly #inputs: CallInput[] = []
  #isBusy = false
  #callKey: Uint8Array | undefined
  #relays: RelayBlock | undefined
  #acceptStanzaId: string | undefined

  constructor(
    machine: Machine<CallInput, CallAction>,
    parties: CallParties,
    environment: CallEnvironment,
    onEnded: (ended: CallEnded) => void,
  ) {
    this.#machine = machine
    this.identity = parties.identity
    this.peer = parties.peer
    this.#peerPn = parties.peerPn
    this.self = parties.self
    this.environment = environment
    this.#onEnded = onEnded
  }

  get callId(): string {
    return this.identity.callId
  }

  get phase(): string {
    return this.#machine.phase
  }

  /** The 32 bytes that all media keys derive from: there from the dialling on, or when the incoming handler runs. */
  get callKey(): Uint8Array {
    if (!this.#callKey) throw new ProtocolError('whatsapp.no-key', 'the call key is not decrypted yet')
    return this.#callKey
  }

  get relays(): RelayBlock | undefined {
    return this.#relays
  }

  /** Ends the call from this side, whatever its phase; without effect on an ended call. */
  terminate(reason?: TerminateReason): void {
    this.feed({ type: 'hang-up', reason })
  }

  /** Tells the peer whether we are muted; before the answer it is told with the answer. */
  mute(muted: boolean): void {
    this.feed({ type: 'mute', muted })
  }

  /** Relays that are bound now, with our own round trips. What a callee sends then is a setting; a caller sends nothing. */
  relayLatency(measurements: readonly RelayLatency[]): void {
    this.feed({ type: 'bound', measurements })
  }

  /** Our relays were dialled again: the peer is told to look for us anew. */
  renewTransport(): void {
    this.feed({ type: 'redialled' })
  }

  /** The peer's device behind a stanza's sender, by LID; undefined when the sender is not the peer. */
  peerDevice(from: Jid): Jid | undefined {
    if (sameUser(from, this.peer)) return from
    return this.#peerPn && sameUser(from, this.#peerPn) ? deviceOfUser(this.peer, from) : undefined
  }

  /** Takes one input; what it leads to has happened when this returns, except when called by an event handler. */
  feed(input: CallInput): void {
    this.#inputs.push(input)
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) this.#take(next)
    } finally {
      this.#isBusy = false
    }
  }

  /** The server refused a stanza of ours. Only for an accept does that end the call. */
  refused(stanzaId: string, code: number): void {
    if (stanzaId === this.#acceptStanzaId) this.feed({ type: 'refused', code })
  }

  /** Actions that only one direction has. */
  protected abstract performOwn(action: CallAction): void

  protected useKey(callKey: Uint8Array): void {
    this.#callKey = callKey
  }

  protected useRelays(relays: RelayBlock): void {
    this.#relays = relays
  }

  #take(input: CallInput): void {
    const before = this.#machine.phase
    const actions = this.#machine.take(input)
    const { phase } = this.#machine
    this.environment.logger.debug({ callId: this.callId, input: input.type, before, phase }, 'call input')
    for (const action of actions ?? []) this.#perform(action)
  }

  #perform(action: CallAction): void {
    switch (action.do) {
      case 'send':
        this.#send(action.to, action.action)
        break
      case 'open':
        void this.#open(action.from, action.enc)
        break
      case 'start-timer':
        this.#startTimer(action.timer)
        break
      case 'stop-timer':
        this.#timers.get(action.timer)?.cancel()
        this.#timers.delete(action.timer)
        break
      case 'emit':
        if (action.event.type === 'relays') this.useRelays(action.event.relays)
        this.emit(action.event)
        break
      case 'end':
        this.#end(action.ended)
        break
      default:
        this.performOwn(action)
    }
  }

  #send(to: Jid, action: WaNode): void {
    const stanzaId = this.environment.post(to, action)
    if (action.tag === 'accept') this.#acceptStanzaId = stanzaId
  }

  /** A handler that fails must not keep the call from what it does next. */
  protected guarded(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.environment.logger.error({ callId: this.callId, error }, 'a handler of a call failed')
    }
  }

  protected emit(event: CallEvent): void {
    this.guarded(() => this.events.emit(event))
  }

  #startTimer(name: TimerName): void {
    this.#timers.get(name)?.cancel()
    const delayMs = TIMER_MS[name](this.environment.settings, this.direction)
    const timer = this.environment.clock.after(delayMs, () => {
      this.#timers.delete(name)
      this.feed({ type: 'timeout', timer: name })
    })
    this.#timers.set(name, timer)
  }

  async #open(from: Jid, enc: Enc): Promise<void> {
    const { client, logger } = this.environment
    const callKey = await client.decryptCallKey(from, enc.type, enc.ciphertext).catch((error: unknown) => {
      logger.warn({ callId: this.callId, error }, 'the call key could not be decrypted')
      return new Uint8Array()
    })
    this.feed(callKey.length === CALL_KEY_LENGTH ? { type: 'opened', callKey } : { type: 'open-failed' })
  }

  #end(ended: CallEnded): void {
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
    this.environment.logger.info({ callId: this.callId, direction: this.direction, ...ended }, 'call ended')
    this.#onEnded(ended)
    this.emit({ type: 'ended', ...ended })
    this.events.clear()
  }
}
