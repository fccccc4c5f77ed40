import type { Clock } from '../../base/clock.ts'
import { type Random, randomHex } from '../../base/random.ts'
import type { Endpoint, Network } from '../../net/network.ts'
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
  /** Where each stands; `address` and ports of the system's choice when absent. */
  readonly places?: readonly Endpoint[]
  readonly form?: Partial<RelayBlockForm>
}

/** How the `<relay>` block is written where real ones differ. */
export interface RelayBlockForm {
  readonly warpMiTagLength: number
  readonly hbhKey: 'raw' | 'base64' | 'twice base64'
  /** The ports that the block names, by relay; where there is none, that at which the relay is. */
  readonly advertises: readonly number[]
  /** Relays without one go by their `<token>`. */
  readonly authTokens: boolean
  /** A relay of protocol 1 is listed too; nobody answers there. */
  readonly listsForeign: boolean
  /** The last relay is marked as one inside a party's network. */
  readonly marksFna: boolean
}

const USUAL_FORM: RelayBlockForm = {
  warpMiTagLength: 4,
  hbhKey: 'raw',
  advertises: [],
  authTokens: true,
  listsForeign: false,
  marksFna: true,
}

const CALLER_PID = 1
const KEY_BYTES = 16
const HBH_KEY_BYTES = 30
const TOKEN_BYTES = 132
const AUTH_TOKEN_BYTES = 68
const FOREIGN = { address: '127.0.0.99', port: 9 }

/** The relays that the simulated WhatsApp offers in every call. */
export class RelayFleet implements RelayService {
  readonly servers: readonly RelayServer[]
  /** All relays show the same certificate. */
  readonly dtlsFingerprint: string
  readonly #random: Random
  readonly #form: RelayBlockForm
  #elected: number | undefined

  private constructor(servers: readonly RelayServer[], random: Random, form: RelayBlockForm) {
    this.#form = form
    this.servers = servers
    this.dtlsFingerprint = servers[0]?.dtlsFingerprint ?? ''
    this.#random = random
  }

  static async start({ relays, places = [], form, ...options }: RelayFleetOptions): Promise<RelayFleet> {
    const { address, ...common } = options
    const servers = Array.from({ length: relays }, (_, i) =>
      RelayServer.start({ ...common, ...(places[i] ?? { address, port: 0 }) }),
    )
    return new RelayFleet(await Promise.all(servers), options.random, { ...USUAL_FORM, ...form })
  }

  /** From now on phones send to this relay, and the others forward nothing; undefined: all do. */
  elect(index: number | undefined): void {
    this.#elected = index
    for (const [i, server] of this.servers.entries()) server.faults.forwards = index === undefined || i === index
  }

  get elected(): Endpoint | undefined {
    return this.#elected === undefined ? undefined : this.servers[this.#elected]?.endpoint
  }

  /** Prepares every relay for the call. Returns the relay block of each participant; the caller comes first. */
  offerRelays(callId: string, participants: readonly string[]): ReadonlyMap<string, RelayBlock> {
    const hbhKey = this.#random.bytes(HBH_KEY_BYTES)
    const listed = participants.map((jid, i) => ({ jid, pid: i + 1 }))
    const common = {
      uuid: randomHex(8, this.#random),
      callId,
      participants: listed,
      hbhKey: this.#written(hbhKey),
      warpMiTagLength: this.#form.warpMiTagLength,
      endpoints: [
        ...(this.#form.listsForeign && this.servers[0] ? [this.#foreign(this.servers[0])] : []),
        ...this.servers.map((server, i) => this.#describe(server, i)),
      ],
    }
    return new Map(
      listed.map(({ jid, pid }) => {
        const peerPid = pid === CALLER_PID ? CALLER_PID + 1 : CALLER_PID
        return [jid, { ...common, selfPid: pid, peerPid, ...this.#admit(callId, pid, hbhKey) }]
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

  #admit(callId: string, pid: number, hbhKey: Uint8Array): Pick<RelayBlock, 'key' | 'tokens' | 'authTokens'> {
    const key = Buffer.from(this.#random.bytes(KEY_BYTES)).toString('base64')
    const tokens = new Map<string, Uint8Array>()
    const authTokens = new Map<string, Uint8Array>()
    for (const [i, server] of this.servers.entries()) {
      const token = this.#random.bytes(TOKEN_BYTES)
      const authToken = this.#random.bytes(AUTH_TOKEN_BYTES)
      server.admit({ callId, pid, key, token, authToken, hbhKey })
      tokens.set(String(i), token)
      if (this.#form.authTokens) authTokens.set(String(i), authToken)
    }
    return { key, tokens, authTokens }
  }

  #written(hbhKey: Uint8Array): Uint8Array {
    if (this.#form.hbhKey === 'raw') return hbhKey
    const once = Buffer.from(Buffer.from(hbhKey).toString('base64'))
    return this.#form.hbhKey === 'base64' ? once : Buffer.from(once.toString('base64'))
  }

  #foreign(server: RelayServer): RelayBlock['endpoints'][number] {
    return { ...this.#describe(server, 0), endpoint: FOREIGN, protocol: 1, isFna: false }
  }

  #describe(server: RelayServer, i: number): RelayBlock['endpoints'][number] {
    return {
      relayId: String(i),
      relayName: `sim1c0${i + 1}`,
      tokenId: String(i),
      authTokenId: String(i),
      endpoint: server.endpoint,
      advertisedPort: this.#form.advertises[i],
      isFna: this.#form.marksFna && this.servers.length > 1 && i === this.servers.length - 1,
      protocol: 0,
      c2rRttMs: 10 * (i + 1),
    }
  }
}
