import type { Clock, Timer } from '../../base/clock.ts'
import { Signal } from '../../base/events.ts'
import type { Random } from '../../base/random.ts'
import type { Endpoint, Network, UdpSocket } from '../../net/network.ts'
import type { RelayConnector, RelayTransport, RelayTransportEvent } from '../../relay/relay-transport.ts'
import { buildStun, STUN_TYPE } from '../../relay/stun.ts'

export interface BareTransportOptions {
  readonly network: Network
  readonly localAddress: string
  readonly clock: Clock
  readonly random: Random
}

/** Dials relays with bare datagrams: registration and media are those of raw mode, without DTLS and SCTP around them. */
export function bareConnector(options: BareTransportOptions): RelayConnector {
  return (_candidate, endpoint) => new BareTransport(options, endpoint)
}

/** As often as DTLS repeats a hello that nobody answers. */
const HELLO_EVERY_MS = 1000

/** Open once the relay has answered a ping. That a relay is gone is for its registration to find out. */
class BareTransport implements RelayTransport {
  readonly events = new Signal<RelayTransportEvent>()
  readonly localUfrag = undefined
  readonly #relay: Endpoint
  readonly #options: BareTransportOptions
  readonly #bound: Promise<void>
  #state: RelayTransport['state'] = 'connecting'
  #handler: (message: Uint8Array) => void = () => {}
  #socket: UdpSocket | undefined
  #hello: Timer | undefined

  constructor(options: BareTransportOptions, relay: Endpoint) {
    this.#options = options
    this.#relay = relay
    this.#bound = this.#bind()
  }

  get state(): RelayTransport['state'] {
    return this.#state
  }

  onMessage(handler: (message: Uint8Array) => void): void {
    this.#handler = handler
  }

  send(message: Uint8Array): boolean {
    if (this.#state !== 'open') return false
    this.#socket?.send(message, this.#relay)
    return true
  }

  async close(): Promise<void> {
    this.#state = 'closed'
    this.#hello?.cancel()
    await this.#bound
    await this.#socket?.close()
  }

  async #bind(): Promise<void> {
    const onDatagram = (datagram: Uint8Array, from: Endpoint) => this.#receive(datagram, from)
    this.#socket = await this.#options.network.udp({ address: this.#options.localAddress, port: 0, onDatagram })
    this.#greet()
  }

  #greet(): void {
    if (this.#state !== 'connecting') return
    this.#socket?.send(buildStun(STUN_TYPE.ping, this.#options.random.bytes(12)), this.#relay)
    this.#hello = this.#options.clock.after(HELLO_EVERY_MS, () => this.#greet())
  }

  #receive(datagram: Uint8Array, from: Endpoint): void {
    if (from.address !== this.#relay.address || from.port !== this.#relay.port) return
    if (this.#state === 'open') this.#handler(datagram)
    if (this.#state !== 'connecting') return
    this.#state = 'open'
    this.#hello?.cancel()
    this.events.emit({ type: 'open' })
  }
}
