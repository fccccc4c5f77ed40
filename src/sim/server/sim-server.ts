import { S_WHATSAPP_NET } from 'baileys'
import type { Clock, Timer } from '../../base/clock.ts'
import { TandemError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { type Random, randomHex } from '../../base/random.ts'
import type { WaNode } from '../../whatsapp/wa-client.ts'
import type { CallBehaviour } from './call-behaviour.ts'
import { CallRouter } from './call-router.ts'
import { type Device, Directory, type User, userJid } from './directory.ts'
import { Journal } from './journal.ts'
import { element } from './node.ts'
import { makeNoiseIdentity, type NoiseRoot } from './noise-certificates.ts'
import { PairingDesk } from './pairing.ts'
import { PostOffice } from './post-office.ts'
import type { RelayService } from './relay-port.ts'
import { RequestDesk } from './requests.ts'
import { DeviceSession, type SessionDesks, UnpairedSession } from './sessions.ts'
import type { Unpaired } from './unpaired.ts'
import { type ByteLink, type ClientHost, type LoginRefusal, type StanzaHandler, WebClient } from './web-client.ts'
import type { LinkReceiver } from './web-socket-listener.ts'

export interface SimServerOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly random: Random
  readonly relays: RelayService
  readonly behaviour: CallBehaviour
}

/** A device in this process: it speaks stanzas without the websocket in between. */
export interface LocalDevice {
  send(node: WaNode): void
  close(): void
}

/** How a companion of this process hears from the server. */
export interface LocalHandlers {
  /** Each stanza in a turn of its own. */
  receive(node: WaNode): void
  /** The server ended the connection, or refused the login; it may have said why. */
  ended(why: Partial<LoginRefusal>): void
}

/** Why an account is not welcome: the `reason` of `<failure>`. 402 is a ban for a time. */
export type BanStatus = 402 | 403 | 405 | 406

/** What can end a client's connection from the server's side. */
interface Connection {
  /** What the client says from now on reaches nobody. */
  swallow(): void
  endStream(code: number | undefined, reason?: WaNode): void
  close(): void
}

const REPLACED = 440
const LOGGED_OUT = 401
const BANNED_FOR_A_TIME = 402
const REACHOUT_LOCK = 'NotificationUserReachoutTimelockUpdate'

/** WhatsApp's servers as one object: who exists, who is connected, who gets what. Transports are put on from outside. */
export class SimServer implements ClientHost, SessionDesks {
  readonly clock: Clock
  readonly journal = new Journal()
  readonly directory = new Directory()
  readonly pairing: PairingDesk
  readonly post: PostOffice
  readonly requests: RequestDesk
  readonly calls: CallRouter
  readonly #logger: Logger
  readonly #random: Random
  readonly #identity = makeNoiseIdentity()
  readonly #clients = new Map<string, Connection>()
  /** Logins that are refused, by device. */
  readonly #bans = new Map<string, { readonly status: BanStatus; readonly untilMs: number }>()
  /** Of connections that are dead. */
  readonly #cuts = new Set<Timer>()
  /** Until then nobody gets a connection. */
  #unreachableUntilMs = 0

  constructor(options: SimServerOptions) {
    this.clock = options.clock
    this.#logger = options.logger
    this.#random = options.random
    this.post = new PostOffice(options.clock, this.journal, options.random)
    this.pairing = new PairingDesk(this.directory, this.journal, options.clock, options.random)
    this.requests = new RequestDesk(this.directory, this.journal, options.clock)
    this.calls = new CallRouter({ ...options, directory: this.directory, journal: this.journal, post: this.post })
  }

  get noiseRoot(): NoiseRoot {
    return this.#identity.root
  }

  /** A new connection of a client. */
  accept(link: ByteLink): LinkReceiver {
    if (this.#isUnreachable) queueMicrotask(() => link.close())
    return new WebClient(link, this.#identity, this, this.#logger)
  }

  /** Puts a device of this process online. `receive` gets its stanzas, each in a turn of its own. */
  attach(user: User, device: Device, receive: (node: WaNode) => void): LocalDevice {
    const session = new DeviceSession(user, device, this, () => this.post.disconnect(device.jid))
    this.post.connect(device.jid, (node) => queueMicrotask(() => receive(node)))
    this.post.openMailbox(device.jid)
    return { send: (node) => session.receive(node), close: () => session.closed() }
  }

  /** A companion of this process logs in. Undefined when that fails; `ended` then follows. */
  connectLocally(user: User, device: Device, handlers: LocalHandlers): LocalDevice | undefined {
    const refused = user.devices.has(device.id) ? this.#refusal(device) : { statusCode: LOGGED_OUT }
    if (this.#isUnreachable || refused) {
      queueMicrotask(() => handlers.ended(this.#isUnreachable ? {} : (refused ?? {})))
      return undefined
    }
    const session = new DeviceSession(user, device, this, () => this.#gone(device, connection))
    const end = (statusCode: number | undefined) => {
      if (this.#clients.get(device.jid) !== connection) return
      session.closed()
      queueMicrotask(() => handlers.ended(statusCode === undefined ? {} : { statusCode }))
    }
    const connection: Connection = {
      swallow: () => session.swallow(),
      endStream: (code, reason) => end(code ?? (reason?.attrs.type === 'replaced' ? REPLACED : undefined)),
      close: () => end(undefined),
    }
    this.#clients.set(device.jid, connection)
    this.post.connect(device.jid, (node) => queueMicrotask(() => handlers.receive(node)))
    this.post.openMailbox(device.jid)
    return { send: (node) => session.receive(node), close: () => session.closed() }
  }

  register(client: Unpaired): StanzaHandler {
    this.pairing.welcome(client)
    return new UnpairedSession(client, this.pairing, this.journal)
  }

  login(client: WebClient, numberJid: string, noiseKey: Uint8Array): StanzaHandler | LoginRefusal {
    const user = this.directory.byJid(numberJid)
    const device = this.directory.deviceByJid(numberJid)
    if (!user || !device?.noiseKey || !Buffer.from(device.noiseKey).equals(noiseKey)) return { statusCode: LOGGED_OUT }
    const refused = this.#refusal(device)
    if (refused) return refused
    this.#clients.get(device.jid)?.endStream(undefined, element('conflict', { type: 'replaced' }))
    this.#clients.set(device.jid, client)
    this.post.connect(device.jid, (node) => client.send(node))
    const session = new DeviceSession(user, device, this, () => this.#gone(device, client))
    session.greet()
    return session
  }

  /** The companion is no device of the account any more: it is told so, and cannot log in again. */
  unlink(user: User, device: Device): void {
    user.devices.delete(device.id)
    this.#client(device).endStream(LOGGED_OUT, element('conflict', { type: 'device_removed' }))
  }

  /** Cuts the device's connection without a word; for `offlineMs` no other one is taken, of anybody. */
  drop(device: Device, offlineMs = 0): void {
    this.#unreachableUntilMs = this.clock.nowMs() + offlineMs
    this.#client(device).close()
  }

  /** The connection is dead for `forMs` before it ends: nothing comes through in either direction, and nobody is told. */
  swallow(device: Device, forMs: number): void {
    const client = this.#client(device)
    client.swallow()
    this.post.disconnect(device.jid)
    const cut = this.clock.after(forMs, () => {
      this.#cuts.delete(cut)
      client.close()
    })
    this.#cuts.add(cut)
  }

  /** The device loses its connection, and its logins are refused: with 402 for `forMs`, otherwise from now on. */
  ban(device: Device, status: BanStatus, forMs: number): void {
    const untilMs = status === BANNED_FOR_A_TIME ? this.clock.nowMs() + forMs : Number.POSITIVE_INFINITY
    this.#bans.set(device.jid, { status, untilMs })
    this.#clients.get(device.jid)?.close()
  }

  /** What a client sees when the same device logs in from elsewhere. */
  replace(device: Device): void {
    this.#client(device).endStream(undefined, element('conflict', { type: 'replaced' }))
  }

  /** Tells the device until when (Unix epoch) its account may not turn to strangers; undefined: it may. */
  restrict(device: Device, untilMs: number | undefined): void {
    const lock = {
      is_active: untilMs !== undefined,
      ...(untilMs !== undefined && { time_enforcement_ends: String(Math.floor(untilMs / 1000)) }),
    }
    const json = JSON.stringify({ data: { xwa2_notify_account_reachout_timelock: lock } })
    const t = String(Math.floor(this.clock.wallMs() / 1000))
    const attrs = { type: 'mex', from: S_WHATSAPP_NET, id: randomHex(8, this.#random), t }
    const update = element('update', { op_name: REACHOUT_LOCK }, new TextEncoder().encode(json))
    this.post.deliver(device.jid, element('notification', attrs, [update]))
  }

  /** Tells every companion of `to` the token with which it may call `from`. */
  giveToken(from: User, to: User): void {
    const t = String(Math.floor(this.clock.wallMs() / 1000))
    for (const device of to.devices.values()) {
      if (device.id === 0) continue
      const token = element('token', { type: 'trusted_contact', t, jid: device.jid }, from.privacyToken)
      const attrs = { type: 'privacy_token', from: userJid(from), id: randomHex(8, this.#random), t }
      this.post.deliver(device.jid, element('notification', attrs, [element('tokens', {}, [token])]))
    }
  }

  close(): void {
    this.calls.close()
    for (const cut of this.#cuts) cut.cancel()
    for (const client of [...this.#clients.values()]) client.close()
    this.post.close()
  }

  get #isUnreachable(): boolean {
    return this.clock.nowMs() < this.#unreachableUntilMs
  }

  #refusal(device: Device): LoginRefusal | undefined {
    const ban = this.#bans.get(device.jid)
    const leftS = ban && Math.ceil((ban.untilMs - this.clock.nowMs()) / 1000)
    if (!ban || !leftS || leftS <= 0) return undefined
    return { statusCode: ban.status, ...(Number.isFinite(leftS) && { expireS: leftS }) }
  }

  #client(device: Device): Connection {
    const client = this.#clients.get(device.jid)
    if (!client) throw new TandemError('sim.not-connected', 'the device has no connection to end')
    return client
  }

  #gone(device: Device, client: Connection): void {
    if (this.#clients.get(device.jid) !== client) return
    this.#clients.delete(device.jid)
    this.post.disconnect(device.jid)
  }
}
