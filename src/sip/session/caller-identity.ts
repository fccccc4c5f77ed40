import { ParseError } from '../../base/errors.ts'
import { unquote } from '../message/grammar.ts'
import type { SipRequest } from '../message/message.ts'
import { formatNameAddress, type NameAddress, parseNameAddress } from '../message/name-address.ts'
import { type SipUri, sipUri } from '../message/uri.ts'
import type { CallerIdentity, CallerPlacement, Diversion, Party } from '../sip-engine.ts'

/** RFC 3323 §4.1.1.3: what stands in From when nobody is to be named. */
const ANONYMOUS_HOST = 'anonymous.invalid'

export function partyOf({ uri, displayName }: NameAddress): Party {
  return { user: uri.user ?? '', displayName }
}

/**
 * Who calls: from a trunk P-Asserted-Identity (RFC 3325 §9.1), then Remote-Party-ID (draft-ietf-sip-privacy, FreeSWITCH's
 * default), then From, which is all that a phone is believed.
 */
export function callerOf(request: SipRequest, isTrusted: boolean): CallerIdentity {
  const from = request.from
  const asserted = isTrusted ? firstOf(request, 'P-Asserted-Identity') : undefined
  const remoteParty = isTrusted ? firstOf(request, 'Remote-Party-ID') : undefined
  const isPrivate =
    isAnonymous(from) || wantsPrivacy(request) || /^(?:full|uri)$/i.test(parameter(remoteParty, 'privacy'))
  return { party: partyOf(asserted ?? remoteParty ?? from), isPrivate }
}

/** Who sent the call on, last: Diversion (RFC 5806), else History-Info (RFC 7044). Only from a trunk. */
export function diversionOf(request: SipRequest): Diversion | undefined {
  const diversion = firstOf(request, 'Diversion')
  if (diversion) return { party: partyOf(diversion), reason: parameter(diversion, 'reason') || 'unknown' }
  const [last, before] = allOf(request, 'History-Info').reverse()
  if (!last || !before) return undefined
  return { party: partyOf(before), reason: causeIn(before.uri) || 'unknown' }
}

/** RFC 7044 §5: the Reason header in the URI of the entry that was left. */
function causeIn({ headers = '' }: SipUri): string {
  return /(?:^|&)Reason=SIP%3Bcause%3D([0-9]{3})/i.exec(headers)?.[1] ?? ''
}

/** RFC 3323 §4.2, RFC 3325 §9.3. */
function wantsPrivacy({ headers }: SipRequest): boolean {
  return headers
    .lines('Privacy')
    .some((line) => line.split(/[;,]/).some((value) => /^(?:id|user)$/i.test(value.trim())))
}

function isAnonymous({ uri }: NameAddress): boolean {
  return uri.host.toLowerCase() === ANONYMOUS_HOST || uri.user?.toLowerCase() === 'anonymous'
}

const firstOf = (request: SipRequest, name: string): NameAddress | undefined => allOf(request, name)[0]

/** Those that can be read: a bad identity makes no request bad. */
function allOf({ headers }: SipRequest, name: string): NameAddress[] {
  return read(() => headers.list(name), []).flatMap((value) => read(() => [parseNameAddress(value)], []))
}

function read<T>(parse: () => T, otherwise: T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof ParseError) return otherwise
    throw error
  }
}

function parameter(address: NameAddress | undefined, name: string): string {
  return unquote(address?.params.get(name) ?? '')
}

/** What an INVITE of ours says of the caller. */
export interface WrittenIdentity {
  /** From, without its tag. */
  readonly from: string
  readonly fields: readonly (readonly [string, string])[]
}

/**
 * RFC 3325 §9.1, RFC 3323 §4.1. `account` is whom the peer knows us as, for the placements that keep it in From; `host`
 * stands behind the caller's number. A caller without a number is anonymous.
 */
export function writeIdentity(
  { user, displayName }: Party,
  placement: CallerPlacement,
  account: SipUri | undefined,
  host: string,
): WrittenIdentity {
  const isWithheld = user === ''
  const uri = isWithheld ? sipUri('anonymous', ANONYMOUS_HOST) : sipUri(user, host)
  const caller = { displayName: isWithheld ? 'Anonymous' : displayName, uri }
  const from = formatNameAddress({ displayName: caller.displayName, uri: account ?? uri })
  const fields: (readonly [string, string])[] = isWithheld ? [['Privacy', 'id']] : []
  if (placement === 'remote-party-id') {
    const privacy = isWithheld ? 'full' : 'off'
    fields.push(['Remote-Party-ID', `${formatNameAddress(caller)};party=calling;screen=yes;privacy=${privacy}`])
  } else if (placement === 'asserted' && account && !isWithheld) {
    fields.push(['P-Asserted-Identity', formatNameAddress(caller)])
  }
  return { from, fields }
}
