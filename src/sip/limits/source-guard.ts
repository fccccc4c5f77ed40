import type { Clock } from '../../base/clock.ts'
import { TokenBucket } from './token-bucket.ts'

export interface SourceGuardOptions {
  readonly clock: Clock
  /** Trunks by address: never held up. */
  readonly isTrunk: (address: string) => boolean
}

/** What a stranger may send: enough for an office that powers up, too little to keep a core busy. */
const MESSAGES_PER_SECOND = 50
const MESSAGES_BURST = 200
/** All strangers together, whose addresses may be forged. */
const STRANGERS_PER_SECOND = 1000
const STRANGERS_BURST = 2000
/** Failed logins that a typing error explains; after them each answer takes twice as long as the one before. */
const FREE_FAILURES = 3
const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 4000
/** From here on no credentials from there are believed until the failures are forgotten. */
const MAX_FAILURES = 20
const FORGET_MS = 600_000
/** Who has logged in is no stranger for longer than any usual registration. */
const TRUST_MS = 4_000_000
const MAX_REMEMBERED = 10_000
/** Whether an address is a trunk's is asked again after this: registrations come and go. */
const TRUNK_MS = 5000

interface Failures {
  count: number
  lastAtMs: number
}

/** What is remembered of addresses: who floods, who guesses passwords, and who must not suffer for either. */
export class SourceGuard {
  readonly #options: SourceGuardOptions
  readonly #strangers: TokenBucket
  readonly #buckets = new Map<string, TokenBucket>()
  readonly #failures = new Map<string, Failures>()
  /** Address, and address with user name, to when the trust ends. */
  readonly #trusted = new Map<string, number>()
  #dropped = 0

  constructor(options: SourceGuardOptions) {
    this.#options = options
    this.#strangers = new TokenBucket(STRANGERS_PER_SECOND, STRANGERS_BURST, options.clock.nowMs())
  }

  get dropped(): number {
    return this.#dropped
  }

  /** Asked for every message before it is read: false drops it. */
  mayEnter(address: string): boolean {
    if (this.#isTrusted(address) || this.#isTrunk(address)) return true
    const nowMs = this.#options.clock.nowMs()
    const key = networkOf(address)
    let bucket = this.#buckets.get(key)
    if (!bucket) {
      bucket = new TokenBucket(MESSAGES_PER_SECOND, MESSAGES_BURST, nowMs)
      remember(this.#buckets, key, bucket)
    }
    if (bucket.take(nowMs) && this.#strangers.take(nowMs)) return true
    this.#dropped++
    return false
  }

  /** Right credentials came from there. */
  loggedIn(address: string, username: string): void {
    const untilMs = this.#options.clock.nowMs() + TRUST_MS
    remember(this.#trusted, address, untilMs)
    remember(this.#trusted, `${address} ${username}`, untilMs)
  }

  /** Wrong ones, with a nonce that was sent there: only then is the address no forgery. Returns how long the answer waits. */
  loginFailed(address: string): number {
    const nowMs = this.#options.clock.nowMs()
    const known = this.#failuresOf(address)
    const failures = { count: (known?.count ?? 0) + 1, lastAtMs: nowMs }
    remember(this.#failures, networkOf(address), failures)
    if (failures.count <= FREE_FAILURES) return 0
    return Math.min(FIRST_DELAY_MS * 2 ** (failures.count - FREE_FAILURES - 1), LONGEST_DELAY_MS)
  }

  /** A phone that logged in from there before is not shut out by what its neighbours do. */
  isShutOut(address: string, username: string): boolean {
    return (this.#failuresOf(address)?.count ?? 0) >= MAX_FAILURES && !this.#isTrusted(`${address} ${username}`)
  }

  #failuresOf(address: string): Failures | undefined {
    const failures = this.#failures.get(networkOf(address))
    return failures && this.#options.clock.nowMs() - failures.lastAtMs < FORGET_MS ? failures : undefined
  }

  #isTrusted(key: string): boolean {
    return (this.#trusted.get(key) ?? 0) > this.#options.clock.nowMs()
  }

  #isTrunk(address: string): boolean {
    if (!this.#options.isTrunk(address)) return false
    remember(this.#trusted, address, this.#options.clock.nowMs() + TRUNK_MS)
    return true
  }
}

/** The oldest entry makes room. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > MAX_REMEMBERED) map.delete(map.keys().next().value!)
}

/** A host with IPv6 has a whole /64 to send from. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [left = '', right] = address.split('::')
  const head = left === '' ? [] : left.split(':')
  if (right === undefined) return head.slice(0, 4).join(':')
  const tail = right === '' ? [] : right.split(':')
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0')
  return [...head, ...zeros, ...tail].slice(0, 4).join(':')
}
