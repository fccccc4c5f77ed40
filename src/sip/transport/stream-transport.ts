import type { Clock } from '../../base/clock.ts'
import { TandemError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type {
  Endpoint,
  Network,
  StreamConnection,
  StreamHandlers,
  StreamListener,
  TlsClientOptions,
} from '../../net/network.ts'
import type { SipTlsOptions, TransportName } from '../sip-engine.ts'
import { StreamLink } from './stream-link.ts'
import type { Flow, OnMessage, SipTransport } from './transport.ts'

export interface StreamTransportOptions {
  readonly network: Network
  readonly clock: Clock
  readonly logger: Logger
  readonly address: Endpoint
  /** Present for TLS. */
  readonly tls?: SipTlsOptions | undefined
  readonly maxMessageBytes: number
  readonly maxConnections: number
  readonly keepaliveMs: number
  readonly onMessage: OnMessage
}

/** RFC 3261 §18 over TCP or TLS. Connections are shared: whoever has a peer's address and port gets the same one. */
export class StreamTransport implements SipTransport {
  readonly name: TransportName
  readonly #options: StreamTransportOptions
  /** From outside by the peer's address and port; ours also by the name that their certificate is for. */
  readonly #links = new Map<string, StreamLink>()
  readonly #perHost = new Map<string, number>()
  #listener: StreamListener | undefined
  #tls: SipTlsOptions | undefined
  #isClosed = false
  messagesIn = 0
  messagesOut = 0

  constructor(options: StreamTransportOptions) {
    this.#options = options
    this.#tls = options.tls
    this.name = options.tls ? 'tls' : 'tcp'
  }

  /** Also of connections that we began: peers are told where we listen. */
  get local(): Endpoint {
    return this.#listener?.local ?? this.#options.address
  }

  /** Without a certificate TLS does not listen: it only connects. */
  async open(): Promise<void> {
    const { network, address, maxConnections } = this.#options
    const tls = this.#tls
    if (tls && tls.certificate === undefined) return
    this.#listener = await network.listen({
      ...address,
      tls,
      maxConnections,
      onConnection: (connection) => this.#accept(connection),
    })
  }

  flowTo(remote: Endpoint, serverName = remote.address): Flow {
    return new StreamFlow(this, this.linkTo(remote, serverName), undefined)
  }

  isConnectedTo(remote: Endpoint): boolean {
    return this.#links.has(keyOf(remote))
  }

  /** An open connection to there, or a new one. */
  linkTo(remote: Endpoint, serverName: string): StreamLink {
    const ours = this.#options.tls ? `${keyOf(remote)} ${serverName}` : keyOf(remote)
    const open = this.#links.get(ours) ?? this.#links.get(keyOf(remote))
    return open ?? this.#connect(remote, serverName, ours)
  }

  countSent(): void {
    this.messagesOut++
  }

  renewTls(tls: SipTlsOptions): void {
    if (!this.#tls) return
    this.#tls = tls
    this.#listener?.renew(tls)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#listener?.close()
    for (const link of [...this.#links.values()]) link.close()
  }

  #connect(remote: Endpoint, serverName: string, key: string): StreamLink {
    if (this.#isClosed) throw new TandemError('sip.transport-closed', `the ${this.name} transport is closed`)
    const { network, address } = this.#options
    const link = this.#newLink(key, true)
    const from = address.address === '0.0.0.0' || address.address === '::' ? undefined : address.address
    link.attach(network.connect({ to: remote, from, tls: this.#clientTls(serverName) }, link))
    return link
  }

  #clientTls(serverName: string): TlsClientOptions | undefined {
    const tls = this.#tls
    if (!tls) return undefined
    const { certificate, key, ca } = tls
    return { serverName, verify: tls.verifyServers, certificate, key, ca }
  }

  /** One host may have half of the room. */
  #accept(connection: StreamConnection): StreamHandlers {
    const { address } = connection.remote
    const link = this.#newLink(keyOf(connection.remote), false)
    link.attach(connection)
    const count = (this.#perHost.get(address) ?? 0) + 1
    this.#perHost.set(address, count)
    link.onFailure(() => this.#forgetHost(address))
    if (count > this.#options.maxConnections / 2 || this.#isClosed) link.close()
    return link
  }

  #forgetHost(address: string): void {
    const left = this.#perHost.get(address)! - 1
    if (left > 0) this.#perHost.set(address, left)
    else this.#perHost.delete(address)
  }

  #newLink(key: string, isOurs: boolean): StreamLink {
    const { clock, maxMessageBytes, keepaliveMs, onMessage, logger } = this.#options
    const link = new StreamLink(
      {
        clock,
        maxMessageBytes,
        keepaliveMs,
        onMessage: (bytes, from) => {
          this.messagesIn++
          onMessage(bytes, new StreamFlow(this, from, undefined))
        },
        onClosed: (closed, error) => {
          if (this.#links.get(key) === closed) this.#links.delete(key)
          // What strangers break must not fill the log.
          const level = isOurs ? 'warn' : 'debug'
          if (error) logger[level]({ transport: this.name, error: error.message }, 'SIP connection lost')
        },
      },
      isOurs,
    )
    this.#links.set(key, link)
    return link
  }
}

class StreamFlow implements Flow {
  readonly transport: TransportName
  readonly reliable = true
  readonly remote: Endpoint
  readonly #owner: StreamTransport
  readonly #answerPort: number | undefined
  #link: StreamLink

  constructor(owner: StreamTransport, link: StreamLink, answerPort: number | undefined) {
    this.#owner = owner
    this.transport = owner.name
    this.#link = link
    this.#answerPort = answerPort
    this.remote = link.remote
  }

  get local(): Endpoint {
    return this.#owner.local
  }

  get isOpen(): boolean {
    return this.#link.isOpen
  }

  /** RFC 3261 §18.2.2: an answer whose connection is gone goes over a new one, to the sent-by port. */
  send(bytes: Uint8Array): void {
    if (!this.#link.isOpen && this.#answerPort !== undefined && this.transport === 'tcp') {
      const { address } = this.remote
      this.#link = this.#owner.linkTo({ address, port: this.#answerPort }, address)
    }
    this.#owner.countSent()
    this.#link.send(bytes)
  }

  answering(port: number): Flow {
    return new StreamFlow(this.#owner, this.#link, port)
  }

  onFailure(handler: () => void): () => void {
    if (this.#link.isOpen) return this.#link.onFailure(handler)
    queueMicrotask(handler)
    return () => {}
  }
}

const keyOf = (endpoint: Endpoint) => `${endpoint.address}:${endpoint.port}`
