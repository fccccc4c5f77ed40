import { Signal } from '../../base/events.ts'
import { randomHex } from '../../base/random.ts'
import type { WaNode } from '../../whatsapp/wa-client.ts'
import type { Device, User } from '../server/directory.ts'
import { keepNewest } from '../server/keep-newest.ts'
import { childrenOf } from '../server/node.ts'
import type { PhoneBehaviour } from './behaviour.ts'
import { IncomingPhoneCall } from './incoming-call.ts'
import { OutgoingPhoneCall } from './outgoing-call.ts'
import type { PhoneCall } from './phone-call.ts'
import type { PhoneLine, PhoneNetwork } from './phone-line.ts'
import { ackOf, callTo, receiptFor } from './phone-stanzas.ts'
import type { SignalSessions } from './signal-sessions.ts'

/** A server repeats a stanza soon, or never. */
const REMEMBERED_STANZAS = 1000
const REMEMBERED_CALLS = 100

export interface PhoneDeviceOptions {
  readonly network: PhoneNetwork
  readonly user: User
  readonly device: Device
  readonly sessions: SignalSessions
  readonly behaviour: () => PhoneBehaviour
  /** Bytes of `<device-identity>`; a phone itself (device 0) has none. */
  readonly identity: Uint8Array | undefined
}

/** One device of a phone: acknowledges what it gets and leads its calls. */
export class PhoneDevice implements PhoneLine {
  readonly network: PhoneNetwork
  readonly user: User
  readonly device: Device
  readonly sessions: SignalSessions
  readonly identity: Uint8Array | undefined
  readonly calls = new Signal<PhoneCall>()
  readonly #behaviour: () => PhoneBehaviour
  readonly #connection: { send(node: WaNode): void; close(): void }
  readonly #current = new Map<string, PhoneCall>()
  readonly #seen = new Set<string>()
  /** Call-ids of calls that are over, or whose terminate has overtaken the offer: they do not ring. */
  readonly #ended = new Set<string>()

  constructor(options: PhoneDeviceOptions) {
    this.network = options.network
    this.user = options.user
    this.device = options.device
    this.sessions = options.sessions
    this.identity = options.identity
    this.#behaviour = options.behaviour
    this.#connection = options.network.attach(options.user, options.device, (node) => this.#receive(node))
  }

  get behaviour(): PhoneBehaviour {
    return this.#behaviour()
  }

  send(node: WaNode): void {
    this.#connection.send(node)
  }

  sendCall(to: string, action: WaNode): string {
    const id = randomHex(16, this.network.random).toUpperCase()
    this.send(callTo(to, id, action))
    return id
  }

  /** Dials a user; the call is announced on `calls` before anything is sent. */
  dial(callee: User, callId = randomHex(16, this.network.random).toUpperCase()): PhoneCall {
    const call = new OutgoingPhoneCall(this, { callId, creator: this.device.jid }, callee)
    this.#begin(call)
    call.dial().catch((error: unknown) => call.failed(error))
    return call
  }

  async close(): Promise<void> {
    await Promise.all([...this.#current.values()].map((call) => call.stop()))
    this.#connection.close()
    this.sessions.close()
  }

  #receive(node: WaNode): void {
    if (node.tag === 'call') this.#action(node)
    else if (node.tag === 'receipt') this.send(ackOf(node, node.attrs.type))
    else if (node.tag === 'ack') this.#acknowledged(node)
  }

  #action(stanza: WaNode): void {
    const action = childrenOf(stanza)[0]
    this.send(ackOf(stanza, action?.tag))
    if (!action) return
    if (!this.#isNew(`${stanza.attrs.from} ${stanza.attrs.id}`)) return
    const callId = action.attrs['call-id'] ?? ''
    const call = this.#current.get(callId)
    const from = stanza.attrs.from ?? ''
    const offerIsNew = action.tag === 'offer' && !call && stanza.attrs.offline === undefined && !this.#ended.has(callId)
    if (action.tag === 'terminate' && !call) this.#end(callId)
    if (offerIsNew || action.tag === 'accept') this.send(receiptFor(stanza, action))
    if (offerIsNew) this.#ring(from, action)
    else call?.handle(from, action)
  }

  /** A stanza that comes twice is acknowledged twice, and heeded once. */
  #isNew(stanza: string): boolean {
    if (this.#seen.has(stanza)) return false
    this.#seen.add(stanza)
    keepNewest(this.#seen, REMEMBERED_STANZAS)
    return true
  }

  #end(callId: string): void {
    this.#ended.add(callId)
    keepNewest(this.#ended, REMEMBERED_CALLS)
  }

  #ring(from: string, offer: WaNode): void {
    const call = new IncomingPhoneCall(this, offer, from)
    const isBusy = this.behaviour.busyWhileDialling && this.#isDialling
    this.#begin(call)
    call.ring(offer, isBusy).catch((error: unknown) => call.failed(error))
  }

  get #isDialling(): boolean {
    return [...this.#current.values()].some(({ direction, state }) => direction === 'out' && state !== 'up')
  }

  #acknowledged(ack: WaNode): void {
    for (const call of this.#current.values()) if (call instanceof OutgoingPhoneCall) call.acknowledged(ack)
  }

  #begin(call: PhoneCall): void {
    this.#current.set(call.name.callId, call)
    call.events.on((event) => {
      if (event.type !== 'over') return
      this.#current.delete(call.name.callId)
      this.#end(call.name.callId)
    })
    this.calls.emit(call)
  }
}
