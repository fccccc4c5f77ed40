import { ParseError } from '../../base/errors.ts'
import type { EncryptedKey, Jid, WaNode } from '../wa-client.ts'
import { attributeOf, bytesOf, childOf, childrenNamed, countAttribute, element, requiredBytes } from './node.ts'

/** The call key, encrypted for one device. */
export interface Enc {
  readonly type: 'pkmsg' | 'msg'
  readonly ciphertext: Uint8Array
}

const MAX_AUDIO_FORMATS = 16
const MAX_RATE_HZ = 192_000
const MAX_CIPHERTEXT_BYTES = 4096
const MAX_CAPABILITY_BYTES = 64
/** The only SRTP key schedule that calls of today use. */
const KEYGEN = '2'

export function audioNodes(ratesHz: readonly number[]): readonly WaNode[] {
  return ratesHz.map((rate) => element('audio', { enc: 'opus', rate: String(rate) }))
}

/** Sampling rates of the `<audio enc="opus">` children, in order of preference. */
export function parseAudioRates(action: WaNode): readonly number[] {
  return childrenNamed(action, 'audio', MAX_AUDIO_FORMATS)
    .filter((audio) => attributeOf(audio, 'enc') === 'opus')
    .map((audio) => countAttribute(audio, 'rate', MAX_RATE_HZ))
    .filter((rate) => rate !== undefined)
}

export function netNode(medium: '2' | '3', protocol?: '0'): WaNode {
  return element('net', { medium, protocol })
}

export function encoptNode(): WaNode {
  return element('encopt', { keygen: KEYGEN })
}

/**
 * The key generation that the `<encopt>` of an action names, when it is not the one that we have. Only a number gets out,
 * for the log: the rest may be anybody's text, of any length.
 */
export function unknownKeygen(action: WaNode): number | 'unreadable' | undefined {
  const keygen = childOf(action, 'encopt')?.attrs.keygen
  if (keygen === undefined || keygen === KEYGEN) return undefined
  return /^[1-9]?\d$/.test(keygen) ? Number(keygen) : 'unreadable'
}

export function capabilityNode(blob: Uint8Array): WaNode {
  return element('capability', { ver: '1' }, blob)
}

export function parseCapability(action: WaNode): Uint8Array | undefined {
  const node = childOf(action, 'capability')
  return node && bytesOf(node, MAX_CAPABILITY_BYTES)
}

export function encNode(key: Omit<EncryptedKey, 'jid'>): WaNode {
  return element('enc', { v: '2', type: key.type, count: '0' }, key.ciphertext)
}

/** The `<enc>` child of `parent`, when there is one. */
export function parseEnc(parent: WaNode): Enc | undefined {
  const node = childOf(parent, 'enc')
  if (!node) return undefined
  const type = attributeOf(node, 'type')
  if (type !== 'pkmsg' && type !== 'msg') {
    throw new ParseError('whatsapp.stanza.attribute', '<enc> is neither pkmsg nor msg')
  }
  return { type, ciphertext: requiredBytes(node, MAX_CIPHERTEXT_BYTES) }
}

/** `<destination>` with one `<to>` for each device; `content` gives what each holds. */
export function destinationNode(devices: readonly Jid[], content?: (index: number) => readonly WaNode[]): WaNode {
  return element(
    'destination',
    {},
    devices.map((jid, index) => element('to', { jid }, content?.(index))),
  )
}
