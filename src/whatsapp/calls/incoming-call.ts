import type { IncomingOffer } from '../stanza/offer.ts'
import type { RejectReason } from '../stanza/reject.ts'
import type { VoipSettings } from '../stanza/voip-settings.ts'
import type { Jid } from '../wa-client.ts'
import { Call, type CallParties } from './call.ts'
import type { CallEnded } from './call-event.ts'
import type { CallEnvironment } from './environment.ts'
import { newIncoming } from './incoming-state.ts'
import { incomingTable } from './incoming-table.ts'
import type { CallAction, CallInput } from './machine.ts'
import { machineOf } from './table.ts'

export interface IncomingParties extends CallParties {
  /** The calling device. */
  readonly caller: Jid
  /** The caller's profile name. */
  readonly callerName: string | undefined
}

/** A call to us. The handler gets it when its key is open; the preaccept has gone out then, so the caller hears ringing. */
export class IncomingCall extends Call {
  readonly direction = 'incoming'
  readonly caller: Jid
  readonly callerName: string | undefined
  /** Phone-number JID of the caller, when the server gave it. */
  readonly callerPn: Jid | undefined
  readonly hasVideo: boolean
  readonly voipSettings: VoipSettings | undefined
  readonly #announce: (call: IncomingCall) => void
  #isAnnounced = false

  constructor(
    parties: IncomingParties,
    offer: IncomingOffer,
    environment: CallEnvironment,
    announce: (call: IncomingCall) => void,
    onEnded: (ended: CallEnded) => void,
  ) {
    const initial = newIncoming(offer, parties.caller, parties.self, environment.settings)
    super(machineOf(incomingTable, initial), parties, environment, onEnded)
    this.caller = parties.caller
    this.callerName = parties.callerName
    this.callerPn = offer.callerPn
    this.hasVideo = offer.hasVideo
    this.voipSettings = offer.voipSettings
    this.#announce = announce
    if (offer.relays) this.useRelays(offer.relays)
  }

  /** Whether the handler knows of this call. */
  get isAnnounced(): boolean {
    return this.#isAnnounced
  }

  /** Takes the call. `answered` follows when the accept has gone out. */
  accept(): void {
    this.feed({ type: 'answer' })
  }

  /** Refuses the call: with `busy` for this device only, without reason for all devices of the account. */
  reject(reason?: RejectReason): void {
    this.feed({ type: 'decline', reason })
  }

  /** Stops ringing here and says nothing: the account's other devices go on. For a call that is not answered. */
  leave(): void {
    this.feed({ type: 'shutdown' })
  }

  /** Begins with the decryption of the key. */
  start(): void {
    this.feed({ type: 'start' })
  }

  protected override performOwn(action: CallAction): void {
    if (action.do === 'use-key') this.useKey(action.callKey)
    else if (action.do === 'seal') void this.#seal(action.to)
    else if (action.do === 'announce') this.#present()
  }

  async #seal(to: Jid): Promise<void> {
    const { client, logger } = this.environment
    const sealed = client.encryptCallKey([to], this.callKey).then(
      (keys): CallInput => ({ type: 'sealed', keys }),
      (error: unknown): CallInput => {
        logger.warn({ callId: this.callId, error }, 'the accept goes out without a key')
        return { type: 'seal-failed' }
      },
    )
    this.feed(await sealed)
  }

  /** The handler subscribes first; then the relays of the offer are told like those of an ack. */
  #present(): void {
    this.#isAnnounced = true
    this.guarded(() => this.#announce(this))
    if (this.relays) this.emit({ type: 'relays', relays: this.relays })
  }
}
