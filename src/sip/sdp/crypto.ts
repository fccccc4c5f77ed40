import { Buffer } from 'node:buffer'
import type { Attribute } from './sdp.ts'

/** The suites of RFC 4568 §6.2 that we take, and the bytes of their RTP tags; those of a far end are in its own order. */
const TAG_BYTES = { AES_CM_128_HMAC_SHA1_80: 10, AES_CM_128_HMAC_SHA1_32: 4 } as const

type CryptoSuite = keyof typeof TAG_BYTES

/** Key and salt. */
const KEY_BYTES = 30
const OFFERED: readonly CryptoSuite[] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32']

/** One `a=crypto` line that we can take. */
export interface Crypto {
  /** 1 to 9 digits; an answer repeats that of the offer's line it takes. */
  readonly tag: string
  readonly suite: CryptoSuite
  /** 30 bytes: master key, master salt. */
  readonly key: Uint8Array
}

/** What both sides' lines agree on. */
export interface AgreedCrypto {
  readonly rtpTagBytes: number
  readonly local: Uint8Array
  readonly remote: Uint8Array
}

/**
 * The lines of RFC 4568 §9.1 that we can take, in the far end's order. Passed over are other suites, session parameters
 * other than those that say they may be ignored (§6.3.7), master key identifiers and more than one key.
 */
export function cryptosOf(attributes: readonly Attribute[]): Crypto[] {
  return attributes.flatMap(({ name, value }) => {
    const crypto = name === 'crypto' ? parseCrypto(value) : undefined
    return crypto ? [crypto] : []
  })
}

function parseCrypto(value: string): Crypto | undefined {
  const [tag = '', suite = '', keys = '', ...parameters] = value.split(/ +/)
  const inline = /^inline:([A-Za-z0-9+/]{40})(?:\|[0-9^]{1,16})?$/i.exec(keys)?.[1]
  if (!/^[0-9]{1,9}$/.test(tag) || !Object.hasOwn(TAG_BYTES, suite) || inline === undefined) return undefined
  if (parameters.some((parameter) => !parameter.startsWith('-'))) return undefined
  const key = new Uint8Array(Buffer.from(inline, 'base64'))
  return key.length === KEY_BYTES ? { tag, suite: suite as CryptoSuite, key } : undefined
}

export function cryptoAttribute({ tag, suite, key }: Crypto): Attribute {
  return { name: 'crypto', value: `${tag} ${suite} inline:${Buffer.from(key).toString('base64')}` }
}

/** The lines of an offer of ours, all with the same key: only one of them will be used. */
export function offeredCryptos(key: Uint8Array): Crypto[] {
  return OFFERED.map((suite, i) => ({ tag: String(i + 1), suite, key }))
}

export function agreedCrypto(remote: Crypto, local: Uint8Array): AgreedCrypto {
  return { rtpTagBytes: TAG_BYTES[remote.suite], local, remote: remote.key }
}
