import { ParseError } from '../../base/errors.ts'
import { Headers } from '../message/headers.ts'
import {
  request as makeRequest,
  type OutgoingRequest,
  type SipRequest,
  type SipResponse,
  tagOf,
} from '../message/message.ts'
import { parseNameAddress } from '../message/name-address.ts'
import { parseUri, requestUriOf, type SipUri } from '../message/uri.ts'
import { MAGIC_COOKIE } from '../message/via.ts'

interface DialogState {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  /** From and To as our requests carry them, with tags. */
  readonly localAddress: string
  readonly remoteAddress: string
  readonly routeSet: readonly string[]
  readonly remoteTarget: string
  readonly localSequence: number
  readonly remoteSequence: number
}

const MAX_FORWARDS = '70'

/** RFC 3261 §12: what two user agents remember of each other during a call. */
export class Dialog {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  readonly #localAddress: string
  readonly #remoteAddress: string
  readonly #routeSet: readonly string[]
  readonly #isRouteSips: boolean
  #remoteTarget: string
  #localSequence: number
  #remoteSequence: number

  private constructor(state: DialogState) {
    this.callId = state.callId
    this.localTag = state.localTag
    this.remoteTag = state.remoteTag
    this.#localAddress = state.localAddress
    this.#remoteAddress = state.remoteAddress
    const [first] = state.routeSet
    this.#routeSet = state.routeSet
    this.#isRouteSips = first !== undefined && parseNameAddress(first).uri.scheme === 'sips'
    this.#remoteTarget = state.remoteTarget
    this.#localSequence = state.localSequence
    this.#remoteSequence = state.remoteSequence
  }

  /** §12.1.1: the callee's side. Throws `ParseError` when the INVITE's Contact cannot be read. */
  static ofCallee(invite: SipRequest, localTag: string): Dialog {
    const to = invite.headers.get('To')!
    return new Dialog({
      callId: invite.callId,
      localTag,
      remoteTag: tagOf(invite.from),
      localAddress: tagOf(invite.to) === '' ? `${to};tag=${localTag}` : to,
      remoteAddress: invite.headers.get('From')!,
      routeSet: routesOf(invite.headers),
      // RFC 2543 did not ask for a Contact; its INVITEs have no magic cookie either.
      remoteTarget: isOld(invite) && !invite.headers.has('Contact') ? invite.from.uriText : contactOf(invite.headers),
      localSequence: 0,
      remoteSequence: invite.cseq.number,
    })
  }

  /** §12.1.2: the caller's side, from an answer with a To tag. Throws `ParseError` like `ofCallee`. */
  static ofCaller(invite: OutgoingRequest, response: SipResponse): Dialog {
    return new Dialog({
      callId: response.callId,
      localTag: tagOf(response.from),
      remoteTag: tagOf(response.to),
      localAddress: invite.headers.get('From')!,
      remoteAddress: response.headers.get('To')!,
      routeSet: routesOf(response.headers).reverse(),
      remoteTarget: response.headers.has('Contact') ? contactOf(response.headers) : invite.requestUri,
      localSequence: response.cseq.number,
      remoteSequence: -1,
    })
  }

  /** §13.2.2.4: the confirmed dialog counts on where the early one stopped. */
  continueSequenceOf(early: Dialog): void {
    this.#localSequence = Math.max(this.#localSequence, early.#localSequence)
    this.#remoteSequence = early.#remoteSequence
  }

  get hasRoutes(): boolean {
    return this.#routeSet.length > 0
  }

  /** Its requests go to a SIPS URI, or to a first route that is one: TLS all the way (§12.1.1, §26.2.2). */
  get isSips(): boolean {
    return this.#isRouteSips || /^sips:/i.test(this.#remoteTarget)
  }

  nextSequence(): number {
    return ++this.#localSequence
  }

  /** §12.2.1.1 */
  request(method: string, fields: Iterable<readonly [string, string]>, body?: string): OutgoingRequest {
    return this.#build(method, this.nextSequence(), fields, body)
  }

  /** §13.2.2.4: has the number of the INVITE it belongs to, and its credentials. */
  ack(sequence: number, invite: OutgoingRequest): OutgoingRequest {
    const fields = ['Authorization', 'Proxy-Authorization'].flatMap((name) =>
      invite.headers.lines(name).map((value) => [name, value] as const),
    )
    return this.#build('ACK', sequence, fields)
  }

  /** §12.2.1.1: where a request goes: the first route, else the remote target. */
  nextHop(): SipUri {
    const [first] = this.#routeSet
    return first === undefined ? parseUri(this.#remoteTarget) : parseNameAddress(first).uri
  }

  /** §12.2.2: false for a request older than the last one. */
  takeSequence(request: SipRequest): boolean {
    if (request.cseq.number < this.#remoteSequence) return false
    this.#remoteSequence = request.cseq.number
    return true
  }

  /** §12.2.1.2 and §12.2.2: target refresh by re-INVITE, UPDATE and their 2xx. An unreadable Contact changes nothing. */
  refreshTarget(headers: Headers): void {
    try {
      if (headers.has('Contact')) this.#remoteTarget = contactOf(headers)
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
    }
  }

  #build(
    method: string,
    sequence: number,
    fields: Iterable<readonly [string, string]>,
    body?: string,
  ): OutgoingRequest {
    const { requestUri, routes } = this.#routing()
    const headers = new Headers()
    for (const route of routes) headers.append('Route', route)
    headers
      .append('Max-Forwards', MAX_FORWARDS)
      .append('From', this.#localAddress)
      .append('To', this.#remoteAddress)
      .append('Call-ID', this.callId)
      .append('CSeq', `${sequence} ${method}`)
    for (const [name, value] of fields) headers.append(name, value)
    return makeRequest(method, requestUri, headers, body)
  }

  /** §12.2.1.1: a first route without `lr` is a strict router: it takes the Request-URI's place. */
  #routing(): { requestUri: string; routes: readonly string[] } {
    const [first, ...others] = this.#routeSet
    if (first === undefined) return { requestUri: this.#remoteTarget, routes: [] }
    const route = parseNameAddress(first)
    if (route.uri.params.has('lr')) return { requestUri: this.#remoteTarget, routes: this.#routeSet }
    return { requestUri: route.uriText, routes: [...others, `<${this.#remoteTarget}>`] }
  }
}

/** Read now, so that a bad one is found while the dialog can still be refused. */
function routesOf(headers: Headers): string[] {
  const routes = headers.list('Record-Route')
  for (const route of routes) parseNameAddress(route)
  return routes
}

const isOld = (request: SipRequest) => !request.via.branch.startsWith(MAGIC_COOKIE)

function contactOf(headers: Headers): string {
  const [contact] = headers.list('Contact')
  if (contact === undefined) throw new ParseError('parse.sip-header', 'no Contact')
  const { uri, uriText } = parseNameAddress(contact)
  if (uri.scheme !== 'sip' && uri.scheme !== 'sips') throw new ParseError('parse.sip-uri', 'Contact is not a SIP URI')
  return requestUriOf(uriText, uri)
}
