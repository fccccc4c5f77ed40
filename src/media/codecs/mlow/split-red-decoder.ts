import type { AudioDecoder } from '../codec.ts'
import { SplitRedBlocks } from './packet.ts'
import { frameSamples, isOpus, TOC_NO_DATA } from './toc.ts'

/**
 * Payload type 121 of a WhatsApp call: the same stream as type 120, each packet with a copy of the one before it
 * (docs/protocol/mlow.md). A view of the decoder of type 120, whose state both share.
 */
export class SplitRedDecoder implements AudioDecoder {
  readonly sampleRateHz: number
  readonly maxSamples: number
  readonly #inner: AudioDecoder
  readonly #blocks = new SplitRedBlocks()

  constructor(inner: AudioDecoder) {
    this.#inner = inner
    this.sampleRateHz = inner.sampleRateHz
    this.maxSamples = inner.maxSamples
  }

  decode(payload: Uint8Array, out: Float32Array): number {
    if (!this.#blocks.parse(payload)) return 0
    return this.#inner.decode(payload.subarray(this.#blocks.mainStart), out)
  }

  conceal(samples: number, out: Float32Array): number {
    return this.#inner.conceal(samples, out)
  }

  concealBefore(next: Uint8Array, samples: number, out: Float32Array): number {
    const inner = this.#inner
    if (!inner.concealBefore || !this.#blocks.parse(next)) return inner.conceal(samples, out)
    return inner.concealBefore(next.subarray(this.#blocks.mainStart), samples, out)
  }

  /**
   * The copy in `next` of the packet right before it; when it carries none, what the inner decoder makes of its main block.
   * Copies of earlier ones are read past: nobody is known to send them (docs/protocol/rtp.md).
   */
  recover(next: Uint8Array, samples: number, out: Float32Array): number {
    const blocks = this.#blocks
    if (!blocks.parse(next)) return 0
    const copy = blocks.find(1)
    if (copy < 0) return this.#inner.recover?.(next.subarray(blocks.mainStart), samples, out) ?? 0
    const packet = next.subarray(blocks.starts[copy], blocks.ends[copy])
    return mayLast(packet, samples) ? this.#inner.decode(packet, out) : 0
  }

  reset(): void {
    this.#inner.reset()
  }
}

/** Of standard Opus, which an inner decoder may know, and of a packet without data, which lasts as it is needed, the duration is not looked at. */
function mayLast(packet: Uint8Array, samples: number): boolean {
  if (packet.length === 0) return false
  return isOpus(packet[0]) || packet[0] === TOC_NO_DATA || frameSamples(packet, 0, packet.length) === samples
}
