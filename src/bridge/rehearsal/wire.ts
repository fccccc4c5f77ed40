import type { Clock } from '../../base/clock.ts'
import { Signal } from '../../base/events.ts'
import type { Random } from '../../base/random.ts'
import type { RelayConnector, RelayTransport, RelayTransportEvent } from '../../relay/relay-transport.ts'

/** One message in so many is lost. */
const LOSS_PERIOD = 12
const JITTER_MS = 50

/** A way between two ends in memory that loses, delays and reorders: what concealment and splices are for. */
export class Wire {
  readonly #clock: Clock
  readonly #random: Random
  #carried = 0

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  carry(message: Uint8Array, deliver: (message: Uint8Array) => void): void {
    this.#carried += 1
    if (this.#carried % LOSS_PERIOD === 0) return
    const copy = message.slice()
    this.#clock.after(this.#random.below(JITTER_MS), () => deliver(copy))
  }

  /** Dials of `here` and `there` meet each other instead of a relay. */
  relay(): { readonly here: RelayConnector; readonly there: RelayConnector } {
    const [a, b] = [new JoinedTransport(this), new JoinedTransport(this)]
    a.join(b)
    b.join(a)
    const open = (transport: JoinedTransport) => () => {
      this.#clock.after(0, () => transport.open())
      return transport
    }
    return { here: open(a), there: open(b) }
  }
}

class JoinedTransport implements RelayTransport {
  readonly events = new Signal<RelayTransportEvent>()
  readonly localUfrag = 'rehearsal'
  readonly #wire: Wire
  #state: RelayTransport['state'] = 'connecting'
  #handler: (message: Uint8Array) => void = () => {}
  #other: JoinedTransport | undefined

  constructor(wire: Wire) {
    this.#wire = wire
  }

  get state(): RelayTransport['state'] {
    return this.#state
  }

  join(other: JoinedTransport): void {
    this.#other = other
  }

  open(): void {
    this.#state = 'open'
    this.events.emit({ type: 'open' })
  }

  onMessage(handler: (message: Uint8Array) => void): void {
    this.#handler = handler
  }

  send(message: Uint8Array): boolean {
    if (this.#state !== 'open') return false
    this.#wire.carry(message, (copy) => this.#other?.take(copy))
    return true
  }

  take(message: Uint8Array): void {
    if (this.#state === 'open') this.#handler(message)
  }

  async close(): Promise<void> {
    this.#state = 'closed'
  }
}
