import { type RTCCertificate, RTCDtlsTransport } from 'werift'
import { silentLogger } from '../../src/base/logger.ts'
import type { Endpoint, UdpSocket } from '../../src/net/network.ts'
import { NodeNetwork } from '../../src/net/node-network.ts'
import { DataChannelSession } from '../../src/sim/relay/data-channel-session.ts'

export const ADDRESS = '127.0.0.1'
export const ADDRESS_6 = '::1'
/** The same in full; sockets report the short form. */
export const ADDRESS_6_IN_FULL = '0:0:0:0:0:0:0:1'
export const network = new NodeNetwork(silentLogger)

interface BareRelayOptions {
  /** The channel is agreed in advance, as in raw mode. */
  readonly negotiated: boolean
  readonly address?: string
}

/** Just enough of a relay: DTLS, SCTP and one channel for each client that `admits`, which may also answer its STUN. */
export class BareRelay {
  readonly #certificate: RTCCertificate
  readonly #address: string
  readonly #negotiated: boolean
  readonly #sessions = new Map<string, DataChannelSession>()
  #socket!: UdpSocket
  #latest: DataChannelSession | undefined
  #waiting: ((message: Uint8Array) => void)[] = []
  /** Gets each datagram that is not DTLS; returns an answer when its sender is to be let in. */
  admits: (datagram: Uint8Array, from: Endpoint) => Uint8Array | undefined = () => undefined

  private constructor(certificate: RTCCertificate, address: string, negotiated: boolean) {
    this.#certificate = certificate
    this.#address = address
    this.#negotiated = negotiated
  }

  static async start({ negotiated, address = ADDRESS }: BareRelayOptions): Promise<BareRelay> {
    const relay = new BareRelay(await RTCDtlsTransport.SetupCertificate(), address, negotiated)
    const onDatagram = (datagram: Uint8Array, from: Endpoint) => relay.#receive(datagram, from)
    relay.#socket = await network.udp({ address, port: 0, onDatagram })
    return relay
  }

  /** Its address in the form that it was given. */
  get endpoint(): Endpoint {
    return { address: this.#address, port: this.#socket.local.port }
  }

  get fingerprint(): string {
    return this.#certificate.getFingerprints()[0].value.toUpperCase()
  }

  nextMessage(): Promise<Uint8Array> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  say(message: Uint8Array): void {
    this.#latest!.send(message)
  }

  /** Sends a datagram to the client that came last, around DTLS. */
  throwAt(datagram: Uint8Array): void {
    this.#socket.send(datagram, this.#lastSeen!)
  }

  async hangUp(): Promise<void> {
    await this.#latest!.close()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.close()))
    await this.#socket.close()
  }

  #lastSeen: Endpoint | undefined

  #receive(datagram: Uint8Array, from: Endpoint): void {
    this.#lastSeen = from
    if (datagram[0] > 3) {
      this.#session(from, this.#negotiated)?.receive(datagram)
      return
    }
    const answer = this.admits(datagram.slice(), from)
    if (!answer) return
    this.#session(from, true)
    this.#socket.send(answer, from)
  }

  #session(from: Endpoint, mayOpen: boolean): DataChannelSession | undefined {
    const known = this.#sessions.get(`${from.port}`)
    if (known || !mayOpen) return known
    const session = new DataChannelSession({
      certificate: this.#certificate,
      negotiated: this.#negotiated,
      send: (datagram) => this.#socket.send(datagram, from),
      onMessage: (message) => this.#waiting.shift()?.(new Uint8Array(message)),
      onEnd: () => {},
    })
    this.#sessions.set(`${from.port}`, session)
    this.#latest = session
    return session
  }
}
