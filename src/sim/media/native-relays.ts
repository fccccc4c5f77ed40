import type { Clock, Timer } from '../../base/clock.ts'
import { ParseError } from '../../base/errors.ts'
import type { Random } from '../../base/random.ts'
import type { Endpoint, Network, UdpSocket } from '../../net/network.ts'
import { kindOf } from '../../relay/demultiplexer.ts'
import { encodeNativeStream, encodeNativeSubscription } from '../../relay/stream-descriptors.ts'
import { buildStun, parseStun, STUN_ATTRIBUTE, STUN_TYPE } from '../../relay/stun.ts'
import type { RelayBlock } from '../server/relay-port.ts'

export interface NativeRelaysOptions {
  readonly network: Network
  /** The local address. */
  readonly address: string
  readonly block: RelayBlock
  /** The stream that we send. */
  readonly ssrc: number
  readonly clock: Clock
  readonly random: Random
  /** Where media goes, if that relay is alive; otherwise, or when absent, to the one that answers fastest. */
  readonly elected?: (() => Endpoint | undefined) | undefined
  /** The first relay let us in. */
  readonly onOpen: () => void
  /** RTP or RTCP, still protected. Valid during the call only. */
  readonly onMedia: (message: Uint8Array, kind: 'rtp' | 'rtcp') => void
}

interface Relay {
  readonly endpoint: Endpoint
  readonly allocate: (transactionId: Uint8Array) => Uint8Array
  registered: boolean
  pingSentMs: number
  rttMs: number
  lastPongMs: number
}

const KEEPALIVE_MS = 1000
/** Three pings without an answer: the relay is gone. */
const SILENCE_MS = 3500

/**
 * How a phone reaches the relays: STUN and media in bare datagrams, no ICE and no DTLS. Like the real ones it binds all
 * of them, listens to all, and sends to the one that answers fastest.
 */
export class NativeRelays {
  readonly #options: NativeRelaysOptions
  readonly #relays: ReadonlyMap<string, Relay>
  #socket: UdpSocket | undefined
  #timer: Timer | undefined
  #closed = false
  #isOpen = false

  constructor(options: NativeRelaysOptions) {
    this.#options = options
    const { block, ssrc } = options
    const integrityKey = new TextEncoder().encode(block.key)
    this.#relays = new Map(
      block.endpoints.map(({ endpoint, tokenId }) => {
        const attributes = [
          { type: STUN_ATTRIBUTE.token, value: block.tokens.get(tokenId) ?? new Uint8Array(0) },
          { type: STUN_ATTRIBUTE.senderSubscriptions, value: encodeNativeSubscription(ssrc, block.selfPid) },
          { type: STUN_ATTRIBUTE.streamDescriptors, value: encodeNativeStream(ssrc) },
        ]
        const trailer = { integrityKey, fingerprint: true }
        const allocate = (id: Uint8Array) => buildStun(STUN_TYPE.allocateRequest, id, attributes, trailer)
        const state = { registered: false, pingSentMs: 0, rttMs: Number.POSITIVE_INFINITY, lastPongMs: 0 }
        return [keyOf(endpoint), { endpoint, allocate, ...state }]
      }),
    )
  }

  async open(): Promise<void> {
    const onDatagram = (datagram: Uint8Array, from: Endpoint) => this.#receive(datagram, from)
    const socket = await this.#options.network.udp({ address: this.#options.address, port: 0, onDatagram })
    if (this.#closed) {
      await socket.close()
      return
    }
    this.#socket = socket
    this.#keepAlive()
  }

  /** Sends one protected packet to the elected relay. Returns false when there is none. The bytes must stay for a while. */
  send(packet: Uint8Array): boolean {
    const elected = this.#elected()
    if (!elected || !this.#socket) return false
    this.#socket.send(packet, elected.endpoint)
    return true
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    const socket = this.#socket
    this.#socket = undefined
    await socket?.close()
  }

  #elected(): Relay | undefined {
    const nowMs = this.#options.clock.nowMs()
    let best: Relay | undefined
    const wanted = this.#options.elected?.()
    for (const [key, relay] of this.#relays) {
      const isAlive = relay.registered && nowMs - relay.lastPongMs < SILENCE_MS
      if (isAlive && wanted && key === keyOf(wanted)) return relay
      if (isAlive && relay.rttMs < (best?.rttMs ?? Number.POSITIVE_INFINITY)) best = relay
    }
    return best
  }

  #keepAlive(): void {
    const { clock, random } = this.#options
    for (const relay of this.#relays.values()) {
      relay.pingSentMs = clock.nowMs()
      this.#socket?.send(buildStun(STUN_TYPE.ping, random.bytes(12)), relay.endpoint)
      this.#socket?.send(relay.allocate(random.bytes(12)), relay.endpoint)
    }
    this.#timer = clock.after(KEEPALIVE_MS, () => this.#keepAlive())
  }

  #receive(datagram: Uint8Array, from: Endpoint): void {
    const relay = this.#relays.get(keyOf(from))
    if (!relay || this.#closed) return
    const kind = kindOf(datagram)
    if (kind === 'rtp' || kind === 'rtcp') this.#options.onMedia(datagram, kind)
    else if (kind === 'stun') this.#receiveStun(datagram, relay)
  }

  #receiveStun(datagram: Uint8Array, relay: Relay): void {
    const type = typeOf(datagram)
    if (type === STUN_TYPE.pong) {
      relay.lastPongMs = this.#options.clock.nowMs()
      relay.rttMs = relay.lastPongMs - relay.pingSentMs
    }
    if (type === STUN_TYPE.allocateSuccess) relay.registered = true
    if (this.#isOpen || !this.#elected()) return
    this.#isOpen = true
    this.#options.onOpen()
  }
}

const keyOf = ({ address, port }: Endpoint): string => `${address}:${port}`

function typeOf(datagram: Uint8Array): number | undefined {
  try {
    return parseStun(datagram).type
  } catch (error) {
    if (error instanceof ParseError) return undefined
    throw error
  }
}
