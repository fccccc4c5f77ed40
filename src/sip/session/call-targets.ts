import { ProtocolError, type TandemError } from '../../base/errors.ts'
import type { Credentials } from '../auth/credentials.ts'
import { CAPABILITIES, contactOn, type SipCore } from '../core.ts'
import type { Located } from '../locating/locator.ts'
import { Headers } from '../message/headers.ts'
import { request as makeRequest } from '../message/message.ts'
import { formatNameAddress } from '../message/name-address.ts'
import { bracketed, formatUri, over, parseUri, requestUriOf, type SipUri } from '../message/uri.ts'
import type { RegistrationClient } from '../registration/registration-client.ts'
import type {
  CallerPlacement,
  CallTarget,
  InviteOptions,
  Party,
  RegisteredContact,
  SessionPeer,
  StaticTrunkOptions,
} from '../sip-engine.ts'
import { type Flow, isSecure } from '../transport/transport.ts'
import { writeIdentity } from './caller-identity.ts'
import type { OutgoingCall } from './outgoing-session.ts'

export interface Trunks {
  readonly registrations: ReadonlyMap<string, RegistrationClient>
  readonly placements: ReadonlyMap<string, CallerPlacement>
  readonly staticTrunks: ReadonlyMap<string, StaticTrunkOptions>
  /** The phones of a user, the best first. */
  readonly contactsOf: (username: string) => readonly RegisteredContact[]
}

/** Where a call goes and what its INVITE says of us. */
interface Destination {
  readonly peer: SessionPeer
  readonly requestUri: string
  /** The To URI; differs from the Request-URI when a phone's contact is dialled. */
  readonly to: SipUri
  readonly nextHop: SipUri
  /** Route values. */
  readonly routes: readonly string[]
  /** Address of record for From when the caller is asserted; undefined: the caller stands in From. */
  readonly account: SipUri | undefined
  readonly placement: CallerPlacement
  readonly contactUser: string
  readonly credentials: Credentials | undefined
}

/**
 * Throws `ProtocolError` for a trunk that does not exist or cannot be dialled. `to` is whom the call was for at first, when it
 * has been redirected.
 */
export function outgoingCall(
  core: SipCore,
  trunks: Trunks,
  target: CallTarget,
  options: InviteOptions,
  to?: SipUri,
): OutgoingCall {
  const found = destinationOf(trunks, target, options.caller)
  const destination = to ? { ...found, to } : found
  const isSips = [destination.requestUri, destination.routes[0] ?? ''].some((uri) => /^\s*<?sips:/i.test(uri))
  return {
    peer: destination.peer,
    remoteParty: { user: destination.to.user ?? '' },
    contactUser: destination.contactUser,
    isSips,
    credentials: destination.credentials,
    locate: (found) => {
      if (target.kind === 'contact') core.locator.targetsOfContact(target.contact, found)
      else if (target.kind === 'trunk') targetsOfTrunk(core, trunks, target.trunk, destination.nextHop, found)
      else core.locator.targetsOf(destination.nextHop, found)
    },
    redirect: (user) => {
      const next = redirected(trunks, target, user)
      return next && outgoingCall(core, trunks, next, options, destination.to)
    },
    buildInvite: (flow, callId, localTag) => {
      const headers = identityHeaders(core, flow, destination, options.caller, localTag)
      headers.append('Call-ID', callId).append('CSeq', '1 INVITE')
      headers.append('Contact', contactOn(core, flow, destination.contactUser, isSips))
      for (const [name, value] of CAPABILITIES) headers.append(name, value)
      headers.append('User-Agent', core.product)
      for (const { name, value } of options.headers ?? []) headers.append(name, value)
      headers.append('Content-Type', 'application/sdp')
      return makeRequest(
        'INVITE',
        destination.requestUri,
        headers,
        options.offer(core.advertised.toward(flow), isSecure(flow)),
      )
    },
  }
}

/** A trunk forwards within itself, a phone to the users that register here; a bare URI to nobody. */
function redirected(trunks: Trunks, target: CallTarget, user: string): CallTarget | undefined {
  if (target.kind === 'trunk') return { ...target, user }
  const [contact] = target.kind === 'contact' ? trunks.contactsOf(user) : []
  return contact && { kind: 'contact', contact }
}

function targetsOfTrunk(
  core: SipCore,
  trunks: Trunks,
  name: string,
  nextHop: SipUri,
  found: (r: Located) => void,
): void {
  const registration = trunks.registrations.get(name)
  if (registration) registration.targets(found)
  else core.locator.targetsOf(nextHop, found)
}

function destinationOf(trunks: Trunks, target: CallTarget, caller: Party): Destination {
  switch (target.kind) {
    case 'contact': {
      const { uri, username, path } = target.contact
      const contact = parseUri(uri)
      const peer = { kind: 'user', username } as const
      const to = { ...contact, user: username, headers: undefined }
      return { ...plain(contact, caller), peer, requestUri: requestUriOf(uri), to, routes: path }
    }
    case 'uri':
      return plain(parseUri(target.uri), caller)
    case 'trunk': {
      const registration = trunks.registrations.get(target.trunk)
      if (registration) return overRegistration(registration, target.user, trunks.placements.get(target.trunk))
      return overStaticTrunk(trunks.staticTrunks.get(target.trunk), target.user, caller)
    }
  }
}

function plain(uri: SipUri, caller: Party): Destination {
  return {
    peer: { kind: 'uri' },
    requestUri: requestUriOf(formatUri(uri)),
    to: { ...uri, headers: undefined },
    nextHop: uri,
    routes: [],
    account: undefined,
    placement: 'from',
    contactUser: caller.user,
    credentials: undefined,
  }
}

function overRegistration(
  client: RegistrationClient,
  user: string,
  placement: CallerPlacement = 'asserted',
): Destination {
  const uri = { ...client.aor, user, port: client.registrar.port }
  return {
    peer: { kind: 'registration', name: client.name },
    requestUri: formatUri(uri),
    to: uri,
    nextHop: client.nextHop,
    routes: client.routes,
    account: placement === 'from' ? undefined : client.aor,
    placement,
    contactUser: client.aor.user ?? '',
    credentials: client.credentials,
  }
}

function overStaticTrunk(trunk: StaticTrunkOptions | undefined, user: string, caller: Party): Destination {
  if (trunk?.target === undefined) {
    throw new ProtocolError('sip.no-trunk', `there is no trunk "${trunk?.name ?? ''}" that can be dialled`)
  }
  const host = parseUri(`sip:${trunk.target}`)
  const nextHop = over(host, trunk.transport)
  const uri = { ...host, user }
  const { callerPlacement: placement = 'from' } = trunk
  const account = placement === 'from' ? undefined : { ...host, user: trunk.name }
  return { ...plain(uri, caller), peer: { kind: 'static-trunk', name: trunk.name }, account, placement, nextHop }
}

/** From, To and who really calls. */
function identityHeaders(core: SipCore, flow: Flow, to: Destination, caller: Party, localTag: string): Headers {
  const host = to.account?.host ?? bracketed(core.advertised.toward(flow))
  const { from, fields } = writeIdentity(caller, to.placement, to.account, host)
  const headers = new Headers()
  for (const route of to.routes) headers.append('Route', route)
  headers.append('Max-Forwards', '70').append('From', `${from};tag=${localTag}`)
  headers.append('To', formatNameAddress({ uri: to.to }))
  for (const [name, value] of fields) headers.append(name, value)
  return headers
}

/** A call that cannot even begin: its session ends at once with the reason. */
export function impossibleCall(error: TandemError): OutgoingCall {
  return {
    peer: { kind: 'uri' },
    remoteParty: { user: '' },
    contactUser: '',
    isSips: false,
    credentials: undefined,
    locate: (found) => found(error),
    redirect: () => undefined,
    buildInvite: () => {
      throw error
    },
  }
}
