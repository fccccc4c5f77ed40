import type { CallTarget, SipEngine } from '../sip/sip-engine.ts'

/** Where calls from one WhatsApp account go. */
export type InboundRoute =
  | { readonly account: string; readonly kind: 'user'; readonly user: string }
  | { readonly account: string; readonly kind: 'trunk'; readonly trunk: string; readonly extension: string }

export interface InboundDestination {
  readonly target: CallTarget
  /** The user or extension that is called, for the record. */
  readonly called: string
}

/**
 * Whom a call to `account` rings: the first route of the account counts. Undefined when there is none, or when the user
 * has no phone registered. A user's latest registered contact is rung.
 */
export function inboundDestination(
  account: string,
  routes: readonly InboundRoute[],
  sip: Pick<SipEngine, 'contactsOf'>,
): InboundDestination | undefined {
  const route = routes.find((entry) => entry.account === account)
  if (!route) return undefined
  if (route.kind === 'trunk') {
    return { called: route.extension, target: { kind: 'trunk', trunk: route.trunk, user: route.extension } }
  }
  const contact = sip.contactsOf(route.user)[0]
  return contact && { called: route.user, target: { kind: 'contact', contact } }
}
