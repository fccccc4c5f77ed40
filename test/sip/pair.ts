import { VirtualClock } from '../../src/base/clock.ts'
import { type Logger, silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { MemoryNetwork } from '../../src/net/memory-network.ts'
import type { IncomingSession, Session, SessionEvent, SipUserAgentOptions } from '../../src/sip/sip-engine.ts'
import { SipUserAgent } from '../../src/sip/user-agent.ts'

export const OFFER = 'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n'
export const ANSWER = OFFER.replaceAll('10.0.0.1', '10.0.0.2')

export const ALICE = { address: '10.0.0.1', port: 5060 }
export const BOB = { address: '10.0.0.2', port: 5060 }

const BASE: SipUserAgentOptions = {
  listeners: [],
  realm: 'tandem',
  product: 'test',
  users: [],
  registrations: [],
  staticTrunks: [],
}

/** Two user agents in one network in memory; each takes the other for a static trunk. */
export class Pair {
  readonly clock = new VirtualClock()
  readonly network: MemoryNetwork
  readonly alice: SipUserAgent
  readonly bob: SipUserAgent

  constructor(
    options: {
      alice?: Partial<SipUserAgentOptions>
      bob?: Partial<SipUserAgentOptions>
      seed?: number
      logger?: Logger
    } = {},
  ) {
    this.network = new MemoryNetwork(this.clock, seededRandom(options.seed ?? 1))
    this.alice = this.agent(
      ALICE,
      { staticTrunks: [{ name: 'bob', networks: ['10.0.0.2'], target: '10.0.0.2' }], ...options.alice },
      2,
    )
    this.bob = this.agent(
      BOB,
      { staticTrunks: [{ name: 'alice', networks: ['10.0.0.1'], target: '10.0.0.1' }], ...options.bob },
      3,
      options.logger,
    )
  }

  agent(at: typeof ALICE, options: Partial<SipUserAgentOptions>, seed: number, logger = silentLogger): SipUserAgent {
    const environment = { clock: this.clock, random: seededRandom(seed), logger, network: this.network }
    return new SipUserAgent({ ...BASE, listeners: [{ transport: 'udp', ...at }], ...options }, environment)
  }

  async start(): Promise<this> {
    await Promise.all([this.alice.start(), this.bob.start()])
    return this
  }

  /** Stops both and returns what they left behind; all zero when nothing leaked. */
  async stop(): Promise<{ timers: number; sockets: number }> {
    const stopped = Promise.all([this.alice.stop(), this.bob.stop()])
    await this.clock.advance(5000)
    await stopped
    return { timers: this.clock.pendingTimers, sockets: this.network.openSockets }
  }

  /** Alice calls Bob. */
  call(user = '100') {
    const session = this.alice.invite(
      { kind: 'trunk', trunk: 'bob', user },
      { caller: { user: '200' }, offer: () => OFFER },
    )
    return { session, events: record(session) }
  }

  /** The next call that Bob gets, when it comes. */
  nextCallAtBob(): Promise<IncomingSession> {
    return new Promise((resolve) => this.bob.onInvite(resolve))
  }
}

export function record(session: Session): SessionEvent[] {
  const events: SessionEvent[] = []
  session.events.on((event) => events.push(event))
  return events
}

export const types = (events: readonly SessionEvent[]) => events.map((event) => event.type)
