import { deriveHopKeys } from '../../media/srtp/hop-keys.ts'
import { warpProfile } from '../../media/srtp/srtp-profile.ts'
import { SrtpSender } from '../../media/srtp/srtp-sender.ts'

/** A receiver report without blocks (RFC 3550, section 6.4.2). */
const REPORT = [0x80, 201, 0, 1] as const

/** RTCP of a relay itself to one party, under the hop-by-hop key of the call (docs/protocol/media-crypto.md). */
export class HopReports {
  readonly #sender: SrtpSender
  readonly #report: Uint8Array

  constructor(hbhKey: Uint8Array, ssrc: Uint8Array) {
    this.#sender = new SrtpSender(deriveHopKeys(hbhKey, 'downlink'), warpProfile())
    this.#report = Uint8Array.of(...REPORT, ...ssrc)
  }

  next(): Uint8Array {
    return this.#sender.protectRtcp(this.#report)
  }
}
