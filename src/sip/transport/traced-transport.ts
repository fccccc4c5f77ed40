import type { Tracer } from '../../base/tracer.ts'
import type { Endpoint } from '../../net/network.ts'
import type { SipTlsOptions, TransportName } from '../sip-engine.ts'
import type { Flow, OnMessage, SipTransport } from './transport.ts'

/** A transport whose messages, in and out, a tracer sees as they are on the wire. */
export class TracedTransport implements SipTransport {
  readonly #inner: SipTransport
  readonly #tracer: Tracer

  constructor(tracer: Tracer, onMessage: OnMessage, create: (onMessage: OnMessage) => SipTransport) {
    this.#tracer = tracer
    this.#inner = create((message, flow) => {
      const { transport, remote } = flow
      if (tracer.isOn) tracer.record({ what: 'sip', direction: 'in', transport, remote, message })
      onMessage(message, new TracedFlow(flow, tracer))
    })
  }

  get name(): TransportName {
    return this.#inner.name
  }

  get local(): Endpoint {
    return this.#inner.local
  }

  get messagesIn(): number {
    return this.#inner.messagesIn
  }

  get messagesOut(): number {
    return this.#inner.messagesOut
  }

  open(): Promise<void> {
    return this.#inner.open()
  }

  flowTo(remote: Endpoint, serverName?: string): Flow {
    return new TracedFlow(this.#inner.flowTo(remote, serverName), this.#tracer)
  }

  isConnectedTo(remote: Endpoint): boolean {
    return this.#inner.isConnectedTo(remote)
  }

  renewTls(tls: SipTlsOptions): void {
    this.#inner.renewTls(tls)
  }

  close(): Promise<void> {
    return this.#inner.close()
  }
}

class TracedFlow implements Flow {
  readonly transport: TransportName
  readonly reliable: boolean
  readonly #inner: Flow
  readonly #tracer: Tracer

  constructor(inner: Flow, tracer: Tracer) {
    this.#inner = inner
    this.#tracer = tracer
    this.transport = inner.transport
    this.reliable = inner.reliable
  }

  get local(): Endpoint {
    return this.#inner.local
  }

  get remote(): Endpoint {
    return this.#inner.remote
  }

  get isOpen(): boolean {
    return this.#inner.isOpen
  }

  send(message: Uint8Array): void {
    const { transport, remote } = this
    if (this.#tracer.isOn) this.#tracer.record({ what: 'sip', direction: 'out', transport, remote, message })
    this.#inner.send(message)
  }

  answering(port: number): Flow {
    return new TracedFlow(this.#inner.answering(port), this.#tracer)
  }

  onFailure(handler: () => void): () => void {
    return this.#inner.onFailure(handler)
  }
}
