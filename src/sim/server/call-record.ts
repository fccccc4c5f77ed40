import type { Timer } from '../../base/clock.ts'
import { TandemError } from '../../base/errors.ts'
import type { WaNode } from '../../whatsapp/wa-client.ts'
import type { User } from './directory.ts'
import type { CallEnd } from './journal.ts'
import type { RelayBlock } from './relay-port.ts'

/** What the server knows of one call. Devices are LID device JIDs. */
export class CallRecord {
  readonly id: string
  readonly caller: string
  readonly callee: User
  readonly rung: ReadonlySet<string>
  /** By device. */
  readonly relays: ReadonlyMap<string, RelayBlock>
  readonly #rejected = new Set<string>()
  readonly #released = new Set<string>()
  readonly #stanzas = new Map<string, Set<string>>()
  readonly #accepted = new Set<string>()
  #end: CallEnd | undefined
  ringTimer: Timer | undefined

  constructor(id: string, caller: string, callee: User, relays: ReadonlyMap<string, RelayBlock>) {
    this.id = id
    this.caller = caller
    this.callee = callee
    this.relays = relays
    this.rung = new Set([...callee.devices.values()].map((device) => device.jid))
  }

  get end(): CallEnd | undefined {
    return this.#end
  }

  /** Of several devices that have accepted, the one that the caller has not dismissed: it may have heard that one first. */
  get answeredBy(): string | undefined {
    const [first, ...others] = this.#accepted
    return [first, ...others].find((device) => device !== undefined && !this.#released.has(device)) ?? first
  }

  relaysOf(device: string): RelayBlock {
    const block = this.relays.get(device)
    if (!block) throw new TandemError('sim.relays', 'the relay service made no block for a device of the call')
    return block
  }

  has(device: string): boolean {
    return device === this.caller || this.rung.has(device)
  }

  /** Devices that have not been told that the call is over for them. */
  *ringing(): Iterable<string> {
    for (const device of this.rung) if (!this.#rejected.has(device) && !this.#released.has(device)) yield device
  }

  /** Devices that ring on although another one has answered: the caller has to dismiss them. */
  leftRinging(): string[] {
    return this.#accepted.size === 0 ? [] : [...this.ringing()].filter((device) => !this.#accepted.has(device))
  }

  /** Notes that a stanza of `from` was passed on to `device`, so that a receipt for it can be checked. */
  passedOn(device: string, from: string, stanzaId: string): void {
    const key = `${device} ${from}`
    const ids = this.#stanzas.get(key)
    if (ids) ids.add(stanzaId)
    else this.#stanzas.set(key, new Set([stanzaId]))
  }

  /** True once per stanza: the receipt takes the note away. */
  takeReceipt(device: string, from: string, stanzaId: string): boolean {
    return this.#stanzas.get(`${device} ${from}`)?.delete(stanzaId) ?? false
  }

  /** Follows what an action of `device`, sent to `targets`, means for the call. Returns the end, once. */
  follow(action: WaNode, device: string, targets: readonly string[]): CallEnd | undefined {
    if (this.#end) return undefined
    if (action.tag === 'accept') this.#accepted.add(device)
    if (action.tag === 'reject') this.#rejected.add(device)
    if (action.tag === 'terminate' && device === this.caller) for (const target of targets) this.#released.add(target)
    if (action.tag === 'terminate' && device === this.answeredBy) return this.finish('hung-up')
    return this.#over() ? this.finish(this.#howOver()) : undefined
  }

  finish(how: CallEnd): CallEnd | undefined {
    if (this.#end) return undefined
    this.ringTimer?.cancel()
    this.#end = how
    return how
  }

  #over(): boolean {
    const { answeredBy } = this
    if (answeredBy !== undefined) return this.#released.has(answeredBy)
    return [...this.ringing()].length === 0
  }

  #howOver(): CallEnd {
    if (this.#accepted.size > 0) return 'hung-up'
    return this.#rejected.size > 0 ? 'rejected' : 'cancelled'
  }
}
