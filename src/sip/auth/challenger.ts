import { createHmac } from 'node:crypto'
import { equalConstantTime } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import { ParseError } from '../../base/errors.ts'
import { type Random, randomHex } from '../../base/random.ts'
import type { Params } from '../message/grammar.ts'
import type { SipRequest } from '../message/message.ts'
import { parseUri } from '../message/uri.ts'
import { type DigestAlgorithm, digestResponse, formatDigestParams, parseDigestParams } from './digest.ts'

export interface ChallengerOptions {
  readonly clock: Clock
  readonly random: Random
  readonly realm: string
  /** Offered in this order (RFC 8760 §2.3: the preferred first). */
  readonly algorithms: readonly DigestAlgorithm[]
  /** undefined for a user that does not exist. */
  readonly passwordOf: (username: string) => string | undefined
}

export type AuthFailure = 'malformed' | 'wrong-uri' | 'wrong-credentials'

export type AuthResult =
  | { readonly outcome: 'accepted'; readonly username: string }
  /** No credentials for this realm, or right ones for a nonce that will not do: ask (again), nobody did anything wrong. */
  | { readonly outcome: 'challenge'; readonly stale: boolean }
  | {
      readonly outcome: 'refused'
      readonly failure: AuthFailure
      readonly username: string
      /** The nonce was sent to that address: who answers is really there. */
      readonly isProven: boolean
    }

/** A phone answers a challenge within a round trip or two; later registrations get `stale` and try again by themselves. */
const NONCE_LIFETIME_MS = 60_000
/** Nonces in use whose counts are remembered; when they are more, the oldest become stale. */
const MAX_COUNTED_NONCES = 10_000

/** RFC 3261 §22.4 with RFC 7616 and RFC 8760: the server's side of digest authentication. */
export class Challenger {
  readonly #options: ChallengerOptions
  readonly #secret: Uint8Array
  /** What an unknown user's answer is checked against, so that it costs the same time and fails. */
  readonly #noPassword: string
  /** Highest count seen per nonce, oldest nonce first. */
  readonly #counts = new Map<string, number>()
  /** Nonces issued before this are stale: their counts may have been forgotten. */
  #forgottenBeforeMs = Number.NEGATIVE_INFINITY

  constructor(options: ChallengerOptions) {
    this.#options = options
    this.#secret = options.random.bytes(32)
    this.#noPassword = randomHex(16, options.random)
  }

  /** WWW-Authenticate values, one per algorithm. */
  challenges(address: string, stale: boolean): readonly (readonly [string, string])[] {
    return this.#options.algorithms.map((algorithm) => {
      const params: [string, string][] = [
        ['realm', this.#options.realm],
        ['nonce', this.#newNonce(address)],
        ['algorithm', algorithm],
        ['qop', 'auth'],
      ]
      if (stale) params.push(['stale', 'true'])
      return ['WWW-Authenticate', formatDigestParams(params)]
    })
  }

  verify(request: SipRequest, address: string): AuthResult {
    const line = request.headers.lines('Authorization').find((value) => this.#isOurs(value))
    if (line === undefined) return { outcome: 'challenge', stale: false }
    const params = parseDigestParams(line)
    const username = params.get('username') ?? ''
    const refuse = (failure: AuthFailure): AuthResult => {
      const isProven = this.#issuedAt(params.get('nonce') ?? '', address) !== undefined
      return { outcome: 'refused', failure, username, isProven }
    }
    if (!isComplete(params) || !this.#offers(params.get('algorithm') ?? 'MD5')) return refuse('malformed')
    if (!sameResource(params.get('uri')!, request)) return refuse('wrong-uri')
    if (!this.#isRightResponse(params, request.method)) return refuse('wrong-credentials')
    return this.#useNonce(params, address) ? { outcome: 'accepted', username } : { outcome: 'challenge', stale: true }
  }

  #isOurs(line: string): boolean {
    try {
      return parseDigestParams(line).get('realm') === this.#options.realm
    } catch (error) {
      if (error instanceof ParseError) return false
      throw error
    }
  }

  #offers(algorithm: string): boolean {
    return this.#options.algorithms.some((offered) => offered === algorithm.toUpperCase())
  }

  #isRightResponse(params: Params, method: string): boolean {
    const username = params.get('username')!
    const known = this.#options.passwordOf(username)
    const expected = digestResponse({
      algorithm: params.get('algorithm') ?? 'MD5',
      username,
      realm: this.#options.realm,
      password: known ?? this.#noPassword,
      method,
      uri: params.get('uri')!,
      nonce: params.get('nonce')!,
      qop: 'auth',
      nc: params.get('nc')!,
      cnonce: params.get('cnonce')!,
    })
    const isEqual = equalConstantTime(Buffer.from(expected), Buffer.from(params.get('response')!.toLowerCase()))
    return isEqual && known !== undefined
  }

  /**
   * RFC 7616 §3.3: `stale` is for whoever knows the password. A nonce that is too old, was given to another address or
   * before a restart, or whose count does not rise, costs an honest phone a round trip and an eavesdropper everything.
   */
  #useNonce(params: Params, address: string): boolean {
    const nonce = params.get('nonce')!
    const issuedAtMs = this.#issuedAt(nonce, address)
    if (issuedAtMs === undefined || issuedAtMs < this.#forgottenBeforeMs) return false
    if (this.#options.clock.nowMs() - issuedAtMs > NONCE_LIFETIME_MS) return false
    const count = Number.parseInt(params.get('nc')!, 16)
    if (count <= (this.#counts.get(nonce) ?? 0)) return false
    this.#counts.set(nonce, count)
    this.#forgetOldCounts()
    return true
  }

  #forgetOldCounts(): void {
    const nowMs = this.#options.clock.nowMs()
    for (const nonce of this.#counts.keys()) {
      const issuedAtMs = timeOf(nonce)
      const isExpired = nowMs - issuedAtMs > NONCE_LIFETIME_MS
      if (!isExpired && this.#counts.size <= MAX_COUNTED_NONCES) return
      this.#counts.delete(nonce)
      if (!isExpired) this.#forgottenBeforeMs = Math.max(this.#forgottenBeforeMs, issuedAtMs + 1)
    }
  }

  /** `time.random.mac`: bound to the source address, without state until it is used. */
  #newNonce(address: string): string {
    const head = `${Math.floor(this.#options.clock.nowMs()).toString(36)}.${randomHex(6, this.#options.random)}`
    return `${head}.${this.#mac(head, address)}`
  }

  /** Milliseconds of the clock; undefined for a nonce that is not ours or was given to another address. */
  #issuedAt(nonce: string, address: string): number | undefined {
    const end = nonce.lastIndexOf('.')
    const expected = this.#mac(nonce.slice(0, Math.max(end, 0)), address)
    return equalConstantTime(Buffer.from(expected), Buffer.from(nonce.slice(end + 1))) ? timeOf(nonce) : undefined
  }

  #mac(head: string, address: string): string {
    return createHmac('sha256', this.#secret).update(`${head} ${address}`).digest('base64url').slice(0, 22)
  }
}

function timeOf(nonce: string): number {
  return Number.parseInt(nonce.slice(0, nonce.indexOf('.')), 36)
}

/** We always offer qop, so an answer without it, which could be replayed, is not taken (RFC 7616 §3.4). */
function isComplete(params: Params): boolean {
  const present = ['username', 'nonce', 'uri', 'response', 'cnonce'].every((name) => params.has(name))
  return present && params.get('qop') === 'auth' && /^[0-9a-f]{8}$/i.test(params.get('nc') ?? '')
}

/** A captured answer must not dial another number. The host is not compared: proxies rewrite it. */
function sameResource(uri: string, request: SipRequest): boolean {
  if (uri === request.requestUri) return true
  try {
    return parseUri(uri).user === request.uri.user
  } catch (error) {
    if (error instanceof ParseError) return false
    throw error
  }
}
