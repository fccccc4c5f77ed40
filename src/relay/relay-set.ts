import type { Clock } from '../base/clock.ts'
import { Signal } from '../base/events.ts'
import type { Logger } from '../base/logger.ts'
import { type Random, systemRandom } from '../base/random.ts'
import { type CallTraceEvent, type CallTracer, noTracer } from '../base/tracer.ts'
import { endpointText } from '../net/ip-address.ts'
import type { Endpoint } from '../net/network.ts'
import { type AddressFamily, chooseRelays, dialledEndpoints, type PortPolicy } from './candidates.ts'
import type { RelayParties } from './registration-dialect.ts'
import { RelayLink, type RelayLinkEvent, type RelayLinkStats } from './relay-link.ts'
import type { RelayCandidate, RelayConnector } from './relay-transport.ts'

/** Which relay an event is about. */
interface RelayPlace {
  readonly relayName: string
  readonly endpoint: Endpoint
}

export type RelaySetEvent =
  | (RelayPlace & RelayLinkEvent)
  /** No relay is open any more, or none opened at all. They are dialled again all the same. */
  | { readonly type: 'all-lost' }
  /** A relay that was lost is open again. After an outage of several this comes once, with the first of them. */
  | { readonly type: 'recovered' }

export interface RelayStats extends RelayPlace, Readonly<RelayLinkStats> {
  readonly state: RelayLink['state']
  readonly registered: boolean
  readonly rttMs: number | undefined
}

export interface RelaySetOptions {
  readonly candidates: readonly RelayCandidate[]
  readonly parties: RelayParties
  readonly connect: RelayConnector
  readonly portPolicy: PortPolicy
  readonly addressFamily: AddressFamily
  readonly maxRelays: number
  readonly connectTimeoutMs: number
  readonly clock: Clock
  readonly logger: Logger
  readonly tracer?: CallTracer
  readonly random?: Random
}

type MediaHandler = (message: Uint8Array) => void

/**
 * All the relays of one call, used as one: what is sent goes to every open relay, what any of them forwards comes in.
 * The same packet may thus come several times; the replay window of SRTP lets it through once.
 */
export class RelaySet {
  readonly events = new Signal<RelaySetEvent>()
  readonly #links: readonly RelayLink[]
  readonly #logger: Logger
  readonly #tracer: CallTracer
  #parties: RelayParties
  #allLost = false
  /** Since the last `recovered`. */
  readonly #lost = new Set<RelayLink>()
  #onRtp: MediaHandler = () => {}
  #onRtcp: MediaHandler = () => {}

  constructor(options: RelaySetOptions) {
    this.#logger = options.logger
    this.#tracer = options.tracer ?? noTracer
    this.#parties = options.parties
    this.#links = chooseRelays(options.candidates, options.maxRelays, options.addressFamily).map((candidate) => {
      const link: RelayLink = new RelayLink({
        candidate,
        endpoints: dialledEndpoints(candidate, options.portPolicy),
        parties: options.parties,
        connect: options.connect,
        connectTimeoutMs: options.connectTimeoutMs,
        clock: options.clock,
        tracer: this.#tracer,
        random: options.random ?? systemRandom,
        onEvent: (event) => this.#onLink(link, event),
        onMedia: (message, kind) => (kind === 'rtp' ? this.#onRtp(message) : this.#onRtcp(message)),
      })
      return link
    })
  }

  /** How many relays will be bound: 0 when the block offers none that can be used. */
  get size(): number {
    return this.#links.length
  }

  get openRelays(): number {
    return this.#links.filter((link) => link.state === 'open').length
  }

  /** Handlers get each message as it came, protected; it is valid during the call only. */
  onMedia(onRtp: MediaHandler, onRtcp: MediaHandler): void {
    this.#onRtp = onRtp
    this.#onRtcp = onRtcp
  }

  dial(): void {
    for (const link of this.#links) link.dial()
  }

  /** Sends one protected packet to every open relay. Returns how many took it. */
  send(packet: Uint8Array): number {
    let taken = 0
    for (const link of this.#links) if (link.send(packet)) taken += 1
    return taken
  }

  /** Asks the relays for the stream of the device that answered. */
  changePeer(peer: Pick<RelayParties, 'peerPid' | 'peerSsrc'>): void {
    this.#parties = { ...this.#parties, ...peer }
    for (const link of this.#links) link.changeParties(this.#parties)
  }

  stats(): RelayStats[] {
    return this.#links.map((link) => ({
      ...placeOf(link),
      ...link.stats,
      state: link.state,
      registered: link.registered,
      rttMs: link.rttMs,
    }))
  }

  async close(): Promise<void> {
    this.events.clear()
    await Promise.all(this.#links.map((link) => link.close()))
  }

  #onLink(link: RelayLink, event: RelayLinkEvent): void {
    this.#logger.debug({ ...placeOf(link), ...event }, 'relay')
    if (this.#tracer.isOn) this.#tracer.record(traceOf(link, event))
    this.events.emit({ ...placeOf(link), ...event })
    if (event.type === 'open') this.#noteOpen(link)
    if (event.type === 'lost') this.#lost.add(link)
    if (event.type === 'lost' || event.type === 'unreachable') this.#noteLoss()
  }

  #noteOpen(link: RelayLink): void {
    this.#allLost = false
    if (!this.#lost.has(link)) return
    this.#lost.clear()
    this.#tell('recovered')
  }

  #noteLoss(): void {
    const hopeful = this.#links.some((link) => link.state === 'open' || link.isFirstAttempt)
    if (this.#allLost || hopeful) return
    this.#allLost = true
    this.#tell('all-lost')
  }

  #tell(type: 'recovered' | 'all-lost'): void {
    if (this.#tracer.isOn) this.#tracer.record({ what: 'relay', event: type })
    this.events.emit({ type })
  }
}

function traceOf({ relayName: relay, endpoint }: RelayLink, event: RelayLinkEvent): CallTraceEvent {
  const detail = 'reason' in event ? event.reason : 'code' in event ? event.code : undefined
  const rttMs = 'rttMs' in event ? Math.round(event.rttMs) : undefined
  return { what: 'relay', relay, event: event.type, endpoint: endpointText(endpoint), rttMs, detail }
}

const placeOf = ({ relayName, endpoint }: RelayLink): RelayPlace => ({ relayName, endpoint })
