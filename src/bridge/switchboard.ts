import type { Clock } from '../base/clock.ts'
import { Signal } from '../base/events.ts'
import type { LogFields, Logger } from '../base/logger.ts'
import { randomHex } from '../base/random.ts'
import { type Tracer, tracerOfCall } from '../base/tracer.ts'
import type { Availability, IncomingSession, SessionPeer, SipEngine } from '../sip/sip-engine.ts'
import type { MissedCall } from '../whatsapp/calls/admission.ts'
import type { IncomingCall } from '../whatsapp/calls/incoming-call.ts'
import { phoneJid } from '../whatsapp/jid.ts'
import type { NumberNormalizer } from '../whatsapp/numbers/e164.ts'
import type { Jid } from '../whatsapp/wa-client.ts'
import { type Account, Accounts, callerNumber } from './accounts.ts'
import { Call, type CallOptions, type CallParties, type CallRecord, refusedCall } from './call.ts'
import type { CallCause } from './cause.ts'
import type { Dialler } from './dialler/dialler.ts'
import { ForkedLeg } from './forked-leg.ts'
import type { Leg } from './leg.ts'
import { endOf } from './leg-end.ts'
import type { LegContext, LegFactory } from './leg-factory.ts'
import { causeOfMissed } from './mapping/call-ends.ts'
import { trunkWishes } from './mapping/call-headers.ts'
import { retryAfterS } from './mapping/causes.ts'
import { type Refusal, refuse } from './refusal.ts'
import { type InboundRoute, inboundDestination, isExclusive } from './routing.ts'

export interface SwitchboardOptions {
  readonly sip: SipEngine
  readonly accounts: readonly Account[]
  readonly legs: LegFactory
  readonly normalizer: NumberNormalizer
  readonly dialler: Dialler
  /** The account that a peer’s calls go through; undefined: any. */
  readonly accountOf: (peer: SessionPeer) => string | undefined
  readonly routes: readonly InboundRoute[]
  /** Calls at one time, in all. */
  readonly maxCalls: number
  readonly clock: Clock
  readonly log: Logger
  readonly tracer: Tracer
}

type Resolution =
  | { readonly account: Account; readonly lid: Jid; readonly digits: string }
  | { readonly refused: Refusal }

/** Takes calls from both sides, decides whether and where they go, and keeps those in progress. */
export class Switchboard {
  /** Every change of every call, refused and missed ones included. */
  readonly callChanged = new Signal<CallRecord>()
  readonly #options: SwitchboardOptions
  readonly #accounts: Accounts
  readonly #calls = new Set<Call>()
  #isDraining = false
  /** The last call has ended. */
  readonly #idle = new Signal<void>()

  constructor(options: SwitchboardOptions) {
    this.#options = options
    this.#accounts = new Accounts(options.accounts, options.dialler)
    options.sip.onAvailability((peer) => this.#availability(peer))
    options.sip.onInvite((session) => this.#guard(this.#callFromSip(session), () => session.reject(500)))
    for (const account of options.accounts) {
      account.calls.onIncoming((call) => this.#guard(this.#callFromWhatsApp(account, call), () => call.leave()))
      account.client.events.on((event) => {
        if (event.type === 'restricted') this.#note((it) => it.noteRestrictedUntil(account.name, event.untilMs))
      })
      account.calls.missed.on((call) => this.#guard(this.#missed(account, call), () => {}))
    }
  }

  get activeCalls(): number {
    return this.#calls.size
  }

  activeCallsOf(account: string): number {
    return [...this.#calls].filter((call) => call.record.account === account).length
  }

  /** Whether a PBX should send calls here, by the accounts that make them: what OPTIONS says. */
  #availability(peer: SessionPeer | undefined): Availability {
    const refusal = this.#unavailability(peer && this.#options.accountOf(peer))
    if (!refusal) return { available: true }
    const { cause } = refusal
    return { available: false, retryAfterS: refusal.retryAfterS ?? retryAfterS(cause) ?? 60, reason: cause }
  }

  /** No new calls. Resolves when those in progress have ended, or after `limitMs`. */
  async drain(limitMs: number): Promise<void> {
    this.#isDraining = true
    if (this.#calls.size === 0) return
    await new Promise<void>((resolve) => {
      const done = () => {
        timer.cancel()
        unsubscribe()
        resolve()
      }
      const timer = this.#options.clock.after(limitMs, done)
      const unsubscribe = this.#idle.on(done)
    })
  }

  /** Ends every call. */
  async stop(): Promise<void> {
    this.#isDraining = true
    await Promise.all([...this.#calls].map((call) => call.end('shutting-down')))
  }

  #unavailability(account: string | undefined): Refusal | undefined {
    return this.#fullness() ?? this.#accounts.unavailability(account)
  }

  #fullness(): Refusal | undefined {
    if (this.#isDraining) return { cause: 'shutting-down' }
    return this.#calls.size >= this.#options.maxCalls ? { cause: 'overload' } : undefined
  }

  /** A mistake of ours, or a disk that is full, costs this call and no other. */
  #guard(step: Promise<void>, giveUp: () => void): void {
    step.catch((error: unknown) => {
      this.#options.log.error({ error }, 'a call failed')
      giveUp()
    })
  }

  /** Tells the dialler; undefined when it could not keep what it was told. That costs no call. */
  #note<T>(tell: (dialler: Dialler) => T): T | undefined {
    const { dialler, log } = this.#options
    try {
      return tell(dialler)
    } catch (error) {
      log.error({ error }, 'the dial ledger could not be written')
      return undefined
    }
  }

  /** What both legs of one call share. */
  #newContext(ids: LogFields, correlationId = randomHex(8)): LegContext {
    const { log, tracer } = this.#options
    const child = log.child({ correlationId, ...ids })
    return { correlationId, log: child, tracer: tracerOfCall(tracer, correlationId), whatsApp: {} }
  }

  async #callFromSip(session: IncomingSession): Promise<void> {
    const { clock, legs } = this.#options
    const wishes = trunkWishes(session)
    const context = this.#newContext({ sipCallId: session.callId }, wishes.correlationId)
    const { correlationId, log } = context
    const parties = {
      correlationId,
      direction: 'outbound',
      from: session.caller.isPrivate ? '' : session.caller.party.user,
      to: session.dialled,
      ...(session.divertedBy && { divertedBy: session.divertedBy.party.user }),
    } as const
    const { from, to, divertedBy } = { divertedBy: undefined, ...parties }
    log.info({ from, to, divertedBy, peer: session.peer.kind }, 'call from SIP')

    const startedAtMs = clock.wallMs()
    const full = this.#fullness()
    if (full) return this.#turnAway({ ...parties, account: '' }, session, full, context)
    const caller = legs.fromSip(session, context)
    const gone = endOf(caller)
    const found = await Promise.race([this.#resolve(session, wishes.account, log), gone.happened])
    this.#accounts.release(session)
    const resolution = this.#stillSo(found, gone.stop())
    if ('refused' in resolution) {
      return this.#refuse({ ...parties, account: '' }, caller, resolution.refused, startedAtMs, log)
    }
    const { account, lid, digits } = resolution
    const outgoing = account.calls.dial({ lid, pn: phoneJid(digits) })
    Object.assign(context.whatsApp, { account: account.name, callId: outgoing.callId })
    const callee = legs.toWhatsApp(outgoing, context)
    const weigh = (cause: CallCause) => this.#weigh(account.name, digits, cause)
    const options = { startedAtMs, weigh }
    const call = this.#join({ ...parties, account: account.name }, { caller, callee }, log, options)
    call.changed.on((record) => this.#tellDialler(record, digits))
  }

  /** What the fate of a call says about the account and the person called. */
  #tellDialler({ account, state }: CallRecord, digits: string): void {
    if (state === 'ringing' || state === 'up') this.#note((dialler) => dialler.noteRinging(account, digits))
    if (state === 'up') this.#note((dialler) => dialler.noteContact(account, digits))
  }

  /** WhatsApp says that it restricts; the dialler knows whom that concerns, and for how long. */
  #weigh(account: string, digits: string, cause: CallCause): Refusal {
    const told = cause === 'account-restricted' && this.#note((dialler) => dialler.noteRestricted(account, digits))
    return told || { cause }
  }

  /** From what was dialled to a WhatsApp user and the account that calls it. Nothing is sent to the user. */
  async #resolve(session: IncomingSession, wished: string | undefined, log: Logger): Promise<Resolution> {
    const { normalizer, dialler, accountOf } = this.#options
    const number = normalizer.normalize(session.dialled)
    if (number.kind === 'refused') {
      log.info({ reason: number.reason }, 'number refused')
      return { refused: { cause: number.reason === 'emergency' ? 'emergency-number' : 'invalid-number' } }
    }
    const { digits } = number
    const name = accountOf(session.peer) ?? this.#known(wished)
    const refused = this.#unavailability(name) ?? dialler.refusalOfNumber(digits)
    if (refused) return { refused }
    const choice = this.#accounts.choose(digits, name, session)
    if ('refused' in choice) return choice
    const { account } = choice
    try {
      const lid = await account.client.lidForNumber(digits)
      return lid === undefined ? { refused: { cause: 'not-on-whatsapp' } } : { account, lid, digits }
    } catch (error) {
      log.warn({ error }, 'WhatsApp could not be asked for the number')
      return { refused: { cause: account.client.state === 'open' ? 'signalling-timeout' : 'account-offline' } }
    }
  }

  /** While a number was looked up the caller may have gone, or the gateway become full, or begun to stop. */
  #stillSo(found: Resolution | undefined, ended: CallCause | undefined): Resolution {
    if (!found || ended !== undefined) return { refused: { cause: ended ?? 'cancelled' } }
    const refused = 'refused' in found ? undefined : this.#fullness()
    return refused ? { refused } : found
  }

  /** An account that does not exist is as good as none named. */
  #known(account: string | undefined): string | undefined {
    return this.#options.accounts.some(({ name }) => name === account) ? account : undefined
  }

  async #callFromWhatsApp(account: Account, call: IncomingCall): Promise<void> {
    const { clock, legs, sip, routes } = this.#options
    const context = this.#newContext({ callId: call.callId })
    Object.assign(context.whatsApp, { account: account.name, callId: call.callId })
    const { correlationId, log } = context
    const caller = legs.fromWhatsApp(call, context, isExclusive(account.name, routes))
    const startedAtMs = clock.wallMs()
    const gone = endOf(caller)
    const from = await callerNumber(account, call.peer, call.callerPn)
    const destination = inboundDestination(account.name, routes, sip)
    const ended = gone.stop()
    const refused = ended === undefined ? this.#fullness() : { cause: ended }
    const to = destination?.called ?? ''
    const parties = { correlationId, direction: 'inbound', account: account.name, from, to } as const
    log.info({ from, to, account: account.name }, 'call from WhatsApp')

    if (from !== '') this.#note((dialler) => dialler.noteContact(account.name, from))
    if (refused || !destination) {
      return this.#refuse(parties, caller, refused ?? { cause: 'extension-unreachable' }, startedAtMs, log)
    }
    const phones = destination.targets.map((target) =>
      legs.toSip(target, { user: from, displayName: call.callerName }, context),
    )
    const callee = phones.length === 1 ? phones[0]! : new ForkedLeg(phones)
    this.#join(parties, { caller, callee }, log, { startedAtMs })
  }

  /** An offer that could not ring here. Whoever called is no stranger, whether anybody could answer or not. */
  async #missed(account: Account, { callId, reason, caller, callerPn, timestampS }: MissedCall): Promise<void> {
    const { clock, routes, sip } = this.#options
    const { correlationId, log, tracer } = this.#newContext({ callId })
    tracer.record({ what: 'leg', side: 'whatsapp', callId })
    const from = await callerNumber(account, caller, callerPn)
    const to = inboundDestination(account.name, routes, sip)?.called ?? ''
    log.info({ from, to, account: account.name, reason }, 'missed WhatsApp call')
    if (from !== '' && reason !== 'group') this.#note((dialler) => dialler.noteContact(account.name, from))
    const parties = { correlationId, direction: 'inbound', account: account.name, from, to } as const
    const atMs = Math.min(clock.wallMs(), (timestampS ?? Number.POSITIVE_INFINITY) * 1000)
    this.callChanged.emit(refusedCall(parties, causeOfMissed(reason), atMs, atMs))
  }

  #join(parties: CallParties, legs: Record<'caller' | 'callee', Leg>, log: Logger, options: CallOptions): Call {
    const call = new Call(parties, legs, log, () => this.#options.clock.wallMs(), options)
    this.#calls.add(call)
    call.changed.on((record) => {
      if (record.state === 'ended') this.#calls.delete(call)
      this.callChanged.emit(record)
      if (this.#calls.size === 0) this.#idle.emit()
    })
    this.callChanged.emit(call.record)
    return call
  }

  /** Before anything is opened for the call. */
  #turnAway(parties: CallParties, session: IncomingSession, refusal: Refusal, { log, tracer }: LegContext): void {
    const { cause } = refusal
    const nowMs = this.#options.clock.wallMs()
    tracer.record({ what: 'leg', side: 'sip', callId: session.callId })
    log.info({ cause }, 'call refused')
    this.callChanged.emit(refusedCall(parties, cause, nowMs, nowMs))
    refuse(session, refusal)
  }

  async #refuse(parties: CallParties, caller: Leg, refusal: Refusal, startedAtMs: number, log: Logger): Promise<void> {
    const { cause } = refusal
    log.info({ cause, retryAfterS: refusal.retryAfterS }, 'call refused')
    this.callChanged.emit(refusedCall(parties, cause, startedAtMs, this.#options.clock.wallMs()))
    await caller.end(cause, refusal.retryAfterS)
  }
}
