import { join } from 'node:path'
import { type Clock, systemClock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import { systemRandom } from '../base/random.ts'
import type { Tracer } from '../base/tracer.ts'
import type { Account } from '../bridge/accounts.ts'
import type { Config } from '../config/schema.ts'
import { BaileysClient, type BaileysClientOptions, type Pairing } from '../whatsapp/account/baileys-client.ts'
import { StanzaTap } from '../whatsapp/account/stanza-tap.ts'
import { AccountStore } from '../whatsapp/account/store.ts'
import { CallManager } from '../whatsapp/calls/call-manager.ts'
import { defaultCallSettings } from '../whatsapp/calls/settings.ts'

type AccountConfig = Config['whatsapp']['accounts'][number]

/** Where the WhatsApp side is, when it is not WhatsApp itself: a network of one's own, such as the simulator's. */
export interface WhatsAppPlace {
  readonly webSocketUrl: string
  readonly noiseRoot: NonNullable<BaileysClientOptions['noiseRoot']>
  readonly relayFingerprint: string
  /** Local address that relays are reached from. */
  readonly localAddress: string
}

export interface AccountOptions {
  readonly log: Logger
  readonly place?: WhatsAppPlace
  readonly pairing?: Pairing
  readonly clock?: Clock
  readonly tracer?: Tracer
}

export interface OpenAccount extends Account {
  readonly store: AccountStore
}

/** Where an account's pairing and Signal state are kept. */
export function accountFile(config: Config, name: string): string {
  return join(config.dataDirectory, `account-${name}.sqlite`)
}

export function openAccount(
  config: Config,
  account: AccountConfig,
  options: AccountOptions,
  clock: Clock,
): OpenAccount {
  const { name, maxCalls } = account
  const logger = options.log.child({ room: 'whatsapp', account: name })
  const { client, store } = openAccountClient(config, account, options)
  const calls = new CallManager({
    client,
    clock,
    random: systemRandom,
    logger,
    settings: callSettings(config, maxCalls),
  })
  return { name, client, store, calls, maxCalls }
}

/** An account's connection; whoever opened it stops the client and then closes the store. */
export function openAccountClient(
  config: Config,
  { name, clientVersion }: AccountConfig,
  { log, place, pairing, clock, tracer }: AccountOptions,
): { client: BaileysClient; store: AccountStore } {
  const store = new AccountStore(accountFile(config, name))
  const client = new BaileysClient({
    store,
    logger: log.child({ room: 'whatsapp', account: name }),
    clock: clock ?? systemClock,
    ...(clientVersion && { version: clientVersion }),
    ...(tracer && { tap: new StanzaTap(tracer, name) }),
    ...(pairing && { pairing }),
    ...(place && { url: place.webSocketUrl, noiseRoot: place.noiseRoot }),
  })
  return { client, store }
}

/** How long the terminates of a stopping gateway may take to get into the connection. */
const LAST_WORDS_MS = 2000

export async function closeAccount({ calls, client, store }: OpenAccount): Promise<void> {
  calls.stop()
  await calls.sent(LAST_WORDS_MS)
  await client.stop()
  store.close()
}

function callSettings({ whatsapp }: Config, maxCalls: number) {
  return {
    ...defaultCallSettings,
    callsLimit: maxCalls,
    codec: whatsapp.voice.codec,
    acceptForm: whatsapp.acceptForm,
    dismissalForm: whatsapp.siblingDismissal,
    outgoingRingTimeoutMs: whatsapp.ringTimeoutS * 1000,
    incomingRingTimeoutMs: whatsapp.ringTimeoutS * 1000,
    reconnectGraceMs: whatsapp.reconnectGraceS * 1000,
  }
}
