import type { Clock } from '../../base/clock.ts'
import { ProtocolError } from '../../base/errors.ts'
import { Signal } from '../../base/events.ts'
import { silentLogger } from '../../base/logger.ts'
import type { Random } from '../../base/random.ts'
import type { Companion } from '../../sim/phone/companion.ts'
import type { LocalDevice } from '../../sim/server/sim-server.ts'
import { CallStanzas } from '../../whatsapp/account/call-stanzas.ts'
import { ConnectionCycle } from '../../whatsapp/account/connection-cycle.ts'
import { offline } from '../../whatsapp/account/library-errors.ts'
import { type ConnectionEnd, verdictOnClose } from '../../whatsapp/account/reconnect-policy.ts'
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
  readonly #cycle: ConnectionCycle
  readonly #stanzas: CallStanzas
  readonly #tokens = new Map<Jid, Uint8Array>()
  #line: LocalDevice | undefined

  constructor({ companion, clock, random }: InProcessClientOptions) {
    this.#companion = companion
    this.#stanzas = new CallStanzas(clock)
    this.#cycle = new ConnectionCycle({
      clock,
      random,
      logger: silentLogger,
      connect: () => this.#connect(),
      tell: (event) => this.events.emit(event),
    })
  }

  get state(): WaState {
    return this.#cycle.state
  }

  get retryAfterS(): number | undefined {
    return this.#cycle.retryAfterS
  }

  self(): WaSelf {
    return { pn: this.#companion.pn, lid: this.#companion.lid }
  }

  async start(): Promise<void> {
    this.#cycle.start()
  }

  async stop(): Promise<void> {
    this.#cycle.stop()
    const line = this.#line
    this.#line = undefined
    this.#stanzas.offline()
    line?.close()
    this.#cycle.enter('closed')
  }

  async send(node: WaNode): Promise<void> {
    this.#connected().send(node)
  }

  callQuery(node: WaNode, timeoutMs: number): Promise<CallQueryResult> {
    return this.#stanzas.query(node, timeoutMs, () => this.send(node))
  }

  onCall(handler: (node: WaNode) => void): void {
    this.#stanzas.onCall(handler)
  }

  onCallAck(handler: (node: WaNode) => void): void {
    this.#stanzas.onCallAck(handler)
  }

  onReceipt(handler: (node: WaNode) => void): void {
    this.#stanzas.onReceipt(handler)
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

  async rememberNumber(lid: Jid, digits: string): Promise<void> {
    this.#companion.rememberNumber(lid, digits)
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

  /** Without a line `ended` comes at once. */
  #connect(): void {
    this.#line = this.#companion.connect({
      receive: (node) => this.#receive(node),
      ended: (end) => this.#ended(end),
    })
    if (this.#line) this.#cycle.enter('open')
  }

  #receive(node: WaNode): void {
    switch (node.tag) {
      case 'call':
        return this.#stanzas.call(node)
      case 'receipt':
        this.#acknowledge(node)
        return this.#stanzas.receipt(node)
      case 'notification':
        this.#acknowledge(node)
        return node.attrs.type === 'mex' ? this.#follow(node) : this.#keepToken(node)
      case 'ack':
        return this.#stanzas.ack(node)
    }
  }

  #acknowledge({ tag, attrs }: WaNode): void {
    const { id = '', from = '', type } = attrs
    this.#line?.send({ tag: 'ack', attrs: { class: tag, id, to: from, ...(type && { type }) } })
  }

  /** Of what WhatsApp says about accounts, only the restriction is simulated. */
  #follow({ content }: WaNode): void {
    const [update] = content as WaNode[]
    const { data } = JSON.parse(Buffer.from(update?.content as Uint8Array).toString())
    const { is_active, time_enforcement_ends } = data.xwa2_notify_account_reachout_timelock
    this.events.emit({ type: 'restricted', untilMs: is_active ? Number(time_enforcement_ends) * 1000 : undefined })
  }

  #keepToken({ attrs, content }: WaNode): void {
    const [tokens] = Array.isArray(content) ? (content as WaNode[]) : []
    const [token] = Array.isArray(tokens?.content) ? (tokens.content as WaNode[]) : []
    if (attrs.from && token?.content instanceof Uint8Array) this.#tokens.set(attrs.from, token.content)
  }

  #ended(end: ConnectionEnd): void {
    this.#line = undefined
    this.#stanzas.offline()
    this.#cycle.ended(verdictOnClose(end))
  }

  #connected(): LocalDevice {
    if (!this.#line) throw offline()
    return this.#line
  }
}
