/** What a party says to a relay to be let in and kept: docs/protocol/relay.md and stun.md. */
import type { Clock, Timer } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import type { Endpoint } from '../net/network.ts'
import { iceCredentials, tokenUfrag } from './ice-credentials.ts'
import type { RelayCandidate } from './relay-transport.ts'
import { encodeSenderSubscription, encodeStreamDescriptors } from './stream-descriptors.ts'
import {
  buildStun,
  errorCodeOf,
  parseStun,
  STUN_ATTRIBUTE,
  STUN_TYPE,
  type StunAttribute,
  type StunMessage,
  type StunTrailer,
  xorAddress,
} from './stun.ts'

/** Who the two parties of the call are to the relays. */
export interface RelayParties {
  readonly selfPid: number
  readonly peerPid: number
  readonly selfSsrc: number
  /** Changes when another device of the peer answers. */
  readonly peerSsrc: number
}

export type RegistrationEvent =
  /** The first answer that says yes. `rttMs` is the round trip of that request. */
  | { readonly type: 'registered'; readonly rttMs: number }
  /** ERROR-CODE of the relay's answer, 0 without one. Comes again only with another code. */
  | { readonly type: 'refused'; readonly code: number }
  /** A relay that used to answer pings has said nothing for a while. */
  | { readonly type: 'silent' }

export interface RegistrationOptions {
  readonly candidate: RelayCandidate
  /** Where the relay was dialled. */
  readonly endpoint: Endpoint
  readonly localUfrag: string
  readonly parties: RelayParties
  readonly clock: Clock
  readonly random: Random
  readonly send: (message: Uint8Array) => void
  readonly onEvent: (event: RegistrationEvent) => void
}

/** Requests are repeated early, since the channel may drop and the relay may not be ready. */
const SERIES_DELAYS_MS = [0, 50, 100, 350, 2500] as const
const REFRESH_MS = 5000
const PING_MS = 1000
/** A relay forgets a party after 4 s; we give up on a relay a little later. */
const SILENCE_MS = 5000
const MAX_PENDING = 64
const PRIORITY = Uint8Array.of(0x00, 0xff, 0xff, 0xff)

/** The registration of one open transport: begins with `start`, lasts until `stop`. */
export class RelayRegistration {
  readonly #options: RegistrationOptions
  readonly #integrityKey: Uint8Array
  readonly #controlling: Uint8Array
  #parties: RelayParties
  #seriesTimer: Timer | undefined
  #pingTimer: Timer | undefined
  #seriesStep = 0
  #registered = false
  #refusal: number | undefined
  #answersPings = false
  #lastHeardMs = 0
  #rttMs: number | undefined
  /** When each unanswered request went out, by transaction id in hex. */
  readonly #pending = new Map<string, number>()

  constructor(options: RegistrationOptions) {
    this.#options = options
    this.#parties = options.parties
    this.#integrityKey = new TextEncoder().encode(options.candidate.key)
    this.#controlling = options.random.bytes(8)
  }

  get registered(): boolean {
    return this.#registered
  }

  /** Round trip of the latest ping, or of the registration. */
  get rttMs(): number | undefined {
    return this.#rttMs
  }

  /** Pings first: a relay drops the media of a party that has not. */
  start(): void {
    this.#lastHeardMs = this.#options.clock.nowMs()
    this.#ping()
    this.#runSeries()
  }

  stop(): void {
    this.#seriesTimer?.cancel()
    this.#pingTimer?.cancel()
    this.#pending.clear()
  }

  /** Another device answered: its stream is asked for at once. */
  changeParties(parties: RelayParties): void {
    this.#parties = parties
    this.#seriesTimer?.cancel()
    this.#seriesStep = 0
    this.#runSeries()
  }

  /** Any message from the relay shows that it lives. */
  heard(): void {
    this.#lastHeardMs = this.#options.clock.nowMs()
  }

  /** Takes one STUN message. Throws `ParseError`. */
  handle(bytes: Uint8Array): void {
    const stun = parseStun(bytes)
    if (stun.type === STUN_TYPE.bindingRequest) this.#answerBinding(stun)
    else this.#takeAnswer(stun)
  }

  #takeAnswer(stun: StunMessage): void {
    const sentMs = this.#take(stun)
    if (sentMs === undefined) return
    this.#rttMs = this.#options.clock.nowMs() - sentMs
    switch (stun.type) {
      case STUN_TYPE.pong:
        this.#answersPings = true
        break
      case STUN_TYPE.allocateSuccess:
      case STUN_TYPE.bindingSuccess:
        this.#accept(this.#rttMs)
        break
      case STUN_TYPE.allocateError:
      case STUN_TYPE.bindingError:
        this.#refuse(errorCodeOf(stun) ?? 0)
        break
    }
  }

  #accept(rttMs: number): void {
    if (this.#registered) return
    this.#registered = true
    this.#options.onEvent({ type: 'registered', rttMs })
  }

  /** The series repeats its requests, and a relay its answer: each code is reported once. */
  #refuse(code: number): void {
    if (code === this.#refusal) return
    this.#refusal = code
    this.#options.onEvent({ type: 'refused', code })
  }

  #answerBinding(request: StunMessage): void {
    const trailer = { integrityKey: this.#integrityKey }
    this.#options.send(buildStun(STUN_TYPE.bindingSuccess, request.transactionId, [], trailer))
  }

  #ping(): void {
    const { clock } = this.#options
    if (this.#answersPings && clock.nowMs() - this.#lastHeardMs > SILENCE_MS) {
      this.#options.onEvent({ type: 'silent' })
      return
    }
    this.#request(STUN_TYPE.ping, [])
    this.#pingTimer = clock.after(PING_MS, () => this.#ping())
  }

  #runSeries(): void {
    this.#register()
    this.#seriesStep += 1
    const delayMs = SERIES_DELAYS_MS[this.#seriesStep] ?? REFRESH_MS
    this.#seriesTimer = this.#options.clock.after(delayMs, () => this.#runSeries())
  }

  #register(): void {
    const { candidate } = this.#options
    const { ufrag } = iceCredentials(candidate)
    const second = tokenUfrag(candidate)
    this.#bind(ufrag)
    if (second !== ufrag) this.#bind(second)
    this.#request(STUN_TYPE.bindingRequest, [
      { type: STUN_ATTRIBUTE.priority, value: PRIORITY },
      { type: STUN_ATTRIBUTE.token, value: encodeSenderSubscription(this.#parties.peerSsrc) },
    ])
    this.#allocate()
  }

  #bind(remoteUfrag: string): void {
    const username = new TextEncoder().encode(`${remoteUfrag}:${this.#options.localUfrag}`)
    this.#request(
      STUN_TYPE.bindingRequest,
      [
        { type: STUN_ATTRIBUTE.username, value: username },
        { type: STUN_ATTRIBUTE.priority, value: PRIORITY },
        { type: STUN_ATTRIBUTE.iceControlling, value: this.#controlling },
        { type: STUN_ATTRIBUTE.token, value: encodeSenderSubscription(this.#parties.peerSsrc) },
      ],
      { integrityKey: this.#integrityKey, fingerprint: true },
    )
  }

  #allocate(): void {
    const { selfPid, selfSsrc, peerPid, peerSsrc } = this.#parties
    const streams = [
      { stream: selfPid, layer: 1, ssrc: selfSsrc },
      { stream: peerPid, layer: 1, ssrc: peerSsrc },
    ]
    this.#request(
      STUN_TYPE.allocateRequest,
      [
        { type: STUN_ATTRIBUTE.token, value: this.#options.candidate.token },
        { type: STUN_ATTRIBUTE.streamDescriptors, value: encodeStreamDescriptors(streams) },
        { type: STUN_ATTRIBUTE.xorRelayedAddress, value: xorAddress(this.#options.endpoint) },
      ],
      { integrityKey: this.#integrityKey },
    )
  }

  #request(type: number, attributes: readonly StunAttribute[], trailer?: StunTrailer): void {
    const transactionId = this.#options.random.bytes(12)
    if (this.#pending.size >= MAX_PENDING) this.#pending.delete(this.#pending.keys().next().value!)
    this.#pending.set(Buffer.from(transactionId).toString('hex'), this.#options.clock.nowMs())
    this.#options.send(buildStun(type, transactionId, attributes, trailer))
  }

  #take(stun: StunMessage): number | undefined {
    const id = Buffer.from(stun.transactionId).toString('hex')
    const sentMs = this.#pending.get(id)
    this.#pending.delete(id)
    return sentMs
  }
}
