import { TandemError } from '../../base/errors.ts'
import { resampleWhole } from '../../media/measure/rational-resample.ts'
import { IncomingPhoneCall } from '../../sim/phone/incoming-call.ts'
import type { PhoneCall, PhoneCallState } from '../../sim/phone/phone-call.ts'
import type { SimEvent } from '../../sim/server/journal.ts'
import { speech } from '../../sim/speech.ts'
import type { SessionEnd } from '../../sip/sip-engine.ts'
import type { WaNode } from '../../whatsapp/wa-client.ts'
import { PHONE_RATE_HZ } from '../demo/phone-media.ts'
import type { ScriptedCall } from '../demo/scripted-phone.ts'
import type { House } from './house.ts'
import { OWNERS, type Person, type Reaction, type Scenario, type Step } from './schema.ts'
import { applyServer } from './settings.ts'

const PEER_RATE_HZ = 16_000

/** What both sides say, and the desk phone at its own rate. */
export const wideSpeech = speech()
export const narrowSpeech = Float32Array.from(resampleWhole(wideSpeech, PEER_RATE_HZ, PHONE_RATE_HZ))

/** A call of the desk phone. */
export interface PhoneEnd {
  readonly call: ScriptedCall
  end: SessionEnd | undefined
}

/** Does what the script says, and keeps what has happened for the judge. */
export class Stage {
  /** Calls of the desk phone, in the order in which they began. */
  readonly phoneCalls: PhoneEnd[] = []
  /** Calls of people, by name; each device has its own. */
  readonly peerCalls = new Map<string, PhoneCall[]>()
  /** Actions that the gateway sent, by tag. */
  readonly sent = new Map<string, number>()
  readonly #scenario: Scenario
  readonly #house: House
  #toDo: number
  #lastOffer: { readonly gateway: string; readonly offer: WaNode } | undefined
  readonly #waiting: Record<'ringing' | 'answered' | 'over', Step[]> = { ringing: [], answered: [], over: [] }
  readonly #failures: string[] = []

  constructor(scenario: Scenario, house: House) {
    this.#scenario = scenario
    this.#house = house
    this.#toDo = scenario.script.length
    for (const [name, person] of Object.entries(scenario.people)) this.#cast(name, person.devices, person)
    for (const [index, name] of OWNERS.slice(0, scenario.owners).entries())
      this.#cast(name, [index === 0 ? scenario.owner : 'rings'])
    house.simulator.events.on((event) => this.#watch(event))
    house.gateway.callChanged.on(({ state }) => {
      if (state === 'ringing') this.#happened('ringing')
      if (state === 'up') this.#happened('answered')
      if (state === 'ended') this.#happened('over')
    })
  }

  /** Steps that are still to come. */
  get toDo(): number {
    return this.#toDo
  }

  get failures(): readonly string[] {
    return this.#failures
  }

  begin(): void {
    this.#expectCalls()
    for (const step of this.#scenario.script) {
      if (step.after) this.#waiting[step.after].push(step)
      else this.#schedule(step)
    }
  }

  #cast(name: string, devices: readonly Reaction[], person?: Person): void {
    const { simulator } = this.#house
    const phone = simulator.phone(name)
    const calls: PhoneCall[] = []
    this.peerCalls.set(name, calls)
    if (person && person.token !== 'not needed') phone.user.onlyWithToken = true
    if (person?.token === 'known') simulator.givePrivacyToken(name)
    phone.calls.on((call) => {
      calls.push(call)
      const reaction = devices[call.deviceId]
      if (reaction === undefined || reaction === 'rings' || !(call instanceof IncomingPhoneCall)) return
      call.events.on((event) => event.type === 'ringing' && this.#react(call, reaction))
    })
  }

  #react(call: IncomingPhoneCall, { at, does }: Exclude<Reaction, 'rings'>): void {
    if (does === 'answers') call.answerAfter(at)
    else this.#house.clock.after(at, () => call.decline(does === 'declines' ? undefined : does))
  }

  #expectCalls(): void {
    const { onCall } = this.#scenario.phone
    const answerAfterMs = onCall !== 'rings' && onCall.does === 'answers' ? onCall.at : undefined
    this.#house.phone.takeCalls((call) => {
      this.#keep(call)
      if (onCall === 'rings' || onCall.does !== 'declines') return
      this.#house.clock.after(onCall.at, () => call.decline(onCall.status))
    }, answerAfterMs)
  }

  #keep(call: ScriptedCall): void {
    const kept: PhoneEnd = { call: call.willSay(narrowSpeech), end: undefined }
    this.phoneCalls.push(kept)
    void call.ended.then((end) => {
      kept.end = end
      return call.close()
    })
  }

  #watch(event: SimEvent): void {
    if (event.type !== 'stanza' || event.node.tag !== 'call') return
    const [action] = (event.node.content ?? []) as readonly WaNode[]
    if (!action || !this.#isGateway(event.device)) return
    if (event.direction === 'in') this.sent.set(action.tag, (this.sent.get(action.tag) ?? 0) + 1)
    else if (action.tag === 'offer') this.#lastOffer = { gateway: event.device, offer: event.node }
  }

  #isGateway(device: string): boolean {
    const { gateway, accounts } = this.#house
    return accounts.some((name) => gateway.account(name)?.client.self()?.lid === device)
  }

  /** Steps that wait for an event wait for its first time. */
  #happened(what: 'ringing' | 'answered' | 'over'): void {
    for (const step of this.#waiting[what].splice(0)) this.#schedule(step)
  }

  #schedule(step: Step): void {
    this.#house.clock.after(step.at, () => {
      this.#perform(step)
        .catch((error: unknown) => {
          if (isMissed(error) && this.#scenario.stepsMayMiss) return
          this.#failures.push(`${step.who} ${step.does}: ${String(error)}`)
        })
        .finally(() => {
          this.#toDo -= 1
        })
    })
  }

  async #perform(step: Step): Promise<void> {
    switch (step.who) {
      case 'phone':
        return this.#phoneDoes(step)
      case 'server':
        return this.#serverDoes(step)
      case 'relay':
        return this.#relayDoes(step)
      case 'network':
        return this.#house.setLinks(step.network ?? {})
      case 'gateway':
        if (step.does === 'stops') return this.#house.gateway.stop()
        void this.#house.gateway.drain(step.forMs)
        return
      default:
        return this.#personDoes(step)
    }
  }

  async #phoneDoes({ does, to = '' }: Step): Promise<void> {
    const current = this.phoneCalls.findLast(({ end }) => !end)?.call
    if (does === 'dials') this.#keep(await this.#house.phone.dial(this.#numberOf(to)))
    if (does === 'hangs-up') found(current).hangUp()
    if (does === 'holds') await found(current).hold(true, 'inactive')
    if (does === 'resumes') await found(current).hold(false)
  }

  #numberOf(whom: string): string {
    return whom in this.#scenario.people ? `+${this.#house.simulator.phone(whom).user.number}` : whom
  }

  async #personDoes({ who, does, device, reason, callId, key, to }: Step): Promise<void> {
    const { simulator } = this.#house
    if (does === 'dials') {
      simulator.phone(who).call(simulator.phone(to ?? OWNERS[0]).user.number, callId)
      return
    }
    const calls = this.peerCalls.get(who)?.filter((each) => each.deviceId === device) ?? []
    if (does === 'hangs-up') return found(calls.findLast(({ state }) => state !== 'over')).hangUp()
    const inState = (state: PhoneCallState) => found(calls.findLast((call) => call.state === state))
    if (does === 'mutes' || does === 'unmutes') return inState('up').mute(does === 'mutes')
    if (does === 'answers') await incoming(inState('ringing')).answer()
    if (does === 'declines') incoming(inState('ringing')).decline(reason)
    if (does === 'repeats-accept') await incoming(inState('up')).repeatAccept(key)
    if (does === 'interferes') incoming(calls.findLast(({ state }) => state !== 'up')).interfere()
  }

  #serverDoes({ does, forMs, server, status, account }: Step): void {
    const { simulator, gateway, accounts } = this.#house
    const device = gateway.account(account ?? accounts.at(-1) ?? '')?.client.self()?.lid
    if (does === 'cuts') simulator.dropGateway(forMs, device)
    if (does === 'unlinks') simulator.unlinkGateway(device)
    if (does === 'replaces') simulator.replaceGateway(device)
    if (does === 'bans') simulator.banGateway(status, forMs, device)
    if (does === 'swallows') simulator.swallowGateway(forMs, device)
    if (does === 'restricts') {
      simulator.restrictGateway(forMs === 0 ? undefined : this.#house.clock.wallMs() + forMs, device)
    }
    if (does === 'slows') simulator.slowGateway(forMs, device)
    if (does === 'changes' && server) applyServer(simulator, server)
    if (does === 'repeats-offer') {
      const { gateway: to, offer } = found(this.#lastOffer)
      const { attrs } = offer
      simulator.deliverToGateway({ ...offer, attrs: { ...attrs, id: `${attrs.id}-AGAIN` } }, to)
    }
  }

  async #relayDoes({ does, relay }: Step): Promise<void> {
    const { relays } = this.#house
    if (does === 'elects') return relays.elect(relay - 1)
    const server = found(relays.servers[relay - 1])
    if (does === 'dies') await server.die()
    if (does === 'revives' && !server.isAlive) await server.revive()
  }
}

/** What a step is to be done to is not there. */
class Missed extends Error {
  override readonly name = 'Missed'
}

/** A gateway that is not linked or not connected cannot be cut off again, and a call that rings cannot be held. */
const NOT_THERE: ReadonlySet<string> = new Set(['sim.not-linked', 'sim.not-connected', 'demo.phone'])

function isMissed(error: unknown): boolean {
  if (error instanceof TandemError) return NOT_THERE.has(error.code)
  return error instanceof Missed
}

function found<T>(what: T | undefined): T {
  if (what === undefined) throw new Missed('there is no such call, offer or relay')
  return what
}

function incoming(call: PhoneCall | undefined): IncomingPhoneCall {
  return found(call instanceof IncomingPhoneCall ? call : undefined)
}
