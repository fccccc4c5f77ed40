import type { Clock, Timer } from '../../base/clock.ts'
import type { Endpoint } from '../../net/network.ts'
import { contactIdentity, parseUri, unbracketed } from '../message/uri.ts'
import type { RegisteredContact } from '../sip-engine.ts'
import type { Flow } from '../transport/transport.ts'

/** A contact with what orders its updates (RFC 3261 §10.3 step 7). */
export interface Binding {
  readonly contact: RegisteredContact
  readonly callId: string
  readonly sequence: number
  readonly flow: Flow
}

/** RFC 3261 §10: the location service, in memory: who can be reached where, until when. */
export class Bindings {
  readonly #clock: Clock
  readonly #changed: (username: string, contacts: number) => void
  readonly #users = new Map<string, Map<string, Binding>>()
  readonly #expiries = new Map<Binding, Timer>()
  readonly #watches = new Map<Binding, () => void>()

  constructor(clock: Clock, changed: (username: string, contacts: number) => void) {
    this.#clock = clock
    this.#changed = changed
  }

  get count(): number {
    return this.#expiries.size
  }

  /** Most recently registered first. */
  of(username: string): readonly RegisteredContact[] {
    return [...(this.#users.get(username)?.values() ?? [])].map((binding) => binding.contact).reverse()
  }

  *all(): Iterable<RegisteredContact> {
    for (const { contact } of this.#expiries.keys()) yield contact
  }

  find(username: string, uri: string): Binding | undefined {
    return this.#users.get(username)?.get(identityOf(uri))
  }

  /** Whose phone or PBX has registered from there; undefined when nobody's, or several users'. */
  userAt({ address, port }: Endpoint): string | undefined {
    const users = new Set<string>()
    for (const { username, source } of this.all()) {
      if (source.port === port && source.address === address) users.add(username)
    }
    return users.size === 1 ? [...users][0] : undefined
  }

  countOf(username: string): number {
    return this.#users.get(username)?.size ?? 0
  }

  put(binding: Binding): void {
    const { username, uri, expiresAtMs } = binding.contact
    this.#drop(username, identityOf(uri))
    const bound = this.#users.get(username) ?? new Map<string, Binding>()
    this.#users.set(username, bound.set(identityOf(uri), binding))
    const expire = () => this.remove(username, uri)
    this.#expiries.set(binding, this.#clock.after(expiresAtMs - this.#clock.nowMs(), expire))
    if (isReachedByFlowOnly(binding)) this.#watches.set(binding, binding.flow.onFailure(expire))
    this.#changed(username, bound.size)
  }

  remove(username: string, uri: string): void {
    if (this.#drop(username, identityOf(uri))) this.#changed(username, this.countOf(username))
  }

  close(): void {
    for (const timer of this.#expiries.values()) timer.cancel()
    for (const stopWatching of this.#watches.values()) stopWatching()
    this.#expiries.clear()
    this.#watches.clear()
    this.#users.clear()
  }

  #drop(username: string, identity: string): boolean {
    const bound = this.#users.get(username)
    const binding = bound?.get(identity)
    if (!bound || !binding) return false
    this.#expiries.get(binding)?.cancel()
    this.#expiries.delete(binding)
    this.#watches.get(binding)?.()
    this.#watches.delete(binding)
    bound.delete(identity)
    if (bound.size === 0) this.#users.delete(username)
    return true
  }
}

/** RFC 5626 §5.3: when its connection breaks, a phone behind NAT cannot be called until it registers anew. */
function isReachedByFlowOnly({ contact, flow }: Binding): boolean {
  return contact.path.length === 0 && unbracketed(parseUri(contact.uri).host) !== flow.remote.address
}

const identityOf = (uri: string) => contactIdentity(parseUri(uri))
