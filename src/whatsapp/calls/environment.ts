import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { CallEnvelope, CallIdentity } from '../stanza/call.ts'
import type { Jid, WaClient, WaNode } from '../wa-client.ts'
import type { CallSettings } from './settings.ts'

/** What a call needs from its account. */
export interface CallEnvironment {
  readonly client: WaClient
  readonly clock: Clock
  readonly logger: Logger
  readonly settings: CallSettings
  newStanzaId(): string
  /** Sends one action in a `<call>`; kept while the connection is down. Gives the stanza's id. */
  post(to: Jid, action: WaNode): string
  /** Tells the sender that an offer or accept has arrived. */
  sendReceipt(what: 'offer' | 'accept', envelope: CallEnvelope, identity: CallIdentity): void
}
