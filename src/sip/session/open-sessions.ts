import type { Clock } from '../../base/clock.ts'
import type { CallLimits } from '../limits/call-limits.ts'
import type { SessionPeer } from '../sip-engine.ts'
import type { CallSession } from './call-session.ts'

/** The calls in progress, each counted with the peer that it began with, whoever it is sent on to. */
export class OpenSessions {
  readonly #limits: CallLimits
  readonly #peers = new Map<CallSession, SessionPeer>()
  #onLeft = () => {}

  constructor(limits: CallLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#peers.size
  }

  all(): readonly CallSession[] {
    return [...this.#peers.keys()]
  }

  opened(session: CallSession): void {
    this.#peers.set(session, session.peer)
    this.#limits.began(session.peer)
  }

  closed(session: CallSession): void {
    const peer = this.#peers.get(session)
    if (peer) this.#limits.ended(peer)
    this.#peers.delete(session)
    if (this.#peers.size === 0) this.#onLeft()
  }

  /** A call just answered is left only after its ACK, which its BYE has to wait for (RFC 3261 §15). */
  whenLeft(clock: Clock, timeoutMs: number): Promise<void> {
    if (this.#peers.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = clock.after(timeoutMs, resolve)
      this.#onLeft = () => {
        timer.cancel()
        resolve()
      }
    })
  }
}
