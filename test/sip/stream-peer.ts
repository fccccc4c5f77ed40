import type {
  Endpoint,
  Network,
  StreamConnection,
  StreamListener,
  TlsClientOptions,
  TlsServerOptions,
} from '../../src/net/network.ts'
import type { SipMessage, SipRequest, SipResponse } from '../../src/sip/message/message.ts'
import { parseMessage } from '../../src/sip/message/parser.ts'
import { MessageFramer } from '../../src/sip/transport/message-framer.ts'

/** A far end over TCP that says exactly what a test writes: one that listens, one that connects, or both. */
export class StreamPeer {
  readonly received: SipMessage[] = []
  readonly connections: StreamConnection[] = []
  pings = 0
  closed = 0
  #listener: StreamListener | undefined

  async listen(network: Network, at: Endpoint, tls?: TlsServerOptions): Promise<this> {
    this.#listener = await network.listen({
      ...at,
      tls,
      maxConnections: 10,
      onConnection: (connection) => this.#take(connection),
    })
    return this
  }

  connect(network: Network, from: string, to: Endpoint, tls?: TlsClientOptions): this {
    const handlers = this.#handlers(() => this.connections.at(-1)!)
    this.connections.push(network.connect({ from, to, tls }, handlers))
    return this
  }

  /** Over the latest connection. */
  send(head: readonly string[], body = ''): void {
    const text = `${[...head, `Content-Length: ${Buffer.byteLength(body)}`].join('\r\n')}\r\n\r\n${body}`
    this.sendText(text.replaceAll('SIP/2.0/UDP', 'SIP/2.0/TCP'))
  }

  sendText(text: string): void {
    this.connections.at(-1)!.send(Buffer.from(text))
  }

  answer(request: SipRequest, status: number, headers: readonly string[] = [], body = ''): void {
    const echoed = ['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${request.headers.get(name)}`)
    const to = request.headers.get('To')!
    const tagged = to.includes(';tag=') ? to : `${to};tag=peer`
    this.send([`SIP/2.0 ${status} Because`, ...echoed, `To: ${tagged}`, ...headers], body)
  }

  requests(method: string): SipRequest[] {
    return this.received.filter((message) => message.kind === 'request').filter((request) => request.method === method)
  }

  responses(): SipResponse[] {
    return this.received.filter((message) => message.kind === 'response')
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.close()
    await this.#listener?.close()
  }

  #take(connection: StreamConnection) {
    this.connections.push(connection)
    return this.#handlers(() => connection)
  }

  #handlers(connection: () => StreamConnection) {
    const framer = new MessageFramer(65_535, {
      onMessage: (bytes) => void this.received.push(parseMessage(Buffer.from(bytes))),
      onPing: () => {
        this.pings++
        connection().send(Buffer.from('\r\n'))
      },
      onPong: () => {},
    })
    return { onData: (bytes: Uint8Array) => void framer.push(bytes), onClosed: () => void this.closed++ }
  }
}
