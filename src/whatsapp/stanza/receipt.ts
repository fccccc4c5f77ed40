import { isJid } from '../jid.ts'
import type { Jid, WaNode } from '../wa-client.ts'
import { type CallIdentity, identityAttributes, parseIdentity } from './call.ts'
import { childOf, element, requiredAttribute } from './node.ts'

export interface OfferReceipt extends CallIdentity {
  readonly from: Jid
}

/** `<receipt>` for an offer or accept that reached us; `self` is our LID device JID. */
export function buildCallReceipt(
  what: 'offer' | 'accept',
  call: CallIdentity,
  stanza: { readonly id: string; readonly from: Jid },
  self: Jid,
): WaNode {
  return element('receipt', { to: stanza.from, id: stanza.id, from: self }, [element(what, identityAttributes(call))])
}

/** A receipt of another device for our offer; undefined for every other receipt. */
export function parseOfferReceipt(receipt: WaNode): OfferReceipt | undefined {
  const offer = childOf(receipt, 'offer')
  if (!offer) return undefined
  const from = requiredAttribute(receipt, 'from')
  return isJid(from) ? { ...parseIdentity(offer), from } : undefined
}
