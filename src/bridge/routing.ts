import type { CallTarget, SessionPeer, SipEngine } from '../sip/sip-engine.ts'

/** Where calls from one WhatsApp account go. */
export type InboundRoute = (
  | { readonly kind: 'user'; readonly user: string }
  | { readonly kind: 'trunk'; readonly trunk: string; readonly extension: string }
) & {
  readonly account: string
  /** The PBX decides alone: what it says is said for the owner's phone too, which rings along until then. */
  readonly isExclusive: boolean
}

export interface InboundDestination {
  /** All are dialled at once. */
  readonly targets: readonly [CallTarget, ...CallTarget[]]
  /** The user or extension that is called, for the record. */
  readonly called: string
}

/**
 * Whom a call to `account` rings: the first route of the account counts. Undefined when there is none, or when the user
 * has no phone registered.
 */
export function inboundDestination(
  account: string,
  routes: readonly InboundRoute[],
  sip: Pick<SipEngine, 'contactsOf'>,
): InboundDestination | undefined {
  const route = routes.find((entry) => entry.account === account)
  if (!route) return undefined
  if (route.kind === 'trunk') {
    return { called: route.extension, targets: [{ kind: 'trunk', trunk: route.trunk, user: route.extension }] }
  }
  const [first, ...others] = sip.contactsOf(route.user).map((contact) => ({ kind: 'contact', contact }) as const)
  return first && { called: route.user, targets: [first, ...others] }
}

/** Whether the PBX decides alone on calls to `account`. */
export function isExclusive(account: string, routes: readonly InboundRoute[]): boolean {
  return routes.find((entry) => entry.account === account)?.isExclusive === true
}

/** Where a transfer by `peer` to `user` goes: to the same trunk, or to the phones of a user that registers here. */
export function targetsAt(peer: SessionPeer, user: string, sip: Pick<SipEngine, 'contactsOf'>): readonly CallTarget[] {
  if (peer.kind === 'uri') return []
  if (peer.kind === 'user') return sip.contactsOf(user).map((contact) => ({ kind: 'contact', contact }))
  return [{ kind: 'trunk', trunk: peer.name, user }]
}
