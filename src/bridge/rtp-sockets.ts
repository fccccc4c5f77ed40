import { TandemError } from '../base/errors.ts'
import type { PortRange } from '../media/rtp/port-range.ts'
import type { Endpoint, Network, UdpSocket } from '../net/network.ts'

type DatagramHandler = (datagram: Uint8Array, from: Endpoint) => void

/** How many pairs are tried before the range counts as full: other programs may hold some of its ports. */
const MOST_ATTEMPTS = 16

const nobody: DatagramHandler = () => {}

/** The RTP port of one call and the RTCP port above it. Owns both sockets and gives the pair back when closed. */
export class RtpSockets {
  readonly port: number
  #onRtp: DatagramHandler = nobody
  #onRtcp: DatagramHandler = nobody
  readonly #ports: PortRange
  #sockets: readonly UdpSocket[] = []
  #isClosed = false

  private constructor(port: number, ports: PortRange) {
    this.port = port
    this.#ports = ports
  }

  /** @throws TandemError `media.no-port` when no pair of the range can be bound. */
  static async open(network: Network, address: string, ports: PortRange): Promise<RtpSockets> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const port = ports.take()
      if (port === undefined) break
      const pair = new RtpSockets(port, ports)
      if (await pair.#bind(network, address)) return pair
      ports.release(port)
    }
    throw new TandemError('media.no-port', 'no free pair of RTP ports: widen media.ports')
  }

  receive(onRtp: DatagramHandler, onRtcp: DatagramHandler): void {
    this.#onRtp = onRtp
    this.#onRtcp = onRtcp
  }

  sendRtp(datagram: Uint8Array, to: Endpoint): void {
    this.#sockets[0]?.send(datagram, to)
  }

  sendRtcp(datagram: Uint8Array, to: Endpoint): void {
    this.#sockets[1]?.send(datagram, to)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.receive(nobody, nobody)
    await Promise.all(this.#sockets.map((socket) => socket.close()))
    this.#ports.release(this.port)
  }

  async #bind(network: Network, address: string): Promise<boolean> {
    const bound = await Promise.allSettled([
      network.udp({ address, port: this.port, onDatagram: (datagram, from) => this.#onRtp(datagram, from) }),
      network.udp({ address, port: this.port + 1, onDatagram: (datagram, from) => this.#onRtcp(datagram, from) }),
    ])
    const sockets = bound.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    if (sockets.length === bound.length) {
      this.#sockets = sockets
      return true
    }
    await Promise.all(sockets.map((socket) => socket.close()))
    return false
  }
}
