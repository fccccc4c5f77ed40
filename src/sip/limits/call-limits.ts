import type { Clock } from '../../base/clock.ts'
import type { PeerLimits, SessionPeer, SipUserAgentOptions } from '../sip-engine.ts'
import { TokenBucket } from './token-bucket.ts'

/** How calls of one peer are counted. */
interface Share {
  readonly maxCalls: number
  readonly rate: TokenBucket | undefined
  calls: number
}

/** How many calls may begin in a second and be there at one time: of each peer, and in all. */
export class CallLimits {
  readonly #clock: Clock
  readonly #maxCalls: number
  readonly #rate: TokenBucket | undefined
  readonly #shares = new Map<string, Share>()
  #calls = 0

  /** `limits` by what `peerKey` makes of a peer; who has none is only counted in all. */
  constructor(
    clock: Clock,
    all: Required<Pick<PeerLimits, 'maxCalls'>> & PeerLimits,
    limits: Iterable<readonly [SessionPeer, PeerLimits]>,
  ) {
    this.#clock = clock
    this.#maxCalls = all.maxCalls
    this.#rate = this.#bucket(all.callsPerSecond)
    for (const [peer, { maxCalls = Number.POSITIVE_INFINITY, callsPerSecond }] of limits) {
      this.#shares.set(peerKey(peer), { maxCalls, rate: this.#bucket(callsPerSecond), calls: 0 })
    }
  }

  /** Costs nothing and decides nothing for a single peer: asked before anybody is known. */
  get isFull(): boolean {
    return this.#calls >= this.#maxCalls
  }

  /** Counts a call that wants to begin against the rates; false: it must not. */
  mayBegin(peer: SessionPeer): boolean {
    const nowMs = this.#clock.nowMs()
    const share = this.#shares.get(peerKey(peer))
    if (this.isFull || (share && share.calls >= share.maxCalls)) return false
    if (share?.rate && !share.rate.take(nowMs)) return false
    return this.#rate?.take(nowMs) ?? true
  }

  began(peer: SessionPeer): void {
    this.#calls++
    const share = this.#shares.get(peerKey(peer))
    if (share) share.calls++
  }

  ended(peer: SessionPeer): void {
    this.#calls--
    const share = this.#shares.get(peerKey(peer))
    if (share) share.calls--
  }

  /** A second's worth may come at once: calls do not keep step. */
  #bucket(perSecond: number | undefined): TokenBucket | undefined {
    if (perSecond === undefined) return undefined
    return new TokenBucket(perSecond, Math.max(1, perSecond), this.#clock.nowMs())
  }
}

export function limitsOfPeers(options: SipUserAgentOptions): [SessionPeer, PeerLimits][] {
  return [
    ...options.users.map((user): [SessionPeer, PeerLimits] => [{ kind: 'user', username: user.username }, user]),
    ...options.registrations.map((r): [SessionPeer, PeerLimits] => [{ kind: 'registration', name: r.name }, r]),
    ...options.staticTrunks.map((trunk): [SessionPeer, PeerLimits] => [
      { kind: 'static-trunk', name: trunk.name },
      trunk,
    ]),
  ]
}

function peerKey(peer: SessionPeer): string {
  if (peer.kind === 'uri') return 'uri'
  return peer.kind === 'user' ? `user ${peer.username}` : `trunk ${peer.name}`
}
