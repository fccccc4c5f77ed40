import type { Clock } from '../../base/clock.ts'
import { ProtocolError, type TandemError } from '../../base/errors.ts'
import type { Random } from '../../base/random.ts'
import { isAddressLiteral } from '../../net/address-list.ts'
import type { Network } from '../../net/network.ts'
import { parseNameAddress } from '../message/name-address.ts'
import { parseUri, type SipUri, unbracketed } from '../message/uri.ts'
import type { RegisteredContact, TransportName } from '../sip-engine.ts'
import type { Flow, SipTransport } from '../transport/transport.ts'
import { Reachability } from './reachability.ts'
import { inServiceOrder, MAX_TARGETS, type ServiceName, servicesNamedBy, type Target } from './target.ts'

export type Located = readonly Target[] | TandemError

const DEFAULT_PORT = 5060
const DEFAULT_TLS_PORT = 5061
/** RFC 3263 §4.1: where the SRV records of a transport are. */
const SERVICE_OF: Readonly<Record<TransportName, string>> = { udp: '_sip._udp', tcp: '_sip._tcp', tls: '_sips._tcp' }
/** Node's resolver does not tell how long an answer holds. */
const REMEMBER_NAMES_MS = 30_000
const MAX_NAMES = 1000

/** RFC 3263: from a URI to the flows that reach it. A literal is found at once, a name after asking DNS. */
export class Locator {
  readonly reachability: Reachability
  readonly #network: Network
  readonly #clock: Clock
  readonly #random: Random
  readonly #transports: readonly SipTransport[]
  readonly #names = new Map<string, { readonly untilMs: number; readonly targets: readonly Target[] }>()

  constructor(context: { network: Network; clock: Clock; random: Random }, transports: readonly SipTransport[]) {
    this.#network = context.network
    this.#clock = context.clock
    this.#random = context.random
    this.#transports = transports
    this.reachability = new Reachability(context.clock)
  }

  /** Calls back once, before returning when the host is an address literal or a name asked for of late. */
  targetsOf(uri: SipUri, found: (result: Located) => void): void {
    const host = unbracketed(uri.params.get('maddr') ?? uri.host)
    if (isAddressLiteral(host)) {
      const transport = transportOf(uri) ?? 'udp'
      found([{ remote: { address: host, port: uri.port ?? defaultPort(transport) }, transport, serverName: host }])
      return
    }
    const key = `${uri.scheme} ${host}:${uri.port ?? ''} ${transportOf(uri) ?? ''}`
    const known = this.#names.get(key)
    if (known && known.untilMs > this.#clock.nowMs()) return found(this.reachability.sorted(known.targets))
    this.#resolve(host, uri).then(
      (targets) => {
        if (targets.length === 0) return found(noAddress(host))
        this.#remember(key, targets)
        found(this.reachability.sorted(targets))
      },
      () => found(noAddress(host)),
    )
  }

  /** As `targetsOf`, the first of them. */
  locate(uri: SipUri, found: (result: Flow | TandemError) => void): void {
    this.targetsOf(uri, (result) => found(isTargets(result) ? this.flow(result[0]!) : result))
  }

  /**
   * To a phone: the connection that it registered over; without it, where its Contact says (RFC 5626 §5.3). One that wants TLS
   * (`sips`) gets nothing over another way, whichever it registered over.
   */
  targetsOfContact({ uri, source, transport, path }: RegisteredContact, found: (result: Located) => void): void {
    const { scheme } = parseUri(uri)
    const [proxy] = path.map((value) => parseNameAddress(value).uri)
    if (proxy) return this.targetsOf(scheme === 'sips' ? { ...proxy, scheme } : proxy, found)
    const isConnected = this.#transports.some((t) => t.name === transport && t.isConnectedTo(source))
    if (isConnected && (scheme !== 'sips' || transport === 'tls'))
      found([{ remote: source, transport, serverName: source.address }])
    else this.targetsOf(parseUri(uri), found)
  }

  flow({ remote, transport, serverName }: Target): Flow | TandemError {
    const chosen = this.#transportToward(remote.address, transport)
    if (chosen) return chosen.flowTo(remote, serverName)
    return new ProtocolError('sip.no-transport', `no ${transport} listener toward ${remote.address}`)
  }

  get hasTcp(): boolean {
    return this.#has('tcp')
  }

  /** RFC 3261 §18.1.1: TCP to the same server, for a request that a datagram should not carry. */
  tcpInsteadOf({ transport, remote }: Flow): Flow | undefined {
    if (transport !== 'udp' || !this.reachability.mayTakeTcp(remote.address)) return undefined
    return this.#transportToward(remote.address, 'tcp')?.flowTo(remote)
  }

  /** Of several listeners of one kind, the one that the system would send from. */
  #transportToward(address: string, name: TransportName): SipTransport | undefined {
    const isV6 = address.includes(':')
    const fitting = this.#transports.filter((t) => t.name === name && t.local.address.includes(':') === isV6)
    if (fitting.length < 2) return fitting[0]
    const own = this.#network.localAddressToward(address)
    return fitting.find((t) => t.local.address === own) ?? fitting[0]
  }

  /** §4.1 and §4.2: a port or its absence decides between addresses and services. */
  async #resolve(host: string, uri: SipUri): Promise<Target[]> {
    const transport = transportOf(uri) ?? 'udp'
    // A single label is a name of the local network, which has no services.
    const targets = uri.port === undefined && host.includes('.') ? await this.#serviceTargets(host, uri) : []
    if (targets.length > 0) return targets.slice(0, MAX_TARGETS)
    const port = uri.port ?? defaultPort(transport)
    return (await this.#addresses(host, port, transport, host)).slice(0, MAX_TARGETS)
  }

  /** All that may be needed is asked at once: a name server that is silent holds a call up once, not five times. */
  async #serviceTargets(host: string, uri: SipUri): Promise<Target[]> {
    const wanted = transportOf(uri)
    const usual = (wanted ? [wanted] : (['udp', 'tcp'] as const)).filter((transport) => this.#has(transport))
    const [pointed, ...direct] = await Promise.all([
      this.#pointedTo(host, uri),
      ...usual.map((transport) => this.#services({ name: `${SERVICE_OF[transport]}.${host}`, transport }, host)),
    ])
    return pointed.length > 0 ? pointed : direct.flat()
  }

  /** §4.1: NAPTR decides where the URI leaves the transport open; a SIPS URI leaves only the name open. */
  async #pointedTo(host: string, uri: SipUri): Promise<Target[]> {
    if (uri.params.has('transport')) return []
    const isOurs = (transport: TransportName) => this.#has(transport) && (uri.scheme !== 'sips' || transport === 'tls')
    const services = servicesNamedBy(await this.#network.lookupPointers(host), isOurs)
    return (await Promise.all(services.map((service) => this.#services(service, host)))).flat()
  }

  async #services({ name, transport }: ServiceName, serverName: string): Promise<Target[]> {
    const records = inServiceOrder(await this.#network.lookupServices(name), this.#random).slice(0, MAX_TARGETS)
    const found = records.map(({ host, port }) => this.#addresses(host, port, transport, serverName))
    return (await Promise.all(found)).flat()
  }

  #has(transport: TransportName): boolean {
    return this.#transports.some(({ name }) => name === transport)
  }

  /** Addresses of families without a listener are no use. */
  async #addresses(host: string, port: number, transport: TransportName, serverName: string): Promise<Target[]> {
    const addresses = await this.#network.lookup(host).catch((): readonly string[] => [])
    return addresses
      .filter((address) => this.#transportToward(address, transport) !== undefined)
      .map((address) => ({ remote: { address, port }, transport, serverName }))
  }

  #remember(key: string, targets: readonly Target[]): void {
    this.#names.delete(key)
    this.#names.set(key, { untilMs: this.#clock.nowMs() + REMEMBER_NAMES_MS, targets })
    if (this.#names.size > MAX_NAMES) this.#names.delete(this.#names.keys().next().value!)
  }
}

export function isTargets(result: Located): result is readonly Target[] {
  return Array.isArray(result)
}

/** What the URI says, TLS for `sips`; undefined: the server's services decide. */
function transportOf(uri: SipUri): TransportName | undefined {
  if (uri.scheme === 'sips') return 'tls'
  return uri.params.get('transport')?.toLowerCase() as TransportName | undefined
}

const defaultPort = (transport: TransportName) => (transport === 'tls' ? DEFAULT_TLS_PORT : DEFAULT_PORT)

function noAddress(host: string): TandemError {
  return new ProtocolError('sip.no-address', `no address found for host ${host}`, { host })
}
