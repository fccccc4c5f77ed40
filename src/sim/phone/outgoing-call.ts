import type { WaNode } from '../../whatsapp/wa-client.ts'
import { type User, userJid } from '../server/directory.ts'
import { childOf, element } from '../server/node.ts'
import { takeBundle } from '../server/pre-keys.ts'
import { garbled } from './garbled.ts'
import { PhoneCall } from './phone-call.ts'
import type { PhoneLine } from './phone-line.ts'
import { type CallName, ipv4Relays, offer, relayLatency, terminate } from './phone-stanzas.ts'

const callKeyBytes = 32
/** So long after the answer a caller that wants latencies waits for them. */
const latenciesWithinMs = 2000

/** A call that this device has dialled. */
export class OutgoingPhoneCall extends PhoneCall {
  readonly #callee: User
  readonly #callKey: Uint8Array
  /** Devices of the callee that may still ring. */
  readonly #ringing: Set<string>
  #offerId: string | undefined
  #peer: string | undefined
  #hasLatencies = false

  constructor(line: PhoneLine, name: CallName, callee: User) {
    super(line, name, 'out')
    this.#callee = callee
    this.#callKey = line.network.random.bytes(callKeyBytes)
    this.#ringing = new Set([...callee.devices.values()].map((device) => device.jid))
  }

  async dial(): Promise<void> {
    const { sessions, identity, behaviour } = this.line
    const keys: WaNode[] = []
    for (const callee of this.#callee.devices.values()) {
      const enc = await sessions.encryptCallKey(callee.jid, this.#callKey, () => takeBundle(callee))
      keys.push(element('to', { jid: callee.jid }, [behaviour.garblesKeys && callee.id !== 0 ? garbled(enc) : enc]))
    }
    if (this.state === 'over') return
    const fresh = keys.some((to) => childOf(to, 'enc')?.attrs.type === 'pkmsg')
    const token = this.#callee.onlyWithToken ? this.#callee.privacyToken : undefined
    this.#offerId = this.line.sendCall(
      userJid(this.#callee),
      offer(this.name, keys, fresh ? identity : undefined, token, behaviour.codec),
    )
  }

  /** The server's answer to a stanza of this call. */
  acknowledged(ack: WaNode): void {
    if (ack.attrs.id !== this.#offerId) return
    if (ack.attrs.error || childOf(ack, 'error'))
      this.over(`refused ${ack.attrs.error ?? childOf(ack, 'error')?.attrs.code}`)
    else this.openMedia(this.#callKey, undefined)
  }

  override handle(from: string, action: WaNode): void {
    switch (action.tag) {
      case 'preaccept':
        this.ringing()
        if (this.line.behaviour.wantsLatencies) this.#tellLatencies(from)
        return
      case 'relaylatency':
        this.#hasLatencies = true
        return
      case 'accept':
        if (this.#peer !== undefined || this.state === 'over') return
        this.heedCapability(action)
        this.#accepted(from)
        return
      case 'reject':
        this.#rejected(from, action.attrs.reason)
        return
      case 'terminate':
        if (this.#peer === undefined || from === this.#peer) {
          this.over(action.attrs.reason === 'timeout' ? 'timeout' : 'ended')
        }
    }
  }

  override hangUp(): void {
    if (this.state === 'over') return
    const told = this.#peer === undefined ? [...this.#ringing] : [this.#peer]
    for (const device of told) this.line.sendCall(device, terminate(this.name))
    this.over('hung-up')
  }

  #accepted(from: string): void {
    this.#peer = from
    this.#dismiss(from, 'accepted_elsewhere')
    this.answered(from)
    if (!this.line.behaviour.wantsLatencies) return
    this.after(latenciesWithinMs, () => {
      if (!this.#hasLatencies) this.hangUp()
    })
  }

  #tellLatencies(to: string): void {
    const block = this.line.network.relayBlock(this.name.callId, this.line.device.jid)
    if (block && ipv4Relays(block).length > 0) this.line.sendCall(to, relayLatency(this.name, block))
  }

  /** One device being busy, or not callable, ends nothing while others ring; its user saying no ends the call everywhere. */
  #rejected(from: string, reason: string | undefined): void {
    if (this.#peer !== undefined) return
    this.#ringing.delete(from)
    const isOfDevice = reason === 'uncallable' || (reason === 'busy' && !this.line.behaviour.busyEndsCall)
    if (isOfDevice && this.#ringing.size > 0) return
    this.#dismiss(from, 'rejected_elsewhere')
    this.over(reason === 'busy' || reason === 'uncallable' ? reason : 'rejected')
  }

  #dismiss(except: string, reason: string): void {
    for (const device of this.#ringing) {
      if (device !== except) this.line.sendCall(device, terminate(this.name, reason))
    }
  }
}
