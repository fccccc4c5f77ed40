import type { Endpoint, Network, UdpSocket } from '../../src/net/network.ts'
import type { SipMessage, SipRequest, SipResponse } from '../../src/sip/message/message.ts'
import { parseMessage } from '../../src/sip/message/parser.ts'

/** A far end that says exactly what a test writes and remembers what it hears. */
export class RawPeer {
  readonly received: SipMessage[] = []
  readonly at: Endpoint
  readonly to: Endpoint
  #socket!: UdpSocket

  constructor(at: Endpoint, to: Endpoint) {
    this.at = at
    this.to = to
  }

  async open(network: Network): Promise<this> {
    this.#socket = await network.udp({
      ...this.at,
      onDatagram: (bytes) => void this.received.push(parseMessage(bytes)),
    })
    return this
  }

  close(): Promise<void> {
    return this.#socket.close()
  }

  /** Lines of the head, then the body; Content-Length is added. */
  send(head: readonly string[], body = ''): void {
    const length = `Content-Length: ${Buffer.byteLength(body)}`
    this.sendBytes(Buffer.from(`${[...head, length].join('\r\n')}\r\n\r\n${body}`))
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes, this.to)
  }

  /** Answers a request that we received. */
  answer(request: SipRequest, status: number, headers: readonly string[] = [], body = '', tag = 'peer'): void {
    const to = request.headers.get('To')!
    const echoed = ['Via', 'From', 'Call-ID', 'CSeq', 'Record-Route'].flatMap((name) =>
      request.headers.lines(name).map((value) => `${name}: ${value}`),
    )
    this.send(
      [`SIP/2.0 ${status} Because`, ...echoed, `To: ${to.includes(';tag=') ? to : `${to};tag=${tag}`}`, ...headers],
      body,
    )
  }

  get statuses(): number[] {
    return this.responses().map((response) => response.status)
  }

  responses(): SipResponse[] {
    return this.received.filter((message) => message.kind === 'response')
  }

  requests(method: string): SipRequest[] {
    return this.received.filter((message) => message.kind === 'request').filter((request) => request.method === method)
  }
}

export interface RequestOptions {
  readonly uri?: string
  readonly branch?: string
  readonly sentBy?: string
  readonly callId?: string
  readonly fromTag?: string
  readonly toTag?: string
  readonly user?: string
  readonly sequence?: number
  readonly extra?: readonly string[]
}

let branches = 0

/** The head of a request as a phone at 10.0.0.9 would write it. */
export function head(method: string, options: RequestOptions = {}): string[] {
  const {
    uri = 'sip:100@10.0.0.2',
    callId = 'raw-call',
    fromTag = 'raw',
    user = '200',
    sequence = 1,
    sentBy = '10.0.0.9:5060',
  } = options
  const cseqMethod = method === 'ACK' ? 'ACK' : method
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${sentBy};rport;branch=${options.branch ?? `z9hG4bKraw${++branches}`}`,
    'Max-Forwards: 70',
    `From: <sip:${user}@10.0.0.9>;tag=${fromTag}`,
    `To: <${uri}>${options.toTag === undefined ? '' : `;tag=${options.toTag}`}`,
    `Call-ID: ${callId}`,
    `CSeq: ${sequence} ${cseqMethod}`,
    `Contact: <sip:${user}@${sentBy}>`,
    ...(options.extra ?? []),
  ]
}

export const SDP = ['Content-Type: application/sdp'] as const
