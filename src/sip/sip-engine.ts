import type { Signal } from '../base/events.ts'
import type { Endpoint } from '../net/network.ts'
import type { DigestAlgorithm } from './auth/digest.ts'

/**
 * The room's face: what the bridge knows of SIP. `user-agent.ts` implements it; `test/contract/sip-engine.ts` holds
 * every implementation to it. Nothing here names a transport's mechanics, a transaction or a header's grammar.
 */
export interface SipEngine {
  /** Opens the listeners and starts registering. Rejects when an address cannot be bound. */
  start(): Promise<void>
  /** Ends every session, un-REGISTERs, closes the sockets. Idempotent; after it no timer is left. */
  stop(): Promise<void>
  /** Where the listeners really are (port 0 resolved), in the order of the options. */
  readonly listening: readonly Listening[]
  /** Authenticated calls from outside. Exactly one handler; it must end in `accept` or `reject`. */
  onInvite(handler: (session: IncomingSession) => void): void
  /** Dials. Failures, even an address that cannot be resolved, come as the session's `ended` event. */
  invite(target: CallTarget, options: InviteOptions): OutgoingSession
  /**
   * Asked for every OPTIONS outside a dialog, with the peer that is at its address, if one is. Calls are announced all the
   * same: their handler knows how to refuse them.
   */
  onAvailability(decide: (peer: SessionPeer | undefined) => Availability): void
  /** Contacts that a user's phones or PBX registered here and that have not expired, most recent first. */
  contactsOf(username: string): readonly RegisteredContact[]
  /** A user's contacts changed: registered, refreshed, gone. */
  readonly contactsChanged: Signal<{ readonly username: string; readonly contacts: number }>
  /** Our registrations at PBXs, one per configured registration. */
  readonly registrations: readonly TrunkRegistration[]
  /**
   * Another certificate, key or authority for connections to come; those that are open stay. Throws `ConfigError`, and keeps
   * what there is, for what cannot be used.
   */
  renewTls(tls: SipTlsOptions): void
  /** Registrations and static trunks, and whether calls can go there. */
  readonly trunks: readonly TrunkStatus[]
  stats(): SipStats
}

export interface Listening extends Endpoint {
  readonly transport: TransportName
}

export type TransportName = 'udp' | 'tcp' | 'tls'

/** What an OPTIONS is told: 200, or 503 with Retry-After. */
export type Availability =
  | { readonly available: true }
  | { readonly available: false; readonly retryAfterS: number; readonly reason: string }

/** A contact bound by REGISTER. `uri` is what the phone said; `source` is where the REGISTER came from (RFC 3581). */
export interface RegisteredContact {
  readonly username: string
  readonly uri: string
  readonly source: Endpoint
  readonly transport: TransportName
  /** RFC 3327: proxies between the phone and us, as Route values; empty when there are none. */
  readonly path: readonly string[]
  readonly userAgent: string | undefined
  readonly expiresAtMs: number
}

export type RegistrationState = 'idle' | 'registering' | 'registered' | 'failed' | 'unregistered'

export interface TrunkStatus {
  readonly name: string
  /** Of a static trunk what OPTIONS found; of a registration its state, or `unreachable` when it stopped answering. */
  readonly state: RegistrationState | 'unknown' | 'reachable' | 'unreachable'
  readonly isReady: boolean
  /** Of the last OPTIONS. */
  readonly roundTripMs: number | undefined
}

export interface TrunkRegistration {
  readonly name: string
  readonly state: RegistrationState
  /** SIP status of the last final answer; undefined before the first, 408 for none. */
  readonly lastStatus: number | undefined
  readonly changed: Signal<RegistrationState>
}

export type CallTarget =
  | { readonly kind: 'contact'; readonly contact: RegisteredContact }
  /** `name` of a registration or a static trunk; `user` is the number dialled there. */
  | { readonly kind: 'trunk'; readonly trunk: string; readonly user: string }
  | { readonly kind: 'uri'; readonly uri: string }

export interface InviteOptions {
  /** Who calls. Its place (From or P-Asserted-Identity) is the trunk's setting. */
  readonly caller: Party
  /** Builds the SDP offer. `localAddress` is what the far end should send its media to; `isSecure` as in `Session`. */
  readonly offer: (localAddress: string, isSecure: boolean) => string
  readonly headers?: readonly ExtraHeader[]
}

export interface Party {
  readonly user: string
  readonly displayName?: string | undefined
}

/** Who a trunk says is calling; of a phone, what stands in From. */
export interface CallerIdentity {
  readonly party: Party
  /** The caller does not want to be shown (RFC 3323): known to us, not to be passed on. */
  readonly isPrivate: boolean
}

export interface Diversion {
  readonly party: Party
  /** Diversion's word (`unconditional`, `user-busy`…), History-Info's SIP cause, or `unknown`. */
  readonly reason: string
}

export interface ExtraHeader {
  readonly name: string
  readonly value: string
}

/** Whose credentials or address a call came in with. */
export type SessionPeer =
  | { readonly kind: 'user'; readonly username: string }
  | { readonly kind: 'registration'; readonly name: string }
  | { readonly kind: 'static-trunk'; readonly name: string }
  | { readonly kind: 'uri' }

export type SessionEvent =
  /** A provisional answer to our INVITE (180 to 199, never 100). `sdp` is early media's description, if any. */
  | { readonly type: 'progress'; readonly status: number; readonly sdp: string | undefined }
  /**
   * Outgoing: 2xx came and was ACKed, `sdp` is the answer, or undefined when the far end has offered anew since its answer, by
   * UPDATE. Incoming: the ACK came, `sdp` only when the INVITE had none.
   */
  | { readonly type: 'established'; readonly sdp: string | undefined }
  /** The answer to an offer that we made in a 2xx to a re-INVITE without SDP. */
  | { readonly type: 'answer'; readonly sdp: string }
  | { readonly type: 'dtmf'; readonly digit: string; readonly durationMs: number }
  | { readonly type: 'ended'; readonly end: SessionEnd }

export interface SessionEnd {
  readonly by: 'local' | 'remote' | 'timeout' | 'transport'
  /** Final status of the INVITE, 487 for a cancelled one; 200 when the call had been established. */
  readonly status: number
  /** From the far end's `Reason: Q.850` (RFC 3326), 0 to 127, whatever the far end wrote. */
  readonly q850: number | undefined
  readonly reason: string
  /** From a 503's or 486's Retry-After. */
  readonly retryAfterS?: number | undefined
}

export interface EndReason {
  readonly q850?: number
  readonly text?: string
  /** `Reason: SIP;cause=…`, e.g. 200 for "answered elsewhere". */
  readonly sip?: number
}

/** A new offer within the call (re-INVITE, UPDATE, PRACK): hold, resume, new address, new codec. Answer exactly once. */
export interface SessionOffer {
  /** undefined: the far end asks us to offer (re-INVITE without SDP); then `accept` takes our offer. */
  readonly sdp: string | undefined
  accept(sdp: string): void
  reject(status: 488 | 491 | 500): void
}

/** The far end asks by REFER that another party takes its place (RFC 3515). One of `accept` and `reject`, exactly once. */
export interface TransferRequest {
  /** Whom to dial, at the same peer. */
  readonly user: string
  /** For the new INVITE: the far end's own call that it is to replace (RFC 3891). */
  readonly replaces: string | undefined
  /** Nobody is to be dialled: another call of the same peer with us, whose other side is to talk to this one's. */
  readonly joins: Session | undefined
  readonly referredBy: string | undefined
  accept(): void
  reject(status: number): void
  /** After `accept`: how the new call fares; a final status is the last. */
  progress(status: number): void
}

export interface Session {
  readonly callId: string
  readonly peer: SessionPeer
  /** What the far end reaches us by: goes into SDP `c=` and `o=`. Empty until an outgoing call's next hop is known. */
  readonly localAddress: string
  /** Signalling runs over TLS, so that keys in SDP are secret up to the next hop (RFC 4568 §7). */
  readonly isSecure: boolean
  readonly remoteParty: Party
  readonly events: Signal<SessionEvent>
  /** Replaces the handler of mid-call offers; without one they get 488. */
  onOffer(handler: (offer: SessionOffer) => void): void
  /** Replaces the handler of transfers; without one they get 603. */
  onTransfer(handler: (transfer: TransferRequest) => void): void
  /** A call that came in to take this one's place (RFC 3891): to be accepted, and this one ended. Without a handler 603. */
  onReplaced(handler: (by: IncomingSession) => void): void
  /**
   * Ends the call whatever its state: CANCEL, BYE, or for an incoming call not yet answered `reject(480)`.
   * Idempotent; `ended` follows, with `by: 'local'`.
   */
  end(reason?: EndReason): void
}

export interface IncomingSession extends Session {
  /** `accept` has sent its 200, or a refusal has gone out. */
  readonly isAnswered: boolean
  /** The offer, or undefined for an INVITE without SDP: then `accept` takes our offer and `established` brings the answer. */
  readonly offer: string | undefined
  /** The Request-URI's user: the number dialled. */
  readonly dialled: string
  /** The To header's user: differs from `dialled` after forwarding, or when a PBX dials a registered contact. */
  readonly to: Party
  readonly caller: CallerIdentity
  /** Who sent the call on to us; believed only from a trunk. */
  readonly divertedBy: Diversion | undefined
  /** First value of a header of the INVITE. */
  header(name: string): string | undefined
  /** 180, or 183 when `sdp` is given. */
  ring(sdp?: string): void
  accept(sdp: string, headers?: readonly ExtraHeader[]): void
  reject(status: number, reason?: EndReason & { readonly retryAfterS?: number }): void
}

export interface OutgoingSession extends Session {
  /** Offers anew inside the call (hold, changed address). Resolves with the answer; rejects with `ProtocolError`. */
  reoffer(sdp: string): Promise<string>
}

export interface SipStats {
  readonly sessions: number
  readonly dialogs: number
  readonly clientTransactions: number
  readonly serverTransactions: number
  readonly contacts: number
  readonly messagesIn: number
  readonly messagesOut: number
  readonly parseErrors: number
  readonly authFailures: number
  readonly overloadRefusals: number
  /** Messages of strangers that were dropped unread because there were too many. */
  readonly floodDrops: number
}

export interface SipUserAgentOptions {
  readonly listeners: readonly ListenerOptions[]
  /** The address peers outside `localNetworks` reach us by; without it the listener's own. */
  readonly externalAddress?: string | undefined
  /** CIDR blocks whose hosts get the listener's own address. */
  readonly localNetworks?: readonly string[]
  /** Needed for a `tls` listener. */
  readonly tls?: SipTlsOptions | undefined
  /** How often connections of ours are kept alive (RFC 5626 §4.4.1), milliseconds; 0 never; 90 000 when absent. */
  readonly keepaliveMs?: number
  /** How often trunks and contacts are asked by OPTIONS whether they are there, milliseconds; 0 or absent never. */
  readonly qualifyMs?: number
  readonly realm: string
  /** `User-Agent` and `Server`. */
  readonly product: string
  readonly users: readonly SipUserOptions[]
  readonly registrations: readonly RegistrationOptions[]
  readonly staticTrunks: readonly StaticTrunkOptions[]
  /** Digest algorithms offered, the preferred first; both are accepted if offered. MD5 alone when absent. */
  readonly digestAlgorithms?: readonly DigestAlgorithm[]
  readonly registrar?: Partial<RegistrarOptions>
  /** How long a call may go on without a sign that the far end still knows it (RFC 4028), 90 or more; 1800 when absent. */
  readonly sessionExpiresS?: number
  readonly limits?: Partial<SipLimits>
}

interface ListenerOptions {
  readonly transport: TransportName
  readonly address: string
  /** 0 lets the system choose. */
  readonly port: number
}

/** PEM texts. Without `certificate` and `key` TLS only connects. Without `ca` the system's authorities are trusted. */
export interface SipTlsOptions {
  readonly certificate?: string | undefined
  readonly key?: string | undefined
  readonly ca?: string | undefined
  readonly clientCertificates: 'none' | 'optional' | 'required'
  readonly verifyServers: boolean
}

/** Of one peer, both directions together; absent: only the limits of all together. */
export interface PeerLimits {
  readonly maxCalls?: number | undefined
  readonly callsPerSecond?: number | undefined
}

interface SipUserOptions extends PeerLimits {
  /** Instead of the registrar's `maxContactsPerUser`. */
  readonly maxContacts?: number
  readonly username: string
  readonly password: string
}

export interface RegistrationOptions extends PeerLimits {
  readonly name: string
  /** `host` or `host:port`, where REGISTER goes unless `outboundProxy` is set. */
  readonly registrar: string
  /** Further registrars, in the order in which they are tried when the first is not there. */
  readonly fallbackRegistrars?: readonly string[]
  /** How the registrar or proxy is reached; absent: SRV records decide, else UDP. */
  readonly transport?: TransportName | undefined
  /** Host part of the address of record; the registrar's host when absent. */
  readonly domain?: string | undefined
  readonly username: string
  readonly authUsername?: string | undefined
  readonly password: string
  readonly expiresS: number
  readonly outboundProxy?: string | undefined
  readonly callerPlacement?: CallerPlacement
}

export interface StaticTrunkOptions extends PeerLimits {
  readonly name: string
  /** CIDR blocks whose calls are taken without a digest. */
  readonly networks: readonly string[]
  /** `host` or `host:port` for calls toward it; absent: the trunk only calls us. */
  readonly target?: string | undefined
  /** How `target` is reached; absent: SRV records decide, else UDP. */
  readonly transport?: TransportName | undefined
  readonly callerPlacement?: CallerPlacement
}

/** Where the caller stands: in P-Asserted-Identity or Remote-Party-ID, with the account in From; or in From itself. */
export type CallerPlacement = 'asserted' | 'from' | 'remote-party-id'

export interface RegistrarOptions {
  /** Shorter registrations get 423 with Min-Expires. */
  readonly minExpiresS: number
  /** Longer ones are cut to this. */
  readonly maxExpiresS: number
  readonly defaultExpiresS: number
  readonly maxContactsPerUser: number
}

export interface SipLimits {
  readonly maxSessions: number
  /** Calls that may begin in a second, in and out, of all peers together; absent: as many as come. */
  readonly callsPerSecond?: number | undefined
  readonly maxTransactions: number
  readonly maxMessageBytes: number
  /** Per TCP or TLS listener. */
  readonly maxConnections: number
}
