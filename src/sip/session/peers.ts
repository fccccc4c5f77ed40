import type { Endpoint } from '../../net/network.ts'
import { Challenger } from '../auth/challenger.ts'
import type { SipCore } from '../core.ts'
import { SourceGuard } from '../limits/source-guard.ts'
import { Bindings } from '../registration/bindings.ts'
import { Qualifier } from '../registration/qualifier.ts'
import { REGISTRAR_DEFAULTS, Registrar } from '../registration/registrar.ts'
import { RegistrationClient } from '../registration/registration-client.ts'
import type { RegisteredContact, SessionPeer, SipUserAgentOptions, TrunkStatus } from '../sip-engine.ts'
import type { Trunks } from './call-targets.ts'
import { Gatekeeper } from './gatekeeper.ts'
import { contactKey, qualifySubjects, trunkStatus } from './trunk-status.ts'

/** Whom we know: users and their phones, trunks, PBXs at which we register; who may come in, and who can be reached. */
export class Peers {
  readonly guard: SourceGuard
  readonly gatekeeper: Gatekeeper
  readonly registrar: Registrar
  readonly trunks: Trunks
  readonly #bindings: Bindings
  readonly #qualifier: Qualifier

  /** Throws `ConfigError` for values that are not addresses or networks. */
  constructor(
    core: SipCore,
    { users, registrar, registrations, staticTrunks, realm, digestAlgorithms, qualifyMs }: SipUserAgentOptions,
    onContacts: (change: { readonly username: string; readonly contacts: number }) => void,
  ) {
    const { clock, random, logger } = core
    const userOf = new Map(users.map((user) => [user.username, user]))
    this.#bindings = new Bindings(clock, (username, contacts) => onContacts({ username, contacts }))
    const registrarOptions = { ...REGISTRAR_DEFAULTS, ...registrar }
    this.registrar = new Registrar(clock, this.#bindings, registrarOptions, (name) => userOf.get(name)?.maxContacts)
    this.trunks = {
      registrations: new Map(registrations.map((r) => [r.name, new RegistrationClient(core, r)])),
      placements: new Map(registrations.map((r) => [r.name, r.callerPlacement ?? 'asserted'])),
      staticTrunks: new Map(staticTrunks.map((trunk) => [trunk.name, trunk])),
      contactsOf: (username) => this.contactsOf(username),
    }
    const challenger = new Challenger({
      clock,
      random,
      realm,
      algorithms: digestAlgorithms ?? ['MD5'],
      passwordOf: (username) => userOf.get(username)?.password,
    })
    this.guard = new SourceGuard({ clock, isTrunk: (address) => this.gatekeeper.trunkAt(address) !== undefined })
    this.gatekeeper = new Gatekeeper({
      challenger,
      registrations: this.trunks.registrations,
      logger,
      staticTrunks,
      guard: this.guard,
    })
    this.#qualifier = new Qualifier(
      core,
      qualifyMs ?? 0,
      () => qualifySubjects(core, this.trunks, this.#bindings),
      ({ key }, state) => logger.info({ subject: key, state }, 'qualified'),
    )
  }

  get contacts(): number {
    return this.#bindings.count
  }

  get status(): readonly TrunkStatus[] {
    return trunkStatus(this.trunks, this.#qualifier)
  }

  /** The phones of a user that are there, the best first. */
  contactsOf(username: string): readonly RegisteredContact[] {
    const contacts = this.#bindings.of(username)
    const isThere = (contact: RegisteredContact) => this.#qualifier.of(contactKey(contact)).state !== 'unreachable'
    // Better to try in vain than not to ring at all.
    return contacts.some(isThere) ? contacts.filter(isThere) : contacts
  }

  /** Whoever is at that address, proved by nothing: a trunk, or the one user who has registered from there. */
  at(remote: Endpoint): SessionPeer | undefined {
    const username = this.#bindings.userAt(remote)
    return this.gatekeeper.trunkAt(remote.address) ?? (username === undefined ? undefined : { kind: 'user', username })
  }

  start(): void {
    for (const registration of this.trunks.registrations.values()) registration.start()
    this.#qualifier.start()
  }

  /** Asks nobody any more, and leaves the PBXs at which we are registered. */
  async stop(): Promise<void> {
    this.#qualifier.stop()
    await Promise.all([...this.trunks.registrations.values()].map((registration) => registration.stop()))
  }

  /** Forgets all contacts. */
  close(): void {
    this.#bindings.close()
  }
}
