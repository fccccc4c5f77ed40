/** What a party says to a relay to be let in and kept: docs/protocol/relay.md and stun.md. */
import type { Clock, Timer } from '../base/clock.ts'
import {
  type RegistrationDialect,
  type RegistrationPlace,
  type RegistrationRequest,
  type RelayParties,
  registrationDialect,
} from './registration-dialect.ts'
import { buildStun, errorCodeOf, parseStun, STUN_TYPE, type StunMessage } from './stun.ts'

export type RegistrationEvent =
  /** The first answer that says yes. `rttMs` is the round trip of that request. */
  | { readonly type: 'registered'; readonly rttMs: number }
  /** ERROR-CODE of the relay's answer, 0 without one. Comes again only with another code. */
  | { readonly type: 'refused'; readonly code: number }
  /** A relay that used to answer has said nothing for a while. */
  | { readonly type: 'silent' }

export interface RegistrationOptions extends RegistrationPlace {
  readonly parties: RelayParties
  readonly clock: Clock
  readonly send: (message: Uint8Array) => void
  readonly onEvent: (event: RegistrationEvent) => void
}

const PING_MS = 1000
/** A relay forgets a party after 4 s; we give up on a relay a little later. */
const SILENCE_MS = 5000
const MAX_PENDING = 64

/** The registration of one open transport: begins with `start`, lasts until `stop`. */
export class RelayRegistration {
  readonly #options: RegistrationOptions
  readonly #integrityKey: Uint8Array
  readonly #dialect: RegistrationDialect
  #parties: RelayParties
  #seriesTimer: Timer | undefined
  #pingTimer: Timer | undefined
  #seriesStep = 0
  #registered = false
  #refusal: number | undefined
  #hasAnswered = false
  /** What goes out every second is answered: silence then means that the relay is gone. */
  #answersSteadily = false
  #lastHeardMs = 0
  #rttMs: number | undefined
  /** When each unanswered request went out, by transaction id in hex. */
  readonly #pending = new Map<string, number>()

  constructor(options: RegistrationOptions) {
    this.#options = options
    this.#parties = options.parties
    this.#integrityKey = new TextEncoder().encode(options.candidate.key)
    this.#dialect = registrationDialect(options)
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
    this.#noteAnswer(stun.type)
    switch (stun.type) {
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

  /**
   * No vector shows a pong: a relay whose pongs are not as we think is known by its answers to the allocates of raw mode,
   * from the second on, for it might answer only the first of equal requests.
   */
  #noteAnswer(type: number): void {
    const isRepeated = this.#hasAnswered && this.#dialect.refreshMs < SILENCE_MS
    if (type === STUN_TYPE.pong || isRepeated) this.#answersSteadily = true
    this.#hasAnswered = true
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
    if (this.#answersSteadily && clock.nowMs() - this.#lastHeardMs > SILENCE_MS) {
      this.#options.onEvent({ type: 'silent' })
      return
    }
    this.#request({ type: STUN_TYPE.ping, attributes: [] })
    this.#pingTimer = clock.after(PING_MS, () => this.#ping())
  }

  #runSeries(): void {
    const { delaysMs, refreshMs } = this.#dialect
    for (const request of this.#dialect.requests(this.#parties)) this.#request(request)
    const sentAtMs = delaysMs[this.#seriesStep] ?? 0
    this.#seriesStep += 1
    const nextAtMs = delaysMs[this.#seriesStep]
    const delayMs = nextAtMs === undefined ? refreshMs : nextAtMs - sentAtMs
    this.#seriesTimer = this.#options.clock.after(delayMs, () => this.#runSeries())
  }

  #request({ type, attributes, trailer, transactionId }: RegistrationRequest): void {
    const id = transactionId ?? this.#options.random.bytes(12)
    if (this.#pending.size >= MAX_PENDING) this.#pending.delete(this.#pending.keys().next().value!)
    this.#pending.set(Buffer.from(id).toString('hex'), this.#options.clock.nowMs())
    this.#options.send(buildStun(type, id, attributes, trailer))
  }

  #take(stun: StunMessage): number | undefined {
    const id = Buffer.from(stun.transactionId).toString('hex')
    const sentMs = this.#pending.get(id)
    this.#pending.delete(id)
    return sentMs
  }
}
