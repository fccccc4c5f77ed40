import { SplitRedBlocks } from '../../media/codecs/mlow/packet.ts'
import { frameKind, isOpus } from '../../media/codecs/mlow/toc.ts'
import { WARP_DTX_EXTENSION } from '../../media/rtp/rtp-packet.ts'
import type { HeardPackets } from '../phone/media-port.ts'

const FIXED_HEADER_BYTES = 12
/** No speech fits into one or two bytes (RFC 6716, section 2.1.9). */
const MOST_PAUSE_BYTES = 2

export type PayloadKind = 'mlow' | 'opus' | 'pause'

/** What a payload of 60 ms is. */
export function payloadKind(payload: Uint8Array): PayloadKind {
  if (payload.length <= MOST_PAUSE_BYTES) return 'pause'
  const kind = frameKind(payload[0]!)
  if (kind === 'comfort-noise' || kind === 'no-data') return 'pause'
  return isOpus(payload[0]!) ? 'opus' : 'mlow'
}

/** Counts what a peer sends, by kind. */
export class PacketCounts {
  readonly #counts = { mlow: 0, opus: 0, pause: 0, longHeader: 0, redundant: 0 }
  readonly #blocks = new SplitRedBlocks()

  get heard(): HeardPackets {
    return { ...this.#counts }
  }

  /** `headerBytes` counts the RTP header with its extension. */
  note(payload: Uint8Array, headerBytes: number, isRedundant: boolean): void {
    if (headerBytes === FIXED_HEADER_BYTES + WARP_DTX_EXTENSION.length) this.#counts.longHeader += 1
    if (isRedundant) this.#counts.redundant += 1
    if (isRedundant && !this.#blocks.parse(payload)) return
    this.#counts[payloadKind(isRedundant ? payload.subarray(this.#blocks.mainStart) : payload)] += 1
  }
}
