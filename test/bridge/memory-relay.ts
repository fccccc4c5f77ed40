import type { Clock } from '../../src/base/clock.ts'
import { Signal } from '../../src/base/events.ts'
import { seededRandom } from '../../src/base/random.ts'
import type { RelayTransport, RelayTransportEvent } from '../../src/relay/relay-transport.ts'
import { newRelayStats, RelayParty, type RelayPass } from '../../src/sim/relay/relay-party.ts'

const HANDSHAKE_MS = 30

/** A relay of the simulator without sockets, so that calls pass in virtual time. */
export class MemoryRelay {
  readonly stats = newRelayStats()
  readonly faults: { cutSilentMs?: number } = {}
  /** What the gateway's end sent, when it came through. */
  onForwarded: (media: Uint8Array) => void = () => {}
  readonly #clock: Clock
  readonly #passes: readonly RelayPass[]
  readonly #transports = new Set<MemoryTransport>()
  #party: RelayParty | undefined
  #dead = false

  constructor(clock: Clock, passes: readonly RelayPass[]) {
    this.#clock = clock
    this.#passes = passes
  }

  get isHolding(): boolean {
    return this.#party?.isPresent === true
  }

  connect(): RelayTransport {
    const transport = new MemoryTransport()
    this.#transports.add(transport)
    this.#clock.after(HANDSHAKE_MS, () => {
      if (this.#dead || transport.state === 'closed') return
      const party = new RelayParty({
        clock: this.#clock,
        random: seededRandom(3),
        stats: this.stats,
        passOfToken: (token) => this.#passes.find((pass) => Buffer.compare(pass.token, token) === 0),
        pass: undefined,
        dialect: 'raw',
        faults: this.faults,
        send: (message) => transport.deliver(message),
        forward: (_, media) => this.onForwarded(new Uint8Array(media)),
      })
      this.#party = party
      transport.open((message) => party.receive(message))
    })
    return transport
  }

  /** Media of the peer for the gateway's end. Dropped unless that is registered. */
  forward(media: Uint8Array): void {
    if (!this.#dead && this.isHolding) this.#party?.deliver(media)
  }

  die(): void {
    this.#dead = true
    this.#party = undefined
    for (const transport of this.#transports) transport.lose()
    this.#transports.clear()
  }

  revive(): void {
    this.#dead = false
  }
}

class MemoryTransport implements RelayTransport {
  readonly events = new Signal<RelayTransportEvent>()
  readonly localUfrag = undefined
  state: RelayTransport['state'] = 'connecting'
  #handler: (message: Uint8Array) => void = () => {}
  #send: (message: Uint8Array) => void = () => {}

  onMessage(handler: (message: Uint8Array) => void): void {
    this.#handler = handler
  }

  open(send: (message: Uint8Array) => void): void {
    this.#send = send
    this.state = 'open'
    this.events.emit({ type: 'open' })
  }

  deliver(message: Uint8Array): void {
    if (this.state === 'open') this.#handler(message)
  }

  send(message: Uint8Array): boolean {
    if (this.state !== 'open') return false
    this.#send(message)
    return true
  }

  lose(): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.events.emit({ type: 'lost', reason: 'the relay died' })
  }

  async close(): Promise<void> {
    this.state = 'closed'
  }
}
