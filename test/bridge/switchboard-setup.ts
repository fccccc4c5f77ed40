import { VirtualClock } from '../../src/base/clock.ts'
import { Signal } from '../../src/base/events.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { noTracer } from '../../src/base/tracer.ts'
import type { Account } from '../../src/bridge/accounts.ts'
import type { CallRecord } from '../../src/bridge/call.ts'
import { DialLedger } from '../../src/bridge/dialler/dial-ledger.ts'
import { Dialler, type DiallerLimits } from '../../src/bridge/dialler/dialler.ts'
import type { LegContext } from '../../src/bridge/leg-factory.ts'
import { Switchboard, type SwitchboardOptions } from '../../src/bridge/switchboard.ts'
import type {
  Availability,
  CallTarget,
  IncomingSession,
  Party,
  SessionPeer,
  SipEngine,
} from '../../src/sip/sip-engine.ts'
import type { MissedCall } from '../../src/whatsapp/calls/admission.ts'
import type { IncomingCall } from '../../src/whatsapp/calls/incoming-call.ts'
import { NumberNormalizer } from '../../src/whatsapp/numbers/e164.ts'
import type { WaEvent, WaState } from '../../src/whatsapp/wa-client.ts'
import { FakeCall, FakeLeg, FakeSession, until } from './fakes.ts'

export const NUMBER = '4915112345678'
export const LID = '2@lid'
const LIMITS: DiallerLimits = {
  deny: [],
  allow: [],
  allowPremium: false,
  quietHours: undefined,
  perMinute: 10,
  perHour: 100,
  perDay: 100,
  strangersPerDay: 100,
  breaker: { restrictions: 3, pauseMs: 600_000, longestPauseMs: 600_000 },
}

/** An account whose look-ups are answered by `find` and `findNumber`. */
export class FakeAccount {
  readonly name: string
  readonly events = new Signal<WaEvent>()
  maxCalls = 2
  state: WaState = 'open'
  liveCalls = 0
  find: () => Promise<string | undefined> = async () => LID
  callerNumber: string | undefined
  findNumber: () => Promise<string | undefined> = async () => this.callerNumber
  readonly dialled: unknown[] = []
  onIncoming: (call: IncomingCall) => void = () => {}
  readonly missed = new Signal<MissedCall>()

  constructor(name: string) {
    this.name = name
  }

  get account(): Account {
    const fake = this
    const client = {
      events: this.events,
      get state() {
        return fake.state
      },
      lidForNumber: () => fake.find(),
      numberForLid: () => fake.findNumber(),
      rememberNumber: async (_lid: string, digits: string) => {
        fake.callerNumber = digits
      },
    }
    const calls = {
      missed: fake.missed,
      get liveCalls() {
        return fake.liveCalls
      },
      onIncoming: (handler: (call: IncomingCall) => void) => {
        fake.onIncoming = handler
      },
      dial: (request: unknown) => {
        fake.dialled.push(request)
        return new FakeCall('outgoing').outgoing
      },
    }
    return {
      name: fake.name,
      get maxCalls() {
        return fake.maxCalls
      },
      client,
      calls,
    } as unknown as Account
  }
}

export interface Plan extends Partial<Pick<SwitchboardOptions, 'accountOf' | 'routes' | 'maxCalls' | 'tracer'>> {
  readonly limits?: Partial<DiallerLimits>
  readonly phones?: number
  readonly wallMs?: number
}

export function setUp({ limits, phones = 1, wallMs, ...options }: Plan = {}) {
  const clock = new VirtualClock(wallMs)
  const ledger = new DialLedger(':memory:')
  const dialler = new Dialler({ ...LIMITS, ...limits }, ledger, clock, silentLogger)
  const accounts = [new FakeAccount('main'), new FakeAccount('second')]
  const legs: Record<'fromSip' | 'toSip' | 'fromWhatsApp' | 'toWhatsApp', FakeLeg[]> = {
    fromSip: [],
    toSip: [],
    fromWhatsApp: [],
    toWhatsApp: [],
  }
  const targets: { readonly target: CallTarget; readonly caller: Party }[] = []
  const contexts: LegContext[] = []
  const exclusive: boolean[] = []
  const made = (kind: keyof typeof legs, side: FakeLeg['side'], context: LegContext) => {
    const leg = new FakeLeg(side)
    legs[kind].push(leg)
    contexts.push(context)
    return leg
  }
  let invite: (session: IncomingSession) => void = () => {}
  let availability: (peer?: SessionPeer) => Availability = () => ({ available: true })
  const sip = {
    onInvite: (handler: typeof invite) => {
      invite = handler
    },
    onAvailability: (decide: typeof availability) => {
      availability = decide
    },
    contactsOf: (user: string) => Array.from({ length: user === 'desk' ? phones : 0 }, (_, i) => ({ uri: `sip:${i}` })),
  } as unknown as SipEngine
  const board = new Switchboard({
    sip,
    accounts: accounts.map(({ account }) => account),
    legs: {
      fromSip: (_, context) => made('fromSip', 'sip', context),
      toSip: (target, caller, context) => {
        targets.push({ target, caller })
        return made('toSip', 'sip', context)
      },
      fromWhatsApp: (_, context, isExclusive) => {
        exclusive.push(isExclusive)
        return made('fromWhatsApp', 'whatsapp', context)
      },
      toWhatsApp: (_, context) => made('toWhatsApp', 'whatsapp', context),
    },
    normalizer: new NumberNormalizer(),
    dialler,
    accountOf: () => undefined,
    routes: [
      { account: 'main', isExclusive: false, kind: 'user', user: 'desk' },
      { account: 'second', isExclusive: true, kind: 'trunk', trunk: 'pbx', extension: '200' },
    ],
    maxCalls: 10,
    clock,
    log: silentLogger,
    tracer: noTracer,
    ...options,
  })
  const records: CallRecord[] = []
  board.callChanged.on((record) => records.push(record))
  const [main, second] = accounts
  const offer = (change: Partial<FakeSession> = {}) => {
    const session = Object.assign(new FakeSession(), change)
    invite(session)
    return session
  }
  const call = (change: Partial<FakeSession> = {}) => {
    offer(change)
    return legs.fromSip.at(-1)!
  }
  const ring = (account: FakeAccount, change: Partial<FakeCall> = {}) => {
    account.onIncoming(Object.assign(new FakeCall('incoming'), change).incoming)
    return legs.fromWhatsApp.at(-1)!
  }
  /** A call that is joined: the WhatsApp leg is dialled. */
  const joined = async (change: Partial<FakeSession> = {}) => {
    const before = legs.toWhatsApp.length
    const caller = call(change)
    await until(() => legs.toWhatsApp.length > before || caller.done.length > 0)
    return { caller, callee: legs.toWhatsApp.at(-1)! }
  }
  return {
    ...{ clock, board, dialler, main, second, legs, targets, contexts, exclusive, records, offer, call, ring, joined },
    availability: (peer?: SessionPeer) => availability(peer),
  }
}
