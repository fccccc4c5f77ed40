import { type RTCCertificate, RTCDtlsTransport } from 'werift'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { Endpoint, Network, UdpSocket } from '../../net/network.ts'
import { STUN_TYPE } from '../../relay/stun.ts'
import { DataChannelSession } from './data-channel-session.ts'
import { answerCheck } from './ice-lite.ts'
import {
  newRelayStats,
  type PartyFaults,
  type RelayDialect,
  RelayParty,
  type RelayPass,
  type RelayStats,
} from './relay-party.ts'
import { RelayPasses } from './relay-passes.ts'

export interface RelayServerOptions {
  readonly network: Network
  readonly address: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly clock: Clock
  readonly random: Random
}

/** Faults that a test may set at any time. */
export interface RelayFaults extends Mutable<PartyFaults> {
  /** Share of forwarded media that is lost, 0 to 1. */
  dropRate: number
  /** Forwarded media comes twice. */
  repeats: boolean
  /** Each forwarded packet is followed by one that claims the next sequence number, and that nobody signed. */
  forges: boolean
  /** Media goes nowhere: the call has elected another relay. */
  forwards: boolean
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

interface Client {
  readonly endpoint: Endpoint
  readonly party: RelayParty
  /** Absent for a native client, which sends STUN and media in bare datagrams. */
  readonly session: DataChannelSession | undefined
}

const MAX_STUN_BYTE = 3
const FIRST_DTLS_BYTE = 20
const LAST_DTLS_BYTE = 63
/** RFC 6347, sections 4.1 and 4.2.2: a record's content type, and the handshake type behind its header. */
const DTLS_HANDSHAKE = 22
const HANDSHAKE_TYPE_AT = 13
const CLIENT_HELLO = 1
const SWEEP_MS = 5000
const SILENT_CLIENT_MS = 30_000

/**
 * One relay of the simulated WhatsApp: a UDP socket that serves web clients (ICE-lite, DTLS, SCTP, one data channel), raw
 * ones (the same without ICE, stream 0 agreed in advance) and native ones (bare datagrams) alike, and forwards media
 * between the parties of a call that it let in.
 */
export class RelayServer {
  readonly stats: RelayStats = newRelayStats()
  readonly faults: RelayFaults = { dropRate: 0, repeats: false, forges: false, forwards: true }
  /** By address, how often parties there were thrown out or forgotten while their call went on. */
  readonly gone = new Map<string, number>()
  /** The DTLS certificate's fingerprint as SDP writes it; clients must be told. */
  readonly dtlsFingerprint: string
  readonly #options: RelayServerOptions
  readonly #certificate: RTCCertificate
  readonly #clients = new Map<string, Client>()
  readonly #passes = new RelayPasses()
  readonly #closing = new Set<Promise<void>>()
  #socket: UdpSocket | undefined
  #endpoint: Endpoint
  #sweep: Timer | undefined

  private constructor(options: RelayServerOptions, certificate: RTCCertificate) {
    this.#options = options
    this.#endpoint = { address: options.address, port: options.port }
    this.#certificate = certificate
    const sha256 = certificate.getFingerprints().find(({ algorithm }) => algorithm === 'sha-256')
    this.dtlsFingerprint = sha256?.value.toUpperCase() ?? ''
  }

  static async start(options: RelayServerOptions): Promise<RelayServer> {
    const server = new RelayServer(options, await RTCDtlsTransport.SetupCertificate())
    await server.revive()
    return server
  }

  get endpoint(): Endpoint {
    return this.#endpoint
  }

  get isAlive(): boolean {
    return this.#socket !== undefined
  }

  get clients(): number {
    return this.#clients.size
  }

  /** Lets the holder of the pass in from now on. */
  admit(pass: RelayPass): void {
    this.#passes.add(pass)
  }

  /** The call is over: its passes are void and its clients are dropped. */
  endCall(callId: string): void {
    this.#passes.endCall(callId)
    for (const client of this.#clients.values()) if (client.party.pass?.callId === callId) this.#drop(client)
  }

  /** Sends one message to every client, whatever it is, as no real relay would. */
  broadcast(message: Uint8Array): void {
    for (const { party } of this.#clients.values()) party.deliver(message)
  }

  /** Stops answering at once, as a machine does that loses its power. Passes stay valid. */
  async die(): Promise<void> {
    this.#sweep?.cancel()
    const socket = this.#socket
    this.#socket = undefined
    for (const client of this.#clients.values()) this.#drop(client)
    await socket?.close()
    await Promise.all(this.#closing)
  }

  /** Opens the socket, after `die` at the same address and port. */
  async revive(): Promise<void> {
    const { network } = this.#options
    const onDatagram = (datagram: Uint8Array, from: Endpoint) => this.#receive(datagram, from)
    this.#socket = await network.udp({ ...this.#endpoint, onDatagram })
    this.#endpoint = this.#socket.local
    this.#scheduleSweep()
  }

  close(): Promise<void> {
    return this.die()
  }

  #receive(datagram: Uint8Array, from: Endpoint): void {
    const first = datagram[0] ?? 0xff
    const client = this.#clients.get(keyOf(from))
    if (first >= FIRST_DTLS_BYTE && first <= LAST_DTLS_BYTE)
      (client ?? this.#greeted(datagram, from))?.session?.receive(datagram)
    else if (first <= MAX_STUN_BYTE && !this.#isNative(datagram, client)) this.#answerIce(datagram, from, client)
    else (client ?? this.#addNative(from)).party.receive(datagram)
  }

  /** A web client's bare STUN is its ICE agent's; a native client never sends a binding request first. */
  #isNative(datagram: Uint8Array, client: Client | undefined): boolean {
    if (client) return client.session === undefined
    return ((datagram[0]! << 8) | (datagram[1] ?? 0)) !== STUN_TYPE.bindingRequest
  }

  #answerIce(datagram: Uint8Array, from: Endpoint, client: Client | undefined): void {
    const check = answerCheck(datagram, from, (ufrag) => this.#passes.ofUfrag(ufrag))
    if (!check) {
      this.stats.malformed += 1
      return
    }
    const { answer, pass } = check
    if (!pass) this.stats.refused[401] = (this.stats.refused[401] ?? 0) + 1
    else if (!client) this.#addChannel(from, pass, 'web')
    this.#send(answer, from)
  }

  /** A client that begins with a DTLS greeting: no ICE, so who it is comes with its registration. */
  #greeted(datagram: Uint8Array, from: Endpoint): Client | undefined {
    const isClientHello = datagram[0] === DTLS_HANDSHAKE && datagram[HANDSHAKE_TYPE_AT] === CLIENT_HELLO
    return isClientHello ? this.#addChannel(from, undefined, 'raw') : undefined
  }

  #addChannel(endpoint: Endpoint, pass: RelayPass | undefined, dialect: 'web' | 'raw'): Client {
    const session: DataChannelSession = new DataChannelSession({
      certificate: this.#certificate,
      negotiated: dialect === 'raw',
      send: (datagram) => this.#send(datagram, endpoint),
      onMessage: (message) => party.receive(message),
      onEnd: () => {
        const client = this.#clients.get(keyOf(endpoint))
        if (client?.session === session) this.#drop(client)
      },
    })
    const party = this.#newParty(endpoint, pass, dialect, (message) => session.send(message))
    const client = { endpoint, party, session }
    this.#clients.set(keyOf(endpoint), client)
    return client
  }

  #addNative(endpoint: Endpoint): Client {
    const party = this.#newParty(endpoint, undefined, 'native', (message) => this.#send(message, endpoint))
    const client = { endpoint, party, session: undefined }
    this.#clients.set(keyOf(endpoint), client)
    return client
  }

  #newParty(
    { address }: Endpoint,
    pass: RelayPass | undefined,
    dialect: RelayDialect,
    send: (message: Uint8Array) => void,
  ): RelayParty {
    return new RelayParty({
      clock: this.#options.clock,
      random: this.#options.random,
      stats: this.stats,
      passOfToken: (token) => this.#passes.ofToken(token),
      pass,
      dialect,
      faults: this.faults,
      send,
      forward: (from, media) => this.#forward(from, media),
      onGone: () => this.gone.set(address, (this.gone.get(address) ?? 0) + 1),
    })
  }

  #forward(from: RelayParty, media: Uint8Array): void {
    if (!this.faults.forwards) return
    let delivered = false
    for (const { party } of this.#clients.values()) {
      if (party.pass?.callId !== from.pass?.callId || party.pass === from.pass || !party.isPresent) continue
      delivered = true
      if (this.#isUnlucky()) {
        this.stats.droppedByFault += 1
      } else {
        this.stats.forwarded += 1
        party.deliver(media)
        if (this.faults.repeats) party.deliver(media)
        if (this.faults.forges) party.deliver(forged(media))
      }
    }
    if (!delivered) this.stats.droppedAlone += 1
  }

  #isUnlucky(): boolean {
    return this.#options.random.below(10_000) < this.faults.dropRate * 10_000
  }

  #send(datagram: Uint8Array, to: Endpoint): void {
    this.#socket?.send(datagram, to)
  }

  #drop(client: Client): void {
    this.#clients.delete(keyOf(client.endpoint))
    if (!client.session) return
    const closing: Promise<void> = client.session.close().finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }

  #scheduleSweep(): void {
    this.#sweep = this.#options.clock.after(SWEEP_MS, () => {
      for (const client of this.#clients.values()) if (client.party.silentMs > SILENT_CLIENT_MS) this.#drop(client)
      this.#scheduleSweep()
    })
  }
}

const keyOf = ({ address, port }: Endpoint): string => `${address}:${port}`

/** As a packet with a later sequence number would be that somebody without the keys has made. */
function forged(media: Uint8Array): Uint8Array {
  // Not slice(): of a Buffer that is a view, and the real packet may still be on its way out.
  const copy = new Uint8Array(media)
  copy[3]! += 1
  return copy
}
