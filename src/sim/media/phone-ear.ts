import type { AudioDecoder } from '../../media/codecs/codec.ts'
import { SplitRedDecoder } from '../../media/codecs/mlow/split-red-decoder.ts'
import { PcmFifo } from '../../media/pcm-fifo.ts'
import { ahead32 } from '../../media/rtp/serial.ts'
import { phoneFrameSamples } from '../phone/media-port.ts'
import { ArrivalOrder, type ArrivedPacket } from './arrival-order.ts'

/** A sender that was quiet for longer than this is not filled up to. */
const MAX_GAP_FRAMES = 50

/** What a phone makes of the packets of one peer: decoded frames in order, gaps concealed, none of it late. */
export class PhoneEar {
  framesConcealed = 0
  framesRecovered = 0
  readonly #decoder: AudioDecoder
  readonly #redundant: SplitRedDecoder
  readonly #hear: (frame: Float32Array) => void
  readonly #order = new ArrivalOrder((packet) => this.#play(packet))
  readonly #decoded: Float32Array
  readonly #fifo: PcmFifo
  readonly #frame = new Float32Array(phoneFrameSamples)
  #nextTimestamp: number | undefined

  constructor(decoder: AudioDecoder, hear: (frame: Float32Array) => void) {
    this.#decoder = decoder
    this.#redundant = new SplitRedDecoder(decoder)
    this.#hear = hear
    this.#decoded = new Float32Array(Math.max(decoder.maxSamples, phoneFrameSamples))
    this.#fifo = new PcmFifo(this.#decoded.length + phoneFrameSamples)
  }

  push(packet: ArrivedPacket): void {
    this.#order.push(packet)
  }

  close(): void {
    this.#decoder.close?.()
  }

  #play(packet: ArrivedPacket): void {
    const gap = this.#nextTimestamp === undefined ? 0 : ahead32(packet.timestamp, this.#nextTimestamp)
    const missing = Math.floor(gap / phoneFrameSamples)
    const wanted = missing <= MAX_GAP_FRAMES ? missing : 0
    for (let i = 1; i < wanted; i++) this.#conceal()
    if (wanted > 0) this.#recover(packet)
    this.#nextTimestamp = (packet.timestamp + phoneFrameSamples) >>> 0
    const decoder = packet.redundant ? this.#redundant : this.#decoder
    const samples = decoder.decode(packet.payload, this.#decoded)
    if (samples === 0) this.#conceal()
    else this.#deliver(samples)
  }

  /** The packet before `next` is missing; `next` may hold a copy. */
  #recover(next: ArrivedPacket): void {
    const samples = next.redundant ? this.#redundant.recover(next.payload, phoneFrameSamples, this.#decoded) : 0
    if (samples === 0) return this.#concealBefore(next)
    this.framesRecovered += 1
    this.#deliver(samples)
  }

  #concealBefore({ payload, redundant }: ArrivedPacket): void {
    const decoder = redundant ? this.#redundant : this.#decoder
    if (!decoder.concealBefore) return this.#conceal()
    this.framesConcealed += 1
    this.#deliver(decoder.concealBefore(payload, phoneFrameSamples, this.#decoded))
  }

  #conceal(): void {
    this.framesConcealed += 1
    this.#deliver(this.#decoder.conceal(phoneFrameSamples, this.#decoded))
  }

  #deliver(samples: number): void {
    this.#fifo.write(this.#decoded, samples)
    while (this.#fifo.length >= phoneFrameSamples) {
      this.#fifo.read(this.#frame)
      this.#hear(this.#frame)
    }
  }
}
