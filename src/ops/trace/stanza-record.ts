import type { TracedNode } from '../../base/tracer.ts'
import type { Redactor } from './redactor.ts'

/** A stanza as a trace holds it: nothing that is not known to be harmless is in it as it was. */
export interface StanzaRecord {
  readonly tag: string
  readonly attrs: Readonly<Record<string, string>>
  /** Children, or the length and tag of bytes and text. */
  readonly content?: readonly StanzaRecord[] | string
}

/** Attributes with words, versions, counts and measurements of the protocol. Anything else is redacted. */
const HARMLESS: ReadonlySet<string> = new Set(
  `type class count v ver version medium net rate enc dec codec protocol relay_id relay_name domain_name token_id
   auth_token_id is_fna c2r_rtt latency priority e t reason error code text media platform joinable device_class duration pid
   self_pid peer_pid xmlns orientation keygen mute-state mute_state video screen_width screen_height is_battery_low state
   transport-message-type p2p-cand-round round offline retry expiration ttl privacy caller_country_code dirty action
   attribute_padding warp_mi_tag_len`.split(/\s+/),
)

/** Attributes that hold a JID. */
const JIDS: ReadonlySet<string> = new Set(
  `to from jid participant recipient call-creator caller_pn caller_lid creator user device lid pn phone_number
   peer_recipient_pn sender_pn sender_lid`.split(/\s+/),
)

const IDS: ReadonlySet<string> = new Set(['id', 'call-id', 'stanza-id'])

/** Bytes of the protocol that hold no secret and say what the other side can do. */
const READABLE: ReadonlySet<string> = new Set(['capability'])
const READABLE_BYTES = 16

const MAX_DEPTH = 8
const MAX_CHILDREN = 256

export function stanzaRecord(node: TracedNode, redactor: Redactor, depth = MAX_DEPTH): StanzaRecord {
  const attrs: Record<string, string> = {}
  for (const [name, value] of Object.entries(node.attrs)) attrs[name] = attribute(name, String(value), redactor)
  const content = contentOf(node, redactor, depth)
  return content === undefined ? { tag: node.tag, attrs } : { tag: node.tag, attrs, content }
}

function attribute(name: string, value: string, redactor: Redactor): string {
  if (IDS.has(name)) return redactor.id(value)
  if (JIDS.has(name)) return redactor.jid(value)
  return HARMLESS.has(name) && isHarmless(value) ? value : redactor.text(value)
}

/** Short words and numbers; a run of digits as long as a phone number only as a time of these decades. */
function isHarmless(value: string): boolean {
  return /^[\w.,:/ -]{0,48}$/.test(value) && (!/\d{7}/.test(value) || /^1[6-9]\d{8}(\d{3})?$/.test(value))
}

function contentOf(node: TracedNode, redactor: Redactor, depth: number): StanzaRecord['content'] {
  const { tag, content } = node
  if (content === undefined || content === null) return undefined
  if (typeof content === 'string') return redactor.text(content)
  if (content instanceof Uint8Array) {
    if (READABLE.has(tag) && content.length <= READABLE_BYTES) return `hex:${Buffer.from(content).toString('hex')}`
    return redactor.bytes(content)
  }
  if (depth === 0) return `${content.length} children`
  return content.slice(0, MAX_CHILDREN).map((child) => stanzaRecord(child, redactor, depth - 1))
}
