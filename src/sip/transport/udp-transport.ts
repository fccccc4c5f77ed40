import { TandemError } from '../../base/errors.ts'
import type { Endpoint, Network, UdpSocket } from '../../net/network.ts'
import type { Flow, OnMessage, SipTransport } from './transport.ts'

/** RFC 3261 §18 over UDP: one datagram is one message. */
export class UdpTransport implements SipTransport {
  readonly name = 'udp'
  readonly #network: Network
  readonly #address: Endpoint
  readonly #onMessage: OnMessage
  #socket: UdpSocket | undefined
  messagesIn = 0
  messagesOut = 0

  constructor(network: Network, address: Endpoint, onMessage: OnMessage) {
    this.#network = network
    this.#address = address
    this.#onMessage = onMessage
  }

  get local(): Endpoint {
    return this.#opened().local
  }

  async open(): Promise<void> {
    this.#socket = await this.#network.udp({
      ...this.#address,
      onDatagram: (datagram, from) => {
        if (isKeepalive(datagram)) return
        this.messagesIn++
        this.#onMessage(datagram, this.flowTo(from))
      },
    })
  }

  flowTo(remote: Endpoint): Flow {
    return new UdpFlow(this, remote)
  }

  isConnectedTo(): boolean {
    return true
  }

  send(bytes: Uint8Array, remote: Endpoint): void {
    this.messagesOut++
    this.#opened().send(bytes, remote)
  }

  renewTls(): void {}

  async close(): Promise<void> {
    await this.#socket?.close()
  }

  #opened(): UdpSocket {
    if (!this.#socket) throw new TandemError('sip.transport-closed', 'the UDP transport is not open')
    return this.#socket
  }
}

class UdpFlow implements Flow {
  readonly transport = 'udp'
  readonly reliable = false
  readonly isOpen = true
  readonly remote: Endpoint
  readonly #owner: UdpTransport

  constructor(owner: UdpTransport, remote: Endpoint) {
    this.#owner = owner
    this.remote = { address: remote.address, port: remote.port }
  }

  get local(): Endpoint {
    return this.#owner.local
  }

  send(bytes: Uint8Array): void {
    this.#owner.send(bytes, this.remote)
  }

  answering(port: number): Flow {
    return port === this.remote.port ? this : new UdpFlow(this.#owner, { address: this.remote.address, port })
  }

  onFailure(): () => void {
    return () => {}
  }
}

/** Phones behind NAT send CRLFs, a zero byte, or nothing at all to keep their mapping. */
function isKeepalive(datagram: Uint8Array): boolean {
  return datagram.length <= 4 && datagram.every((byte) => byte === 0x0d || byte === 0x0a || byte === 0)
}
