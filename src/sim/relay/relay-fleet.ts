import type { Clock } from '../../base/clock.ts'
import { type Random, randomHex } from '../../base/random.ts'
import type { Network } from '../../net/network.ts'
import type { RelayBlock, RelayService } from '../server/relay-port.ts'
import type { RelayStats } from './relay-party.ts'
import { RelayServer } from './relay-server.ts'

export interface RelayFleetOptions {
  readonly network: Network
  readonly address: string
  /** The last one is an FNA relay. */
  readonly relays: number
  readonly clock: Clock
  readonly random: Random
}

const CALLER_PID = 1
const KEY_BYTES = 16
const HBH_KEY_BYTES = 30
const TOKEN_BYTES = 132
const AUTH_TOKEN_BYTES = 68
const WARP_MI_TAG_LENGTH = 4

/** The relays that the simulated WhatsApp offers in every call. */
export class RelayFleet implements RelayService {
  readonly servers: readonly RelayServer[]
  /** All relays show the same certificate. */
  readonly dtlsFingerprint: string
  readonly #random: Random

  private constructor(servers: readonly RelayServer[], random: Random) {
    this.servers = servers
    this.dtlsFingerprint = servers[0]?.dtlsFingerprint ?? ''
    this.#random = random
  }

  static async start({ relays, ...options }: RelayFleetOptions): Promise<RelayFleet> {
    const servers = Array.from({ length: relays }, () => RelayServer.start({ ...options, port: 0 }))
    return new RelayFleet(await Promise.all(servers), options.random)
  }

  /** Prepares every relay for the call. Returns the relay block of each participant; the caller comes first. */
  offerRelays(callId: string, participants: readonly string[]): ReadonlyMap<string, RelayBlock> {
    const listed = participants.map((jid, i) => ({ jid, pid: i + 1 }))
    const common = {
      uuid: randomHex(8, this.#random),
      callId,
      participants: listed,
      hbhKey: this.#random.bytes(HBH_KEY_BYTES),
      warpMiTagLength: WARP_MI_TAG_LENGTH,
      endpoints: this.servers.map((server, i) => this.#describe(server, i)),
    }
    return new Map(
      listed.map(({ jid, pid }) => {
        const peerPid = pid === CALLER_PID ? CALLER_PID + 1 : CALLER_PID
        return [jid, { ...common, selfPid: pid, peerPid, ...this.#admit(callId, pid) }]
      }),
    )
  }

  endCall(callId: string): void {
    for (const server of this.servers) server.endCall(callId)
  }

  stats(): readonly RelayStats[] {
    return this.servers.map((server) => server.stats)
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.close()))
  }

  #admit(callId: string, pid: number): Pick<RelayBlock, 'key' | 'tokens' | 'authTokens'> {
    const key = Buffer.from(this.#random.bytes(KEY_BYTES)).toString('base64')
    const tokens = new Map<string, Uint8Array>()
    const authTokens = new Map<string, Uint8Array>()
    for (const [i, server] of this.servers.entries()) {
      const token = this.#random.bytes(TOKEN_BYTES)
      const authToken = this.#random.bytes(AUTH_TOKEN_BYTES)
      server.admit({ callId, pid, key, token, authToken })
      tokens.set(String(i), token)
      authTokens.set(String(i), authToken)
    }
    return { key, tokens, authTokens }
  }

  #describe(server: RelayServer, i: number): RelayBlock['endpoints'][number] {
    return {
      relayId: String(i),
      relayName: `sim1c0${i + 1}`,
      tokenId: String(i),
      authTokenId: String(i),
      endpoint: server.endpoint,
      isFna: this.servers.length > 1 && i === this.servers.length - 1,
      protocol: 0,
      c2rRttMs: 10 * (i + 1),
    }
  }
}
