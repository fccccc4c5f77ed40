import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import { type Random, randomHex } from '../base/random.ts'
import type { Tracer } from '../base/tracer.ts'
import type { Network } from '../net/network.ts'
import type { DialogTable } from './dialog/dialog-table.ts'
import type { Locator } from './locating/locator.ts'
import { bracketed, formatUri, sipUri } from './message/uri.ts'
import type { TransactionLayer } from './transaction/layer.ts'
import type { TimerSettings } from './transaction/timers.ts'
import type { AdvertisedAddress } from './transport/advertised-address.ts'
import { type Flow, isSecure } from './transport/transport.ts'

/** What the user agent stands on. `timers` only differ from the RFC's in tests. */
export interface SipEnvironment {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly network: Network
  readonly timers?: TimerSettings
  readonly tracer?: Tracer
}

/** What every part of the user agent works with; made once by `user-agent.ts`. */
export interface SipCore {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly timers: TimerSettings
  readonly transactions: TransactionLayer
  readonly dialogs: DialogTable
  readonly locator: Locator
  readonly advertised: AdvertisedAddress
  /** `User-Agent` in requests, `Server` in answers. */
  readonly product: string
  /** The Session-Expires that we ask for, seconds (RFC 4028). */
  readonly sessionExpiresS: number
}

/** RFC 3261 §20.5: what a call in progress may be asked for. */
export const ALLOW = 'INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, INFO, REFER'

/** RFC 3261 §20.37: RFC 3262, RFC 4028, RFC 3891, RFC 4488. What a peer may require of us. */
export const SUPPORTED: ReadonlySet<string> = new Set(['100rel', 'timer', 'replaces', 'norefersub'])

/** What we say of ourselves in every INVITE, every 2xx to one, and to OPTIONS. */
export const CAPABILITIES: readonly (readonly [string, string])[] = [
  ['Allow', ALLOW],
  ['Supported', [...SUPPORTED].join(', ')],
]

/** §19.3 asks for 32 random bits; 64 also make a dialog's identity hard to guess. */
export function newTag(core: Pick<SipCore, 'random'>): string {
  return randomHex(8, core.random)
}

export function newCallId(core: SipCore): string {
  return randomHex(16, core.random)
}

/** The Via's sent-by on that flow. */
export function sentBy(core: SipCore, flow: Flow): string {
  return `${bracketed(core.advertised.toward(flow))}:${flow.local.port}`
}

/**
 * Our Contact on that flow; `user` is what the peer knows us by, may be empty. `isSips` where RFC 3261 §8.1.1.8 and §12.1.1 ask
 * for a SIPS URI, whose transport goes without saying (RFC 5630 §3.1.4); over anything but TLS it would be a promise unkept.
 */
export function contactOn(core: SipCore, flow: Flow, user: string, isSips = false): string {
  const scheme = isSips && isSecure(flow) ? 'sips' : 'sip'
  const isImplied = flow.transport === 'udp' || scheme === 'sips'
  const params = isImplied ? new Map<string, string>() : new Map([['transport', flow.transport]])
  const uri = sipUri(user === '' ? undefined : user, core.advertised.toward(flow), flow.local.port, params)
  return `<${formatUri({ ...uri, scheme })}>`
}
