import { createSocket, type Socket } from 'node:dgram'
import { promises as dns } from 'node:dns'
import { once } from 'node:events'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { ProtocolError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { AddressList } from './address-list.ts'
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
  TlsIdentity,
  UdpOptions,
  UdpSocket,
} from './network.ts'
import { checkTls, connectStream, listenForStreams } from './node-streams.ts'
import { RareWarning } from './rare-warning.ts'

/** Bursts of RTP and SIP must survive a busy moment of the event loop; the kernel cuts this to its own limit. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024

/** A name server that is silent must not hold up a call whose host is in the hosts file. */
const RESOLVER = { timeout: 1000, tries: 2 }

/** The machine's own network. */
export class NodeNetwork implements Network {
  readonly #logger: Logger
  readonly #resolver = new dns.Resolver(RESOLVER)

  constructor(logger: Logger) {
    this.#logger = logger
  }

  async udp(options: UdpOptions): Promise<UdpSocket> {
    const socket = createSocket({
      type: isIP(options.address) === 6 ? 'udp6' : 'udp4',
      recvBufferSize: RECEIVE_BUFFER_BYTES,
    })
    socket.bind(options.port, options.address)
    try {
      await once(socket, 'listening')
    } catch (cause) {
      // A socket that could not be bound is open all the same.
      socket.close()
      const where = `${options.address}:${options.port}`
      throw new ProtocolError('net.bind', `cannot open UDP ${where}: ${String(cause)}`, {}, { cause })
    }
    return new NodeUdpSocket(socket, options, this.#logger)
  }

  listen(options: ListenOptions): Promise<StreamListener> {
    return listenForStreams(options, this.#logger)
  }

  checkTls(identity: TlsIdentity): void {
    checkTls(identity)
  }

  connect(options: ConnectOptions, handlers: StreamHandlers): StreamConnection {
    return connectStream(options, handlers)
  }

  async lookup(host: string): Promise<readonly string[]> {
    if (isIP(host) !== 0) return [host]
    try {
      return (await dns.lookup(host, { all: true })).map((found) => found.address)
    } catch (cause) {
      throw new ProtocolError('net.lookup', `no address found for host ${host}`, { host }, { cause })
    }
  }

  async lookupServices(name: string): Promise<readonly ServiceRecord[]> {
    try {
      const found = await this.#resolver.resolveSrv(name)
      return found.map(({ name: host, port, priority, weight }) => ({ host, port, priority, weight }))
    } catch {
      return []
    }
  }

  async lookupPointers(name: string): Promise<readonly NamingPointer[]> {
    try {
      return (await this.#resolver.resolveNaptr(name)).filter(({ regexp }) => regexp === '')
    } catch {
      return []
    }
  }

  localAddressToward(toward: string): string {
    const family = isIP(toward) === 6 ? 'IPv6' : 'IPv4'
    const candidates = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter((candidate) => candidate.family === family && candidate.cidr !== null)
    const sameNet = candidates.find((candidate) => new AddressList([candidate.cidr!]).has(toward))
    const chosen = sameNet ?? candidates.find((candidate) => !candidate.internal) ?? candidates[0]
    return chosen?.address ?? (family === 'IPv6' ? '::1' : '127.0.0.1')
  }
}

class NodeUdpSocket implements UdpSocket {
  readonly local: Endpoint
  readonly #socket: Socket
  readonly #warning: RareWarning
  #closed = false

  constructor(socket: Socket, options: UdpOptions, logger: Logger) {
    const { address, port } = socket.address()
    this.local = { address, port }
    this.#socket = socket
    this.#warning = new RareWarning(logger, 'UDP socket error')
    socket.on('message', (datagram, from) => options.onDatagram(datagram, from))
    socket.on('error', (error) => this.#failed(error))
  }

  send(datagram: Uint8Array, to: Endpoint): void {
    if (this.#closed) return
    try {
      this.#socket.send(datagram, to.port, to.address, this.#sent)
    } catch (error) {
      this.#failed(error as Error)
    }
  }

  readonly #sent = (error: Error | null): void => {
    if (error && !this.#closed) this.#failed(error)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }

  #failed(error: Error): void {
    this.#warning.happened({ error: error.message, port: this.local.port })
  }
}
