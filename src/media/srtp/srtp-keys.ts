import { ctr } from '@noble/ciphers/aes.js'

/** What authenticates and encrypts one direction's RTP, or its RTCP. */
export interface SessionKeys {
  /** 16 bytes. */
  readonly cipherKey: Uint8Array
  /** 20 bytes. */
  readonly authKey: Uint8Array
  /** 14 bytes. */
  readonly salt: Uint8Array
}

/** The session keys of one direction. */
export interface SrtpKeys {
  readonly rtp: SessionKeys
  readonly rtcp: SessionKeys
}

const CIPHER_KEY_BYTES = 16
const AUTH_KEY_BYTES = 20
const SALT_BYTES = 14
const FIRST_RTP_LABEL = 0
const FIRST_RTCP_LABEL = 3

/** The key derivation of RFC 3711, section 4.3, with AES-CM-128 and a key derivation rate of 0. */
export function deriveSrtpKeys(masterKey: Uint8Array, masterSalt: Uint8Array): SrtpKeys {
  return {
    rtp: sessionKeys(masterKey, masterSalt, FIRST_RTP_LABEL),
    rtcp: sessionKeys(masterKey, masterSalt, FIRST_RTCP_LABEL),
  }
}

function sessionKeys(masterKey: Uint8Array, masterSalt: Uint8Array, firstLabel: number): SessionKeys {
  const derive = (label: number, bytes: number) => {
    const counter = new Uint8Array(16)
    counter.set(masterSalt)
    counter[7]! ^= label
    return ctr(masterKey, counter).encrypt(new Uint8Array(bytes))
  }
  return {
    cipherKey: derive(firstLabel, CIPHER_KEY_BYTES),
    authKey: derive(firstLabel + 1, AUTH_KEY_BYTES),
    salt: derive(firstLabel + 2, SALT_BYTES),
  }
}
