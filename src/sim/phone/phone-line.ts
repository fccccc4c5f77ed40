import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { Random } from '../../base/random.ts'
import type { WaNode } from '../../whatsapp/wa-client.ts'
import type { Device, Directory, User } from '../server/directory.ts'
import type { Journal } from '../server/journal.ts'
import type { RelayBlock } from '../server/relay-port.ts'
import type { PhoneBehaviour } from './behaviour.ts'
import type { OpenPhoneMedia } from './media-port.ts'
import type { SignalSessions } from './signal-sessions.ts'

/** What phones have of the network around them. */
export interface PhoneNetwork {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly directory: Directory
  readonly journal: Journal
  readonly openMedia: OpenPhoneMedia
  /** Puts a device online; `receive` gets its stanzas. */
  attach(user: User, device: Device, receive: (node: WaNode) => void): { send(node: WaNode): void; close(): void }
  /** The relay block that the server gave this device for this call. */
  relayBlock(callId: string, device: string): RelayBlock | undefined
}

/** A device as its calls see it. */
export interface PhoneLine {
  readonly network: PhoneNetwork
  readonly user: User
  readonly device: Device
  readonly sessions: SignalSessions
  readonly behaviour: PhoneBehaviour
  /** Bytes of `<device-identity>`; a phone itself (device 0) has none. */
  readonly identity: Uint8Array | undefined
  /** Sends `<call>` with a fresh id, which is returned. */
  sendCall(to: string, action: WaNode): string
  send(node: WaNode): void
}
