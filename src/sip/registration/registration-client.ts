import type { Timer } from '../../base/clock.ts'
import { ParseError, ProtocolError } from '../../base/errors.ts'
import { Signal } from '../../base/events.ts'
import { AuthenticatedRequest, type AuthenticatedRequestOptions } from '../auth/authenticated-request.ts'
import type { Credentials } from '../auth/credentials.ts'
import { contactOn, newCallId, newTag, type SipCore } from '../core.ts'
import { FailoverRequest } from '../locating/failover-request.ts'
import { isTargets, type Located } from '../locating/locator.ts'
import type { Target } from '../locating/target.ts'
import { Headers } from '../message/headers.ts'
import { request as makeRequest, type OutgoingRequest, type SipResponse } from '../message/message.ts'
import { formatNameAddress, parseNameAddress } from '../message/name-address.ts'
import { contactIdentity, formatUri, over, parseUri, type SipUri, sipUri } from '../message/uri.ts'
import type { RegistrationOptions, RegistrationState, TrunkRegistration } from '../sip-engine.ts'
import type { TransactionFailure } from '../transaction/client-transaction.ts'
import type { Flow } from '../transport/transport.ts'

/** Back-off after a failure: doubles from the first to the last, plus up to a quarter so that many do not come at once. */
const FIRST_RETRY_S = 5
const LAST_RETRY_S = 300
/** A refresh this long before the end leaves time for retransmissions and a challenge (timer F is 32 s). */
const REFRESH_MARGIN_S = 40
const MAX_EXPIRES_S = 86_400
/** Many gateways that lost one server must not come back in one moment. */
const RECONNECT_WITHIN_MS = 1000
/** How long `stop` waits for the answer to the un-REGISTER. */
const UNREGISTER_TIMEOUT_MS = 2000

/** RFC 3261 §10.2: keeps one account of ours registered at a PBX. */
export class RegistrationClient implements TrunkRegistration {
  readonly name: string
  readonly changed = new Signal<RegistrationState>()
  readonly credentials: Credentials
  readonly aor: SipUri
  readonly #core: SipCore
  readonly #options: RegistrationOptions
  readonly #callId: string
  readonly #localTag: string
  #state: RegistrationState = 'idle'
  #lastStatus: number | undefined
  #sequence = 0
  #expiresS: number
  #failures = 0
  #timer: Timer | undefined
  #flow: Flow | undefined
  #stopWatchingFlow: (() => void) | undefined
  #addresses: ReadonlySet<string> = new Set()
  #isStopping = false

  constructor(core: SipCore, options: RegistrationOptions) {
    this.#core = core
    this.#options = options
    this.name = options.name
    this.credentials = { username: options.authUsername ?? options.username, password: options.password }
    this.aor = sipUri(options.username, options.domain ?? this.registrar.host)
    this.#callId = newCallId(core)
    this.#localTag = newTag(core)
    this.#expiresS = options.expiresS
  }

  get state(): RegistrationState {
    return this.#state
  }

  get lastStatus(): number | undefined {
    return this.#lastStatus
  }

  /** Where the PBX was last reached: calls from there are the trunk's. */
  get flow(): Flow | undefined {
    return this.#flow
  }

  get registrar(): SipUri {
    return parseUri(`sip:${this.#options.registrar}`)
  }

  /** One of the addresses that the registrars have: where the PBX's calls come from. */
  isAt(address: string): boolean {
    return this.#flow?.remote.address === address || this.#addresses.has(address)
  }

  /** First hop for calls over this trunk. */
  get nextHop(): SipUri {
    return this.#outboundProxy ?? this.registrar
  }

  /** Route values for requests outside a dialog. */
  get routes(): readonly string[] {
    return this.#outboundProxy ? [`<${formatUri(this.#outboundProxy)};lr>`] : []
  }

  /** Ways to the registrars, or to the outbound proxy; where we are registered now comes first. */
  targets(found: (result: Located) => void): void {
    this.#targetsFrom(this.#servers, [], (all) => {
      const current = this.#flow?.remote
      const isCurrent = ({ remote }: Target) => remote.address === current?.address && remote.port === current.port
      this.#addresses = new Set(all.map(({ remote }) => remote.address))
      if (all.length === 0) found(new ProtocolError('sip.no-address', `no address found for trunk ${this.name}`))
      else if (this.#state !== 'registered') found(all)
      else found([...all.filter(isCurrent), ...all.filter((target) => !isCurrent(target))])
    })
  }

  get #servers(): readonly SipUri[] {
    if (this.#outboundProxy) return [over(this.#outboundProxy, this.#options.transport)]
    const { registrar, fallbackRegistrars = [], transport } = this.#options
    return [registrar, ...fallbackRegistrars].map((server) => over(parseUri(`sip:${server}`), transport))
  }

  #targetsFrom(
    [server, ...others]: readonly SipUri[],
    before: readonly Target[],
    found: (t: readonly Target[]) => void,
  ) {
    if (!server) return found(before)
    this.#core.locator.targetsOf(server, (result) => {
      this.#targetsFrom(others, isTargets(result) ? [...before, ...result] : before, found)
    })
  }

  get #outboundProxy(): SipUri | undefined {
    const proxy = this.#options.outboundProxy
    return proxy === undefined ? undefined : parseUri(`sip:${proxy}`)
  }

  start(): void {
    this.#become('registering')
    this.#register()
  }

  /** §10.2.2: un-REGISTERs if there may be a binding. Resolves when it is answered or after two seconds. */
  async stop(): Promise<void> {
    if (this.#isStopping) return
    this.#isStopping = true
    this.#timer?.cancel()
    this.#stopWatchingFlow?.()
    const flow = this.#flow
    if (flow && this.#state === 'registered') {
      await new Promise<void>((resolve) => {
        const giveUp = this.#core.clock.after(UNREGISTER_TIMEOUT_MS, resolve)
        const done = () => {
          giveUp.cancel()
          resolve()
        }
        const user = {
          onResponse: (response: SipResponse) => response.status >= 200 && done(),
          onFailure: done,
        }
        new AuthenticatedRequest(this.#core, this.#build(flow, 0), flow, user, this.#authentication)
      })
    }
    this.#become('unregistered')
    this.changed.clear()
  }

  #register(): void {
    this.targets((targets) => {
      if (this.#isStopping) return
      if (!isTargets(targets)) return this.#failed(503, targets.message)
      const user = {
        onResponse: (response: SipResponse) => this.#onResponse(response),
        onFailure: (why: TransactionFailure) => this.#failed(why === 'timeout' ? 408 : 503, why),
      }
      const build = (flow: Flow) => {
        this.#flow = flow
        return this.#build(flow, this.#expiresS)
      }
      new FailoverRequest(this.#core, user, { ...this.#authentication, targets, build }).start()
    })
  }

  get #authentication(): AuthenticatedRequestOptions {
    return { credentials: this.credentials, nextSequence: () => ++this.#sequence }
  }

  #onResponse(response: SipResponse) {
    if (this.#isStopping || response.status < 200) return
    this.#lastStatus = response.status
    if (response.status < 300) return this.#onRegistered(response)
    if (response.status === 423 && this.#raiseExpires(response)) return this.#register()
    this.#failed(response.status, response.reason, response.headers.get('Retry-After'))
  }

  /** §10.2.4: the registrar decides how long; refresh well before the end. */
  #onRegistered(response: SipResponse): void {
    this.#failures = 0
    const grantedS = this.#grantedExpires(response)
    const refreshS = Math.max(grantedS / 2, grantedS - REFRESH_MARGIN_S)
    this.#timer = this.#core.clock.after(refreshS * 1000, () => this.#register())
    this.#stopWatchingFlow?.()
    this.#stopWatchingFlow = this.#flow!.onFailure(() => this.#onFlowLost())
    this.#become('registered')
  }

  /** RFC 5626 §4.4: the PBX reaches us over the connection alone, so a new one is made at once. */
  #onFlowLost(): void {
    if (this.#isStopping || this.#state !== 'registered') return
    this.#timer?.cancel()
    this.#core.logger.warn({ trunk: this.name }, 'connection to the registrar lost')
    this.#become('registering')
    const withinMs = this.#core.random.below(RECONNECT_WITHIN_MS)
    this.#timer = this.#core.clock.after(withinMs, () => this.#register())
  }

  /** §10.3 step 7 through §10.2.8: 423 names the least it takes. */
  #raiseExpires(response: SipResponse): boolean {
    const text = response.headers.get('Min-Expires') ?? ''
    const minimumS = /^[0-9]{1,8}$/.test(text) ? Number(text) : 0
    if (minimumS <= this.#expiresS || minimumS > MAX_EXPIRES_S) return false
    this.#expiresS = minimumS
    return true
  }

  /** The `expires` of our Contact in the 200, else the Expires header, else what we asked for. */
  #grantedExpires(response: SipResponse): number {
    const own = contactIdentity(parseNameAddress(this.#contact(this.#flow!)).uri)
    const text = expiresOfContact(response, own) ?? response.headers.get('Expires') ?? String(this.#expiresS)
    const seconds = /^[0-9]{1,8}$/.test(text) ? Number(text) : this.#expiresS
    return Math.min(Math.max(seconds, 1), MAX_EXPIRES_S)
  }

  #failed(status: number, why: string, retryAfter?: string): void {
    if (this.#isStopping) return
    this.#lastStatus = status
    const backOffS = Math.min(FIRST_RETRY_S * 2 ** this.#failures, LAST_RETRY_S)
    const askedS = Math.min(Number(/^\s*([0-9]{1,5})/.exec(retryAfter ?? '')?.[1] ?? 0), MAX_EXPIRES_S)
    const waitMs = Math.max(backOffS, askedS) * 1000
    this.#failures++
    this.#timer = this.#core.clock.after(waitMs + this.#core.random.below(waitMs / 4), () => this.#register())
    this.#core.logger.warn({ trunk: this.name, status, why, retryInMs: waitMs }, 'registration failed')
    this.#become('failed')
  }

  #become(state: RegistrationState): void {
    if (state === this.#state) return
    this.#state = state
    this.#core.logger.info({ trunk: this.name, state }, 'registration state')
    this.changed.emit(state)
  }

  #contact(flow: Flow): string {
    return contactOn(this.#core, flow, this.#options.username)
  }

  /** §10.2: the Request-URI is the domain; From and To are the address of record. */
  #build(flow: Flow, expiresS: number): OutgoingRequest {
    const aor = formatNameAddress({ uri: this.aor })
    const headers = new Headers()
    for (const route of this.routes) headers.append('Route', route)
    headers
      .append('Max-Forwards', '70')
      .append('From', `${aor};tag=${this.#localTag}`)
      .append('To', aor)
      .append('Call-ID', this.#callId)
      .append('CSeq', `${++this.#sequence} REGISTER`)
      .append('Contact', `${this.#contact(flow)};expires=${expiresS}`)
      .append('Expires', String(expiresS))
      .append('Supported', 'path')
      .append('User-Agent', this.#core.product)
    return makeRequest(
      'REGISTER',
      formatUri(sipUri(undefined, this.aor.host, this.#options.domain ? undefined : this.registrar.port)),
      headers,
    )
  }
}

function expiresOfContact(response: SipResponse, identity: string): string | undefined {
  for (const text of response.headers.list('Contact')) {
    try {
      const contact = parseNameAddress(text)
      if (contactIdentity(contact.uri) === identity) return contact.params.get('expires')
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
    }
  }
  return undefined
}
