import { systemClock } from './base/clock.ts'
import type { Signal } from './base/events.ts'
import type { Logger } from './base/logger.ts'
import { systemRandom } from './base/random.ts'
import { noTracer, type Tracer } from './base/tracer.ts'
import type { Account } from './bridge/accounts.ts'
import type { CallRecord } from './bridge/call.ts'
import { Dialler } from './bridge/dialler/dialler.ts'
import { Legs } from './bridge/legs.ts'
import type { BridgeStatus } from './bridge/status.ts'
import { Switchboard } from './bridge/switchboard.ts'
import type { Config } from './config/schema.ts'
import { accountStatus } from './gateway/account-status.ts'
import { CertificateWatch } from './gateway/certificate-watch.ts'
import { diallerLimits } from './gateway/dialler-settings.ts'
import { endAll, endTogether } from './gateway/ending.ts'
import { GatewayFiles } from './gateway/files.ts'
import { legSettings } from './gateway/leg-settings.ts'
import { type AccountOptions, closeAccount, openAccount } from './gateway/open-account.ts'
import { accountOf, inboundRoutes, numberNormalizer } from './gateway/routing-settings.ts'
import { serveHttp } from './gateway/serving-http.ts'
import { sipOptions } from './gateway/sip-settings.ts'
import type { Network } from './net/network.ts'
import { NodeNetwork } from './net/node-network.ts'
import { OpsHttp } from './ops/http.ts'
import { Metrics } from './ops/metrics.ts'
import type { Listening, SipEngine, SipStats } from './sip/sip-engine.ts'
import { SipUserAgent } from './sip/user-agent.ts'
import type { WaState } from './whatsapp/wa-client.ts'

export interface GatewayOptions extends AccountOptions {
  /** `User-Agent` and `Server` of the SIP side. */
  readonly product: string
  readonly network?: Network
}

/**
 * The whole gateway, in the order in which it is made. Two ways to end it: `drain` lets calls in progress go on for a
 * while, `stop` ends them. Neither forgets a pairing.
 */
export class Gateway {
  readonly #config: Config
  readonly #log: Logger
  readonly #tracer: Tracer
  readonly #files: GatewayFiles
  readonly #accounts: readonly Account[]
  readonly #sip: SipEngine
  readonly #certificates: CertificateWatch
  readonly #legs: Legs
  readonly #dialler: Dialler
  readonly #switchboard: Switchboard
  readonly #metrics: Metrics
  readonly #http: OpsHttp
  /** At the time of its own clock nothing comes late, and there is nothing to rehearse. */
  readonly #isRehearsed: boolean
  #state: BridgeStatus['state'] = 'starting'
  #opening: Promise<void> = Promise.resolve()
  #ended: Promise<void> | undefined

  /** Opens the files, and no socket. Throws `ConfigError`; then no file is open. */
  constructor(config: Config, options: GatewayOptions) {
    const { log, clock = systemClock, random = systemRandom, tracer = noTracer } = options
    const network = options.network ?? new NodeNetwork(log.child({ room: 'net' }))
    this.#config = config
    this.#log = log
    this.#isRehearsed = options.inProcess === undefined
    this.#tracer = tracer

    // SIP: listeners, registrar, registrations at PBXs.
    const sip = sipOptions(config, options.product)
    this.#sip = new SipUserAgent(sip, {
      network,
      clock,
      random,
      logger: log.child({ room: 'sip' }),
      tracer,
    })

    this.#certificates = new CertificateWatch({
      tls: config.sip.tls,
      inUse: sip.tls,
      clock,
      log: log.child({ room: 'sip' }),
      renew: (tls) => this.#sip.renewTls(tls),
    })

    // The two kinds of leg.
    const settings = legSettings(config, network, options)
    this.#legs = new Legs({ sip: this.#sip, network, clock, random, ...settings })

    // Files, after what can fail without them. WhatsApp: for each account its connection and its calls.
    this.#files = new GatewayFiles(config, log)
    const { ledger, cdr } = this.#files
    this.#accounts = this.#openAccounts(options)

    // The switchboard joins the two sides, and decides who is called.
    this.#dialler = new Dialler(diallerLimits(config), ledger, clock, log.child({ room: 'dialler' }))
    this.#switchboard = new Switchboard({
      sip: this.#sip,
      accounts: this.#accounts,
      legs: this.#legs,
      normalizer: numberNormalizer(config),
      dialler: this.#dialler,
      accountOf: (peer) => accountOf(config, peer),
      routes: inboundRoutes(config),
      maxCalls: config.sip.maxCalls,
      clock,
      log,
      tracer,
    })

    // Operations watch; nobody calls them.
    this.#metrics = new Metrics(() => this.status())
    this.#http = new OpsHttp(() => this.status(), this.#metrics)
    this.#switchboard.callChanged.on((record) => {
      this.#metrics.onCall(record)
      this.#traceCall(record)
      if (record.state === 'ended') cdr?.append(record)
    })
  }

  /** The last that can fail: then the files are closed. */
  #openAccounts(options: AccountOptions): readonly Account[] {
    const { stores } = this.#files
    try {
      return this.#config.whatsapp.accounts.map((account) =>
        openAccount(this.#config, account, stores.get(account.name)!, options),
      )
    } catch (error) {
      this.#files.abandon()
      throw error
    }
  }

  /** Every change of every call. */
  get callChanged(): Signal<CallRecord> {
    return this.#switchboard.callChanged
  }

  get sipListening(): readonly Listening[] {
    return this.#sip.listening
  }

  /** What the SIP side holds. */
  sipStats(): SipStats {
    return this.#sip.stats()
  }

  /** The connection of an account. */
  account(name: string): Account | undefined {
    return this.#accounts.find((account) => account.name === name)
  }

  status(): BridgeStatus {
    return {
      state: this.#state,
      activeCalls: this.#switchboard.activeCalls,
      accounts: this.#accounts.map((account) =>
        accountStatus(account, this.#switchboard.activeCallsOf(account.name), this.#dialler),
      ),
      trunks: this.#sip.trunks,
    }
  }

  /**
   * Resolves when SIP is served, or when the end has begun meanwhile. Accounts connect on their own time; until one is open,
   * calls get 503.
   */
  async start(): Promise<void> {
    await this.#open(() => serveHttp(this.#http, this.#config, this.#log))
    for (const account of this.#accounts) this.#watchAccount(account)
    if (this.#isRehearsed) await this.#rehearse()
    await this.#open(() => this.#serveSip())
    if (this.#state !== 'starting') return
    this.#state = 'running'
    await Promise.all(this.#accounts.map(({ client }) => client.start()))
  }

  /** Opens nothing once the end has begun; `stop` waits for what is being opened, so that it finds all of it to close. */
  async #open(serve: () => Promise<void>): Promise<void> {
    if (this.#state !== 'starting') return
    this.#opening = serve()
    await this.#opening
  }

  async #serveSip(): Promise<void> {
    await this.#sip.start()
    await this.#certificates.start()
    for (const { address, port, transport } of this.#sip.listening) {
      this.#log.info({ transport, address, port }, 'SIP')
    }
    for (const registration of this.#sip.registrations) {
      registration.changed.on((state) => this.#log.info({ trunk: registration.name, state }, 'trunk registration'))
    }
  }

  async #rehearse(): Promise<void> {
    const { fromSip, fromWhatsApp } = await this.#legs.rehearse()
    this.#log.debug({ fromSip, fromWhatsApp }, 'a call rehearsed')
  }

  /** Takes no new calls, and waits for those in progress, at most `limitMs`. */
  async drain(limitMs: number): Promise<void> {
    this.#state = 'draining'
    await this.#switchboard.drain(limitMs)
  }

  /** Ends what is left and closes everything, also when a part fails to end: then it rejects with why. Idempotent. */
  stop(): Promise<void> {
    this.#state = 'stopped'
    this.#ended ??= endAll([
      () => this.#certificates.stop(),
      () => this.#switchboard.stop(),
      // What cannot be opened is told to the caller of `start`.
      () => this.#opening.catch(() => undefined),
      () => this.#sip.stop(),
      () => endTogether(this.#accounts.map((account) => () => closeAccount(account))),
      () => this.#http.close(),
      () => this.#files.close(),
    ])
    return this.#ended
  }

  #traceCall({ correlationId, direction, account, state, cause, endedBy }: CallRecord): void {
    this.#tracer.record({ what: 'call', correlationId, direction, account, state, cause, endedBy })
  }

  #watchAccount({ name, client, calls }: Account): void {
    client.events.on((event) => {
      if (event.type !== 'state') return
      this.#tracer.record({ what: 'account', account: name, state: event.state, reason: event.reason })
      const level = NEEDS_ADMINISTRATOR.has(event.state) ? 'warn' : 'info'
      const { state, reason } = event
      this.#log[level]({ account: name, state, reason, retryAfterS: client.retryAfterS }, 'WhatsApp account')
    })
    calls.missed.on(({ reason }) => this.#metrics.onMissed(name, reason))
  }
}

/** States that an administrator must hear of: all but a ban for a time last until somebody mends them. */
const NEEDS_ADMINISTRATOR = new Set<WaState>(['logged-out', 'replaced', 'banned'])
