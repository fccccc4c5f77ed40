import { type Clock, systemClock, type Timer } from '../../base/clock.ts'
import { ProtocolError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { systemRandom } from '../../base/random.ts'
import { sdpCodecs } from '../../bridge/mapping/codecs.ts'
import type { Network } from '../../net/network.ts'
import { AudioNegotiation } from '../../sip/sdp/offer-answer.ts'
import type { IncomingSession, OutgoingSession, Session, SessionEnd } from '../../sip/sip-engine.ts'
import { SipUserAgent } from '../../sip/user-agent.ts'
import { PhoneMedia } from './phone-media.ts'

export interface PhoneAccount {
  readonly username: string
  readonly password: string
  /** host:port of the gateway. */
  readonly registrar: string
}

const REGISTER_TIMEOUT_MS = 5000

/** A desk phone that does what a script says: it registers, dials, answers, talks, and keeps what it heard. */
export class ScriptedPhone {
  readonly #clock: Clock
  readonly #network: Network
  readonly #account: PhoneAccount
  readonly #agent: SipUserAgent
  readonly #calls = new Set<ScriptedCall>()
  #isOpen = false
  #onCall: (session: IncomingSession) => void = (session) => session.reject(480)

  constructor(account: PhoneAccount, network: Network, logger: Logger, clock: Clock = systemClock) {
    this.#account = account
    this.#clock = clock
    this.#network = network
    const { username, password, registrar } = account
    this.#agent = new SipUserAgent(
      {
        listeners: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
        realm: 'phone',
        product: 'Tandem-demo-phone',
        users: [],
        registrations: [{ name: 'gateway', registrar, username, password, expiresS: 300 }],
        staticTrunks: [],
      },
      { clock, network, logger, random: systemRandom },
    )
    this.#agent.onInvite((session) => this.#onCall(session))
  }

  async register(): Promise<void> {
    await this.#agent.start()
    this.#isOpen = true
    const [registration] = this.#agent.registrations
    if (!registration) throw new ProtocolError('demo.phone', 'the phone has no account')
    if (registration.state === 'registered') return
    await new Promise<void>((resolve, reject) => {
      const fail = () =>
        reject(new ProtocolError('demo.phone', `the phone could not register: ${registration.lastStatus}`))
      const timer = this.#clock.after(REGISTER_TIMEOUT_MS, fail)
      const off = registration.changed.on((state) => {
        if (state !== 'registered') return
        timer.cancel()
        off()
        resolve()
      })
    })
  }

  async dial(number: string): Promise<ScriptedCall> {
    if (!this.#isOpen) throw new ProtocolError('demo.phone', 'the phone is not on the network')
    const call = this.#newCall(await PhoneMedia.open(this.#network, this.#clock))
    const session = this.#agent.invite(
      { kind: 'trunk', trunk: 'gateway', user: number },
      { caller: { user: this.#account.username }, offer: (address) => call.offer(address) },
    )
    call.follow(session)
    return call
  }

  /** The next call to this phone, as `takeCalls` takes it. */
  expectCall(answerAfterMs?: number): Promise<ScriptedCall> {
    return new Promise((resolve) => this.takeCalls(resolve, answerAfterMs))
  }

  /** Every call from now on rings at once, and is answered after `answerAfterMs`, or when told to. */
  takeCalls(take: (call: ScriptedCall) => void, answerAfterMs?: number): void {
    this.#onCall = (session) => {
      PhoneMedia.open(this.#network, this.#clock).then(
        (media) => {
          const call = this.#newCall(media)
          call.ring(session, answerAfterMs)
          take(call)
        },
        () => session.reject(500),
      )
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#calls].map((call) => call.close()))
    await this.#agent.stop()
  }

  #newCall(media: PhoneMedia): ScriptedCall {
    const call: ScriptedCall = new ScriptedCall(media, this.#clock, () => this.#calls.delete(call))
    this.#calls.add(call)
    return call
  }
}

/** One call of the scripted phone. Times are the clock's monotonic milliseconds. */
export class ScriptedCall {
  readonly media: PhoneMedia
  readonly startedMs: number
  ringingMs: number | undefined
  establishedMs: number | undefined
  endedMs: number | undefined
  readonly #clock: Clock
  readonly #onClosed: () => void
  #negotiation: AudioNegotiation | undefined
  #session: Session | undefined
  #incoming: IncomingSession | undefined
  #outgoing: OutgoingSession | undefined
  #answerTimer: Timer | undefined
  #speech: Float32Array = new Float32Array(0)
  readonly established: Promise<void>
  readonly ringing: Promise<void>
  readonly ended: Promise<SessionEnd>
  #onEstablished = () => {}
  #onRinging = () => {}
  #onEnded: (end: SessionEnd) => void = () => {}

  constructor(media: PhoneMedia, clock: Clock, onClosed: () => void) {
    this.#onClosed = onClosed
    this.media = media
    this.#clock = clock
    this.startedMs = clock.nowMs()
    this.established = new Promise((resolve) => {
      this.#onEstablished = resolve
    })
    this.ringing = new Promise((resolve) => {
      this.#onRinging = resolve
    })
    this.ended = new Promise((resolve) => {
      this.#onEnded = resolve
    })
  }

  get callId(): string | undefined {
    return this.#session?.callId
  }

  /** What to say once the call is up, 8 kHz. */
  willSay(speech: Float32Array): this {
    this.#speech = speech
    return this
  }

  offer(localAddress: string): string {
    return this.#sdp(localAddress).offer()
  }

  follow(session: OutgoingSession): void {
    this.#watch(session)
    this.#outgoing = session
    session.events.on((event) => {
      if (event.type === 'progress') {
        this.ringingMs ??= this.#clock.nowMs()
        this.#onRinging()
      }
      if (event.type !== 'established' || event.sdp === undefined) return
      this.#begin(this.#sdp(session.localAddress).readAnswer(event.sdp).remote)
    })
  }

  ring(session: IncomingSession, answerAfterMs?: number): void {
    this.#watch(session)
    this.#incoming = session
    session.ring()
    if (answerAfterMs !== undefined) this.#answerTimer = this.#clock.after(answerAfterMs, () => this.answer())
  }

  answer(): void {
    const session = this.#incoming
    if (this.endedMs !== undefined || session?.offer === undefined) return
    const { sdp, audio } = this.#sdp(session.localAddress).answer(session.offer)
    session.accept(sdp)
    this.#begin(audio.remote)
  }

  decline(status: number): void {
    this.#incoming?.reject(status)
  }

  /** Only of a call that the phone has dialled; `inactive`: without music. Resolves when the far end has agreed. */
  async hold(held: boolean, how: 'sendonly' | 'inactive' = 'sendonly'): Promise<void> {
    const session = this.#outgoing
    if (this.establishedMs === undefined || !session) throw new ProtocolError('demo.phone', 'this call cannot be held')
    await session.reoffer(this.#sdp(session.localAddress).offer(held ? how : 'sendrecv'))
  }

  hangUp(): void {
    this.#session?.end()
  }

  async close(): Promise<void> {
    this.hangUp()
    this.#onClosed()
    await this.media.close()
  }

  #watch(session: Session): void {
    this.#session = session
    session.events.on((event) => {
      if (event.type !== 'ended') return
      this.#answerTimer?.cancel()
      this.endedMs = this.#clock.nowMs()
      this.#onEnded(event.end)
    })
  }

  #begin(remote: { address: string; port: number }): void {
    this.establishedMs = this.#clock.nowMs()
    this.media.send(remote, this.#speech)
    this.#onEstablished()
  }

  #sdp(address: string): AudioNegotiation {
    this.#negotiation ??= new AudioNegotiation({
      local: { address, port: this.media.port },
      codecs: sdpCodecs(['PCMA']),
      telephoneEvents: [],
      sessionId: String(systemRandom.below(2 ** 31)),
    })
    return this.#negotiation
  }
}
