import type { Timer } from '../../base/clock.ts'
import type { PhoneCall } from '../../sim/phone/phone-call.ts'
import type { CallPair } from './call-pairs.ts'
import type { House } from './house.ts'
import { OWNERS } from './schema.ts'
import type { PhoneEnd, Stage } from './stage.ts'

const LOOK_EVERY_MS = 50
/** So long the sides of a call may differ: what one has done has to get to the other. */
const LONGEST_MS = 2000

/** A call as the phones of one side have it. */
type View = 'none' | 'waiting' | 'up' | 'over'

/** What is not as it should be just now; the same difference has the same words until it is gone. */
interface Difference {
  readonly account: string
  readonly what: string
}

type Watched = Pick<House, 'clock' | 'gateway' | 'accounts' | 'records' | 'pairs'>
type Phones = Pick<Stage, 'phoneCalls' | 'peerCalls'>

/**
 * Watches whether the desk phone and WhatsApp's phones agree on each call: up at both or at neither, and nothing rings on
 * at one when it is over at the other; and whether the gateway's two halves hold as many calls.
 */
export class Disagreement {
  readonly #house: Watched
  readonly #phones: Phones
  readonly #excusedUntilMs: number
  readonly #sinceMs = new Map<string, number>()
  readonly #longestMs = new Map<string, number>()
  #timer: Timer | undefined

  constructor(house: Watched, phones: Phones, excusedForMs: number) {
    this.#house = house
    this.#phones = phones
    this.#excusedUntilMs = house.clock.nowMs() + excusedForMs
    this.#look()
  }

  stop(): void {
    this.#timer?.cancel()
  }

  faults(): string[] {
    const tooLong = [...this.#longestMs].filter(([, longestMs]) => longestMs > LONGEST_MS)
    return tooLong.map(([what, longestMs]) => `${what}, for ${Math.round(longestMs)} ms`)
  }

  #look(): void {
    const nowMs = this.#house.clock.nowMs()
    const now = new Set(nowMs < this.#excusedUntilMs ? [] : this.#differences())
    for (const what of this.#sinceMs.keys()) if (!now.has(what)) this.#sinceMs.delete(what)
    for (const what of now) {
      const sinceMs = this.#sinceMs.get(what) ?? nowMs
      this.#sinceMs.set(what, sinceMs)
      this.#longestMs.set(what, Math.max(this.#longestMs.get(what) ?? 0, nowMs - sinceMs))
    }
    this.#timer = this.#house.clock.after(LOOK_EVERY_MS, () => this.#look())
  }

  #differences(): string[] {
    const ofPairs = [...this.#house.pairs].flatMap((pair) => this.#ofPair(pair))
    const all = [...ofPairs, ...this.#strays(), ...this.#halves()]
    // Without a connection nobody can be told anything.
    return all.filter(({ account }) => this.#isConnected(account)).map(({ what }) => what)
  }

  #isConnected(account: string): boolean {
    return this.#house.gateway.account(account)?.client.state === 'open'
  }

  #ofPair(pair: CallPair): Difference[] {
    const record = this.#house.records.get(pair.correlationId)
    if (!record) return []
    const { account, direction } = record
    const sip = overall(this.#phones.phoneCalls.filter(({ call }) => pair.sip.has(call.callId ?? '')).map(sipView))
    const calls = [...this.#phones.peerCalls.values()].flat().filter(({ name }) => pair.whatsapp.has(name.callId))
    const others = calls.filter(isAcross(direction))
    const own = OWNERS.flatMap((owner) => this.#phones.peerCalls.get(owner) ?? [])
    const whatsapp = overall(others.map((call) => whatsAppView(call, this.#device(account))))
    // A call to the account rings on as long as the owner's phone does (decision 0064).
    const ringsOn =
      direction === 'inbound' && own.some(({ name, state }) => pair.whatsapp.has(name.callId) && state !== 'over')
    if (agree(sip, whatsapp) || (ringsOn && sip === 'over' && whatsapp === 'waiting')) return []
    return [{ account, what: `call ${pair.correlationId} was ${sip} at SIP and ${whatsapp} at WhatsApp` }]
  }

  /** Calls with the gateway that are up and that it knows nothing of. */
  #strays(): Difference[] {
    const pairs = [...this.#house.pairs]
    const peers = [...this.#phones.peerCalls.values()].flat()
    return this.#house.accounts.flatMap((account) => {
      const device = this.#device(account)
      const strays = peers.filter(
        (call) => whatsAppView(call, device) === 'up' && !pairs.some(({ whatsapp }) => whatsapp.has(call.name.callId)),
      )
      return strays.map(({ name }) => ({ account, what: `WhatsApp call ${name.callId} was up with nobody at SIP` }))
    })
  }

  /** The switchboard's calls and those of the WhatsApp side, which begin and end in the same turn, but for look-ups. */
  #halves(): Difference[] {
    return this.#house.gateway.status().accounts.flatMap(({ name, activeCalls }) => {
      const live = this.#house.gateway.account(name)?.calls.liveCalls ?? 0
      return live === activeCalls
        ? []
        : [{ account: name, what: `${name}: ${activeCalls} calls at the switchboard, ${live} at WhatsApp` }]
    })
  }

  #device(account: string): string | undefined {
    return this.#house.gateway.account(account)?.client.self()?.lid
  }
}

function agree(sip: View, whatsapp: View): boolean {
  if (sip === 'up' || whatsapp === 'up') return sip === whatsapp
  // A side that has not begun is not left behind: a number is looked up, a refused call rings at nobody.
  return sip === whatsapp || sip === 'none' || whatsapp === 'none'
}

function sipView({ call, end }: PhoneEnd): View {
  if (end) return 'over'
  return call.establishedMs === undefined ? 'waiting' : 'up'
}

/** A call that went up with another device of the account is over for this one. */
function whatsAppView({ state, peer }: PhoneCall, device: string | undefined): View {
  if (state === 'up') return peer === device ? 'up' : 'over'
  return state === 'over' ? 'over' : 'waiting'
}

/** Only the devices across: the account's own phone rings along with a call to the account. */
const isAcross =
  (callDirection: string) =>
  ({ direction }: PhoneCall) =>
    direction === (callDirection === 'inbound' ? 'out' : 'in')

function overall(views: readonly View[]): View {
  return (['up', 'waiting', 'over'] as const).find((view) => views.includes(view)) ?? 'none'
}
