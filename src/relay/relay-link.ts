import type { Clock, Timer } from '../base/clock.ts'
import { ParseError } from '../base/errors.ts'
import type { Random } from '../base/random.ts'
import type { CallTracer } from '../base/tracer.ts'
import type { Endpoint } from '../net/network.ts'
import { kindOf } from './demultiplexer.ts'
import { type RegistrationEvent, RelayRegistration } from './registration.ts'
import type { RelayParties } from './registration-dialect.ts'
import type { RelayCandidate, RelayConnector, RelayTransport } from './relay-transport.ts'

export type RelayLinkEvent =
  | { readonly type: 'open' }
  | { readonly type: 'registered'; readonly rttMs: number }
  | { readonly type: 'refused'; readonly code: number }
  /** No endpoint of it opened; it is dialled again. */
  | { readonly type: 'unreachable'; readonly reason: string }
  /** It was open; it is dialled again. */
  | { readonly type: 'lost'; readonly reason: string }

/** Messages by what became of them. */
export interface RelayLinkStats {
  dials: number
  sent: number
  /** Not open, or too much waiting. */
  sendDropped: number
  received: number
  /** Of those received: what the other party says, and what is said about it. */
  rtp: number
  rtcp: number
  /** Neither STUN nor RTP nor RTCP, or STUN out of form. */
  malformed: number
}

export interface RelayLinkOptions {
  readonly candidate: RelayCandidate
  /** Dialled one after the other, the preferred one first; the first to open is kept. */
  readonly endpoints: readonly Endpoint[]
  readonly parties: RelayParties
  readonly connect: RelayConnector
  readonly connectTimeoutMs: number
  readonly clock: Clock
  /** Gets the type of every STUN message: what a live session is understood by. */
  readonly tracer: CallTracer
  readonly random: Random
  readonly onEvent: (event: RelayLinkEvent) => void
  /** RTP or RTCP, as it came. Valid during the call only. */
  readonly onMedia: (message: Uint8Array, kind: 'rtp' | 'rtcp') => void
}

/** The head start of an endpoint before the next: where both answer, the preferred one opens first. */
const HEAD_START_MS = 150
const REDIAL_DELAYS_MS = [500, 1000, 2000, 4000, 6000] as const

/** One relay for the length of a call: dials it, registers, and dials again when it is lost, until closed. */
export class RelayLink {
  readonly stats: RelayLinkStats = {
    dials: 0,
    sent: 0,
    sendDropped: 0,
    received: 0,
    rtp: 0,
    rtcp: 0,
    malformed: 0,
  }
  readonly #options: RelayLinkOptions
  #parties: RelayParties
  #dialled: { transport: RelayTransport; endpoint: Endpoint }[] = []
  #open: { transport: RelayTransport; registration: RelayRegistration } | undefined
  #endpoint: Endpoint
  /** Ends the attempt, or the wait before the next. */
  #timer: Timer | undefined
  #headStart: Timer | undefined
  /** Endpoints of the current attempt that have not been dialled. */
  #undialled = 0
  #failures = 0
  #closed = false
  /** Transports on their way out. */
  readonly #closing = new Set<Promise<void>>()

  constructor(options: RelayLinkOptions) {
    this.#options = options
    this.#parties = options.parties
    this.#endpoint = options.endpoints[0] ?? options.candidate.endpoint
  }

  get relayName(): string {
    return this.#options.candidate.relayName
  }

  get state(): 'connecting' | 'open' | 'waiting' | 'closed' {
    if (this.#closed) return 'closed'
    if (this.#open) return 'open'
    return this.#dialled.length > 0 ? 'connecting' : 'waiting'
  }

  /** True until the first attempt has opened or failed. */
  get isFirstAttempt(): boolean {
    return this.stats.dials === 0 || (this.stats.dials === 1 && this.state === 'connecting')
  }

  get registered(): boolean {
    return this.#open?.registration.registered === true
  }

  get rttMs(): number | undefined {
    return this.#open?.registration.rttMs
  }

  /** Where it is open or was last; before that, where it is dialled first. */
  get endpoint(): Endpoint {
    return this.#endpoint
  }

  dial(): void {
    this.stats.dials += 1
    this.#timer = this.#options.clock.after(this.#options.connectTimeoutMs, () => this.#lose('connect timeout'))
    this.#dialFrom(0)
  }

  /** Returns whether the message went out. */
  send(message: Uint8Array): boolean {
    const sent = this.#open?.transport.send(message) === true
    if (sent) this.stats.sent += 1
    else this.stats.sendDropped += 1
    return sent
  }

  changeParties(parties: RelayParties): void {
    this.#parties = parties
    this.#open?.registration.changeParties(parties)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#release()
    await Promise.all(this.#closing)
  }

  #dialFrom(index: number): void {
    const { candidate, endpoints, connect, clock } = this.#options
    const endpoint = endpoints[index]
    if (!endpoint) return
    const isLast = index === endpoints.length - 1
    if (!isLast) this.#headStart = clock.after(HEAD_START_MS, () => this.#dialFrom(index + 1))
    this.#undialled = endpoints.length - 1 - index
    try {
      const transport = connect(candidate, endpoint)
      this.#dialled.push({ transport, endpoint })
      this.#watch(transport, endpoint)
    } catch (error) {
      this.#attemptFailed(error instanceof Error ? error.message : String(error))
    }
  }

  /** One way to the relay failed: the next one is tried at once, and without a next one the relay is lost. */
  #attemptFailed(reason: string): void {
    if (this.#undialled > 0) {
      this.#headStart?.cancel()
      this.#dialFrom(this.#options.endpoints.length - this.#undialled)
    } else if (this.#dialled.length === 0) {
      this.#lose(reason)
    }
  }

  #watch(transport: RelayTransport, endpoint: Endpoint): void {
    transport.events.on((event) => {
      if (event.type === 'open') this.#keep(transport, endpoint)
      else this.#onTransportLost(transport, event.reason)
    })
    transport.onMessage((message) => this.#receive(transport, message))
  }

  #keep(transport: RelayTransport, endpoint: Endpoint): void {
    for (const other of this.#dialled) if (other.transport !== transport) this.#discard(other.transport)
    this.#dialled = []
    this.#timer?.cancel()
    this.#headStart?.cancel()
    const { candidate, clock, random } = this.#options
    const registration = new RelayRegistration({
      candidate,
      endpoint,
      localUfrag: transport.localUfrag,
      parties: this.#parties,
      clock,
      random,
      send: (message) => {
        this.#trace('out', message)
        transport.send(message)
      },
      onEvent: (event) => this.#onRegistration(event),
    })
    this.#open = { transport, registration }
    this.#endpoint = endpoint
    registration.start()
    this.#options.onEvent({ type: 'open' })
  }

  #onRegistration(event: RegistrationEvent): void {
    if (event.type === 'silent') {
      this.#lose('silent')
      return
    }
    if (event.type === 'registered') this.#failures = 0
    this.#options.onEvent(event)
  }

  #onTransportLost(transport: RelayTransport, reason: string): void {
    this.#dialled = this.#dialled.filter((other) => other.transport !== transport)
    if (this.#open) this.#lose(reason)
    else this.#attemptFailed(reason)
  }

  #receive(transport: RelayTransport, message: Uint8Array): void {
    if (transport !== this.#open?.transport) return
    this.stats.received += 1
    this.#open.registration.heard()
    const kind = kindOf(message)
    if (kind === 'stun') this.#receiveStun(this.#open.registration, message)
    else if (kind === 'unknown') this.stats.malformed += 1
    else this.#receiveMedia(message, kind)
  }

  #receiveMedia(message: Uint8Array, kind: 'rtp' | 'rtcp'): void {
    this.stats[kind] += 1
    this.#options.onMedia(message, kind)
  }

  #receiveStun(registration: RelayRegistration, message: Uint8Array): void {
    this.#trace('in', message)
    try {
      registration.handle(message)
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
      this.stats.malformed += 1
    }
  }

  #trace(direction: 'in' | 'out', stun: Uint8Array): void {
    const { tracer } = this.#options
    if (!tracer.isOn) return
    const type = new DataView(stun.buffer, stun.byteOffset).getUint16(0)
    tracer.record({ what: 'stun', direction, relay: this.relayName, type, bytes: stun.length })
  }

  /** Lets go of everything, says so, and dials again later. */
  #lose(reason: string): void {
    const type = this.#open ? 'lost' : 'unreachable'
    this.#release()
    if (this.#closed) return
    const delayMs = REDIAL_DELAYS_MS[Math.min(this.#failures, REDIAL_DELAYS_MS.length - 1)]!
    this.#failures += 1
    this.#timer = this.#options.clock.after(delayMs, () => this.dial())
    this.#options.onEvent({ type, reason })
  }

  #release(): void {
    this.#timer?.cancel()
    this.#headStart?.cancel()
    this.#open?.registration.stop()
    if (this.#open) this.#discard(this.#open.transport)
    for (const { transport } of this.#dialled) this.#discard(transport)
    this.#open = undefined
    this.#dialled = []
  }

  #discard(transport: RelayTransport): void {
    transport.events.clear()
    transport.onMessage(() => {})
    const closing: Promise<void> = transport.close().finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }
}
