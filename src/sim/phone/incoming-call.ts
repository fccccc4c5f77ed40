import type { WaNode } from '../../whatsapp/wa-client.ts'
import { childOf } from '../server/node.ts'
import { takeBundle } from '../server/pre-keys.ts'
import { garbled } from './garbled.ts'
import { PhoneCall } from './phone-call.ts'
import type { PhoneLine } from './phone-line.ts'
import { accept, acceptWithKey, ipv4Relays, preaccept, reject, relayLatency, terminate } from './phone-stanzas.ts'

/** A call that rings at this device. */
export class IncomingPhoneCall extends PhoneCall {
  readonly #caller: string
  #callKey: Uint8Array | undefined

  constructor(line: PhoneLine, offer: WaNode, caller: string) {
    const callId = offer.attrs['call-id'] ?? ''
    super(line, { callId, creator: offer.attrs['call-creator'] ?? '' }, 'in')
    this.#caller = caller
  }

  /** Reads the key and rings; then does what the phone's behaviour says. A device that is busy says so at once. */
  async ring(offer: WaNode, isBusy: boolean): Promise<void> {
    const enc = childOf(offer, 'enc')
    if (!enc || !childOf(offer, 'relay')) {
      this.#fault('phone.offer', 'an offer arrived without enc or relay', offer)
      return
    }
    try {
      this.#callKey = await this.line.sessions.decryptCallKey(this.#caller, enc)
    } catch (error) {
      this.#fault('phone.call-key', String(error), offer)
      return
    }
    if (this.line.behaviour.garblesKeys) this.#callKey = this.line.network.random.bytes(this.#callKey.length)
    if (this.state === 'over') return
    if (isBusy) return this.#refuse('busy')
    this.heedCapability(offer)
    const { preaccepts, codec } = this.line.behaviour
    if (preaccepts) this.line.sendCall(this.#caller, preaccept(this.name, codec))
    this.ringing()
    this.#behave()
  }

  async answer(): Promise<void> {
    if (this.state !== 'ringing' || !this.#callKey) return
    this.openMedia(this.#callKey, this.#caller)
    const { acceptsWithKey, codec } = this.line.behaviour
    const action = acceptsWithKey ? await this.#keyedAccept(this.#callKey) : accept(this.name, codec)
    if (this.state !== 'ringing') return
    this.line.sendCall(this.#caller, action)
    this.answered(this.#caller)
  }

  /** Gets ready now, and answers after this time. */
  answerAfter(delayMs: number): void {
    this.#reportLatency()
    if (this.#callKey) this.openMedia(this.#callKey, this.#caller)
    this.after(delayMs, () => void this.answer().catch((error: unknown) => this.failed(error)))
  }

  /** Having answered, says so again, with the call key, or with a new one under which it talks from then on. */
  async repeatAccept(how: 'same key' | 'new key' = 'same key'): Promise<void> {
    if (this.state !== 'up' || !this.#callKey) return
    if (how === 'new key') this.#callKey = this.line.network.random.bytes(this.#callKey.length)
    this.line.sendCall(this.#caller, await this.#keyedAccept(this.#callKey))
    if (how === 'new key') await this.reopenMedia(this.#callKey, this.#caller)
  }

  /** A terminate at a time when this device has no say, because another one has answered. */
  interfere(): void {
    if (this.state === 'up') return
    this.line.sendCall(this.#caller, terminate(this.name))
    this.over('hung-up')
  }

  decline(reason: 'busy' | 'uncallable' | undefined): void {
    if (this.state === 'ringing') this.#refuse(reason)
  }

  override hangUp(): void {
    if (this.state === 'ringing') this.decline(undefined)
    if (this.state !== 'up') return
    this.line.sendCall(this.#caller, terminate(this.name))
    this.over('hung-up')
  }

  override handle(from: string, action: WaNode): void {
    if (this.line.network.directory.byJid(from) === this.line.user) return this.#sibling(action)
    if (action.tag !== 'terminate') return
    const reason = action.attrs.reason
    if (reason === 'accepted_elsewhere' || reason === 'rejected_elsewhere') this.over('elsewhere')
    else this.over(reason === 'timeout' ? 'timeout' : 'ended')
  }

  #refuse(reason: 'busy' | 'uncallable' | undefined): void {
    this.line.sendCall(this.#caller, reject(this.name, reason))
    this.over(reason === undefined ? 'rejected' : reason)
  }

  /** Another device of this user has decided; a busy one speaks for itself. */
  #sibling({ tag, attrs }: WaNode): void {
    const hasDecided = tag === 'accept' || (tag === 'reject' && attrs.reason === undefined)
    if (hasDecided && this.state !== 'up') this.over('elsewhere')
  }

  #behave(): void {
    const { onCall, takenOn, takenAfterMs } = this.line.behaviour
    const taken = this.line.device.id === takenOn
    if (taken && onCall === 'answers') this.answerAfter(takenAfterMs)
    if (onCall === 'busy') this.after(takenAfterMs, () => this.decline('busy'))
    if (taken && onCall === 'declines') this.after(takenAfterMs, () => this.decline(undefined))
  }

  async #keyedAccept(callKey: Uint8Array): Promise<WaNode> {
    const { network, sessions } = this.line
    const caller = network.directory.deviceByJid(this.#caller)
    const enc = await sessions.encryptCallKey(this.#caller, callKey, () => caller && takeBundle(caller))
    return acceptWithKey(this.name, this.line.behaviour.garblesKeys ? garbled(enc) : enc)
  }

  #reportLatency(): void {
    const block = this.line.network.relayBlock(this.name.callId, this.line.device.jid)
    if (block && ipv4Relays(block).length > 0) this.line.sendCall(this.#caller, relayLatency(this.name, block))
  }

  #fault(code: string, message: string, offer: WaNode): void {
    this.line.network.journal.violation(code, this.#caller, message, offer)
    this.line.sendCall(this.#caller, reject(this.name, undefined))
    this.over('failed')
  }
}
