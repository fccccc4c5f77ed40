import type { Clock } from '../base/clock.ts'
import { type AudioSource, BRIDGE_RATE_HZ, silence } from './audio-source.ts'
import type { AudioEncoder } from './codecs/codec.ts'
import { PacedEncoder } from './pacing/paced-encoder.ts'
import { SpeexResampler } from './resample/speex-resampler.ts'
import { type AgreedCodec, packetMsOf, type SipCodec } from './sip-codecs.ts'

const NARROWBAND_RATE_HZ = 8_000
const LONGEST_PACKET_MS = 60

export interface SipSenderOptions {
  readonly clock: Clock
  readonly firstTimestamp: number
  /** One encoded frame; `payload` is valid during the call. */
  readonly onPayload: (payloadType: number, payload: Uint8Array, timestamp: number, marker: boolean) => void
  /** Asked before each frame: true when something else (a digit) takes this frame's place. */
  readonly instead: (timestamp: number) => boolean
}

/** What is sent at present. */
interface Sending {
  readonly agreed: AgreedCodec
  readonly packetMs: number
  readonly encoder: AudioEncoder
  readonly stage: PacedEncoder
}

/**
 * bridge → 16→8 kHz where the codec wants it → encode → RTP payloads. The codec and the length of packets may change at
 * any time; the timestamps go on.
 */
export class SipSender {
  readonly #options: SipSenderOptions
  readonly #resampler: SpeexResampler
  #source: AudioSource = silence
  #sending: Sending | undefined
  #isStarted = false
  #isClosed = false
  #skippedBefore = 0

  static async create(options: SipSenderOptions): Promise<SipSender> {
    const longest = (LONGEST_PACKET_MS * BRIDGE_RATE_HZ) / 1000
    return new SipSender(options, await SpeexResampler.create(BRIDGE_RATE_HZ, NARROWBAND_RATE_HZ, longest))
  }

  private constructor(options: SipSenderOptions, resampler: SpeexResampler) {
    this.#options = options
    this.#resampler = resampler
  }

  /** Undefined before the first `use`. */
  get codec(): SipCodec | undefined {
    return this.#sending?.agreed.codec
  }

  get packetMs(): number | undefined {
    return this.#sending?.packetMs
  }

  /** Frames not sent because this process stood still. */
  get skippedFrames(): number {
    return this.#skippedBefore + (this.#sending?.stage.skippedFrames ?? 0)
  }

  /** Sends from now on, silence until `listenTo`. */
  start(): void {
    this.#isStarted = true
    this.#sending?.stage.start()
  }

  listenTo(source: AudioSource): void {
    this.#source = source
    this.#sending?.stage.listenTo(source)
  }

  /** From the next frame on, as agreed; nothing changes for what is agreed already. `maySend` is the direction. */
  async use(agreed: AgreedCodec, wishedPacketMs: number, maySend: boolean): Promise<void> {
    const packetMs = packetMsOf(agreed.codec, wishedPacketMs)
    if (!this.#isSame(agreed, packetMs)) {
      const encoder = await agreed.codec.newEncoder(packetMs, agreed.fmtp)
      if (this.#isClosed) return encoder.close?.()
      this.#replace({ agreed, packetMs, encoder, stage: this.#stageFor(encoder, agreed) })
    }
    if (this.#sending) this.#sending.stage.sending = maySend
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#endSending()
    this.#resampler.close()
  }

  #isSame(agreed: AgreedCodec, packetMs: number): boolean {
    const now = this.#sending
    return (
      now !== undefined &&
      now.packetMs === packetMs &&
      now.agreed.codec === agreed.codec &&
      now.agreed.payloadType === agreed.payloadType &&
      now.agreed.fmtp === agreed.fmtp
    )
  }

  #stageFor(encoder: AudioEncoder, { codec, payloadType }: AgreedCodec): PacedEncoder {
    const { clock, firstTimestamp, onPayload, instead } = this.#options
    return new PacedEncoder({
      clock,
      encoder,
      resampler: encoder.sampleRateHz === BRIDGE_RATE_HZ ? undefined : this.#resampler,
      clockRateHz: codec.clockRateHz,
      firstTimestamp: this.#sending?.stage.nextTimestamp ?? firstTimestamp,
      onPayload: (payload, timestamp, marker) => onPayload(payloadType, payload, timestamp, marker),
      instead,
    })
  }

  #replace(next: Sending): void {
    this.#endSending()
    this.#sending = next
    next.stage.listenTo(this.#source)
    if (this.#isStarted) next.stage.start()
  }

  #endSending(): void {
    if (!this.#sending) return
    this.#skippedBefore += this.#sending.stage.skippedFrames
    this.#sending.stage.stop()
    this.#sending.encoder.close?.()
  }
}
