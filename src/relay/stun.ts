/** STUN messages (RFC 8489) and what WhatsApp's relays add to them (docs/protocol/stun.md). */
import { createHmac } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { ByteReader, ByteWriter, equalConstantTime } from '../base/bytes.ts'
import { ParseError } from '../base/errors.ts'
import { addressBytes } from '../net/ip-address.ts'
import type { Endpoint } from '../net/network.ts'

export const STUN_TYPE = {
  bindingRequest: 0x0001,
  bindingSuccess: 0x0101,
  bindingError: 0x0111,
  allocateRequest: 0x0003,
  allocateSuccess: 0x0103,
  allocateError: 0x0113,
  /** WhatsApp: a header without attributes, sent every second. */
  ping: 0x0801,
  pong: 0x0802,
} as const

export const STUN_ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  xorRelayedAddress: 0x0016,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  iceControlling: 0x802a,
  fingerprint: 0x8028,
  /** WhatsApp: the raw relay token in an allocate request, subscriptions in a binding request. */
  token: 0x4000,
  streamDescriptors: 0x4024,
  senderSubscriptions: 0x4025,
  /** WhatsApp: 8 bytes that name the connection. */
  connectionId: 0x4033,
} as const

export interface StunAttribute {
  readonly type: number
  /** Without the padding. */
  readonly value: Uint8Array
}

export interface StunMessage {
  readonly type: number
  /** 12 bytes. */
  readonly transactionId: Uint8Array
  readonly attributes: readonly StunAttribute[]
  /** The message as received. */
  readonly bytes: Uint8Array
}

/** How a message ends: MESSAGE-INTEGRITY under a key, FINGERPRINT, both or none. */
export interface StunTrailer {
  readonly integrityKey?: Uint8Array
  readonly fingerprint?: boolean
}

const MAGIC_COOKIE = 0x2112_a442
const HEADER_BYTES = 20
const ATTRIBUTE_HEADER_BYTES = 4
const INTEGRITY_BYTES = 20
const FINGERPRINT_BYTES = 4
const FINGERPRINT_XOR = 0x5354_554e
const MAX_MESSAGE_BYTES = 4096
const MAX_ATTRIBUTES = 64
const FAMILY_IPV4 = 1
const FAMILY_IPV6 = 2

/** Parses one message that fills `bytes`. Throws `ParseError`. */
export function parseStun(bytes: Uint8Array): StunMessage {
  if (bytes.length > MAX_MESSAGE_BYTES) throw new ParseError('parse.stun', `STUN: ${bytes.length} bytes`)
  const reader = new ByteReader(bytes, 'STUN')
  const type = reader.u16()
  const length = reader.u16()
  if (type >>> 14 !== 0 || reader.u32() !== MAGIC_COOKIE) throw new ParseError('parse.stun', 'STUN: not a message')
  const transactionId = reader.take(12)
  if (length !== reader.remaining || length % 4 !== 0) {
    throw new ParseError('parse.stun', `STUN: length ${length} with ${reader.remaining} bytes of attributes`)
  }
  const attributes: StunAttribute[] = []
  while (reader.remaining > 0) {
    if (attributes.length === MAX_ATTRIBUTES)
      throw new ParseError('parse.stun', `STUN: over ${MAX_ATTRIBUTES} attributes`)
    const attributeType = reader.u16()
    const value = reader.take(reader.u16())
    reader.take(-value.length & 3)
    attributes.push({ type: attributeType, value })
  }
  return { type, transactionId, attributes, bytes }
}

export function buildStun(
  type: number,
  transactionId: Uint8Array,
  attributes: readonly StunAttribute[] = [],
  trailer: StunTrailer = {},
): Uint8Array {
  const body = new ByteWriter()
  for (const attribute of attributes) writeAttribute(body, attribute)
  const { integrityKey } = trailer
  if (integrityKey !== undefined) {
    const signed = message(type, transactionId, body, ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES)
    writeAttribute(body, { type: STUN_ATTRIBUTE.messageIntegrity, value: integrityOf(signed, integrityKey) })
  }
  if (trailer.fingerprint) {
    const covered = message(type, transactionId, body, ATTRIBUTE_HEADER_BYTES + FINGERPRINT_BYTES)
    const value = new ByteWriter().u32(fingerprintOf(covered)).finish()
    writeAttribute(body, { type: STUN_ATTRIBUTE.fingerprint, value })
  }
  return message(type, transactionId, body, 0)
}

/** The first attribute of a type (RFC 8489, section 14: later ones are ignored). */
export function attributeValue(stun: StunMessage, type: number): Uint8Array | undefined {
  return stun.attributes.find((attribute) => attribute.type === type)?.value
}

/** Whether MESSAGE-INTEGRITY is there and right. */
export function hasIntegrity(stun: StunMessage, key: Uint8Array): boolean {
  const at = offsetOf(stun, STUN_ATTRIBUTE.messageIntegrity)
  const value = attributeValue(stun, STUN_ATTRIBUTE.messageIntegrity)
  if (at === undefined || value?.length !== INTEGRITY_BYTES) return false
  return equalConstantTime(integrityOf(upTo(stun, at, INTEGRITY_BYTES), key), value)
}

/** Whether FINGERPRINT is there, last and right. */
export function hasFingerprint(stun: StunMessage): boolean {
  const last = stun.attributes.at(-1)
  if (last?.type !== STUN_ATTRIBUTE.fingerprint || last.value.length !== FINGERPRINT_BYTES) return false
  const at = stun.bytes.length - ATTRIBUTE_HEADER_BYTES - FINGERPRINT_BYTES
  return new ByteReader(last.value, 'FINGERPRINT').u32() === fingerprintOf(upTo(stun, at, FINGERPRINT_BYTES))
}

/** The value of an XOR address attribute (RFC 8489, section 14.2); IPv6 is masked with the transaction id too. */
export function xorAddress({ address, port }: Endpoint, transactionId: Uint8Array): Uint8Array {
  const bytes = addressBytes(address)
  const mask = new ByteWriter().u32(MAGIC_COOKIE).raw(transactionId).finish()
  return new ByteWriter()
    .u8(0)
    .u8(bytes.length === 4 ? FAMILY_IPV4 : FAMILY_IPV6)
    .u16(port ^ (MAGIC_COOKIE >>> 16))
    .raw(bytes.map((byte, i) => byte ^ mask[i]!))
    .finish()
}

/** The value of an ERROR-CODE attribute, for example 401 (RFC 8489, section 14.8). */
export function errorCodeValue(code: number, reason: string): Uint8Array {
  const text = new TextEncoder().encode(reason)
  return new ByteWriter()
    .u16(0)
    .u8(Math.floor(code / 100))
    .u8(code % 100)
    .raw(text)
    .finish()
}

/** The code of an ERROR-CODE attribute, or undefined when there is none. */
export function errorCodeOf(stun: StunMessage): number | undefined {
  const value = attributeValue(stun, STUN_ATTRIBUTE.errorCode)
  if (value === undefined || value.length < 4) return undefined
  return (value[2]! & 7) * 100 + value[3]!
}

function message(type: number, transactionId: Uint8Array, body: ByteWriter, extraLength: number): Uint8Array {
  return new ByteWriter()
    .u16(type)
    .u16(body.length + extraLength)
    .u32(MAGIC_COOKIE)
    .raw(transactionId)
    .raw(body.finish())
    .finish()
}

function writeAttribute(body: ByteWriter, { type, value }: StunAttribute): void {
  body.u16(type).u16(value.length).raw(value)
  while (body.length % 4 !== 0) body.u8(0)
}

const integrityOf = (signed: Uint8Array, key: Uint8Array): Uint8Array => createHmac('sha1', key).update(signed).digest()
const fingerprintOf = (covered: Uint8Array): number => (crc32(covered) ^ FINGERPRINT_XOR) >>> 0

function offsetOf(stun: StunMessage, type: number): number | undefined {
  let at = HEADER_BYTES
  for (const attribute of stun.attributes) {
    if (attribute.type === type) return at
    at += ATTRIBUTE_HEADER_BYTES + attribute.value.length + (-attribute.value.length & 3)
  }
  return undefined
}

/** The message before the attribute at `at`, its length field counting up to the end of that attribute. */
function upTo(stun: StunMessage, at: number, valueBytes: number): Uint8Array {
  // Not slice(): of a Buffer that is a view, and this writes.
  const bytes = new Uint8Array(stun.bytes.subarray(0, at))
  const length = at - HEADER_BYTES + ATTRIBUTE_HEADER_BYTES + valueBytes
  bytes[2] = length >>> 8
  bytes[3] = length
  return bytes
}
