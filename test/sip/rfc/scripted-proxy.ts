import { isAddressLiteral } from '../../../src/net/address-list.ts'
import type { MemoryNetwork } from '../../../src/net/memory-network.ts'
import type { Endpoint, Network, UdpSocket } from '../../../src/net/network.ts'
import { Headers } from '../../../src/sip/message/headers.ts'
import { parseNameAddress } from '../../../src/sip/message/name-address.ts'
import { splitMessage } from '../../../src/sip/message/parser.ts'
import { parseUri } from '../../../src/sip/message/uri.ts'
import { parseVia } from '../../../src/sip/message/via.ts'

export interface ProxyScript {
  /** Where requests outside a dialog go. */
  readonly next: Endpoint
  /** Stays on the path of the dialog. */
  readonly recordsRoute?: boolean
  /** Asks for credentials of this realm, for every INVITE without them. */
  readonly realm?: string
  /** Hears everything and says nothing. */
  readonly isDead?: boolean
  /** Answers REGISTER itself. */
  readonly isRegistrar?: boolean
  /** What it makes of bodies on their way, as an application level gateway does. */
  readonly rewrite?: (body: string) => string
}

/** A stateless proxy (RFC 3261 §16.11) that does what a flow of RFC 3665 says, and no more. */
export class ScriptedProxy {
  readonly at: Endpoint
  readonly #script: ProxyScript
  /** Branches of requests that were asked for credentials. */
  readonly #challenged = new Set<string>()
  #socket!: UdpSocket

  private constructor(at: Endpoint, script: ProxyScript) {
    this.at = at
    this.#script = script
  }

  static async open(network: Network, at: Endpoint, script: ProxyScript): Promise<ScriptedProxy> {
    const proxy = new ScriptedProxy(at, script)
    proxy.#socket = await network.udp({ ...at, onDatagram: (bytes, from) => proxy.#receive(bytes.slice(), from) })
    return proxy
  }

  close(): Promise<void> {
    return this.#socket.close()
  }

  #receive(bytes: Uint8Array, from: Endpoint) {
    if (this.#script.isDead) return
    const { startLine, headers, rest } = splitMessage(bytes)
    const body = (this.#script.rewrite ?? ((text) => text))(Buffer.from(rest).toString())
    if (startLine.startsWith('SIP/')) return this.#back(startLine, headers, body)
    const [method, uri] = startLine.split(' ')
    if (method === 'REGISTER' && this.#script.isRegistrar) return this.#answer(200, headers, from, [])
    if (method === 'INVITE' && this.#mustAsk(headers)) return this.#challenge(headers, from)
    // The ACK of our own 407 ends here: it has the credentials of nobody yet.
    if (method === 'ACK' && this.#challenged.has(parseVia(headers.get('Via')!).branch)) return
    if (method === 'INVITE') this.#answer(100, headers, from, [])
    this.#forward(method!, uri!, headers, body)
  }

  #mustAsk(headers: Headers): boolean {
    const { realm } = this.#script
    const isNew = !headers.get('To')!.includes(';tag=')
    return (
      realm !== undefined &&
      isNew &&
      !headers.lines('Proxy-Authorization').some((line) => line.includes(`realm="${realm}"`))
    )
  }

  #challenge(headers: Headers, from: Endpoint): void {
    const { realm } = this.#script
    this.#challenged.add(parseVia(headers.get('Via')!).branch)
    const challenge = `Digest realm="${realm}", nonce="${realm}-nonce", algorithm=MD5, qop="auth"`
    this.#answer(407, headers, from, [['Proxy-Authenticate', challenge]])
  }

  #answer(status: number, request: Headers, to: Endpoint, fields: readonly (readonly [string, string])[]): void {
    const headers = new Headers()
    for (const name of ['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Contact']) headers.copyFrom(request, name)
    if (status > 100) headers.replaceFirst('To', `${request.get('To')};tag=proxy`)
    for (const [name, value] of fields) headers.append(name, value)
    this.#send(`SIP/2.0 ${status} Because`, headers, '', to)
  }

  #forward(method: string, uri: string, headers: Headers, body: string): void {
    const via = headers.get('Via')!
    const routes = headers.lines('Route').flatMap((line) => line.split(/,\s*/))
    if (routes.length > 0 && hostOf(routes[0]!) === this.at.address) routes.shift()
    headers.remove('Route')
    for (const route of routes) headers.append('Route', route)
    headers.replaceFirst('Max-Forwards', String(Number(headers.get('Max-Forwards')) - 1))
    // §16.11: the same branch for whatever belongs together.
    headers.prepend(
      'Via',
      `SIP/2.0/UDP ${this.at.address}:${this.at.port};branch=${parseVia(via).branch}.${this.at.port}x${this.at.address}`,
    )
    if (this.#script.recordsRoute && method === 'INVITE') {
      headers.prepend('Record-Route', `<sip:${this.at.address}:${this.at.port};lr>`)
    }
    this.#send(`${method} ${uri} SIP/2.0`, headers, body, this.#nextHop(uri, routes))
  }

  /** The next route, the address in the Request-URI, or whoever serves the domain in it. */
  #nextHop(uri: string, [route]: readonly string[]): Endpoint {
    const target = route === undefined ? parseUri(uri) : parseNameAddress(route).uri
    return isAddressLiteral(target.host) ? endpointOf(target) : this.#script.next
  }

  #back(startLine: string, headers: Headers, body: string): void {
    const [, ...others] = headers.lines('Via')
    // Ours, the 100, ends here: a proxy has said so itself (§16.7 step 5).
    if (others.length === 0 || startLine.startsWith('SIP/2.0 100')) return
    headers.remove('Via')
    for (const via of [...others].reverse()) headers.prepend('Via', via)
    const { host, port, params } = parseVia(others[0]!)
    this.#send(startLine, headers, body, {
      address: params.get('received') ?? host,
      port: Number(params.get('rport') || port || 5060),
    })
  }

  #send(startLine: string, headers: Headers, body: string, to: Endpoint): void {
    headers.remove('Content-Length').append('Content-Length', String(Buffer.byteLength(body)))
    this.#socket.send(Buffer.from(`${startLine}\r\n${headers.format()}\r\n${body}`), to)
  }
}

const hostOf = (route: string) => parseNameAddress(route).uri.host
const endpointOf = ({ host, port }: { host: string; port: number | undefined }) => ({
  address: host,
  port: port ?? 5060,
})

/** What passes between named places, in order: `Alice→1 INVITE`, `1→Alice 407`. */
export function flowOf(network: MemoryNetwork, names: Readonly<Record<string, string>>): string[] {
  const flow: string[] = []
  network.filter = (datagram, from, to) => {
    const [first, second] = Buffer.from(datagram).toString('latin1', 0, 64).split(' ')
    flow.push(`${names[from.address]}→${names[to.address]} ${first === 'SIP/2.0' ? second : first}`)
    return true
  }
  return flow
}
