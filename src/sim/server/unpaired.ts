import type { proto } from 'baileys'
import type { WaNode } from '../../whatsapp/wa-client.ts'

/** What a companion says about itself before it is paired, and how to reach it. */
export interface Unpaired {
  readonly noiseKey: Uint8Array
  readonly registration: proto.ClientPayload.IDevicePairingRegistrationData
  send(node: WaNode): void
  /** Tells it to connect again with its new identity (stream error 515). */
  restart(): void
}
