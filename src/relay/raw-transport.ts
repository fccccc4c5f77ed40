import { createHash } from 'node:crypto'
import { ProtocolError } from '../base/errors.ts'
import { Signal } from '../base/events.ts'
import { canonicalAddress, isIpv6 } from '../net/ip-address.ts'
import type { Endpoint, Network, UdpSocket } from '../net/network.ts'
import { DtlsSctp } from './dtls-sctp.ts'
import { MAX_MESSAGE_BYTES } from './munged-answer.ts'
import type { RelayConnector, RelayTransport, RelayTransportEvent } from './relay-transport.ts'

/** About three seconds of speech: more than that waits only for a relay that is gone. */
const MAX_WAITING_MESSAGES = 64

export interface RawTransportOptions {
  readonly network: Network
  /** The local address to send from; any when absent. */
  readonly localAddress?: string | undefined
  /** The relays' certificate as SDP writes it; undefined takes any. */
  readonly dtlsFingerprint: string | undefined
}

/** Dials relays over DTLS and SCTP without ICE. */
export function rawConnector(options: RawTransportOptions): RelayConnector {
  return (candidate, { address, port }) => {
    if (candidate.key === '') throw new ProtocolError('relay.key', 'the relay has no key')
    if (!(port > 0 && port < 0x1_0000)) throw new ProtocolError('relay.address', `relay port ${port}`)
    return new RawTransport({ address: canonicalAddress(address), port }, options)
  }
}

/** One socket, one DTLS association, and stream 0 of an SCTP association that nobody announces (docs/protocol/relay.md). */
class RawTransport implements RelayTransport {
  readonly events = new Signal<RelayTransportEvent>()
  readonly localUfrag = undefined
  readonly #relay: Endpoint
  readonly #options: RawTransportOptions
  readonly #ready: Promise<void>
  #state: RelayTransport['state'] = 'connecting'
  #handler: (message: Uint8Array) => void = () => {}
  #socket: UdpSocket | undefined
  #channel: DtlsSctp | undefined
  #released: Promise<void> | undefined

  constructor(relay: Endpoint, options: RawTransportOptions) {
    this.#relay = relay
    this.#options = options
    this.#ready = this.#dial().catch((error) => this.#lose(String(error)))
  }

  get state(): RelayTransport['state'] {
    return this.#state
  }

  onMessage(handler: (message: Uint8Array) => void): void {
    this.#handler = handler
  }

  send(message: Uint8Array): boolean {
    if (this.#state !== 'open' || message.length === 0 || message.length > MAX_MESSAGE_BYTES) return false
    if (!this.#channel || this.#channel.waiting > MAX_WAITING_MESSAGES) return false
    this.#channel.send(message)
    return true
  }

  close(): Promise<void> {
    this.#state = 'closed'
    return this.#release()
  }

  async #dial(): Promise<void> {
    const { network, localAddress } = this.#options
    const address = localAddress ?? (isIpv6(this.#relay.address) ? '::' : '0.0.0.0')
    this.#socket = await network.udp({
      address,
      port: 0,
      onDatagram: (datagram, from) => this.#receive(datagram, from),
    })
    this.#channel = await DtlsSctp.create({
      send: (datagram) => this.#socket?.send(datagram, this.#relay),
      judge: (certificate) => this.#judge(certificate),
      onOpen: () => this.#open(),
      onMessage: (message) => {
        if (this.#state === 'open') this.#handler(message)
      },
      onEnd: (reason) => this.#lose(reason),
    })
    if (this.#state === 'connecting') this.#channel.connect()
  }

  #receive(datagram: Uint8Array, from: Endpoint): void {
    if (from.address === this.#relay.address && from.port === this.#relay.port) this.#channel?.receive(datagram)
  }

  #judge(certificate: Uint8Array): string | undefined {
    const { dtlsFingerprint } = this.#options
    if (dtlsFingerprint === undefined) return undefined
    const sha256 = createHash('sha256').update(certificate).digest('hex').toUpperCase()
    return sha256 === dtlsFingerprint.replaceAll(':', '') ? undefined : 'the relay shows another certificate'
  }

  #open(): void {
    if (this.#state !== 'connecting') return
    this.#state = 'open'
    this.events.emit({ type: 'open' })
  }

  #lose(reason: string): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    void this.#release()
    this.events.emit({ type: 'lost', reason })
  }

  #release(): Promise<void> {
    this.#released ??= this.#free()
    return this.#released
  }

  /** Waits for a dial that is under way, so that no socket opens after the end. */
  async #free(): Promise<void> {
    await this.#ready
    await this.#channel?.close()
    await this.#socket?.close()
  }
}
