import type { Timer } from '../../base/clock.ts'
import { Signal } from '../../base/events.ts'
import type { WaNode } from '../../whatsapp/wa-client.ts'
import type { PhoneMedia, PhoneMediaStats } from './media-port.ts'
import { CallSound } from './phone-audio.ts'
import type { PhoneLine } from './phone-line.ts'
import { type CallName, muteState, readsCopies, transport } from './phone-stanzas.ts'

export type PhoneCallEvent =
  /** Incoming: the offer is here and its key is readable. Outgoing: a device of the other side rings. */
  | { readonly type: 'ringing' }
  | { readonly type: 'up'; readonly peer: string }
  /** Comes exactly once and last. */
  | { readonly type: 'over'; readonly reason: PhoneCallOver }

/** `ended`: by the other side, after or before the answer; `hung-up`: by this phone. */
export type PhoneCallOver =
  | 'ended'
  | 'hung-up'
  | 'rejected'
  | 'busy'
  | 'uncallable'
  | 'timeout'
  | 'elsewhere'
  /** The server refused the offer with this error code. */
  | `refused ${string}`
  /** The phone could not do its part; a violation or a log line says why. */
  | 'failed'
  | 'stopped'

export type PhoneCallState = 'new' | 'ringing' | 'up' | 'over'

/** One call on one device of a phone: what incoming and outgoing ones share. Owns its media and its timers. */
export abstract class PhoneCall {
  readonly events = new Signal<PhoneCallEvent>()
  readonly name: CallName
  readonly direction: 'in' | 'out'
  readonly sound: CallSound
  protected readonly line: PhoneLine
  #state: PhoneCallState = 'new'
  #media: PhoneMedia | undefined
  #stats: PhoneMediaStats | undefined
  #closing: Promise<void> = Promise.resolve()
  #overReason: PhoneCallOver | undefined
  #peer: string | undefined
  #mayCopy = false
  readonly #timers = new Set<Timer>()

  constructor(line: PhoneLine, name: CallName, direction: 'in' | 'out') {
    this.line = line
    this.name = name
    this.direction = direction
    this.sound = new CallSound(line.behaviour.voice, line.network.clock)
  }

  /** Id of the device it is on. */
  get deviceId(): number {
    return this.line.device.id
  }

  /** The device on the other side, once the call is answered. */
  get peer(): string | undefined {
    return this.#peer
  }

  get state(): PhoneCallState {
    return this.#state
  }

  get overReason(): PhoneCallOver | undefined {
    return this.#overReason
  }

  /** Undefined until there is media; stays readable after the end. */
  get mediaStats(): PhoneMediaStats | undefined {
    return this.#media?.stats() ?? this.#stats
  }

  /** An action of this call from `from`, already acknowledged. */
  abstract handle(from: string, action: WaNode): void

  /** The user ends the call, whatever its state. */
  abstract hangUp(): void

  /** Ends the call without a word to the other side; resolves when nothing is left open. */
  async stop(): Promise<void> {
    this.over('stopped')
    await this.#closing
  }

  /** The user mutes the microphone, or ends that. */
  mute(muted: boolean): void {
    if (this.#peer === undefined || this.#state !== 'up') return
    this.sound.isMuted = muted
    this.line.sendCall(this.#peer, muteState(this.name, muted))
  }

  failed(error: unknown): void {
    this.line.network.logger.error({ error: String(error), callId: this.name.callId }, 'a simulated phone failed')
    this.over('failed')
  }

  protected after(delayMs: number, run: () => void): void {
    const timer = this.line.network.clock.after(delayMs, () => {
      this.#timers.delete(timer)
      run()
    })
    this.#timers.add(timer)
  }

  protected ringing(): void {
    if (this.#state !== 'new') return
    this.#state = 'ringing'
    this.events.emit({ type: 'ringing' })
  }

  /** The other side's offer or accept says what it reads. */
  protected heedCapability(action: WaNode): void {
    if (!readsCopies(action)) return
    this.#mayCopy = true
    this.#media?.allowCopies()
  }

  protected openMedia(callKey: Uint8Array, peerDevice: string | undefined): void {
    const { network, device } = this.line
    const relays = network.relayBlock(this.name.callId, device.jid)
    if (!relays || this.#media || this.#state === 'over') return
    const { clock, logger } = network
    const { callId } = this.name
    this.#media = network.openMedia({
      callId,
      callKey,
      ownDevice: device.jid,
      peerDevice,
      relays,
      codec: this.line.behaviour.codec,
      audio: this.sound,
      clock,
      logger,
    })
    if (this.#mayCopy) this.#media.allowCopies()
  }

  /** Goes on under another key. */
  protected async reopenMedia(callKey: Uint8Array, peer: string): Promise<void> {
    await this.#media?.close()
    this.#media = undefined
    this.openMedia(callKey, peer)
    this.#startAudio()
  }

  #startAudio(): void {
    this.#media?.startAudio()
  }

  /** The call is answered: sound both ways from now on. */
  protected answered(peer: string): void {
    this.#state = 'up'
    this.#peer = peer
    this.#media?.setPeer(peer)
    this.#startAudio()
    this.line.sendCall(peer, transport(this.name))
    this.line.sendCall(peer, muteState(this.name, false))
    const { hangsUpAfterMs } = this.line.behaviour
    if (hangsUpAfterMs !== undefined) this.after(hangsUpAfterMs, () => this.hangUp())
    this.events.emit({ type: 'up', peer })
  }

  protected over(reason: PhoneCallOver): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#overReason = reason
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
    this.#closeMedia()
    this.events.emit({ type: 'over', reason })
  }

  #closeMedia(): void {
    const media = this.#media
    if (!media) return
    this.#closing = media.close().then(() => {
      this.#stats = media.stats()
      this.#media = undefined
    })
  }
}
