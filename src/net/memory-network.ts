import type { Clock } from '../base/clock.ts'
import { ProtocolError } from '../base/errors.ts'
import type { Random } from '../base/random.ts'
import { isAddressLiteral } from './address-list.ts'
import { canonicalAddress } from './ip-address.ts'
import { MemoryStreams } from './memory-streams.ts'
import type {
  ConnectOptions,
  Endpoint,
  ListenOptions,
  NamingPointer,
  Network,
  ServiceRecord,
  StreamConnection,
  StreamHandlers,
  StreamListener,
  UdpOptions,
  UdpSocket,
} from './network.ts'

/** What happens to datagrams on the way. Probabilities are from 0 to 1. */
export interface Faults {
  readonly loss?: number
  readonly duplication?: number
  /** Every datagram takes this long, plus up to `jitterMs`: with jitter, datagrams overtake each other. */
  readonly delayMs?: number
  readonly jitterMs?: number
  /** This share is held back by `HELD_BACK_MS`, so that those sent later come first. */
  readonly reordering?: number
  /** Streams lose nothing and keep their order; they arrive in pieces of at most this many bytes. */
  readonly maxPieceBytes?: number
}

/** Sees every datagram before the faults; `false` drops it. For races that chance would not find. */
export type Filter = (datagram: Uint8Array, from: Endpoint, to: Endpoint) => boolean

/** More than a packet of speech lasts. */
const HELD_BACK_MS = 70
const FIRST_EPHEMERAL_PORT = 49_152
const PROBABILITY_STEPS = 1_000_000

/** A network in the process: any address may be bound, nothing leaves, faults are repeatable, time is the given clock's. */
export class MemoryNetwork implements Network {
  faults: Faults = {}
  /** Faults of one way only; undefined leaves a datagram to `faults`. */
  faultsBetween: (from: Endpoint, to: Endpoint) => Faults | undefined = () => undefined
  filter: Filter = () => true
  readonly #clock: Clock
  readonly #random: Random
  readonly #sockets = new Map<string, MemorySocket>()
  readonly #streams: MemoryStreams
  readonly #hosts = new Map<string, readonly string[]>()
  readonly #services = new Map<string, readonly ServiceRecord[]>()
  readonly #pointers = new Map<string, readonly NamingPointer[]>()
  #nextPort = FIRST_EPHEMERAL_PORT

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
    this.#streams = new MemoryStreams(clock, () => ({
      delayMs: this.faults.delayMs ?? 0,
      maxPieceBytes: this.faults.maxPieceBytes ?? Number.POSITIVE_INFINITY,
    }))
  }

  async udp(options: UdpOptions): Promise<UdpSocket> {
    const address = canonicalAddress(options.address)
    const local = { address, port: options.port === 0 ? this.#freePort(address) : options.port }
    if (this.#sockets.has(key(local))) {
      throw new ProtocolError('net.bind', `cannot open UDP ${key(local)}: the address is in use`)
    }
    const socket = new MemorySocket(this, local, options.onDatagram)
    this.#sockets.set(key(local), socket)
    return socket
  }

  async listen(options: ListenOptions): Promise<StreamListener> {
    return this.#streams.listen(options)
  }

  /** Nothing is encrypted: any text will do. */
  checkTls(): void {}

  connect(options: ConnectOptions, handlers: StreamHandlers): StreamConnection {
    return this.#streams.connect(options, handlers)
  }

  /** Breaks every stream that has an end at `address`. */
  cut(address: string): void {
    this.#streams.cut(address)
  }

  async lookup(host: string): Promise<readonly string[]> {
    const addresses = isAddressLiteral(host) ? [host] : this.#hosts.get(host)
    if (!addresses) throw new ProtocolError('net.lookup', `no address found for host ${host}`, { host })
    return addresses
  }

  async lookupServices(name: string): Promise<readonly ServiceRecord[]> {
    return this.#services.get(name) ?? []
  }

  async lookupPointers(name: string): Promise<readonly NamingPointer[]> {
    return this.#pointers.get(name) ?? []
  }

  localAddressToward(_toward: string): string {
    return '127.0.0.1'
  }

  /** Makes a name known to `lookup`. */
  setHost(host: string, addresses: readonly string[]): void {
    this.#hosts.set(host, addresses)
  }

  /** Makes SRV records known to `lookupServices`. */
  setServices(name: string, records: readonly ServiceRecord[]): void {
    this.#services.set(name, records)
  }

  /** Makes NAPTR records known to `lookupPointers`. */
  setPointers(name: string, pointers: readonly NamingPointer[]): void {
    this.#pointers.set(name, pointers)
  }

  /** Sockets, listeners and connections still open: a test's check that nothing leaked. */
  get openSockets(): number {
    return this.#sockets.size + this.#streams.count
  }

  /** The sender's half; called by the sockets. */
  carry(datagram: Uint8Array, from: Endpoint, to: Endpoint): void {
    if (!this.filter(datagram, from, to)) return
    const faults = this.faultsBetween(from, to) ?? this.faults
    if (this.#happens(faults.loss)) return
    this.#deliverLater(datagram.slice(), from, to, faults)
    if (this.#happens(faults.duplication)) this.#deliverLater(datagram.slice(), from, to, faults)
  }

  forget(socket: MemorySocket): void {
    this.#sockets.delete(key(socket.local))
  }

  #deliverLater(datagram: Uint8Array, from: Endpoint, to: Endpoint, faults: Faults): void {
    const jitterUs = Math.round((faults.jitterMs ?? 0) * 1000)
    const heldBackMs = this.#happens(faults.reordering) ? HELD_BACK_MS : 0
    const delayMs = (faults.delayMs ?? 0) + (jitterUs > 0 ? this.#random.below(jitterUs) / 1000 : 0) + heldBackMs
    this.#clock.after(delayMs, () => this.#sockets.get(key(to))?.deliver(datagram, from))
  }

  #happens(probability: number | undefined): boolean {
    return !!probability && this.#random.below(PROBABILITY_STEPS) < probability * PROBABILITY_STEPS
  }

  #freePort(address: string): number {
    while (this.#sockets.has(key({ address, port: this.#nextPort }))) this.#nextPort++
    return this.#nextPort++
  }
}

class MemorySocket implements UdpSocket {
  readonly local: Endpoint
  readonly #network: MemoryNetwork
  readonly #onDatagram: UdpOptions['onDatagram']
  #closed = false

  constructor(network: MemoryNetwork, local: Endpoint, onDatagram: UdpOptions['onDatagram']) {
    this.#network = network
    this.local = local
    this.#onDatagram = onDatagram
  }

  send(datagram: Uint8Array, to: Endpoint): void {
    if (!this.#closed) this.#network.carry(datagram, this.local, to)
  }

  deliver(datagram: Uint8Array, from: Endpoint): void {
    this.#onDatagram(datagram, from)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#network.forget(this)
  }
}

const key = ({ address, port }: Endpoint) => `${canonicalAddress(address)}:${port}`
