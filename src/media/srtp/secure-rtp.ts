import { ByteViews } from '../byte-views.ts'
import { deriveSrtpKeys, type SrtpKeys } from './srtp-keys.ts'
import { type SrtpProfile, sdesProfile } from './srtp-profile.ts'
import { SrtpReceiver, type SrtpReceiverStats } from './srtp-receiver.ts'
import { SrtpSender } from './srtp-sender.ts'

/** As `RtpWriter`: a socket may still hold a datagram when the next ones are written. */
const BUFFERS = 8
const MAX_DATAGRAM_BYTES = 1500
const MASTER_KEY_BYTES = 16

/** What both sides' `a=crypto` say (RFC 4568): 30 bytes each, the master key and then the salt. */
export interface SdesKeys {
  /** Of the tag of an RTP packet: 10 for AES_CM_128_HMAC_SHA1_80, 4 for AES_CM_128_HMAC_SHA1_32. */
  readonly rtpTagBytes: number
  readonly local: Uint8Array
  readonly remote: Uint8Array
}

/** SRTP and SRTCP of one call in both directions. A direction whose key stays keeps its counters. */
export class SecureRtp {
  #keys: SdesKeys
  #sender: SrtpSender
  #receiver: SrtpReceiver
  readonly #outgoing = Array.from({ length: BUFFERS }, () => new ByteViews(MAX_DATAGRAM_BYTES))
  readonly #incoming = new ByteViews(MAX_DATAGRAM_BYTES)
  #sent = 0

  constructor(keys: SdesKeys) {
    this.#keys = keys
    this.#sender = senderOf(keys)
    this.#receiver = receiverOf(keys)
  }

  get stats(): SrtpReceiverStats {
    return this.#receiver.stats
  }

  /** Keys of a new offer and answer. */
  use(keys: SdesKeys): void {
    const isSameForm = keys.rtpTagBytes === this.#keys.rtpTagBytes
    if (!isSameForm || !sameBytes(keys.local, this.#keys.local)) this.#sender = senderOf(keys)
    if (!isSameForm || !sameBytes(keys.remote, this.#keys.remote)) this.#receiver = receiverOf(keys)
    this.#keys = keys
  }

  /** Valid until seven more have been protected. */
  protect(datagram: Uint8Array): Uint8Array {
    const buffer = this.#outgoing[this.#sent++ % BUFFERS]!
    return buffer.first(this.#sender.protect(datagram, buffer.bytes))
  }

  protectRtcp(compound: Uint8Array): Uint8Array {
    return this.#sender.protectRtcp(compound)
  }

  /** Valid until the next call. Undefined when the packet is not authentic; `stats` says why. */
  unprotect(datagram: Uint8Array): Uint8Array | undefined {
    if (datagram.length > MAX_DATAGRAM_BYTES) return undefined
    const length = this.#receiver.unprotect(datagram, this.#incoming.bytes)
    return length === 0 ? undefined : this.#incoming.first(length)
  }

  unprotectRtcp(datagram: Uint8Array): Uint8Array | undefined {
    return this.#receiver.unprotectRtcp(datagram)
  }
}

const profileOf = (keys: SdesKeys): SrtpProfile => sdesProfile(keys.rtpTagBytes)
const senderOf = (keys: SdesKeys) => new SrtpSender(derived(keys.local), profileOf(keys), 0, 0)
const receiverOf = (keys: SdesKeys) => new SrtpReceiver(derived(keys.remote), profileOf(keys))

function derived(keyAndSalt: Uint8Array): SrtpKeys {
  return deriveSrtpKeys(keyAndSalt.subarray(0, MASTER_KEY_BYTES), keyAndSalt.subarray(MASTER_KEY_BYTES))
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
