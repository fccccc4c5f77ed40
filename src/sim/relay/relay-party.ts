import type { Clock } from '../../base/clock.ts'
import { ParseError } from '../../base/errors.ts'
import type { Random } from '../../base/random.ts'
import { kindOf } from '../../relay/demultiplexer.ts'
import {
  attributeValue,
  buildStun,
  errorCodeValue,
  hasIntegrity,
  parseStun,
  STUN_ATTRIBUTE,
  STUN_TYPE,
  type StunMessage,
} from '../../relay/stun.ts'
import { HopReports } from './hop-reports.ts'

/** What lets one party of one call in at one relay. */
export interface RelayPass {
  readonly callId: string
  readonly pid: number
  /** The text of `<key>`. */
  readonly key: string
  readonly token: Uint8Array
  readonly authToken: Uint8Array
  /** The 30 bytes of `<hbh_key>`, the same for all parties of the call. */
  readonly hbhKey?: Uint8Array
}

/** Where relays may differ, and what may be wrong with them. */
export interface PartyFaults {
  /** Parties that send no RTCP for so long are thrown out; undefined: never. */
  readonly cutSilentMs?: number | undefined
  /** A pong has another transaction id than its ping. */
  readonly garblesPongs?: boolean
  /** With every pong comes RTCP under the hop-by-hop key. */
  readonly reportsHop?: boolean
}

/** How a client reaches the relay: as a browser, over DTLS without ICE, or in bare datagrams. */
export type RelayDialect = 'web' | 'raw' | 'native'

export interface RelayStats {
  registrations: number
  /** Error answers by their code. */
  refused: Record<number, number>
  forwarded: number
  /** Media of a party that had not registered, or was forgotten. */
  droppedUnregistered: number
  /** Media of a party that had not pinged. */
  droppedBeforePing: number
  /** Media while no other party of the call was there. */
  droppedAlone: number
  droppedByFault: number
  malformed: number
  forgotten: number
  /** Parties thrown out because they sent no RTCP. */
  cut: number
}

export function newRelayStats(): RelayStats {
  return {
    registrations: 0,
    refused: {},
    forwarded: 0,
    droppedUnregistered: 0,
    droppedBeforePing: 0,
    droppedAlone: 0,
    droppedByFault: 0,
    malformed: 0,
    forgotten: 0,
    cut: 0,
  }
}

export interface RelayPartyOptions {
  readonly clock: Clock
  readonly random: Random
  readonly stats: RelayStats
  readonly passOfToken: (token: Uint8Array) => RelayPass | undefined
  /** The pass that the ICE user fragment belongs to; a native client has none before it registers. */
  readonly pass: RelayPass | undefined
  readonly dialect: RelayDialect
  /** Read again whenever it matters. */
  readonly faults?: PartyFaults
  readonly send: (message: Uint8Array) => void
  readonly forward: (from: RelayParty, media: Uint8Array) => void
  /** The party is thrown out, or forgotten. */
  readonly onGone?: () => void
}

/** A relay forgets a party from which no STUN message has come for so long. */
const SILENCE_MS = 4000
const SSRC_BYTES = 4
const UTF8 = new TextEncoder()

/** One client of a relay, as strict as the real ones are: registered, pinging, and only then heard. */
export class RelayParty {
  readonly #options: RelayPartyOptions
  #pass: RelayPass | undefined
  #registered = false
  #pinged = false
  /** A raw client said something of ICE: the real relay then waits for ICE consent, and forwards nothing. */
  #isMixed = false
  #lastStunMs: number
  /** When the party registered, or sent RTCP last. */
  #reportedMs: number
  #isCut = false
  #hopReports: HopReports | undefined

  constructor(options: RelayPartyOptions) {
    this.#options = options
    this.#pass = options.pass
    this.#lastStunMs = options.clock.nowMs()
    this.#reportedMs = this.#lastStunMs
  }

  get pass(): RelayPass | undefined {
    return this.#pass
  }

  get silentMs(): number {
    return this.#options.clock.nowMs() - this.#lastStunMs
  }

  /** Whether media may be sent to this party. */
  get isPresent(): boolean {
    this.#forgetWhenSilent()
    this.#cutWhenSilent()
    return this.#registered && this.#pinged && !this.#isMixed
  }

  deliver(media: Uint8Array): void {
    this.#options.send(media)
  }

  /** Takes one message of the client: STUN, RTP or RTCP. Never throws. */
  receive(message: Uint8Array): void {
    const kind = kindOf(message)
    this.#cutWhenSilent()
    if (this.#isCut) return
    if (kind === 'rtcp') this.#reportedMs = this.#options.clock.nowMs()
    if (kind === 'rtp' || kind === 'rtcp') this.#receiveMedia(message)
    else if (kind === 'unknown' || !this.#receiveStun(message)) this.#options.stats.malformed += 1
  }

  #receiveMedia(media: Uint8Array): void {
    this.#forgetWhenSilent()
    const { stats } = this.#options
    if (!this.#registered || this.#isMixed) stats.droppedUnregistered += 1
    else if (!this.#pinged) stats.droppedBeforePing += 1
    else this.#options.forward(this, media)
  }

  #receiveStun(message: Uint8Array): boolean {
    try {
      this.#answer(parseStun(message))
      return true
    } catch (error) {
      if (error instanceof ParseError) return false
      throw error
    }
  }

  #answer(stun: StunMessage): void {
    this.#forgetWhenSilent()
    switch (stun.type) {
      case STUN_TYPE.ping:
        this.#pinged = true
        this.#lastStunMs = this.#options.clock.nowMs()
        this.#answerPing(stun)
        break
      case STUN_TYPE.bindingRequest:
        this.#bind(stun)
        break
      case STUN_TYPE.allocateRequest:
        this.#allocate(stun)
        break
      default:
        this.#options.stats.malformed += 1
    }
  }

  #answerPing({ transactionId }: StunMessage): void {
    const { faults, random, send } = this.#options
    send(buildStun(STUN_TYPE.pong, faults?.garblesPongs ? random.bytes(transactionId.length) : transactionId))
    const hbhKey = this.#pass?.hbhKey
    if (!faults?.reportsHop || !this.#registered || !hbhKey) return
    this.#hopReports ??= new HopReports(hbhKey, random.bytes(SSRC_BYTES))
    send(this.#hopReports.next())
  }

  /** A binding inside the channel keeps the party alive when it is signed; the bare form gets no answer. */
  #bind(stun: StunMessage): void {
    if (this.#options.dialect === 'raw') this.#isMixed = true
    const username = attributeValue(stun, STUN_ATTRIBUTE.username)
    if (!username || !this.#pass) return
    const [remoteUfrag] = new TextDecoder().decode(username).split(':', 1)
    if (!isUfragOf(this.#pass, remoteUfrag) || !hasIntegrity(stun, UTF8.encode(this.#pass.key))) {
      this.#refuse(stun, STUN_TYPE.bindingError, 401, 'Unauthorized')
      return
    }
    this.#lastStunMs = this.#options.clock.nowMs()
    this.#options.send(
      buildStun(STUN_TYPE.bindingSuccess, stun.transactionId, [], { integrityKey: UTF8.encode(this.#pass.key) }),
    )
  }

  #allocate(stun: StunMessage): void {
    const token = attributeValue(stun, STUN_ATTRIBUTE.token)
    if (!token || !attributeValue(stun, STUN_ATTRIBUTE.streamDescriptors)) {
      this.#refuse(stun, STUN_TYPE.allocateError, 400, 'Bad Request')
      return
    }
    const pass = this.#options.passOfToken(token)
    if (!pass || (this.#pass && this.#pass !== pass)) {
      this.#refuse(stun, STUN_TYPE.allocateError, 403, 'Forbidden')
      return
    }
    const integrityKey = UTF8.encode(pass.key)
    if (!hasIntegrity(stun, integrityKey)) {
      this.#refuse(stun, STUN_TYPE.allocateError, 401, 'Unauthorized')
      return
    }
    if (!this.#registered) {
      this.#options.stats.registrations += 1
      this.#reportedMs = this.#options.clock.nowMs()
    }
    this.#pass = pass
    this.#registered = true
    this.#lastStunMs = this.#options.clock.nowMs()
    const connection = { type: STUN_ATTRIBUTE.connectionId, value: this.#options.random.bytes(8) }
    this.#options.send(buildStun(STUN_TYPE.allocateSuccess, stun.transactionId, [connection], { integrityKey }))
  }

  #refuse(stun: StunMessage, type: number, code: number, reason: string): void {
    const { refused } = this.#options.stats
    refused[code] = (refused[code] ?? 0) + 1
    const value = errorCodeValue(code, reason)
    this.#options.send(buildStun(type, stun.transactionId, [{ type: STUN_ATTRIBUTE.errorCode, value }]))
  }

  /** Suspected of the real servers, which end calls of parties without RTCP after some 20 s (docs/protocol/rtcp.md). */
  #cutWhenSilent(): void {
    const limitMs = this.#options.faults?.cutSilentMs
    const silentMs = this.#options.clock.nowMs() - this.#reportedMs
    if (this.#isCut || !this.#registered || limitMs === undefined || silentMs <= limitMs) return
    this.#isCut = true
    this.#registered = false
    this.#options.stats.cut += 1
    this.#options.onGone?.()
  }

  #forgetWhenSilent(): void {
    if (this.silentMs <= SILENCE_MS || (!this.#registered && !this.#pinged)) return
    this.#registered = false
    this.#pinged = false
    this.#options.stats.forgotten += 1
    this.#options.onGone?.()
  }
}

/** A client may name the relay by its auth token or by its token. */
function isUfragOf(pass: RelayPass, ufrag: string | undefined): boolean {
  return ufrag !== undefined && ufragsOf(pass).includes(ufrag)
}

export function ufragsOf(pass: RelayPass): string[] {
  return [pass.authToken, pass.token].map((token) => Buffer.from(token).toString('base64'))
}
