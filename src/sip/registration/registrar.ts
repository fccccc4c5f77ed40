import type { Clock } from '../../base/clock.ts'
import { ParseError } from '../../base/errors.ts'
import { parseDecimal } from '../message/grammar.ts'
import type { OutgoingResponse, SipRequest } from '../message/message.ts'
import { type NameAddress, parseNameAddress } from '../message/name-address.ts'
import { responseTo } from '../message/response.ts'
import { contactIdentity, parseUri, type SipUri } from '../message/uri.ts'
import type { RegistrarOptions } from '../sip-engine.ts'
import type { Flow } from '../transport/transport.ts'
import type { Bindings } from './bindings.ts'

/** RFC 3261 §10.2.1.1 names an hour as usual; phones behind NAT want less and ask for it. */
export const REGISTRAR_DEFAULTS: RegistrarOptions = {
  minExpiresS: 30,
  maxExpiresS: 3600,
  defaultExpiresS: 300,
  maxContactsPerUser: 5,
}

/** More proxies than any honest path has. */
const MAX_PATH = 8

interface Requested {
  readonly address: NameAddress
  readonly expiresS: number
}

/** RFC 3261 §10.3: what becomes of a REGISTER whose sender is already known to be `username`. */
export class Registrar {
  readonly #clock: Clock
  readonly #bindings: Bindings
  readonly #options: RegistrarOptions
  readonly #maxContactsOf: (username: string) => number | undefined

  constructor(
    clock: Clock,
    bindings: Bindings,
    options: RegistrarOptions,
    maxContactsOf: (username: string) => number | undefined,
  ) {
    this.#clock = clock
    this.#bindings = bindings
    this.#options = options
    this.#maxContactsOf = maxContactsOf
  }

  register(request: SipRequest, username: string, flow: Flow): OutgoingResponse {
    // §10.3: an address of record is a SIP URI.
    if (!isSip(request.to.uri)) return responseTo(request, 400)
    // Step 4: nobody registers for someone else.
    if (request.to.uri.user !== username) return responseTo(request, 403)
    try {
      const refusal = this.#update(request, username, flow)
      const path = request.headers.lines('Path').map((value) => ['Path', value] as const)
      return refusal ?? responseTo(request, 200, { headers: [...this.#boundContacts(username), ...path] })
    } catch (error) {
      if (error instanceof ParseError) return responseTo(request, 400)
      throw error
    }
  }

  /** Steps 6 and 7; all of the bindings or none. */
  #update(request: SipRequest, username: string, flow: Flow): OutgoingResponse | undefined {
    const contacts = request.headers.list('Contact')
    const path = pathOf(request)
    if (contacts.includes('*')) return this.#removeAll(request, username, contacts.length)
    const requested = contacts.map((text) => this.#read(request, parseNameAddress(text)))
    const isTooShort = requested.some(({ expiresS }) => expiresS > 0 && expiresS < this.#options.minExpiresS)
    if (isTooShort) return responseTo(request, 423, { headers: [['Min-Expires', String(this.#options.minExpiresS)]] })
    if (requested.some(({ address }) => this.#isOutOfOrder(request, username, address))) return responseTo(request, 500)
    const added = requested.filter(
      ({ address, expiresS }) => expiresS > 0 && !this.#bindings.find(username, address.uriText),
    )
    const outdated = added.length > 0 ? this.#outdated(username, requested, flow) : []
    const maxContacts = this.#maxContactsOf(username) ?? this.#options.maxContactsPerUser
    const count = this.#bindings.countOf(username) - outdated.length + added.length
    if (count > maxContacts) return responseTo(request, 403)
    for (const uri of outdated) this.#bindings.remove(username, uri)
    for (const { address, expiresS } of requested) this.#bind(request, username, address, expiresS, flow, path)
    return undefined
  }

  /** A phone that restarted comes with a new `rinstance` from the same place: what it left there is nobody any more. */
  #outdated(username: string, requested: readonly Requested[], { remote, transport }: Flow): readonly string[] {
    const renewed = new Set(requested.map(({ address }) => withoutInstance(address.uri)))
    const named = new Set(requested.map(({ address }) => address.uriText))
    return this.#bindings
      .of(username)
      .filter(({ source }) => source.address === remote.address && source.port === remote.port)
      .filter((bound) => bound.transport === transport && !named.has(bound.uri))
      .map(({ uri }) => uri)
      .filter((uri) => renewed.has(withoutInstance(parseUri(uri))))
  }

  #read(request: SipRequest, address: NameAddress): Requested {
    if (!isSip(address.uri)) {
      throw new ParseError('parse.sip-uri', 'a contact that is not a SIP URI')
    }
    const text = address.params.get('expires') ?? request.headers.get('Expires')
    const wishedS =
      text === undefined ? this.#options.defaultExpiresS : readExpires(text, this.#options.defaultExpiresS)
    return { address, expiresS: Math.min(wishedS, this.#options.maxExpiresS) }
  }

  /** Step 7: within one Call-ID an older or equal CSeq is a stray. */
  #isOutOfOrder(request: SipRequest, username: string, address: NameAddress): boolean {
    const bound = this.#bindings.find(username, address.uriText)
    return bound !== undefined && bound.callId === request.callId && request.cseq.number <= bound.sequence
  }

  #bind(
    request: SipRequest,
    username: string,
    address: NameAddress,
    expiresS: number,
    flow: Flow,
    path: readonly string[],
  ) {
    if (expiresS === 0) return this.#bindings.remove(username, address.uriText)
    this.#bindings.put({
      contact: {
        username,
        uri: address.uriText,
        source: flow.remote,
        transport: flow.transport,
        path,
        userAgent: request.headers.get('User-Agent')?.slice(0, 128),
        expiresAtMs: this.#clock.nowMs() + expiresS * 1000,
      },
      callId: request.callId,
      sequence: request.cseq.number,
      flow,
    })
  }

  /** Step 6: `*` only alone and only with Expires: 0. */
  #removeAll(request: SipRequest, username: string, contacts: number): OutgoingResponse | undefined {
    if (contacts !== 1 || request.headers.get('Expires') !== '0') return responseTo(request, 400)
    for (const { uri } of this.#bindings.of(username)) this.#bindings.remove(username, uri)
    return undefined
  }

  /** Step 8: every binding with the time it has left. */
  #boundContacts(username: string): (readonly [string, string])[] {
    const nowMs = this.#clock.nowMs()
    const contacts = this.#bindings.of(username).map(({ uri, expiresAtMs }) => {
      return ['Contact', `<${uri}>;expires=${Math.max(0, Math.round((expiresAtMs - nowMs) / 1000))}`] as const
    })
    return [...contacts, ['Date', new Date(this.#clock.wallMs()).toUTCString()] as const]
  }
}

const isSip = ({ scheme }: SipUri) => scheme === 'sip' || scheme === 'sips'

/** RFC 3327 §5.3; read now, so that a bad one is refused while somebody listens. */
function pathOf(request: SipRequest): readonly string[] {
  const path = request.headers.list('Path')
  if (path.length > MAX_PATH) throw new ParseError('parse.sip-header', `more than ${MAX_PATH} proxies in Path`)
  for (const proxy of path) parseNameAddress(proxy)
  return path
}

function withoutInstance(uri: SipUri): string {
  return contactIdentity({ ...uri, params: new Map([...uri.params].filter(([name]) => name !== 'rinstance')) })
}

/** §10.2.1.1: a value that cannot be read is taken for the default. */
function readExpires(text: string, otherwise: number): number {
  try {
    return parseDecimal(text, 0xff_ff_ff_ff, 'Expires')
  } catch {
    return otherwise
  }
}
