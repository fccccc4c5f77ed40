import type { AudioSource } from './audio-source.ts'
import { G711Encoder, type G711Law } from './codecs/g711/g711.ts'
import { EventSender } from './dtmf/event-sender.ts'
import type { PacedEncoder } from './pacing/paced-encoder.ts'
import { fromSip, G711_PAYLOAD_TYPES, type Owned, SIP_CLOCK_RATE_HZ, SIP_PACKET_MS, toSip } from './pipeline.ts'
import type { MediaEndpoint } from './rtp/endpoint.ts'
import { RtpSession, type RtpSessionOptions, type RtpSessionStats } from './rtp/rtp-session.ts'
import type { PlayoutStats, RtpPlayout } from './rtp-playout.ts'

export interface SipMediaOptions
  extends Pick<
    RtpSessionOptions,
    'clock' | 'random' | 'announced' | 'eventPayloadType' | 'onDigit' | 'sendRtp' | 'sendRtcp'
  > {
  /** What the answer settled on. */
  readonly law: G711Law
}

export interface SipMediaStats {
  readonly playout: PlayoutStats
  readonly session: RtpSessionStats
  /** Frames not sent because this process stood still. */
  readonly skippedFrames: number
}

/** All media of one SIP leg: RTP and RTCP in both directions, digits, G.711. The sockets belong to the caller. */
export class SipMedia {
  readonly #playout: Owned<RtpPlayout>
  readonly #sender: Owned<PacedEncoder>
  readonly #session: RtpSession
  readonly #digits: EventSender
  #payloadType: number

  static async create(options: SipMediaOptions): Promise<SipMedia> {
    const playout = await fromSip(options.clock)
    // The sender is made before what it sends to; it asks for neither before `start`.
    let media: SipMedia | undefined
    const sender = await toSip(
      options.clock,
      options.law,
      options.random.below(0x1_0000_0000),
      (payload, timestamp, marker) => media!.#write(payload, timestamp, marker),
      (timestamp) => media!.#takeFrame(timestamp),
    )
    media = new SipMedia(options, playout, sender)
    return media
  }

  private constructor(options: SipMediaOptions, playout: Owned<RtpPlayout>, sender: Owned<PacedEncoder>) {
    this.#playout = playout
    this.#sender = sender
    this.#payloadType = G711_PAYLOAD_TYPES[options.law]
    this.#session = new RtpSession({ ...options, playout: playout.stage, clockRateHz: SIP_CLOCK_RATE_HZ })
    this.#digits = new EventSender({
      clockRateHz: SIP_CLOCK_RATE_HZ,
      packetMs: SIP_PACKET_MS,
      send: (payload, timestamp, marker) => this.#writeEvent(payload, timestamp, marker),
    })
  }

  /** What the phone says. */
  get audio(): AudioSource {
    return this.#playout.stage
  }

  /** Sends from now on, silence until `listenTo`; reports every five seconds. */
  start(): void {
    this.#sender.stage.start()
    this.#session.start()
  }

  listenTo(source: AudioSource): void {
    this.#sender.stage.listenTo(source)
  }

  receiveRtp(datagram: Uint8Array, from: MediaEndpoint): void {
    this.#session.receiveRtp(datagram, from)
  }

  receiveRtcp(datagram: Uint8Array, from: MediaEndpoint): void {
    this.#session.receiveRtcp(datagram, from)
  }

  /** A new offer or answer: the address, the codec to send, the telephone events. Audio is received in any codec. */
  renegotiate(announced: MediaEndpoint, law: G711Law, eventPayloadType: number | undefined): void {
    this.#session.announce(announced, eventPayloadType)
    this.#sender.stage.useEncoder(new G711Encoder(law))
    this.#payloadType = G711_PAYLOAD_TYPES[law]
  }

  /** Sends a digit in the audio's place. False when it is none, or telephone events were not negotiated. */
  sendDigit(digit: string, durationMs: number): boolean {
    return this.#session.eventPayloadType !== undefined && this.#digits.enqueue(digit, durationMs)
  }

  stats(): SipMediaStats {
    return {
      playout: this.#playout.stage.stats(),
      session: this.#session.stats(),
      skippedFrames: this.#sender.stage.skippedFrames,
    }
  }

  /** Ends timers, says goodbye by RTCP, frees memory. Nothing may be received afterwards. */
  close(): void {
    this.#sender.close()
    this.#session.close()
    this.#playout.close()
  }

  #write(payload: Uint8Array, timestamp: number, marker: boolean): void {
    this.#session.writer.write(this.#payloadType, payload, timestamp, marker)
  }

  #takeFrame(timestamp: number): boolean {
    return this.#digits.takeFrame(timestamp)
  }

  #writeEvent(payload: Uint8Array, timestamp: number, marker: boolean): void {
    const { writer, eventPayloadType } = this.#session
    if (eventPayloadType !== undefined) writer.write(eventPayloadType, payload, timestamp, marker)
  }
}
