/**
 * `<capability ver="1">`: a version byte, a length byte, then five bytes of bits. Bit n is bit n % 8 of byte 2 + n / 8.
 * The bytes are those that captures of the web client show (docs/protocol/signalling.md, "Capability").
 */
const OFFER = Uint8Array.of(0x01, 0x05, 0xf7, 0x09, 0xe0, 0xbb, 0x13)
const PREACCEPT = Uint8Array.of(0x01, 0x05, 0xf7, 0x09, 0xe0, 0xbb, 0x07)

const MLOW_BIT = 31
const COPIES_BIT = 36
const FIRST_BITS_BYTE = 2

export type VoiceCodec = 'mlow' | 'opus'

/** The blob for an offer (and an accept), or for a preaccept. `opus` clears the bit that makes the peer send MLow. */
export function capabilityBlob(use: 'offer' | 'preaccept', codec: VoiceCodec): Uint8Array {
  const blob = Uint8Array.from(use === 'offer' ? OFFER : PREACCEPT)
  if (codec === 'opus') blob[FIRST_BITS_BYTE + (MLOW_BIT >> 3)]! &= ~(1 << (MLOW_BIT & 7))
  return blob
}

/** Whether the owner of this blob decodes MLow; undefined when the blob is too short to tell. */
export function speaksMlow(blob: Uint8Array): boolean | undefined {
  return bitOf(blob, MLOW_BIT)
}

/** Whether it uses MLow packets with copies (payload type 121); undefined when the blob is too short to tell. */
export function usesCopies(blob: Uint8Array): boolean | undefined {
  return bitOf(blob, COPIES_BIT)
}

function bitOf(blob: Uint8Array, bit: number): boolean | undefined {
  const byte = blob[FIRST_BITS_BYTE + (bit >> 3)]
  return byte === undefined ? undefined : (byte & (1 << (bit & 7))) !== 0
}
