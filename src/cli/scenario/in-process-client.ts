import type { Clock, Timer } from '../../base/clock.ts'
import { ProtocolError } from '../../base/errors.ts'
import { Signal } from '../../base/events.ts'
import type { Random } from '../../base/random.ts'
import type { Companion } from '../../sim/phone/companion.ts'
import type { LocalDevice } from '../../sim/server/sim-server.ts'
import { PendingCallQueries } from '../../whatsapp/account/call-ack.ts'
import { offline } from '../../whatsapp/account/library-errors.ts'
import { ReconnectPolicy, verdictOnClose } from '../../whatsapp/account/reconnect-policy.ts'
import type {
  CallKeyForDevices,
  CallQueryResult,
  Jid,
  WaClient,
  WaEvent,
  WaNode,
  WaSelf,
  WaState,
} from '../../whatsapp/wa-client.ts'

export interface InProcessClientOptions {
  readonly companion: Companion
  readonly clock: Clock
  readonly random: Random
}

/** `WaClient` on a companion of the simulator: what the client library does, without a websocket and in virtual time. */
export class InProcessClient implements WaClient {
  readonly events = new Signal<WaEvent>()
  readonly #companion: Companion
  readonly #clock: Clock
  readonly #reconnect: ReconnectPolicy
  readonly #queries: PendingCallQueries
  readonly #calls = new Signal<WaNode>()
  readonly #callAcks = new Signal<WaNode>()
  readonly #receipts = new Signal<WaNode>()
  readonly #tokens = new Map<Jid, Uint8Array>()
  #state: WaState = 'closed'
  #line: LocalDevice | undefined
  #openedMs: number | undefined
  #retry: Timer | undefined

  constructor({ companion, clock, random }: InProcessClientOptions) {
    this.#companion = companion
    this.#clock = clock
    this.#reconnect = new ReconnectPolicy(random)
    this.#queries = new PendingCallQueries(clock)
  }

  get state(): WaState {
    return this.#state
  }

  self(): WaSelf {
    return { pn: this.#companion.pn, lid: this.#companion.lid }
  }

  async start(): Promise<void> {
    if (this.#state === 'closed') this.#connect()
  }

  async stop(): Promise<void> {
    this.#retry?.cancel()
    const line = this.#line
    this.#line = undefined
    this.#queries.settleAllOffline()
    line?.close()
    this.#enter('closed')
  }

  async send(node: WaNode): Promise<void> {
    this.#connected().send(node)
  }

  callQuery(node: WaNode, timeoutMs: number): Promise<CallQueryResult> {
    return this.#queries.ask(node, timeoutMs, () => this.send(node))
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
    this.#connected()
    return this.#companion.devices(user)
  }

  async lidForNumber(digits: string): Promise<Jid | undefined> {
    this.#connected()
    return this.#companion.lidForNumber(digits)
  }

  async numberForLid(lid: Jid): Promise<string | undefined> {
    return this.#companion.numberForLid(lid)
  }

  async encryptCallKey(devices: readonly Jid[], callKey: Uint8Array): Promise<CallKeyForDevices> {
    this.#connected()
    const result = await this.#companion.encryptCallKey(devices, callKey)
    if (result.keys.length === 0) throw new ProtocolError('whatsapp.no-session', 'no device of the user is reachable')
    return result
  }

  async decryptCallKey(from: Jid, type: string, ciphertext: Uint8Array): Promise<Uint8Array> {
    try {
      return await this.#companion.decryptCallKey(from, type, ciphertext)
    } catch (cause) {
      throw new ProtocolError('whatsapp.decrypt', 'the call key could not be decrypted', {}, { cause })
    }
  }

  async privacyToken(user: Jid): Promise<Uint8Array | undefined> {
    return this.#tokens.get(user)
  }

  #connect(): void {
    this.#openedMs = undefined
    this.#enter('connecting')
    this.#line = this.#companion.connect({
      receive: (node) => this.#receive(node),
      ended: (statusCode) => this.#ended(statusCode),
    })
    if (!this.#line) return this.#ended(undefined)
    this.#openedMs = this.#clock.nowMs()
    this.#enter('open')
  }

  #receive(node: WaNode): void {
    switch (node.tag) {
      case 'call':
        return this.#calls.emit(node)
      case 'receipt':
        this.#acknowledge(node)
        return this.#receipts.emit(node)
      case 'notification':
        this.#acknowledge(node)
        return this.#keepToken(node)
      case 'ack':
        this.#queries.settle(node)
        return this.#callAcks.emit(node)
    }
  }

  #acknowledge({ tag, attrs }: WaNode): void {
    const { id = '', from = '', type } = attrs
    this.#line?.send({ tag: 'ack', attrs: { class: tag, id, to: from, ...(type && { type }) } })
  }

  #keepToken({ attrs, content }: WaNode): void {
    const [tokens] = Array.isArray(content) ? (content as WaNode[]) : []
    const [token] = Array.isArray(tokens?.content) ? (tokens.content as WaNode[]) : []
    if (attrs.from && token?.content instanceof Uint8Array) this.#tokens.set(attrs.from, token.content)
  }

  #ended(statusCode: number | undefined): void {
    this.#line = undefined
    this.#queries.settleAllOffline()
    const verdict = verdictOnClose(statusCode)
    if (verdict !== 'retry' && verdict !== 'restart') return this.#enter(verdict)
    this.#enter('closed')
    const openForMs = this.#openedMs === undefined ? 0 : this.#clock.nowMs() - this.#openedMs
    this.#retry = this.#clock.after(this.#reconnect.nextDelayMs(openForMs), () => this.#connect())
  }

  #enter(state: WaState): void {
    if (state === this.#state) return
    this.#state = state
    this.events.emit({ type: 'state', state })
  }

  #connected(): LocalDevice {
    if (!this.#line) throw offline()
    return this.#line
  }
}
