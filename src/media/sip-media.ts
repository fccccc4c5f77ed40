import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import type { AudioSource } from './audio-source.ts'
import { EventSender } from './dtmf/event-sender.ts'
import { SIP_JITTER } from './pipeline.ts'
import type { MediaEndpoint } from './rtp/endpoint.ts'
import { isMuxedRtcp } from './rtp/rtp-packet.ts'
import { type RtpAgreement, RtpSession, type RtpSessionStats } from './rtp/rtp-session.ts'
import { type PlayoutStats, RtpPlayout } from './rtp-playout.ts'
import type { AgreedCodec } from './sip-codecs.ts'
import { SipDecoders } from './sip-decoders.ts'
import { SipSender } from './sip-sender.ts'
import { type SdesKeys, SecureRtp } from './srtp/secure-rtp.ts'
import type { SrtpReceiverStats } from './srtp/srtp-receiver.ts'

/** What an offer and its answer settled on. */
export interface SipAgreement extends RtpAgreement {
  /** The first is what we send; every one may come in. */
  readonly codecs: readonly [AgreedCodec, ...AgreedCodec[]]
  /** How long the far end would like packets to be. */
  readonly packetMs: number
  /** False while the far end holds us: RTP stops, RTCP goes on. */
  readonly maySend: boolean
  /** Undefined: RTP in clear. */
  readonly keys: SdesKeys | undefined
}

export interface SipMediaOptions {
  readonly clock: Clock
  readonly random: Random
  readonly agreement: SipAgreement
  readonly onDigit: (digit: string, durationMs: number) => void
  readonly sendRtp: (datagram: Uint8Array, to: MediaEndpoint) => void
  readonly sendRtcp: (datagram: Uint8Array, to: MediaEndpoint) => void
}

export interface SipMediaStats {
  readonly playout: PlayoutStats
  readonly session: RtpSessionStats
  /** Frames not sent because this process stood still. */
  readonly skippedFrames: number
  /** Undefined for RTP in clear. */
  readonly srtp: SrtpReceiverStats | undefined
}

/** All media of one SIP leg: RTP and RTCP in both directions, digits, any codec. The sockets belong to the caller. */
export class SipMedia {
  readonly #options: SipMediaOptions
  readonly #decoders: SipDecoders
  readonly #playout: RtpPlayout
  readonly #sender: SipSender
  readonly #session: RtpSession
  #secure: SecureRtp | undefined
  #digits: EventSender | undefined
  /** Changes are made one after the other; a codec may take a moment to be made. */
  #change: Promise<void> = Promise.resolve()

  /** When a codec cannot be made, what has been made before it is closed again. */
  static async create(options: SipMediaOptions): Promise<SipMedia> {
    const made: { close(): void }[] = []
    try {
      const decoders = await SipDecoders.create()
      made.push(decoders)
      // The sender is made before what it sends to; it asks for neither before `start`.
      let media: SipMedia | undefined
      const sender = await SipSender.create({
        clock: options.clock,
        firstTimestamp: options.random.below(0x1_0000_0000),
        onPayload: (payloadType, payload, timestamp, marker) =>
          media!.#session.writer.write(payloadType, payload, timestamp, marker),
        instead: (timestamp) => media!.#digits?.takeFrame(timestamp) ?? false,
      })
      made.push(sender)
      media = new SipMedia(options, decoders, sender)
      made.push(media)
      await media.renegotiate(options.agreement)
      return media
    } catch (error) {
      for (const part of made) part.close()
      throw error
    }
  }

  private constructor(options: SipMediaOptions, decoders: SipDecoders, sender: SipSender) {
    const { clock, random, agreement, onDigit } = options
    const { clockRateHz } = agreement.codecs[0].codec
    this.#options = options
    this.#decoders = decoders
    this.#sender = sender
    this.#playout = new RtpPlayout({ clock, jitter: { ...SIP_JITTER, clockRateHz }, paths: decoders.paths })
    this.#session = new RtpSession({
      clock,
      random,
      agreement,
      clockRateHz,
      playout: this.#playout,
      onDigit,
      sendRtp: (datagram, to) => this.#sendRtp(datagram, to),
      sendRtcp: (compound, to) => options.sendRtcp(this.#secure?.protectRtcp(compound) ?? compound, to),
      sendMuxedRtcp: (compound, to) => options.sendRtp(this.#secure?.protectRtcp(compound) ?? compound, to),
    })
  }

  /** What the phone says. */
  get audio(): AudioSource {
    return this.#playout
  }

  /** Sends from now on, silence until `listenTo`; reports every five seconds. */
  start(): void {
    this.#sender.start()
    this.#session.start()
  }

  listenTo(source: AudioSource): void {
    this.#sender.listenTo(source)
  }

  receiveRtp(datagram: Uint8Array, from: MediaEndpoint): void {
    if (this.#session.rtcpMux && isMuxedRtcp(datagram)) return this.receiveRtcp(datagram, from)
    const clear = this.#secure ? this.#secure.unprotect(datagram) : datagram
    if (clear) this.#session.receiveRtp(clear, from)
  }

  receiveRtcp(datagram: Uint8Array, from: MediaEndpoint): void {
    const clear = this.#secure ? this.#secure.unprotectRtcp(datagram) : datagram
    if (clear) this.#session.receiveRtcp(clear, from)
  }

  /** A new offer and answer: address, codecs, direction, keys. Resolves when it is sent as they say. */
  renegotiate(agreement: SipAgreement): Promise<void> {
    const change = this.#change.then(() => this.#follow(agreement))
    this.#change = change.catch(() => undefined)
    return change
  }

  /** Sends a digit in the audio's place. False when it is none, or cannot be sent now. */
  sendDigit(digit: string, durationMs: number): boolean {
    return this.#digits?.enqueue(digit, durationMs) ?? false
  }

  stats(): SipMediaStats {
    return {
      playout: this.#playout.stats(),
      session: this.#session.stats(),
      skippedFrames: this.#sender.skippedFrames,
      srtp: this.#secure && { ...this.#secure.stats },
    }
  }

  /** Ends timers, says goodbye by RTCP, frees memory. Nothing may be received afterwards. */
  close(): void {
    this.#sender.close()
    this.#session.close()
    this.#decoders.close()
  }

  async #follow(agreement: SipAgreement): Promise<void> {
    const [codec] = agreement.codecs
    const { packetMs, codec: codecBefore } = this.#sender
    const eventsBefore = this.#session.events
    await this.#decoders.accept(agreement.codecs)
    this.#useKeys(agreement.keys)
    this.#session.announce(agreement)
    await this.#sender.use(codec, agreement.packetMs, agreement.maySend)
    this.#session.writer.clockRateHz = codec.codec.clockRateHz
    const isSameTiming = packetMs === this.#sender.packetMs && codecBefore === codec.codec
    const isSameEvents = eventsBefore?.clockRateHz === agreement.events?.clockRateHz
    if (!isSameTiming || !isSameEvents || this.#digits === undefined) this.#digits = this.#digitSender(agreement)
    else if (agreement.events === undefined) this.#digits = undefined
  }

  #useKeys(keys: SdesKeys | undefined): void {
    if (keys === undefined) this.#secure = undefined
    else if (this.#secure) this.#secure.use(keys)
    else this.#secure = new SecureRtp(keys)
  }

  #digitSender({ events }: SipAgreement): EventSender | undefined {
    const packetMs = this.#sender.packetMs
    if (events === undefined || packetMs === undefined) return undefined
    const send = (payload: Uint8Array, timestamp: number, marker: boolean) => {
      const payloadType = this.#session.events?.payloadType
      if (payloadType !== undefined) this.#session.writer.write(payloadType, payload, timestamp, marker)
    }
    return new EventSender({ clockRateHz: events.clockRateHz, packetMs, send })
  }

  #sendRtp(datagram: Uint8Array, to: MediaEndpoint): void {
    this.#options.sendRtp(this.#secure?.protect(datagram) ?? datagram, to)
  }
}
