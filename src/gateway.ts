import { join } from 'node:path'
import { systemClock } from './base/clock.ts'
import type { Signal } from './base/events.ts'
import type { Logger } from './base/logger.ts'
import { systemRandom } from './base/random.ts'
import { noTracer, type Tracer } from './base/tracer.ts'
import type { Account } from './bridge/accounts.ts'
import type { CallRecord } from './bridge/call.ts'
import { DialLedger } from './bridge/dialler/dial-ledger.ts'
import { Dialler } from './bridge/dialler/dialler.ts'
import { Legs } from './bridge/legs.ts'
import type { InboundRoute } from './bridge/routing.ts'
import type { BridgeStatus } from './bridge/status.ts'
import { Switchboard } from './bridge/switchboard.ts'
import type { Config } from './config/schema.ts'
import { accountOf, diallerLimits } from './gateway/dialler-settings.ts'
import {
  type AccountOptions,
  closeAccount,
  type OpenAccount,
  openAccount,
  type WhatsAppPlace,
} from './gateway/open-account.ts'
import { sipOptions } from './gateway/sip-settings.ts'
import { RINGBACK_TONES, type RingbackCadence } from './media/ringback-tones.ts'
import type { Network } from './net/network.ts'
import { NodeNetwork } from './net/node-network.ts'
import { CdrFile } from './ops/cdr.ts'
import { OpsHttp } from './ops/http.ts'
import { Metrics } from './ops/metrics.ts'
import { iceConnector } from './relay/ice-transport.ts'
import { RELAY_DTLS_FINGERPRINT } from './relay/munged-answer.ts'
import { rawConnector } from './relay/raw-transport.ts'
import type { RelayConnector } from './relay/relay-transport.ts'
import type { Listening, SipEngine } from './sip/sip-engine.ts'
import { SipUserAgent } from './sip/user-agent.ts'
import { NumberNormalizer } from './whatsapp/numbers/e164.ts'
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
  readonly #accounts: readonly OpenAccount[]
  readonly #sip: SipEngine
  readonly #legs: Legs
  readonly #ledger: DialLedger
  readonly #dialler: Dialler
  readonly #switchboard: Switchboard
  readonly #metrics: Metrics
  readonly #http: OpsHttp
  readonly #cdr: CdrFile | undefined
  #state: BridgeStatus['state'] = 'starting'

  constructor(config: Config, options: GatewayOptions) {
    const clock = options.clock ?? systemClock
    const network = options.network ?? new NodeNetwork(options.log.child({ room: 'net' }))
    const tracer = options.tracer ?? noTracer
    this.#config = config
    this.#log = options.log
    this.#tracer = tracer

    // WhatsApp: for each account its store, its connection, its calls.
    this.#accounts = config.whatsapp.accounts.map((account) => openAccount(config, account, options, clock))

    // SIP: listeners, registrar, registrations at PBXs.
    this.#sip = new SipUserAgent(sipOptions(config, options.product), {
      network,
      clock,
      random: systemRandom,
      logger: options.log.child({ room: 'sip' }),
      tracer,
    })

    // The bridge: legs join the two sides; the switchboard decides who is called.
    this.#legs = new Legs({
      sip: this.#sip,
      network,
      clock,
      random: systemRandom,
      media: {
        address: config.media.address,
        ports: config.media.ports,
        codecs: config.media.codecs,
        srtp: config.media.srtp,
        allowInsecureSrtp: config.media.allowInsecureSrtp,
        holdSound: config.media.holdSound,
        detectDtmf: config.media.detectDtmf,
        timeoutMs: config.media.timeoutS * 1000,
      },
      answerTimeoutMs: config.sip.answerTimeoutS * 1000,
      ringback: ringbackOf(config.sip),
      relay: {
        connect: relayConnector(config.relay, network, options.place),
        portPolicy: config.relay.portPolicy,
        addressFamily: config.relay.addressFamily,
        maxRelays: config.relay.maxRelays,
        connectTimeoutMs: config.relay.connectTimeoutS * 1000,
      },
      whatsAppMediaTimeoutMs: config.whatsapp.mediaTimeoutS * 1000,
      voice: config.whatsapp.voice,
    })
    this.#ledger = new DialLedger(join(config.dataDirectory, 'dialler.sqlite'))
    this.#dialler = new Dialler(diallerLimits(config), this.#ledger, clock, options.log.child({ room: 'dialler' }))
    this.#switchboard = new Switchboard({
      sip: this.#sip,
      accounts: this.#accounts,
      legs: this.#legs,
      normalizer: numberNormalizer(config.dialing),
      dialler: this.#dialler,
      accountOf: (peer) => accountOf(config, peer),
      routes: config.routing.inbound.map(inboundRoute),
      maxCalls: config.sip.maxCalls,
      clock,
      log: options.log,
      tracer,
    })

    // Operations watch; nobody calls them.
    this.#metrics = new Metrics(() => this.status())
    this.#http = new OpsHttp(() => this.status(), this.#metrics)
    this.#cdr = config.cdr.file === null ? undefined : new CdrFile(config.cdr.file, options.log)
    this.#switchboard.callChanged.on((record) => {
      this.#metrics.onCall(record)
      this.#traceCall(record)
      if (record.state === 'ended') this.#cdr?.append(record)
    })
  }

  /** Every change of every call. */
  get callChanged(): Signal<CallRecord> {
    return this.#switchboard.callChanged
  }

  get sipListening(): readonly Listening[] {
    return this.#sip.listening
  }

  /** The connection of an account. */
  account(name: string): Account | undefined {
    return this.#accounts.find((account) => account.name === name)
  }

  status(): BridgeStatus {
    return {
      state: this.#state,
      activeCalls: this.#switchboard.activeCalls,
      accounts: this.#accounts.map(({ name, client, maxCalls }) => ({
        name,
        state: client.state,
        activeCalls: this.#switchboard.activeCallsOf(name),
        maxCalls,
        dials: this.#dialler.countsOf(name),
        restrictedForS: this.#dialler.restrictionOf(name)?.retryAfterS ?? 0,
      })),
      trunks: this.#sip.trunks,
    }
  }

  /** Resolves when SIP is served. Accounts connect on their own time; until one is open, calls get 503. */
  async start(): Promise<void> {
    const { http } = this.#config
    if (http.enabled) {
      const port = await this.#http.listen(http.port, http.address)
      this.#log.info({ address: http.address, port }, 'health and metrics')
    }
    for (const account of this.#accounts) this.#watchAccount(account)
    await this.#legs.warmUp()
    await this.#sip.start()
    for (const { address, port, transport } of this.#sip.listening) {
      this.#log.info({ transport, address, port }, 'SIP')
    }
    for (const registration of this.#sip.registrations) {
      registration.changed.on((state) => this.#log.info({ trunk: registration.name, state }, 'trunk registration'))
    }
    this.#state = 'running'
    await Promise.all(this.#accounts.map(({ client }) => client.start()))
  }

  /** Takes no new calls, and waits for those in progress, at most `limitMs`. */
  async drain(limitMs: number): Promise<void> {
    this.#state = 'draining'
    await this.#switchboard.drain(limitMs)
  }

  /** Ends what is left and closes everything. Idempotent. */
  async stop(): Promise<void> {
    if (this.#state === 'stopped') return
    this.#state = 'stopped'
    await this.#switchboard.stop()
    await this.#sip.stop()
    await Promise.all(this.#accounts.map(closeAccount))
    if (this.#config.http.enabled) await this.#http.close()
    this.#cdr?.close()
    this.#ledger.close()
  }

  #traceCall({ correlationId, direction, account, state, cause, endedBy }: CallRecord): void {
    this.#tracer.record({ what: 'call', correlationId, direction, account, state, cause, endedBy })
  }

  #watchAccount({ name, client, calls }: OpenAccount): void {
    client.events.on((event) => {
      if (event.type !== 'state') return
      this.#tracer.record({ what: 'account', account: name, state: event.state, reason: event.reason })
      const level = NEEDS_ADMINISTRATOR.has(event.state) ? 'warn' : 'info'
      this.#log[level]({ account: name, state: event.state, reason: event.reason }, 'WhatsApp account')
    })
    calls.missed.on(({ reason, caller }) => this.#log.info({ account: name, reason, caller }, 'missed WhatsApp call'))
  }
}

function ringbackOf({ earlyMedia, ringbackTone }: Config['sip']): RingbackCadence | undefined {
  const tone = RINGBACK_TONES[ringbackTone]
  return earlyMedia === 'ringback' ? tone : undefined
}

function relayConnector(relay: Config['relay'], network: Network, place: WhatsAppPlace | undefined): RelayConnector {
  const localAddress = place?.localAddress
  const known = place?.relayFingerprint ?? RELAY_DTLS_FINGERPRINT
  const dtlsFingerprint = relay.verifyCertificate ? known : undefined
  return relay.transport === 'raw'
    ? rawConnector({ network, localAddress, dtlsFingerprint })
    : iceConnector({ localAddress, dtlsFingerprint })
}

/** States that do not mend themselves. */
const NEEDS_ADMINISTRATOR = new Set<WaState>(['logged-out', 'replaced', 'banned'])

function numberNormalizer(dialing: Config['dialing']): NumberNormalizer {
  return new NumberNormalizer({
    ...(dialing.countryCode !== null && { defaultCountryCode: dialing.countryCode }),
    internationalPrefix: dialing.internationalPrefix,
    nationalPrefix: dialing.nationalPrefix,
    minDigits: dialing.minDigits,
  })
}

function inboundRoute({ account, user, trunk, extension }: Config['routing']['inbound'][number]): InboundRoute {
  if (user !== undefined) return { account, kind: 'user', user }
  return { account, kind: 'trunk', trunk: trunk ?? '', extension: extension ?? '' }
}
