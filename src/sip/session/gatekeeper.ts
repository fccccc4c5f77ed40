import type { Logger } from '../../base/logger.ts'
import { AddressList } from '../../net/address-list.ts'
import type { AuthResult, Challenger } from '../auth/challenger.ts'
import type { OutgoingResponse } from '../message/message.ts'
import { responseTo } from '../message/response.ts'
import type { RegistrationClient } from '../registration/registration-client.ts'
import type { SessionPeer, StaticTrunkOptions } from '../sip-engine.ts'
import type { ServerTransaction } from '../transaction/server-transaction.ts'

export interface GatekeeperOptions {
  readonly challenger: Challenger
  readonly staticTrunks: readonly StaticTrunkOptions[]
  readonly registrations: ReadonlyMap<string, RegistrationClient>
  readonly logger: Logger
}

/** Who a request from outside is, or how it is answered instead. */
type Verdict =
  | { readonly peer: SessionPeer; readonly response?: never }
  | { readonly peer?: never; readonly response: OutgoingResponse }

/** Decides who may call: a trunk by its address, a PBX where we are registered, everyone else by digest. */
export class Gatekeeper {
  readonly #challenger: Challenger
  readonly #logger: Logger
  readonly #registrations: ReadonlyMap<string, RegistrationClient>
  readonly #staticTrunks: readonly { readonly name: string; readonly networks: AddressList }[]
  #failures = 0

  /** Throws `ConfigError` for a network that is not a CIDR block. */
  constructor(options: GatekeeperOptions) {
    this.#challenger = options.challenger
    this.#logger = options.logger
    this.#registrations = options.registrations
    this.#staticTrunks = options.staticTrunks.map(({ name, networks }) => ({
      name,
      networks: new AddressList(networks),
    }))
  }

  get failures(): number {
    return this.#failures
  }

  admit(transaction: ServerTransaction): Verdict {
    const trunk = this.#trunkAt(transaction)
    if (trunk) return { peer: trunk }
    const result = this.authenticate(transaction)
    return 'response' in result ? result : { peer: { kind: 'user', username: result.username } }
  }

  /** Digest only: for REGISTER, where an address proves nothing. */
  authenticate(
    transaction: ServerTransaction,
  ): { readonly username: string } | { readonly response: OutgoingResponse } {
    const { request, flow } = transaction
    const { address } = flow.remote
    const result = this.#challenger.verify(request, address)
    if (result.outcome === 'accepted') return { username: result.username }
    if (result.outcome === 'refused') this.#logFailure(result, transaction)
    const isStale = result.outcome === 'challenge' && result.stale
    return { response: responseTo(request, 401, { headers: this.#challenger.challenges(address, isStale) }) }
  }

  #trunkAt({ flow }: ServerTransaction): SessionPeer | undefined {
    const { address } = flow.remote
    for (const { name, networks } of this.#staticTrunks) {
      if (networks.has(address)) return { kind: 'static-trunk', name }
    }
    for (const client of this.#registrations.values()) {
      if (client.state === 'registered' && client.isAt(address)) {
        return { kind: 'registration', name: client.name }
      }
    }
    return undefined
  }

  /** The form that the fail2ban filter matches: message, `remote` and `reason` must not change. */
  #logFailure(result: Extract<AuthResult, { outcome: 'refused' }>, { request, flow }: ServerTransaction): void {
    this.#failures++
    const { address, port } = flow.remote
    const username = result.username.slice(0, 64)
    this.#logger.warn(
      { remote: address, port, reason: result.failure, username, method: request.method },
      'auth failed',
    )
  }
}
