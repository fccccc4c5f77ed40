import './silence-libsignal.ts'
import type { BinaryNode, ConnectionState, ReachoutTimelockState } from 'baileys'
import { type Clock, systemClock } from '../../base/clock.ts'
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
import { decryptCallKey, encryptCallKey } from './call-key.ts'
import { CallStanzas } from './call-stanzas.ts'
import { ConnectionCycle } from './connection-cycle.ts'
import { asProtocolError, connectionEndOf, messageOf, offline } from './library-errors.ts'
import { privacyTokenOf } from './privacy-token.ts'
import { type CloseVerdict, type ReconnectOptions, verdictOnClose } from './reconnect-policy.ts'
import { type NoiseRoot, openSocket, type Socket } from './socket.ts'
import type { StanzaTap } from './stanza-tap.ts'
import type { AccountStore } from './store.ts'
import { devicesOfUser, keepNumberOfLid, lidOfNumber, numberOfLid } from './user-sync.ts'

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
  readonly #cycle: ConnectionCycle
  readonly #lids: LidCache
  readonly #stanzas: CallStanzas
  #socket: Socket | undefined
  /** The server has accepted the login on `#socket`; before that the library would send a stanza unencrypted. */
  #loggedIn = false

  constructor(options: BaileysClientOptions) {
    this.#options = options
    this.#logger = options.logger ?? silentLogger
    const clock = options.clock ?? systemClock
    this.#cycle = new ConnectionCycle({
      clock,
      random: options.random ?? systemRandom,
      logger: this.#logger,
      reconnect: options.reconnect,
      connect: () => this.#connect(),
      tell: (event) => this.#tell(event),
    })
    this.#lids = new LidCache({ entries: options.store.lids, ...options.lidCache, clock })
    this.#stanzas = new CallStanzas(clock)
  }

  get state(): WaState {
    return this.#cycle.state
  }

  get retryAfterS(): number | undefined {
    return this.#cycle.retryAfterS
  }

  self(): WaSelf | undefined {
    const { me } = this.#options.store.creds
    return this.#options.store.isPaired && me?.lid ? { pn: me.id, lid: me.lid } : undefined
  }

  /** Resolves when the first attempt is under way; `events` tells how it goes. */
  async start(): Promise<void> {
    if (this.#options.store.isPaired || this.#options.pairing) this.#cycle.start()
    else this.#cycle.enter('logged-out', 'not paired')
  }

  async stop(): Promise<void> {
    this.#cycle.stop()
    const socket = this.#socket
    this.#forgetSocket()
    await socket?.end(undefined)
    this.#cycle.enter('closed', 'stopped')
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

  rememberNumber(lid: Jid, digits: string): Promise<void> {
    return keepNumberOfLid(this.#options.store, lid, digits, this.#logger)
  }

  encryptCallKey(devices: readonly Jid[], callKey: Uint8Array): Promise<CallKeyForDevices> {
    return this.#ask((socket) => encryptCallKey(socket, devices, callKey))
  }

  decryptCallKey(from: Jid, type: string, ciphertext: Uint8Array): Promise<Uint8Array> {
    return this.#ask((socket) => decryptCallKey(socket, from, type, ciphertext))
  }

  privacyToken(user: Jid): Promise<Uint8Array | undefined> {
    return privacyTokenOf(this.#options.store, user)
  }

  #connect(): void {
    const { store, url, version, noiseRoot, tap, deviceName = 'Tandem' } = this.#options
    // A pairing by code that was not completed leaves a name in the credentials under which the server refuses a login.
    if (!store.isPaired) store.creds.me = undefined
    const logger = this.#logger
    this.#socket = openSocket({ store, logger, url, version, noiseRoot, tap, deviceName }, (socket) =>
      this.#observe(socket),
    )
  }

  #observe(socket: Socket): void {
    const hand = (event: string, take: (node: WaNode) => void) =>
      socket.ws.on(event, (node: BinaryNode) => this.#guard(() => take(fromBinaryNode(node))))
    hand('CB:call', (node) => this.#stanzas.call(node))
    hand('CB:receipt', (node) => this.#stanzas.receipt(node))
    hand('CB:ack,class:call', (node) => this.#stanzas.ack(node))
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

  #tell(event: WaEvent): void {
    this.#guard(() => this.events.emit(event))
  }

  /** A handler of ours that throws must not take the library's connection with it. */
  #guard(hand: () => void): void {
    try {
      hand()
    } catch (error) {
      this.#logger.error({ reason: messageOf(error) }, 'a handler of the account failed')
    }
  }

  #follow(socket: Socket, { qr, connection, lastDisconnect, reachoutTimeLock }: Partial<ConnectionState>): void {
    if (reachoutTimeLock) this.#restrict(reachoutTimeLock)
    if (qr !== undefined) this.#pair(socket, qr)
    if (connection === 'open') this.#cycle.enter('open')
    if (connection !== 'close') return
    this.#forgetSocket()
    this.#cycle.ended(this.#verdict(lastDisconnect?.error))
  }

  /** The library puts an end to a lock for which the server names none; one that cannot be read says nothing. */
  #restrict({ isActive, timeEnforcementEnds }: ReachoutTimelockState): void {
    const untilMs = isActive ? (timeEnforcementEnds?.getTime() ?? Number.NaN) : undefined
    if (!Number.isNaN(untilMs)) this.#tell({ type: 'restricted', untilMs })
  }

  #forgetSocket(): void {
    this.#socket = undefined
    this.#loggedIn = false
    this.#stanzas.offline()
  }

  /** The library gives a new QR text every 20 s; a code is asked for once in a connection. */
  #pair(socket: Socket, qr: string): void {
    const first = this.state !== 'pairing'
    this.#cycle.enter('pairing')
    const { pairing } = this.#options
    if (pairing?.method === 'qr') this.#tell({ type: 'qr', text: qr })
    if (pairing?.method === 'code' && first) void this.#requestCode(socket, pairing.number)
  }

  async #requestCode(socket: Socket, number: string): Promise<void> {
    try {
      this.#tell({ type: 'pairing-code', code: await socket.requestPairingCode(number) })
    } catch (error) {
      this.#logger.warn({ reason: messageOf(error) }, 'the pairing code could not be requested')
      void socket.end(undefined)
    }
  }

  /** Who was told to pair, and finds the old pairing removed, forgets it and pairs again. */
  #verdict(error: unknown): CloseVerdict {
    const { store, pairing } = this.#options
    const verdict = verdictOnClose(connectionEndOf(error))
    if (verdict.state !== 'logged-out' || !pairing || !store.isPaired) return verdict
    this.#logger.warn({}, 'the pairing was removed on the phone; pairing again')
    store.reset()
    return { ...verdict, state: 'closed', retry: 'back-off' }
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
