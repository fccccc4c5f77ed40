import type { Clock, Timer } from '../../base/clock.ts'
import type { Headers } from '../message/headers.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'

/** RFC 4028 §4 and §5: no interval may be shorter. */
export const MIN_SESSION_EXPIRES_S = 90
/** What the far end may name; longer than any call, and within what a timer can wait. */
const MAX_SESSION_EXPIRES_S = 86_400

type Refresher = 'uac' | 'uas'
type Field = readonly [string, string]

interface SessionExpires {
  readonly seconds: number
  readonly refresher: Refresher | undefined
}

export interface SessionTimerHandlers {
  /** It is our turn to show that the call is alive. */
  refresh(): void
  /** Nobody has shown that it is. */
  expired(): void
}

/**
 * RFC 4028 for one call. Both sides agree in every 2xx to INVITE and UPDATE on an interval and on who refreshes; without a
 * refresh the call is over. A far end that knows nothing of it is asked by us whether it still has the call.
 */
export class SessionTimer {
  readonly #clock: Clock
  readonly #handlers: SessionTimerHandlers
  #intervalS: number
  #minS = MIN_SESSION_EXPIRES_S
  #weRefresh = true
  #hasBegun = false
  #refresh: Timer | undefined
  #expiry: Timer | undefined

  constructor(clock: Clock, intervalS: number, handlers: SessionTimerHandlers) {
    this.#clock = clock
    this.#intervalS = intervalS
    this.#handlers = handlers
  }

  /** §7.1 and §7.4: what an INVITE or UPDATE of ours carries. The first one leaves open who refreshes. */
  requestFields(): Field[] {
    const refresher = this.#hasBegun ? `;refresher=${this.#weRefresh ? 'uac' : 'uas'}` : ''
    return [
      ['Session-Expires', `${this.#intervalS}${refresher}`],
      ['Min-SE', String(this.#minS)],
    ]
  }

  /** §7.3: the far end wants a longer interval. False when it has said nothing that would help. */
  raise(response: SipResponse): boolean {
    const minS = secondsOf(response.headers.get('Min-SE'))
    if (minS === undefined || minS <= this.#minS) return false
    this.#minS = minS
    this.#intervalS = Math.max(this.#intervalS, minS)
    return true
  }

  /** §7.2: a 2xx to our request came. Without a Session-Expires the far end has no timer; then we ask, as often as we wished. */
  agreed({ headers }: SipResponse): void {
    const said = sessionExpiresOf(headers)
    // §9: less than our Min-SE is not the far end's to say; refreshing at every moment would be.
    const seconds = Math.max(said?.seconds ?? this.#intervalS, MIN_SESSION_EXPIRES_S)
    this.#start(seconds, said?.refresher !== 'uas')
  }

  /** §9: we give a 2xx; returns what it says. The far end refreshes when it can and has not said otherwise. */
  agree({ headers }: SipRequest): Field[] {
    const asked = sessionExpiresOf(headers)
    const knows = knowsTimer(headers)
    const most = Math.max(this.#intervalS, secondsOf(headers.get('Min-SE')) ?? 0)
    const seconds = Math.max(Math.min(asked?.seconds ?? most, most), MIN_SESSION_EXPIRES_S)
    const refresher = knows ? (asked?.refresher ?? 'uac') : 'uas'
    this.#start(seconds, refresher === 'uas')
    const fields: Field[] = [['Session-Expires', `${seconds};refresher=${refresher}`]]
    return knows ? [...fields, ['Require', 'timer']] : fields
  }

  /** Our refresh was refused for now. */
  tryLater(): void {
    this.#refresh?.cancel()
    this.#refresh = this.#clock.after(this.#intervalS * 125, () => this.#handlers.refresh())
  }

  stop(): void {
    this.#refresh?.cancel()
    this.#expiry?.cancel()
  }

  /** §10: refreshed at half the interval; given up a third of it, at most 32 s, before its end. */
  #start(seconds: number, weRefresh: boolean): void {
    this.stop()
    this.#hasBegun = true
    this.#intervalS = seconds
    this.#weRefresh = weRefresh
    const expiresMs = (seconds - Math.min(32, seconds / 3)) * 1000
    this.#expiry = this.#clock.after(expiresMs, () => this.#handlers.expired())
    if (weRefresh) this.#refresh = this.#clock.after(seconds * 500, () => this.#handlers.refresh())
  }
}

/** §8.1 and §9: an interval that we refuse with 422 and Min-SE; only a far end that knows the timer understands that. */
export function isIntervalTooSmall({ headers }: SipRequest): boolean {
  const asked = sessionExpiresOf(headers)
  return asked !== undefined && asked.seconds < MIN_SESSION_EXPIRES_S && knowsTimer(headers)
}

function knowsTimer(headers: Headers): boolean {
  return [...headers.list('Supported'), ...headers.list('Require')].some((tag) => tag.toLowerCase() === 'timer')
}

/** §4; one that cannot be read is none. */
function sessionExpiresOf(headers: Headers): SessionExpires | undefined {
  const text = headers.get('Session-Expires') ?? ''
  const semicolon = text.indexOf(';')
  const seconds = secondsOf(semicolon < 0 ? text : text.slice(0, semicolon))
  if (seconds === undefined) return undefined
  const said = semicolon < 0 ? '' : refresherIn(text.slice(semicolon + 1))
  return { seconds, refresher: said === 'uac' || said === 'uas' ? said : undefined }
}

const refresherIn = (params: string) => /(?:^|;)\s*refresher\s*=\s*([a-z]+)/i.exec(params)?.[1]?.toLowerCase()

function secondsOf(text: string | undefined): number | undefined {
  const digits = /^\s*([0-9]{1,10})\s*(?:;|$)/.exec(text ?? '')?.[1]
  return digits === undefined ? undefined : Math.min(Number(digits), MAX_SESSION_EXPIRES_S)
}
