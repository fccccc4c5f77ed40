import { createCipheriv, createHmac } from 'node:crypto'
import type { SessionKeys } from './srtp-keys.ts'

const IV_BYTES = 16

/**
 * AES-128 in counter mode and HMAC-SHA1 for the packets of one direction (RFC 3711, sections 4.1.1 and 4.2.1).
 * node:crypto allocates its cipher, MAC and result per packet; nothing else here does.
 */
export class SrtpCipher {
  readonly #keys: SessionKeys
  readonly #iv = new Uint8Array(IV_BYTES)
  readonly #rollover = new Uint8Array(4)

  constructor(keys: SessionKeys) {
    this.#keys = keys
  }

  /** Encrypts or decrypts `input` into `out` at `at`; both may lie in the same buffer. `index` has up to 48 bits. */
  apply(ssrc: number, index: number, input: Uint8Array, out: Uint8Array, at: number): void {
    if (input.length === 0) return
    this.#setIv(ssrc, index)
    out.set(createCipheriv('aes-128-ctr', this.#keys.cipherKey, this.#iv).update(input), at)
  }

  /** The whole 20-byte tag over an RTP packet and its roll-over counter. */
  rtpTag(packet: Uint8Array, rollover: number): Uint8Array {
    this.#rollover[0] = rollover >>> 24
    this.#rollover[1] = rollover >>> 16
    this.#rollover[2] = rollover >>> 8
    this.#rollover[3] = rollover
    return createHmac('sha1', this.#keys.authKey).update(packet).update(this.#rollover).digest()
  }

  /** The whole 20-byte tag over an RTCP packet with its index word. */
  rtcpTag(packet: Uint8Array): Uint8Array {
    return createHmac('sha1', this.#keys.authKey).update(packet).digest()
  }

  // IV = (salt << 16) XOR (SSRC << 64) XOR (index << 16)
  #setIv(ssrc: number, index: number): void {
    const iv = this.#iv
    iv.set(this.#keys.salt)
    iv[14] = 0
    iv[15] = 0
    iv[4]! ^= ssrc >>> 24
    iv[5]! ^= ssrc >>> 16
    iv[6]! ^= ssrc >>> 8
    iv[7]! ^= ssrc
    const upper = Math.floor(index / 2 ** 32)
    iv[8]! ^= upper >>> 8
    iv[9]! ^= upper
    iv[10]! ^= index >>> 24
    iv[11]! ^= index >>> 16
    iv[12]! ^= index >>> 8
    iv[13]! ^= index
  }
}
