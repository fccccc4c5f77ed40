import './silence-libsignal.ts'
import type { ConnectionState } from 'baileys'
import { isTcTokenExpired } from 'baileys/lib/Utils/tc-token-utils.js'
import { type Clock, systemClock, type Timer } from '../../base/clock.ts'
import { Signal } from '../../base/events.ts'
import { type Logger, silentLogger } from '../../base/logger.ts'
import { type Random, systemRandom } from '../../base/random.ts'
import { bareJid, isLid, parseJid } from '../jid.ts'
import { LidCache, type LidCacheOptions } from '../numbers/lid-cache.ts'
import type {
  CallKeyForDevices,
  CallQueryResult,
  Jid,
  WaClient,
  WaEvent,
  WaNode,
  WaSelf,
  WaState,
} from '../wa-client.ts'
import { fromBinaryNode, toBinaryNode } from './binary-node.ts'
import { PendingCallQueries } from './call-ack.ts'
import { decryptCallKey, encryptCallKey } from './call-key.ts'
import { asProtocolError, messageOf, offline, statusCodeOf } from './library-errors.ts'
import { type CloseVerdict, type ReconnectOptions, ReconnectPolicy, verdictOnClose } from './reconnect-policy.ts'
import { closeSocket, type NoiseRoot, openSocket, type Socket } from './socket.ts'
import type { StanzaTap } from './stanza-tap.ts'
import type { AccountStore } from './store.ts'
import { devicesOfUser, lidOfNumber, numberOfLid } from './user-sync.ts'

/** How an account without a pairing gets one: the owner scans a QR text, or types a code on the phone with this number. */
export type Pairing = { readonly method: 'qr' } | { readonly method: 'code'; readonly number: string }

export interface BaileysClientOptions {
  /** Stays open when the client stops; whoever opened it closes it. */
  readonly store: AccountStore
  /** Without it, an account that is not paired, or no more, does not connect and is `logged-out`. */
  readonly pairing?: Pairing
  readonly logger?: Logger
  readonly tap?: StanzaTap
  readonly clock?: Clock
  readonly random?: Random
  /** WebSocket address. Default: WhatsApp's own. */
  readonly url?: string
  /** WhatsApp Web version to announce. Default: the library's. */
  readonly version?: readonly [number, number, number]
  /** Shown in the phone's list of linked devices. Default `Tandem`. */
  readonly deviceName?: string
  /** For a server that is not WhatsApp, such as the simulator. It then holds for every account of the process. */
  readonly noiseRoot?: NoiseRoot
  readonly reconnect?: ReconnectOptions
  readonly lidCache?: Omit<LidCacheOptions, 'clock'>
}

/** `WaClient` over the Baileys library: one account, one connection at a time, made again until `stop()`. */
export class BaileysClient implements WaClient {
  readonly events = new Signal<WaEvent>()
  readonly #options: BaileysClientOptions
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #reconnect: ReconnectPolicy
  readonly #lids: LidCache
  readonly #queries: PendingCallQueries
  readonly #calls = new Signal<WaNode>()
  readonly #callAcks = new Signal<WaNode>()
  readonly #receipts = new Signal<WaNode>()
  #state: WaState = 'closed'
  #running = false
  #socket: Socket | undefined
  /** The server has accepted the login on `#socket`; before that the library would send a stanza unencrypted. */
  #loggedIn = false
  #openedMs: number | undefined
  #retry: Timer | undefined

  constructor(options: BaileysClientOptions) {
    this.#options = options
    this.#logger = options.logger ?? silentLogger
    this.#clock = options.clock ?? systemClock
    this.#reconnect = new ReconnectPolicy(options.random ?? systemRandom, options.reconnect)
    this.#lids = new LidCache({ entries: options.store.lids, ...options.lidCache, clock: this.#clock })
    this.#queries = new PendingCallQueries(this.#clock)
  }

  get state(): WaState {
    return this.#state
  }

  self(): WaSelf | undefined {
    const { me } = this.#options.store.creds
    return this.#options.store.isPaired && me?.lid ? { pn: me.id, lid: me.lid } : undefined
  }

  /** Resolves when the first attempt is under way; `events` tells how it goes. */
  async start(): Promise<void> {
    if (this.#running) return
    if (!this.#options.store.isPaired && !this.#options.pairing) {
      this.#enter('logged-out', 'not paired')
      return
    }
    this.#running = true
    this.#connect()
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#retry?.cancel()
    const socket = this.#socket
    this.#socket = undefined
    this.#loggedIn = false
    this.#queries.settleAllOffline()
    if (socket) await closeSocket(socket)
    this.#enter('closed', 'stopped')
  }

  async send(node: WaNode): Promise<void> {
    const socket = this.#connected()
    const send = () => socket.sendNode(toBinaryNode(node))
    try {
      await (this.#options.tap?.sending(node, send) ?? send())
    } catch (error) {
      throw asProtocolError(error, 'whatsapp.send', 'a stanza could not be sent')
    }
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

  devices(user: Jid): Promise<readonly Jid[]> {
    return this.#ask(async (socket) => {
      const lid = isLid(user) ? user : await this.lidForNumber(parseJid(user).user)
      if (lid === undefined) return []
      const own = this.self()?.lid
      return (await devicesOfUser(socket, bareJid(lid))).filter((device) => device !== own)
    })
  }

  lidForNumber(digits: string): Promise<Jid | undefined> {
    return this.#lids.lookUp(digits, () => this.#ask((socket) => lidOfNumber(socket, digits)))
  }

  numberForLid(lid: Jid): Promise<string | undefined> {
    return numberOfLid(this.#options.store, lid)
  }

  encryptCallKey(devices: readonly Jid[], callKey: Uint8Array): Promise<CallKeyForDevices> {
    return this.#ask((socket) => encryptCallKey(socket, devices, callKey))
  }

  decryptCallKey(from: Jid, type: string, ciphertext: Uint8Array): Promise<Uint8Array> {
    return this.#ask((socket) => decryptCallKey(socket, from, type, ciphertext))
  }

  async privacyToken(user: Jid): Promise<Uint8Array | undefined> {
    const lid = bareJid(user)
    const { [lid]: entry } = await this.#options.store.keys.get('tctoken', [lid])
    return entry && !isTcTokenExpired(entry.timestamp) ? new Uint8Array(entry.token) : undefined
  }

  #connect(): void {
    this.#openedMs = undefined
    const { store, url, version, noiseRoot, tap, deviceName = 'Tandem' } = this.#options
    // A pairing by code that was not completed leaves a name in the credentials under which the server refuses a login.
    if (!store.isPaired) store.creds.me = undefined
    this.#enter('connecting')
    const logger = this.#logger
    this.#socket = openSocket({ store, logger, url, version, noiseRoot, tap, deviceName }, (socket) =>
      this.#observe(socket),
    )
  }

  #observe(socket: Socket): void {
    socket.ws.on('CB:call', (node) => this.#deliver(this.#calls, fromBinaryNode(node)))
    socket.ws.on('CB:receipt', (node) => this.#deliver(this.#receipts, fromBinaryNode(node)))
    socket.ws.on('CB:ack,class:call', (node) => {
      const ack = fromBinaryNode(node)
      this.#queries.settle(ack)
      this.#deliver(this.#callAcks, ack)
    })
    socket.ws.on('CB:success', () => {
      this.#loggedIn = socket === this.#socket
    })
    socket.ev.on('creds.update', () => this.#saveCreds(socket))
    socket.ev.on('connection.update', (update) => {
      if (socket === this.#socket) this.#follow(socket, update)
    })
  }

  /** Credentials that cannot be kept must not be used: the connection ends, and the library's step with it. */
  #saveCreds(socket: Socket): void {
    try {
      this.#options.store.saveCreds()
    } catch (error) {
      this.#logger.error({ reason: messageOf(error) }, 'the credentials could not be saved')
      void socket.end(undefined)
      throw error
    }
  }

  /** A handler of ours that throws must not take the library's connection with it. */
  #deliver<T>(handlers: Signal<T>, event: T): void {
    try {
      handlers.emit(event)
    } catch (error) {
      this.#logger.error({ reason: messageOf(error) }, 'a handler of the account failed')
    }
  }

  #follow(socket: Socket, update: Partial<ConnectionState>): void {
    if (update.qr !== undefined) this.#pair(socket, update.qr)
    if (update.connection === 'open') {
      this.#openedMs = this.#clock.nowMs()
      this.#enter('open')
    }
    if (update.connection === 'close') this.#closed(update.lastDisconnect?.error)
  }

  /** The library gives a new QR text every 20 s; a code is asked for once in a connection. */
  #pair(socket: Socket, qr: string): void {
    const first = this.#state !== 'pairing'
    this.#enter('pairing')
    const { pairing } = this.#options
    if (pairing?.method === 'qr') this.#deliver(this.events, { type: 'qr', text: qr })
    if (pairing?.method === 'code' && first) void this.#requestCode(socket, pairing.number)
  }

  async #requestCode(socket: Socket, number: string): Promise<void> {
    try {
      this.#deliver(this.events, { type: 'pairing-code', code: await socket.requestPairingCode(number) })
    } catch (error) {
      this.#logger.warn({ reason: messageOf(error) }, 'the pairing code could not be requested')
      void socket.end(undefined)
    }
  }

  #closed(error: unknown): void {
    this.#socket = undefined
    this.#loggedIn = false
    this.#queries.settleAllOffline()
    const statusCode = statusCodeOf(error)
    const verdict = this.#verdict(statusCode)
    const reason = statusCode === undefined ? 'connection failed' : `status ${statusCode}`
    if (verdict === 'restart' || verdict === 'retry') {
      this.#enter('closed', reason)
      this.#connectAfter(verdict === 'restart' ? 0 : this.#nextDelayMs())
      return
    }
    this.#running = false
    this.#enter(verdict, reason)
  }

  /** Who was told to pair, and finds the old pairing removed, forgets it and pairs again. */
  #verdict(statusCode: number | undefined): CloseVerdict {
    const { store, pairing } = this.#options
    const verdict = verdictOnClose(statusCode)
    if (verdict !== 'logged-out' || !pairing || !store.isPaired) return verdict
    this.#logger.warn({}, 'the pairing was removed on the phone; pairing again')
    store.reset()
    return 'retry'
  }

  #nextDelayMs(): number {
    return this.#reconnect.nextDelayMs(this.#openedMs === undefined ? 0 : this.#clock.nowMs() - this.#openedMs)
  }

  #connectAfter(delayMs: number): void {
    if (!this.#running) return
    this.#logger.info({ delayMs: Math.round(delayMs) }, 'connecting again')
    this.#retry = this.#clock.after(delayMs, () => this.#connect())
  }

  #enter(state: WaState, reason?: string): void {
    if (state === this.#state) return
    this.#state = state
    this.#logger.info({ state, reason }, 'WhatsApp connection')
    this.#deliver(this.events, reason === undefined ? { type: 'state', state } : { type: 'state', state, reason })
  }

  #connected(): Socket {
    if (!this.#loggedIn || !this.#socket?.ws.isOpen) throw offline()
    return this.#socket
  }

  async #ask<T>(question: (socket: Socket) => Promise<T>): Promise<T> {
    try {
      return await question(this.#connected())
    } catch (error) {
      throw asProtocolError(error, 'whatsapp.query', 'WhatsApp refused a query')
    }
  }
}
