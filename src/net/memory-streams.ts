import type { Clock } from '../base/clock.ts'
import { ProtocolError } from '../base/errors.ts'
import type {
  ConnectOptions,
  Endpoint,
  ListenOptions,
  StreamConnection,
  StreamHandlers,
  StreamListener,
} from './network.ts'

export interface StreamFaults {
  readonly delayMs: number
  /** Bytes arrive in pieces of at most this many. */
  readonly maxPieceBytes: number
}

/** TCP in memory: ordered, whole, refused where nobody listens. TLS is a mark that both ends must bear; no certificates. */
export class MemoryStreams {
  readonly #clock: Clock
  readonly #faults: () => StreamFaults
  readonly #listeners = new Map<string, ListenOptions>()
  readonly #open = new Set<MemoryStream>()
  #nextPort = 32_768

  constructor(clock: Clock, faults: () => StreamFaults) {
    this.#clock = clock
    this.#faults = faults
  }

  get count(): number {
    return this.#listeners.size + this.#open.size
  }

  listen(options: ListenOptions): StreamListener {
    const local = { address: options.address, port: options.port === 0 ? this.#nextPort++ : options.port }
    const key = keyOf(local)
    if (this.#listeners.has(key)) {
      throw new ProtocolError('net.bind', `cannot open TCP ${key}: the address is in use`)
    }
    this.#listeners.set(key, options)
    return { local, renew: () => {}, close: async () => void this.#listeners.delete(key) }
  }

  connect(options: ConnectOptions, handlers: StreamHandlers): StreamConnection {
    const local = { address: options.from ?? '127.0.0.1', port: this.#nextPort++ }
    const near = new MemoryStream(local, options.to, this)
    near.handlers = handlers
    this.#open.add(near)
    this.later(() => this.#arrive(near, options))
    return near
  }

  /** Breaks every connection that has an end at `address`, as when a cable is pulled and both ends notice. */
  cut(address: string): void {
    for (const stream of [...this.#open]) {
      if (stream.local.address === address || stream.remote.address === address) {
        stream.end(new ProtocolError('net.stream', 'the connection was cut'))
      }
    }
  }

  later(run: () => void): void {
    this.#clock.after(this.#faults().delayMs, run)
  }

  deliver(bytes: Uint8Array, to: MemoryStream): void {
    const { maxPieceBytes } = this.#faults()
    for (let at = 0; at < bytes.length; at += maxPieceBytes) {
      const piece = bytes.slice(at, at + maxPieceBytes)
      this.later(() => to.isOpen && to.handlers?.onData(piece))
    }
  }

  forget(stream: MemoryStream): void {
    this.#open.delete(stream)
  }

  #arrive(near: MemoryStream, { to, tls }: ConnectOptions) {
    if (!near.isOpen) return
    const listener = this.#listeners.get(keyOf(to))
    const isFull = listener !== undefined && this.#countAt(to) >= listener.maxConnections
    if (!listener || isFull || (listener.tls === undefined) !== (tls === undefined)) {
      return near.end(new ProtocolError('net.stream', `${keyOf(to)}: connection refused`))
    }
    const far = new MemoryStream(to, near.local, this)
    this.#open.add(far)
    far.handlers = listener.onConnection(far)
    far.join(near)
    near.join(far)
  }

  #countAt(local: Endpoint): number {
    return [...this.#open].filter((stream) => keyOf(stream.local) === keyOf(local)).length
  }
}

class MemoryStream implements StreamConnection {
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly #streams: MemoryStreams
  handlers: StreamHandlers | undefined
  isOpen = true
  #peer: MemoryStream | undefined
  #unsent: Uint8Array[] = []

  constructor(local: Endpoint, remote: Endpoint, streams: MemoryStreams) {
    this.local = local
    this.remote = remote
    this.#streams = streams
  }

  join(peer: MemoryStream): void {
    this.#peer = peer
    for (const bytes of this.#unsent) this.#streams.deliver(bytes, peer)
    this.#unsent = []
  }

  send(bytes: Uint8Array): void {
    if (!this.isOpen) return
    if (this.#peer) this.#streams.deliver(bytes, this.#peer)
    else this.#unsent.push(bytes.slice())
  }

  close(): void {
    const peer = this.#peer
    this.end()
    if (peer) this.#streams.later(() => peer.end())
  }

  end(error?: ProtocolError): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.#streams.forget(this)
    this.handlers?.onClosed(error)
  }
}

const keyOf = (endpoint: Endpoint) => `${endpoint.address}:${endpoint.port}`
