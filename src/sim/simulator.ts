import { type Clock, systemClock } from '../base/clock.ts'
import { TandemError } from '../base/errors.ts'
import type { Signal } from '../base/events.ts'
import { type Logger, silentLogger } from '../base/logger.ts'
import { type Random, systemRandom } from '../base/random.ts'
import type { Jid, WaNode } from '../whatsapp/wa-client.ts'
import type { PhoneBehaviour } from './phone/behaviour.ts'
import { Companion } from './phone/companion.ts'
import type { OpenPhoneMedia } from './phone/media-port.ts'
import { Phone } from './phone/phone.ts'
import type { PhoneNetwork } from './phone/phone-line.ts'
import { type CallBehaviour, usualCallBehaviour } from './server/call-behaviour.ts'
import type { Device } from './server/directory.ts'
import type { SimEvent, Violation } from './server/journal.ts'
import type { NoiseRoot } from './server/noise-certificates.ts'
import type { PostalFaults } from './server/post-office.ts'
import type { RelayService } from './server/relay-port.ts'
import { type BanStatus, SimServer } from './server/sim-server.ts'
import { listenForClients, type WebSocketListener } from './server/web-socket-listener.ts'

/** One phone of the simulated network. */
export interface PhonePlan {
  /** Unique; what tests and the demo call it. */
  readonly name: string
  /** Digits without `+`. */
  readonly number: string
  /** 1 to 3; all of them ring. */
  readonly devices?: number
  readonly behaviour?: Partial<PhoneBehaviour>
}

export interface SimulatorOptions {
  /** Where to listen; the port is the system's choice. `none`: clients are of this process, and no socket is opened. */
  readonly address?: string | 'none'
  readonly clock?: Clock
  readonly logger?: Logger
  readonly random?: Random
  /** The account that gateways are paired with. Its own phone rings along and does not answer unless told to. */
  readonly account: PhonePlan
  readonly phones: readonly PhonePlan[]
  readonly relays: RelayService
  readonly openMedia: OpenPhoneMedia
  readonly calls?: Partial<CallBehaviour>
}

/** A WhatsApp network in this process: servers, phones and whatever relays it was given. */
export class Simulator {
  readonly account: Phone
  /** Where a gateway's client has to connect. */
  readonly waWebSocketUrl: string
  readonly #server: SimServer
  readonly #listener: WebSocketListener | undefined
  readonly #companions: Companion[] = []
  readonly #clock: Clock
  readonly #phones = new Map<string, Phone>()

  constructor(server: SimServer, listener: WebSocketListener | undefined, options: SimulatorOptions) {
    this.#server = server
    this.#listener = listener
    this.#clock = server.clock
    this.waWebSocketUrl = listener?.url ?? ''
    const network: PhoneNetwork = {
      clock: server.clock,
      random: options.random ?? systemRandom,
      logger: options.logger ?? silentLogger,
      directory: server.directory,
      journal: server.journal,
      openMedia: options.openMedia,
      attach: (user, device, receive) => server.attach(user, device, receive),
      relayBlock: (callId, device) => server.calls.relayBlock(callId, device),
    }
    this.account = this.#add(network, {
      ...options.account,
      behaviour: { onCall: 'ignores', ...options.account.behaviour },
    })
    for (const plan of options.phones) this.#add(network, plan)
  }

  get noiseRoot(): NoiseRoot {
    return this.#server.noiseRoot
  }

  /** How the server treats calls; fields may be set at any time. */
  get callBehaviour(): CallBehaviour {
    return this.#server.calls.behaviour
  }

  /** What clients did that the real network refuses. Empty for a correct gateway. */
  get violations(): readonly Violation[] {
    return this.#server.journal.violations
  }

  get events(): Signal<SimEvent> {
    return this.#server.journal.events
  }

  /** By name or by number. */
  phone(nameOrNumber: string): Phone {
    const phone = this.#phones.get(nameOrNumber)
    if (!phone) throw new TandemError('sim.no-phone', `no phone is called ${nameOrNumber}`)
    return phone
  }

  /** The account's phone, or somebody else's, scans the QR code that a gateway shows, and so links it. */
  scan(qrText: string, owner: Phone = this.account): void {
    this.#server.pairing.scan(qrText, owner.user)
  }

  /** The account's owner types the pairing code that a gateway shows. */
  async enterPairingCode(code: string): Promise<void> {
    await this.#server.pairing.enterCode(code, this.account.user)
  }

  /** The owner removes the gateway on the phone: stream error 401, and no login any more. */
  unlinkGateway(gateway?: Jid): void {
    const device = this.#gateway(gateway)
    const user = this.#server.directory.byJid(device.jid)
    if (user) this.#server.unlink(user, device)
  }

  /** The same device logs in elsewhere: the gateway's connection ends as replaced. */
  replaceGateway(gateway?: Jid): void {
    this.#server.replace(this.#gateway(gateway))
  }

  /** The gateway's connection breaks, and none is to be had for `offlineMs`. */
  dropGateway(offlineMs = 0, gateway?: Jid): void {
    this.#server.drop(this.#gateway(gateway), offlineMs)
  }

  /** For `forMs` the gateway's connection is dead without anybody knowing it; then it breaks. */
  swallowGateway(forMs: number, gateway?: Jid): void {
    this.#server.swallow(this.#gateway(gateway), forMs)
  }

  /** WhatsApp says until when (Unix epoch) the account may not turn to strangers; undefined: it may again. */
  restrictGateway(untilMs: number | undefined, gateway?: Jid): void {
    this.#server.restrict(this.#gateway(gateway), untilMs)
  }

  /** The gateway is cut off, and from now on, or with 402 for `forMs`, refused with this status. */
  banGateway(status: BanStatus = 406, forMs = 0, gateway?: Jid): void {
    this.#server.ban(this.#gateway(gateway), status, forMs)
  }

  /** What happens to stanzas on the way to devices; fields may be set at any time. */
  get postalFaults(): PostalFaults {
    return this.#server.post.faults
  }

  /** Stanzas that came later than some that were sent after them. */
  get overtakenStanzas(): number {
    return this.#server.post.overtaken
  }

  /** Links a companion of this process to the account, or to somebody else's, as scanning a code does. */
  linkCompanion(owner: Phone = this.account): Companion {
    const companion = new Companion(this.#server, owner.user, this.#clock)
    this.#companions.push(companion)
    return companion
  }

  /** Everything to the gateway is late by this much from now on. */
  slowGateway(delayMs: number, gateway?: Jid): void {
    this.#server.post.slowDown(this.#gateway(gateway).jid, delayMs)
  }

  /** The gateway gets this stanza, which has `id` and `from`, as if some server had made it. */
  deliverToGateway(stanza: WaNode, gateway?: Jid): void {
    const { jid } = this.#gateway(gateway)
    this.#server.calls.noteDelivery(jid, stanza)
    this.#server.post.deliver(jid, stanza)
  }

  /** A phone lets the account's devices have its privacy token, as it does for those it knows. */
  givePrivacyToken(nameOrNumber: string): void {
    this.#server.giveToken(this.phone(nameOrNumber).user, this.account.user)
  }

  /** Afterwards no socket and no timer is left. */
  async stop(): Promise<void> {
    await Promise.all([...new Set(this.#phones.values())].map((phone) => phone.close()))
    this.#server.close()
    for (const companion of this.#companions) companion.close()
    await this.#listener?.close()
    this.events.clear()
  }

  /** The companion of this JID; without one, that which was linked to the account last. */
  #gateway(jid?: Jid): Device {
    const last = [...this.account.user.devices.values()].at(-1)
    const device = jid === undefined ? last : this.#server.directory.deviceByJid(jid)
    if (!device || device.id === 0) throw new TandemError('sim.not-linked', 'no gateway is linked to the account')
    return device
  }

  #add(network: PhoneNetwork, plan: PhonePlan): Phone {
    const user = network.directory.add({
      number: plan.number,
      lid: lidOf(plan.number),
      name: plan.name,
      privacyToken: network.random.bytes(16),
    })
    const phone = new Phone(network, user, plan.devices ?? 1, plan.behaviour ?? {})
    for (const key of [plan.name, plan.number]) this.#phones.set(key, phone)
    return phone
  }
}

/** A LID has nothing to do with the number; ours are fixed for a number so that logs can be compared. */
const lidOf = (number: string) => String(100_000_000_000_000n + ((BigInt(number) * 7_919n) % 99_999_999_999_989n))

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const server = new SimServer({
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    random: options.random ?? systemRandom,
    relays: options.relays,
    behaviour: { ...usualCallBehaviour, ...options.calls },
  })
  const { address = '127.0.0.1' } = options
  const listener = address === 'none' ? undefined : await listenForClients(address, (link) => server.accept(link))
  return new Simulator(server, listener, options)
}
