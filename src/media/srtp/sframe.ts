/** SFrame as Android clients may wrap their speech inside SRTP (docs/protocol/media-crypto.md). Only read here. */
import { createDecipheriv } from 'node:crypto'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { participantId } from './call-keys.ts'

const LABEL = 'e2e sframe key'
const KEY_BYTES = 16
const TAG_BYTES = 16
const IV_BYTES = 16
const COUNTER_AT = 8
/** Counter, key id and the trailer's own length, one byte each at least; a counter has up to nine. */
const LEAST_TRAILER_BYTES = 3
const MOST_TRAILER_BYTES = 12

/** Opens what peers wrap for us: ciphertext, tag of 16 bytes, then a trailer of counter, key id and its own length. */
export class SframeReceiver {
  readonly #key: Uint8Array
  readonly #iv = new Uint8Array(IV_BYTES)

  /** Unlike in SRTP the key is that of the *receiving* device. `callKey` is 32 bytes. */
  constructor(callKey: Uint8Array, ownJid: string) {
    const info = new TextEncoder().encode(LABEL + participantId(ownJid))
    this.#key = hkdf(sha256, callKey.subarray(16, 32), callKey.subarray(0, 16), info, KEY_BYTES)
  }

  /**
   * Writes the payload within `frame` to `out`, which may be the buffer of `frame`, and returns its length; 0 when the
   * frame is not wrapped. Nothing announces the wrapping: what has a trailer and authenticates is an SFrame.
   */
  open(frame: Uint8Array, out: Uint8Array): number {
    const trailerBytes = frame.at(-1) ?? 0
    const sealedBytes = frame.length - trailerBytes
    if (trailerBytes < LEAST_TRAILER_BYTES || trailerBytes > MOST_TRAILER_BYTES || sealedBytes <= TAG_BYTES) return 0
    if (!this.#readCounter(frame, sealedBytes)) return 0
    const decipher = createDecipheriv('aes-128-gcm', this.#key, this.#iv, { authTagLength: TAG_BYTES })
    decipher.setAuthTag(frame.subarray(sealedBytes - TAG_BYTES, sealedBytes))
    const clear = decipher.update(frame.subarray(0, sealedBytes - TAG_BYTES))
    try {
      decipher.final()
    } catch {
      return 0
    }
    out.set(clear)
    return clear.length
  }

  /** The counter is the IV's last eight bytes, little endian. False when the trailer is none. */
  #readCounter(frame: Uint8Array, at: number): boolean {
    const counter = readVarint(frame, at)
    if (counter === undefined) return false
    const keyId = readVarint(frame, counter.end)
    if (keyId?.end !== frame.length - 1) return false
    new DataView(this.#iv.buffer).setBigUint64(COUNTER_AT, counter.value, true)
    return true
  }
}

function readVarint(bytes: Uint8Array, at: number): { value: bigint; end: number } | undefined {
  let value = 0n
  for (let shift = 0n; shift < 63n && at < bytes.length; shift += 7n) {
    const byte = bytes[at]!
    value |= BigInt(byte & 0x7f) << shift
    at += 1
    if (byte < 0x80) return { value, end: at }
  }
  return undefined
}
