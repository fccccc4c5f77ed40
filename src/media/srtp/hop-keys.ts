import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { deriveSrtpKeys, type SrtpKeys } from './srtp-keys.ts'

const HOP_KEY_BYTES = 30
const MASTER_KEY_BYTES = 16

/**
 * The hop-by-hop keys towards (`uplink`) or from (`downlink`) the relay, out of the 30 bytes of `<hbh_key>`: 16 of key,
 * then 14 of salt (docs/protocol/media-crypto.md).
 */
export function deriveHopKeys(hbhKey: Uint8Array, direction: 'uplink' | 'downlink'): SrtpKeys {
  if (hbhKey.length !== HOP_KEY_BYTES) throw new RangeError(`a hop-by-hop key of ${hbhKey.length} bytes; 30`)
  const label = (part: 'salt' | 'key') => new TextEncoder().encode(`${direction} hbh srtcp ${part}`)
  const seed = hbhKey.subarray(0, MASTER_KEY_BYTES)
  const salt = hkdf(sha256, hbhKey.subarray(MASTER_KEY_BYTES), new Uint8Array(32), label('salt'), 32)
  const master = hkdf(sha256, seed, salt, label('key'), HOP_KEY_BYTES)
  return deriveSrtpKeys(master.subarray(0, MASTER_KEY_BYTES), master.subarray(MASTER_KEY_BYTES))
}
