import { BRIDGE_RATE_HZ } from './audio-source.ts'
import type { AudioDecoder } from './codecs/codec.ts'
import { ComfortNoiseDecoder } from './codecs/comfort-noise/comfort-noise.ts'
import { SpeexResampler } from './resample/speex-resampler.ts'
import type { DecodingPath } from './rtp-playout.ts'
import { type AgreedCodec, SIP_CODECS, type SipCodec } from './sip-codecs.ts'

const NARROWBAND_RATE_HZ = 8_000
const LONGEST_PACKET_MS = 120
/** RFC 3551, table 4. */
const COMFORT_NOISE_PAYLOAD_TYPE = 13

/**
 * The decoders of one call, one per codec however many payload types it has had, and the way from each payload type to
 * 16 kHz. What was agreed on once is understood until the end: packets of before a change are still on their way.
 * PCMU, PCMA and comfort noise are understood from the start, since their numbers mean nothing else.
 */
export class SipDecoders {
  readonly paths = new Map<number, DecodingPath>()
  readonly #resampler: SpeexResampler
  readonly #decoders = new Map<string, AudioDecoder>()
  #isClosed = false

  static async create(): Promise<SipDecoders> {
    const longest = (LONGEST_PACKET_MS * NARROWBAND_RATE_HZ) / 1000
    const decoders = new SipDecoders(await SpeexResampler.create(NARROWBAND_RATE_HZ, BRIDGE_RATE_HZ, longest))
    await decoders.accept([SIP_CODECS.PCMU, SIP_CODECS.PCMA].map((codec) => ({ codec, ...codec, fmtp: undefined })))
    decoders.#add(COMFORT_NOISE_PAYLOAD_TYPE, new ComfortNoiseDecoder(), NARROWBAND_RATE_HZ, true)
    return decoders
  }

  private constructor(resampler: SpeexResampler) {
    this.#resampler = resampler
  }

  async accept(agreed: readonly AgreedCodec[]): Promise<void> {
    for (const { codec, payloadType } of agreed) {
      const decoder = await this.#decoderOf(codec)
      if (decoder !== undefined) this.#add(payloadType, decoder, codec.clockRateHz, false)
    }
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const decoder of this.#decoders.values()) decoder.close?.()
    this.#resampler.close()
  }

  /** Undefined when the call has ended while it was made. */
  async #decoderOf(codec: SipCodec): Promise<AudioDecoder | undefined> {
    const known = this.#decoders.get(codec.name)
    if (known) return known
    const decoder = await codec.newDecoder()
    // While it was made the call may have ended, or the same codec been agreed on again.
    const sooner = this.#decoders.get(codec.name)
    if (this.#isClosed || sooner) {
      decoder.close?.()
      return this.#isClosed ? undefined : sooner
    }
    this.#decoders.set(codec.name, decoder)
    return decoder
  }

  #add(payloadType: number, decoder: AudioDecoder, clockRateHz: number, isPause: boolean): void {
    const resampler = decoder.sampleRateHz === BRIDGE_RATE_HZ ? undefined : this.#resampler
    this.paths.set(payloadType, { decoder, clockRateHz, isPause, resampler })
  }
}
