import type { Logger } from '../../base/logger.ts'
import { AddressList } from '../../net/address-list.ts'
import type { AuthFailure, Challenger } from '../auth/challenger.ts'
import type { SourceGuard } from '../limits/source-guard.ts'
import type { OutgoingResponse } from '../message/message.ts'
import { responseTo } from '../message/response.ts'
import type { RegistrationClient } from '../registration/registration-client.ts'
import type { SessionPeer, StaticTrunkOptions } from '../sip-engine.ts'
import type { ServerTransaction } from '../transaction/server-transaction.ts'

export interface GatekeeperOptions {
  readonly challenger: Challenger
  readonly staticTrunks: readonly StaticTrunkOptions[]
  readonly registrations: ReadonlyMap<string, RegistrationClient>
  readonly guard: SourceGuard
  readonly logger: Logger
}

/** An answer for whoever is not let in, perhaps not at once. */
export interface Refusal {
  readonly response: OutgoingResponse
  readonly delayMs: number
}

/** Who a request from outside is, or how it is answered instead. */
type Verdict =
  | { readonly peer: SessionPeer; readonly refusal?: never }
  | { readonly peer?: never; readonly refusal: Refusal }

interface Failure {
  readonly failure: AuthFailure | 'too-many-failures'
  readonly username: string
  readonly isProven: boolean
}

/** Decides who may call: a trunk by its address, a PBX where we are registered, everyone else by digest. */
export class Gatekeeper {
  readonly #challenger: Challenger
  readonly #guard: SourceGuard
  readonly #logger: Logger
  readonly #registrations: ReadonlyMap<string, RegistrationClient>
  readonly #staticTrunks: readonly { readonly name: string; readonly networks: AddressList }[]
  #failures = 0

  /** Throws `ConfigError` for a network that is not a CIDR block. */
  constructor(options: GatekeeperOptions) {
    this.#challenger = options.challenger
    this.#guard = options.guard
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
    const trunk = this.trunkAt(transaction.flow.remote.address)
    if (trunk) return { peer: trunk }
    const result = this.authenticate(transaction)
    return result.refusal ? result : { peer: { kind: 'user', username: result.username } }
  }

  /** Digest only: for REGISTER, where an address proves nothing. */
  authenticate(
    transaction: ServerTransaction,
  ):
    | { readonly username: string; readonly refusal?: never }
    | { readonly username?: never; readonly refusal: Refusal } {
    const { request, flow } = transaction
    const { address } = flow.remote
    const result = this.#challenger.verify(request, address)
    const isShutOut = result.outcome === 'accepted' && this.#guard.isShutOut(address, result.username)
    if (result.outcome === 'accepted' && !isShutOut) {
      this.#guard.loggedIn(address, result.username)
      return { username: result.username }
    }
    // Right or wrong, whoever has guessed too often is told the same after the same time.
    const failure =
      result.outcome === 'accepted'
        ? ({ ...result, failure: 'too-many-failures', isProven: true } as const)
        : result.outcome === 'refused' && result
    const isStale = result.outcome === 'challenge' && result.stale
    const response = responseTo(request, 401, { headers: this.#challenger.challenges(address, isStale) })
    return { refusal: { response, delayMs: failure ? this.#noteFailure(failure, transaction) : 0 } }
  }

  /** A trunk by its address. */
  trunkAt(address: string): SessionPeer | undefined {
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

  /**
   * Returns how long the answer waits. The line is what `docs/fail2ban/tandem.conf` matches: message, `remote`, `port`,
   * `reason` and their order must not change. A forged address must not get its owner locked out: that gets another line.
   */
  #noteFailure(result: Failure, { request, flow }: ServerTransaction): number {
    this.#failures++
    const { address, port } = flow.remote
    const username = result.username.slice(0, 64)
    const fields = { remote: address, port, reason: result.failure, username, method: request.method }
    if (!result.isProven) {
      this.#logger.info(fields, 'auth failed, source not proven')
      return 0
    }
    this.#logger.warn(fields, 'auth failed')
    return this.#guard.loginFailed(address)
  }
}
