import { ParseError } from '../../base/errors.ts'
import type { Endpoint } from '../../net/network.ts'
import { isJid } from '../jid.ts'
import type { Jid, WaNode } from '../wa-client.ts'
import { parseAddress } from './address.ts'
import { attributeOf, bytesOf, childOf, childrenNamed, countAttribute, descendantOf } from './node.ts'

interface RelayParticipant {
  readonly jid: Jid
  readonly pid: number
}

/** One `<te2>`. The same relay may appear once per address family and port. */
interface RelayEndpoint {
  readonly relayId: string
  readonly relayName: string
  readonly endpoint: Endpoint
  readonly family: 4 | 6
  /** Key into `tokens`. */
  readonly tokenId: string
  /** Key into `authTokens`; the token's id when the server names none. */
  readonly authTokenId: string
  /** A relay inside the peer's own network. */
  readonly isFna: boolean
  /** 0 is UDP; the others are not bound. */
  readonly protocol: number
  readonly c2rRttMs: number | undefined
}

/** `<relay>`: where the media of this call can go, and with which secrets. */
export interface RelayBlock {
  readonly uuid: string | undefined
  readonly selfPid: number | undefined
  readonly peerPid: number | undefined
  readonly participants: readonly RelayParticipant[]
  /** The ASCII text itself is the ICE password and the MESSAGE-INTEGRITY key. */
  readonly key: string
  readonly hbhKey: Uint8Array | undefined
  readonly warpMiTagLength: number
  readonly tokens: ReadonlyMap<string, Uint8Array>
  readonly authTokens: ReadonlyMap<string, Uint8Array>
  readonly endpoints: readonly RelayEndpoint[]
}

const MAX_PARTICIPANTS = 64
const MAX_TOKENS = 64
const MAX_TOKEN_BYTES = 1024
const MAX_ENDPOINTS = 64
const MAX_PID = 0xffff
const MAX_RTT_MS = 60_000
const UDP = 0
const OTHER_PROTOCOL = 255
const KEY = /^[\x21-\x7e]{1,64}$/
const MAX_KEY_BYTES = 64
const HBH_KEY_LENGTH = 30
const MAX_HBH_KEY_BYTES = 128
const DEFAULT_TAG_LENGTH = 4
/** HMAC-SHA1 has no more bytes to give. */
const MAX_TAG_LENGTH = 20

/** The relay block anywhere below `node`, or undefined; `ParseError` when it is there and cannot be used. */
export function parseRelayBlock(node: WaNode): RelayBlock | undefined {
  const relay = node.tag === 'relay' ? node : descendantOf(node, 'relay')
  if (!relay) return undefined
  return {
    uuid: attributeOf(relay, 'uuid'),
    selfPid: countAttribute(relay, 'self_pid', MAX_PID),
    peerPid: countAttribute(relay, 'peer_pid', MAX_PID),
    participants: parseParticipants(relay),
    key: parseKey(relay),
    hbhKey: parseHbhKey(relay),
    warpMiTagLength: parseTagLength(relay),
    tokens: parseTokens(relay, 'token'),
    authTokens: parseTokens(relay, 'auth_token'),
    endpoints: childrenNamed(relay, 'te2', MAX_ENDPOINTS).flatMap(parseEndpoint),
  }
}

function parseParticipants(relay: WaNode): readonly RelayParticipant[] {
  return childrenNamed(relay, 'participant', MAX_PARTICIPANTS).flatMap((node) => {
    const jid = attributeOf(node, 'jid')
    const pid = countAttribute(node, 'pid', MAX_PID)
    return jid !== undefined && isJid(jid) && pid !== undefined ? [{ jid, pid }] : []
  })
}

function parseKey(relay: WaNode): string {
  const key = textOf(childOf(relay, 'key'), MAX_KEY_BYTES) ?? ''
  if (!KEY.test(key)) throw new ParseError('whatsapp.relay.key', '<key> of <relay> is not 1 to 64 ASCII characters')
  return key
}

/** Raw, or base64 once or twice, of 30 bytes: all three forms occur. Anything else counts as absent. */
function parseHbhKey(relay: WaNode): Uint8Array | undefined {
  const node = childOf(relay, 'hbh_key')
  let bytes = node && bytesOf(node, MAX_HBH_KEY_BYTES)
  for (let layers = 0; bytes && layers < 3; layers++) {
    if (bytes.length === HBH_KEY_LENGTH) return bytes
    bytes = new Uint8Array(Buffer.from(new TextDecoder().decode(bytes), 'base64'))
  }
  return undefined
}

function parseTagLength(relay: WaNode): number {
  const text = textOf(childOf(relay, 'warp_mi_tag_len'), 8) ?? ''
  const length = /^\d{1,2}$/.test(text) ? Number(text) : 0
  return length >= 1 && length <= MAX_TAG_LENGTH ? length : DEFAULT_TAG_LENGTH
}

function parseTokens(relay: WaNode, tag: 'token' | 'auth_token'): ReadonlyMap<string, Uint8Array> {
  const tokens = new Map<string, Uint8Array>()
  for (const node of childrenNamed(relay, tag, MAX_TOKENS)) {
    const bytes = bytesOf(node, MAX_TOKEN_BYTES)
    if (bytes?.length) tokens.set(attributeOf(node, 'id') ?? '0', bytes)
  }
  return tokens
}

/** An endpoint without a usable address is left out; the others still carry the call. */
function parseEndpoint(node: WaNode): readonly RelayEndpoint[] {
  const bytes = bytesOf(node, 64)
  if (bytes?.length !== 6 && bytes?.length !== 18) return []
  const endpoint = parseAddress(bytes)
  if (endpoint.port === 0) return []
  const tokenId = attributeOf(node, 'token_id') ?? '0'
  return [
    {
      relayId: attributeOf(node, 'relay_id') ?? '',
      relayName: attributeOf(node, 'relay_name') ?? '',
      endpoint,
      family: bytes.length === 6 ? 4 : 6,
      tokenId,
      authTokenId: attributeOf(node, 'auth_token_id') ?? tokenId,
      isFna: attributeOf(node, 'is_fna') === '1',
      protocol: parseProtocol(node),
      c2rRttMs: countAttribute(node, 'c2r_rtt', MAX_RTT_MS),
    },
  ]
}

function parseProtocol(node: WaNode): number {
  if (attributeOf(node, 'protocol') === undefined) return UDP
  return countAttribute(node, 'protocol', OTHER_PROTOCOL) ?? OTHER_PROTOCOL
}

function textOf(node: WaNode | undefined, most: number): string | undefined {
  const bytes = node && bytesOf(node, most)
  return bytes && new TextDecoder().decode(bytes)
}
