import { type Clock, systemClock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import { type Random, systemRandom } from '../base/random.ts'
import type { Tracer } from '../base/tracer.ts'
import type { Account } from '../bridge/accounts.ts'
import type { Config } from '../config/schema.ts'
import type { RelayConnector } from '../relay/relay-transport.ts'
import { BaileysClient, type BaileysClientOptions, type Pairing } from '../whatsapp/account/baileys-client.ts'
import { StanzaTap } from '../whatsapp/account/stanza-tap.ts'
import type { AccountStore } from '../whatsapp/account/store.ts'
import { CallManager } from '../whatsapp/calls/call-manager.ts'
import { defaultCallSettings } from '../whatsapp/calls/settings.ts'
import type { WaClient } from '../whatsapp/wa-client.ts'
import { endAll } from './ending.ts'

type AccountConfig = Config['whatsapp']['accounts'][number]

/** Where the WhatsApp side is, when it is not WhatsApp itself: a network of one's own, such as the simulator's. */
export interface WhatsAppPlace {
  readonly webSocketUrl: string
  readonly noiseRoot: NonNullable<BaileysClientOptions['noiseRoot']>
  readonly relayFingerprint: string
  /** Local address that relays are reached from. */
  readonly localAddress: string
}

/** A WhatsApp whose clients and relays are objects of this process, at the time of its clock: no websocket, no DTLS. */
interface WhatsAppInProcess {
  openClient(account: string): WaClient
  readonly connectRelay: RelayConnector
}

export interface AccountOptions {
  readonly log: Logger
  /** Instead of a client library, whatever `place` says. */
  readonly inProcess?: WhatsAppInProcess
  readonly place?: WhatsAppPlace
  readonly pairing?: Pairing
  readonly clock?: Clock
  /** Of call keys, ids and the like: the system's, unless a run has to be repeatable. */
  readonly random?: Random
  readonly tracer?: Tracer
}

/** An account's connection and calls; `store` stays that of whoever opened it. */
export function openAccount(
  config: Config,
  account: AccountConfig,
  store: AccountStore,
  options: AccountOptions,
): Account {
  const { name, maxCalls } = account
  const logger = options.log.child({ room: 'whatsapp', account: name })
  const client = options.inProcess?.openClient(name) ?? accountClient(account, store, options)
  const calls = new CallManager({
    client,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    logger,
    settings: callSettings(config, maxCalls),
  })
  return { name, client, calls, maxCalls }
}

/** An account's connection; whoever made it stops it, and then closes the store. */
export function accountClient(
  { name, clientVersion }: AccountConfig,
  store: AccountStore,
  { log, place, pairing, clock, tracer }: AccountOptions,
): BaileysClient {
  return new BaileysClient({
    store,
    logger: log.child({ room: 'whatsapp', account: name }),
    clock: clock ?? systemClock,
    ...(clientVersion && { version: clientVersion }),
    ...(tracer && { tap: new StanzaTap(tracer, name) }),
    ...(pairing && { pairing }),
    ...(place && { url: place.webSocketUrl, noiseRoot: place.noiseRoot }),
  })
}

/** How long the terminates of a stopping gateway may take to get into the connection. */
const LAST_WORDS_MS = 2000

/** Ends an account's calls, and then its connection. */
export function closeAccount({ calls, client }: Account): Promise<void> {
  return endAll([() => calls.stop(), () => calls.sent(LAST_WORDS_MS), () => client.stop()])
}

/** The SIP leg's time is up first, so that the route decides what the caller is told; this much later nobody waits for it. */
const INCOMING_BACK_STOP_MS = 5000

function callSettings({ whatsapp, sip }: Config, maxCalls: number) {
  return {
    ...defaultCallSettings,
    callsLimit: maxCalls,
    codec: whatsapp.voice.codec,
    acceptForm: whatsapp.acceptForm,
    dismissalForm: whatsapp.siblingDismissal,
    greetings: whatsapp.greetings,
    relayLatencyForm: whatsapp.relayLatency,
    deviceBusy: whatsapp.deviceBusy,
    ringingOn: whatsapp.ringingOn,
    callIdForm: whatsapp.callIds,
    outgoingRingTimeoutMs: whatsapp.ringTimeoutS * 1000,
    incomingRingTimeoutMs: sip.answerTimeoutS * 1000 + INCOMING_BACK_STOP_MS,
    reconnectGraceMs: whatsapp.reconnectGraceS * 1000,
  }
}
