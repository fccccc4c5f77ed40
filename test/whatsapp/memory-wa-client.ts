import type { Clock, Timer } from '../../src/base/clock.ts'
import { ProtocolError } from '../../src/base/errors.ts'
import { Signal } from '../../src/base/events.ts'
import { resultOfCallAck } from '../../src/whatsapp/account/call-ack.ts'
import type {
  CallKeyForDevices,
  CallQueryResult,
  Jid,
  WaClient,
  WaEvent,
  WaNode,
  WaSelf,
  WaState,
} from '../../src/whatsapp/wa-client.ts'

/** Somebody on the in-memory WhatsApp. */
export interface MemoryUser {
  /** E.164 digits without `+`. */
  readonly number: string
  readonly lid: Jid
  /** LID device JIDs. */
  readonly devices: readonly Jid[]
  readonly privacyToken?: Uint8Array
}

export interface MemoryWaOptions {
  readonly clock: Clock
  readonly self?: WaSelf
  readonly users?: readonly MemoryUser[]
}

const DEFAULT_SELF: WaSelf = { pn: '4915100000001:3@s.whatsapp.net', lid: '900000000000001:3@lid' }

/**
 * A `WaClient` without a network: the test plays the server. Everything that left is in `sent`, in order;
 * `answerCalls` decides how `callQuery` is acknowledged; `deliverCall` and its siblings bring stanzas in.
 * Its "encryption" names the recipient, so a key for the wrong device does not open.
 */
export class MemoryWaClient implements WaClient {
  readonly events = new Signal<WaEvent>()
  retryAfterS: number | undefined
  /** Whether the server answers a `<call>` that is no query. */
  acknowledgesActions = false
  readonly sent: WaNode[] = []
  readonly #clock: Clock
  readonly #self: WaSelf
  readonly #users: MemoryUser[]
  readonly #calls = new Signal<WaNode>()
  readonly #callAcks = new Signal<WaNode>()
  readonly #receipts = new Signal<WaNode>()
  readonly #pending = new Map<string, { settle: (result: CallQueryResult) => void }>()
  readonly #withSession = new Set<Jid>()
  readonly #unreachable = new Set<Jid>()
  readonly #numbers = new Map<Jid, string>()
  readonly #sentSignal = new Signal<WaNode>()
  #state: WaState = 'closed'
  #answer: (query: WaNode) => WaNode | undefined = () => undefined

  constructor(options: MemoryWaOptions) {
    this.#clock = options.clock
    this.#self = options.self ?? DEFAULT_SELF
    this.#users = [...(options.users ?? [])]
  }

  get state(): WaState {
    return this.#state
  }

  self(): WaSelf {
    return this.#self
  }

  async start(): Promise<void> {
    this.enter('connecting')
    this.enter('open')
  }

  async stop(): Promise<void> {
    this.enter('closed')
  }

  async send(node: WaNode): Promise<void> {
    this.#requireOpen()
    this.#record(node)
    const { id = '', to = '' } = node.attrs
    if (this.acknowledgesActions && node.tag === 'call') this.deliverCallAck(ackOfCall(id, to))
  }

  callQuery(node: WaNode, timeoutMs: number): Promise<CallQueryResult> {
    const id = node.attrs.id
    if (!id) throw new TypeError('a call query carries an id')
    if (this.#state !== 'open') return Promise.resolve({ kind: 'offline' })
    return new Promise((resolve) => {
      const timer: Timer = this.#clock.after(timeoutMs, () => settle({ kind: 'timeout' }))
      const settle = (result: CallQueryResult) => {
        timer.cancel()
        this.#pending.delete(id)
        resolve(result)
      }
      this.#pending.set(id, { settle })
      this.#record(node)
      const ack = this.#answer(node)
      if (ack) this.deliverCallAck(ack)
    })
  }

  onCall(handler: (node: WaNode) => void): void {
    this.#calls.on(handler)
  }

  onCallAck(handler: (node: WaNode) => void): void {
    this.#callAcks.on(handler)
  }

  onReceipt(handler: (node: WaNode) => void): void {
    this.#receipts.on(handler)
  }

  async devices(user: Jid): Promise<readonly Jid[]> {
    this.#requireOpen()
    const found = this.#users.find((known) => known.lid === user)
    return (found?.devices ?? []).filter((device) => device !== this.#self.lid)
  }

  async lidForNumber(digits: string): Promise<Jid | undefined> {
    this.#requireOpen()
    const lid = this.#users.find((user) => user.number === digits)?.lid
    if (lid !== undefined) this.#numbers.set(lid, digits)
    return lid
  }

  async numberForLid(lid: Jid): Promise<string | undefined> {
    const bare = lid.replace(/:\d+@/, '@')
    return this.#numbers.get(bare) ?? this.#users.find((user) => user.lid === bare)?.number
  }

  async rememberNumber(lid: Jid, digits: string): Promise<void> {
    const bare = lid.replace(/:\d+@/, '@')
    const known = this.#numbers.get(bare)
    if (!this.#users.some((user) => user.lid === bare && user.number === known)) this.#numbers.set(bare, digits)
  }

  async encryptCallKey(devices: readonly Jid[], callKey: Uint8Array): Promise<CallKeyForDevices> {
    this.#requireOpen()
    const reachable = devices.filter((device) => !this.#unreachable.has(device))
    if (reachable.length === 0) {
      throw new ProtocolError('whatsapp.no-session', 'no device of the called user has a Signal session')
    }
    const keys = reachable.map((jid) => {
      const type: 'msg' | 'pkmsg' = this.#withSession.has(jid) ? 'msg' : 'pkmsg'
      return { jid, type, ciphertext: sealCallKey(jid, callKey) }
    })
    const deviceIdentity = keys.some((key) => key.type === 'pkmsg') ? MEMORY_DEVICE_IDENTITY : undefined
    return { keys, deviceIdentity, unreachable: devices.filter((device) => this.#unreachable.has(device)) }
  }

  async decryptCallKey(_from: Jid, _type: string, ciphertext: Uint8Array): Promise<Uint8Array> {
    return openCallKey(this.#self.lid, ciphertext)
  }

  async privacyToken(user: Jid): Promise<Uint8Array | undefined> {
    return this.#users.find((known) => known.lid === user)?.privacyToken
  }

  // What follows is the server's side, for tests.

  addUser(user: MemoryUser): void {
    this.#users.push(user)
  }

  /** From now on this device answers in an established session: its keys are `msg`. */
  establishSession(device: Jid): void {
    this.#withSession.add(device)
  }

  /** From now on no session can be made with this device. */
  makeUnreachable(device: Jid): void {
    this.#unreachable.add(device)
  }

  /** Decides the `<ack class="call">` of each `callQuery`; undefined leaves it to time out or to `deliverCallAck`. */
  answerCalls(answer: (query: WaNode) => WaNode | undefined): void {
    this.#answer = answer
  }

  deliverCall(node: WaNode): void {
    this.#calls.emit(node)
  }

  deliverCallAck(ack: WaNode): void {
    this.#pending.get(ack.attrs.id ?? '')?.settle(resultOfCallAck(ack))
    this.#callAcks.emit(ack)
  }

  deliverReceipt(node: WaNode): void {
    this.#receipts.emit(node)
  }

  /** Resolves with the first stanza, sent or yet to be sent, that satisfies `matches`. */
  sentMatching(matches: (node: WaNode) => boolean): Promise<WaNode> {
    const already = this.sent.find(matches)
    if (already) return Promise.resolve(already)
    return new Promise((resolve) => {
      const off = this.#sentSignal.on((node) => {
        if (!matches(node)) return
        off()
        resolve(node)
      })
    })
  }

  /** The server's word on the connection. Anything but `open` settles pending queries as `offline`. */
  enter(state: WaState, reason?: string): void {
    if (state === this.#state) return
    this.#state = state
    if (state !== 'open') for (const { settle } of [...this.#pending.values()]) settle({ kind: 'offline' })
    this.events.emit(reason === undefined ? { type: 'state', state } : { type: 'state', state, reason })
  }

  #requireOpen(): void {
    if (this.#state !== 'open') throw new ProtocolError('whatsapp.offline', 'no connection to WhatsApp')
  }

  #record(node: WaNode): void {
    this.sent.push(node)
    this.#sentSignal.emit(node)
  }
}

const ackOfCall = (id: string, from: Jid): WaNode => ({ tag: 'ack', attrs: { class: 'call', id, from } })

const MEMORY_DEVICE_IDENTITY = new TextEncoder().encode('memory device identity')

/** `recipient device|call key`: what the in-memory network calls a ciphertext. */
export function sealCallKey(device: Jid, callKey: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([Buffer.from(`${device}|`), callKey]))
}

export function openCallKey(device: Jid, ciphertext: Uint8Array): Uint8Array {
  const prefix = Buffer.from(`${device}|`)
  const forUs = Buffer.from(ciphertext).subarray(0, prefix.length).equals(prefix)
  if (!forUs || ciphertext.length !== prefix.length + 32) {
    throw new ProtocolError('whatsapp.decrypt', 'the call key is not for this device')
  }
  return new Uint8Array(ciphertext.subarray(prefix.length))
}
