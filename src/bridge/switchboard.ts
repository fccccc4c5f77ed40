import type { Clock } from '../base/clock.ts'
import { Signal } from '../base/events.ts'
import type { Logger } from '../base/logger.ts'
import { randomHex } from '../base/random.ts'
import type { Availability, IncomingSession, SipEngine } from '../sip/sip-engine.ts'
import type { CallManager } from '../whatsapp/calls/call-manager.ts'
import type { IncomingCall } from '../whatsapp/calls/incoming-call.ts'
import type { NumberNormalizer } from '../whatsapp/numbers/e164.ts'
import type { Jid, WaClient } from '../whatsapp/wa-client.ts'
import { Call, type CallParties, type CallRecord, refusedCall } from './call.ts'
import type { CallCause } from './cause.ts'
import { ForkedLeg } from './forked-leg.ts'
import type { Leg } from './leg.ts'
import type { LegFactory } from './leg-factory.ts'
import { retryAfterS } from './mapping/causes.ts'
import { type DialPolicy, policyRefusal } from './mapping/numbers.ts'
import { type InboundRoute, inboundDestination } from './routing.ts'

/** One linked WhatsApp account. */
export interface Account {
  readonly name: string
  readonly client: WaClient
  readonly calls: CallManager
  readonly maxCalls: number
}

export interface SwitchboardOptions {
  readonly sip: SipEngine
  readonly accounts: readonly Account[]
  readonly legs: LegFactory
  readonly normalizer: NumberNormalizer
  readonly policy: DialPolicy
  readonly routes: readonly InboundRoute[]
  /** Calls at one time, in all. */
  readonly maxCalls: number
  readonly clock: Clock
  readonly log: Logger
}

type Resolution = { readonly account: Account; readonly lid: Jid; readonly pn: Jid } | { readonly refused: CallCause }

/** Takes calls from both sides, decides whether and where they go, and keeps those in progress. */
export class Switchboard {
  /** Every change of every call, refused ones included. */
  readonly callChanged = new Signal<CallRecord>()
  readonly #options: SwitchboardOptions
  readonly #calls = new Set<Call>()
  #isDraining = false
  #onIdle: (() => void) | undefined

  constructor(options: SwitchboardOptions) {
    this.#options = options
    options.sip.onAvailability(() => this.availability())
    options.sip.onInvite((session) => void this.#callFromSip(session))
    for (const account of options.accounts) {
      account.calls.onIncoming((call) => void this.#callFromWhatsApp(account, call))
    }
  }

  get activeCalls(): number {
    return this.#calls.size
  }

  activeCallsOf(account: string): number {
    return [...this.#calls].filter((call) => call.record.account === account).length
  }

  /** Whether a PBX should send calls here: what OPTIONS says. */
  availability(): Availability {
    const cause = this.#unavailability()
    if (!cause) return { available: true }
    return { available: false, retryAfterS: retryAfterS(cause) ?? 60, reason: cause }
  }

  /** No new calls. Resolves when those in progress have ended, or after `limitMs`. */
  async drain(limitMs: number): Promise<void> {
    this.#isDraining = true
    if (this.#calls.size === 0) return
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.after(limitMs, resolve)
      this.#onIdle = () => {
        timer.cancel()
        resolve()
      }
    })
  }

  /** Ends every call. */
  async stop(): Promise<void> {
    this.#isDraining = true
    await Promise.all([...this.#calls].map((call) => call.end('shutting-down')))
  }

  #unavailability(): CallCause | undefined {
    if (this.#isDraining) return 'shutting-down'
    if (this.#calls.size >= this.#options.maxCalls) return 'overload'
    const { accounts } = this.#options
    if (accounts.some(({ client }) => client.state === 'open')) return undefined
    return accounts.every(({ client }) => isGone(client)) ? 'account-logged-out' : 'account-offline'
  }

  async #callFromSip(session: IncomingSession): Promise<void> {
    const { clock, legs } = this.#options
    const correlationId = randomHex(8)
    const log = this.#options.log.child({ correlationId, sipCallId: session.callId })
    const caller = legs.fromSip(session, { correlationId, log })
    const parties = {
      correlationId,
      direction: 'outbound',
      from: session.remoteParty.user,
      to: session.dialled,
    } as const
    log.info({ from: parties.from, to: parties.to, peer: session.peer.kind }, 'call from SIP')

    const startedAtMs = clock.wallMs()
    const gone = endOf(caller)
    const resolution = await Promise.race([this.#resolve(session.dialled, log), gone.cause])
    gone.stop()
    if (typeof resolution === 'string' || 'refused' in resolution) {
      const cause = typeof resolution === 'string' ? resolution : resolution.refused
      return this.#refuse({ ...parties, account: '' }, caller, cause, startedAtMs, log)
    }
    const { account, lid, pn } = resolution
    const callee = legs.toWhatsApp(account.calls.dial({ lid, pn }), { correlationId, log })
    this.#join({ ...parties, account: account.name }, caller, callee, startedAtMs, log)
  }

  /** From what was dialled to a WhatsApp user and the account that calls it. Nothing is sent to the user. */
  async #resolve(dialled: string, log: Logger): Promise<Resolution> {
    const { normalizer, policy } = this.#options
    const number = normalizer.normalize(dialled)
    if (number.kind === 'refused') {
      log.info({ reason: number.reason }, 'number refused')
      return { refused: number.reason === 'emergency' ? 'refused-by-policy' : 'invalid-number' }
    }
    const refused = this.#unavailability() ?? policyRefusal(number.digits, policy)
    if (refused) return { refused }
    const account = this.#options.accounts.find(
      ({ client, calls, maxCalls }) => client.state === 'open' && calls.liveCalls < maxCalls,
    )
    if (!account) return { refused: 'account-busy' }
    try {
      const lid = await account.client.lidForNumber(number.digits)
      if (lid === undefined) return { refused: 'not-on-whatsapp' }
      return { account, lid, pn: `${number.digits}@s.whatsapp.net` }
    } catch (error) {
      log.warn({ error }, 'WhatsApp could not be asked for the number')
      return { refused: account.client.state === 'open' ? 'signalling-timeout' : 'account-offline' }
    }
  }

  async #callFromWhatsApp(account: Account, call: IncomingCall): Promise<void> {
    const { clock, legs, sip, routes } = this.#options
    const correlationId = randomHex(8)
    const log = this.#options.log.child({ correlationId, callId: call.callId })
    const caller = legs.fromWhatsApp(call, { correlationId, log })
    const startedAtMs = clock.wallMs()
    const gone = endOf(caller)
    const from = await this.#callerNumber(account, call)
    const destination = inboundDestination(account.name, routes, sip)
    const ended = gone.stop()
    const to = destination?.called ?? ''
    const parties = { correlationId, direction: 'inbound', account: account.name, from, to } as const
    log.info({ from, to, account: account.name }, 'call from WhatsApp')

    const refused = ended ?? (this.#isDraining ? 'shutting-down' : undefined)
    if (refused || !destination)
      return this.#refuse(parties, caller, refused ?? 'extension-no-answer', startedAtMs, log)
    const phones = destination.targets.map((target) =>
      legs.toSip(target, { user: from, displayName: call.callerName }, { correlationId, log }),
    )
    const callee = phones.length === 1 ? phones[0]! : new ForkedLeg(phones)
    this.#join(parties, caller, callee, startedAtMs, log)
  }

  /** Digits; empty when nobody can tell. Never the LID: it would mean nothing to a PBX. */
  async #callerNumber(account: Account, call: IncomingCall): Promise<string> {
    const known = call.callerPn?.match(/^\d+/)?.[0]
    return known ?? (await account.client.numberForLid(call.peer).catch(() => undefined)) ?? ''
  }

  #join(parties: CallParties, caller: Leg, callee: Leg, startedAtMs: number, log: Logger): void {
    const call = new Call(parties, { caller, callee }, log, () => this.#options.clock.wallMs(), startedAtMs)
    this.#calls.add(call)
    call.changed.on((record) => {
      this.callChanged.emit(record)
      if (record.state === 'ended') this.#calls.delete(call)
      if (this.#calls.size === 0) this.#onIdle?.()
    })
    this.callChanged.emit(call.record)
  }

  async #refuse(parties: CallParties, caller: Leg, cause: CallCause, startedAtMs: number, log: Logger): Promise<void> {
    log.info({ cause }, 'call refused')
    this.callChanged.emit(refusedCall(parties, cause, startedAtMs, this.#options.clock.wallMs()))
    await caller.end(cause)
  }
}

const isGone = (client: WaClient) =>
  client.state === 'logged-out' || client.state === 'banned' || client.state === 'replaced'

/** Watches a leg that is not joined yet: it may end while its number is looked up. */
function endOf(leg: Leg): { readonly cause: Promise<CallCause>; stop(): CallCause | undefined } {
  let ended: CallCause | undefined
  let stop = () => {}
  const cause = new Promise<CallCause>((resolve) => {
    stop = leg.events.on((event) => {
      if (event.type !== 'ended') return
      ended = event.cause
      resolve(event.cause)
    })
  })
  return {
    cause,
    stop: () => {
      stop()
      return ended
    },
  }
}
