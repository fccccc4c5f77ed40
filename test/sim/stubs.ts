import { Signal } from '../../src/base/events.ts'
import type { OpenPhoneMedia, PhoneMedia, PhoneMediaEvent, PhoneMediaOptions } from '../../src/sim/phone/media-port.ts'
import type { RelayBlock, RelayService } from '../../src/sim/server/relay-port.ts'

/** A relay service without relays: well-formed blocks of two endpoints that nobody listens on. */
export class StubRelays implements RelayService {
  readonly open = new Set<string>()

  offerRelays(callId: string, participants: readonly string[]): ReadonlyMap<string, RelayBlock> {
    this.open.add(callId)
    const listed = participants.map((jid, index) => ({ jid, pid: index + 1 }))
    return new Map(listed.map(({ jid, pid }) => [jid, block(callId, listed, pid)]))
  }

  endCall(callId: string): void {
    this.open.delete(callId)
  }
}

function block(callId: string, participants: RelayBlock['participants'], selfPid: number): RelayBlock {
  const endpoint = (index: number) => ({
    relayId: String(index),
    relayName: `stub${index}c01`,
    endpoint: { address: `127.0.0.${index + 1}`, port: 3480 },
    tokenId: String(index),
    authTokenId: String(index),
    isFna: index === 1,
    protocol: 0 as const,
    c2rRttMs: 10 + index,
  })
  const tokens = new Map(['0', '1'].map((id) => [id, Uint8Array.of(selfPid, Number(id))]))
  return {
    uuid: `uuid-${callId}`,
    callId,
    selfPid,
    peerPid: selfPid === 1 ? 2 : 1,
    participants,
    key: 'AAECAwQFBgcICQoLDA0ODw==',
    hbhKey: new Uint8Array(30),
    warpMiTagLength: 4,
    tokens,
    authTokens: tokens,
    endpoints: [endpoint(0), endpoint(1)],
  }
}

/** Media that only remembers what it was told. */
export class StubMedia implements PhoneMedia {
  readonly events = new Signal<PhoneMediaEvent>()
  readonly options: PhoneMediaOptions
  peer: string | undefined
  running = false
  mayCopy = false
  closed = false

  constructor(options: PhoneMediaOptions) {
    this.options = options
    this.peer = options.peerDevice
  }

  setPeer(device: string): void {
    this.peer = device
  }

  allowCopies(): void {
    this.mayCopy = true
  }

  startAudio(): void {
    this.running = true
  }

  stats() {
    return {
      packetsSent: 0,
      packetsReceived: 0,
      packetsRejected: 0,
      packetsRepeated: 0,
      framesConcealed: 0,
      framesRecovered: 0,
      heard: { mlow: 0, opus: 0, pause: 0, longHeader: 0, redundant: 0 },
    }
  }

  async close(): Promise<void> {
    this.closed = true
  }
}

export function stubMedia(): { open: OpenPhoneMedia; all: StubMedia[] } {
  const all: StubMedia[] = []
  const open = (options: PhoneMediaOptions) => {
    const media = new StubMedia(options)
    all.push(media)
    return media
  }
  return { open, all }
}
