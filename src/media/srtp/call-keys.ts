/** What a WhatsApp call derives from its call key and call id (docs/protocol/media-crypto.md). */
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { deriveSrtpKeys, type SrtpKeys } from './srtp-keys.ts'

const ascii = new TextEncoder()

/** The slot of a device's speech; its FEC, video and data streams have others. */
export const AUDIO_SLOT = 0
const SLOTS = 9

/**
 * The name under which a device takes part in key derivation: its LID device JID without the resource. A JID without a
 * device means device 0.
 */
export function participantId(jid: string): string {
  const bare = jid.split('/', 1)[0]!
  const at = bare.lastIndexOf('@')
  if (at < 0 || bare.slice(0, at).includes(':')) return bare
  return `${bare.slice(0, at)}:0${bare.slice(at)}`
}

/** Bytes of a call key that count; a raw epoch of key generation 2 may be longer (docs/protocol/media-crypto.md). */
const CALL_KEY_BYTES = 32

/** The end-to-end SRTP keys for what the device `senderJid` sends. `callKey` is 32 bytes or more. */
export function deriveSenderKeys(callKey: Uint8Array, senderJid: string): SrtpKeys {
  const master = hkdf(
    sha256,
    callKey.subarray(0, CALL_KEY_BYTES),
    new Uint8Array(32),
    ascii.encode(participantId(senderJid)),
    46,
  )
  return deriveSrtpKeys(master.subarray(0, 16), master.subarray(16, 30))
}

/** The SSRC of one stream of a device: both sides compute it, nothing announces it. */
export function deriveSsrc(callId: string, deviceJid: string, slot: number): number {
  const salt = new Uint8Array(4)
  new DataView(salt.buffer).setUint32(0, slot, true)
  const word = hkdf(sha256, ascii.encode(callId), salt, ascii.encode(participantId(deviceJid)), 4)
  return new DataView(word.buffer, word.byteOffset).getUint32(0, true)
}

/** The SSRCs of all streams that a device may have, by slot. */
export function deriveSsrcs(callId: string, deviceJid: string): readonly number[] {
  return Array.from({ length: SLOTS }, (_, slot) => deriveSsrc(callId, deviceJid, slot))
}
