import { ProtocolError } from '../../base/errors.ts'
import type { Endpoint } from '../../net/network.ts'
import {
  codecAttributes,
  commonCodecs,
  type Direction,
  directionOf,
  MIRRORED,
  type NegotiatedCodec,
  ptimeOf,
  type SdpCodec,
  type TelephoneEvent,
  telephoneEventFor,
} from './audio-media.ts'
import { formatSdp, type MediaDescription, parseSdp, type SessionDescription } from './sdp.ts'

/** What both sides agreed on, from our side. */
export interface NegotiatedAudio {
  /** Where our RTP goes. */
  readonly remote: Endpoint
  /** The first is what we send; every one may come in. */
  readonly codecs: readonly [NegotiatedCodec, ...NegotiatedCodec[]]
  readonly telephoneEvent: TelephoneEvent | undefined
  /** Our direction: without "send" in it the far end holds us or does not listen. */
  readonly direction: Direction
  readonly ptimeMs: number
}

export interface AudioNegotiationOptions {
  readonly local: Endpoint
  /** In order of preference; only for offers, an answer keeps the far end's order. */
  readonly codecs: readonly SdpCodec[]
  /** Payload types of telephone-event in offers, one per clock rate in use. */
  readonly telephoneEvents: readonly TelephoneEvent[]
  /** Decimal digits, unique per call (RFC 4566 §5.2). */
  readonly sessionId: string
}

const SUPPORTED_PROTOCOL = 'RTP/AVP'
const OUR_PTIME_MS = 20

/** The SDP of one call, offers and answers both ways: RFC 3264 for one audio stream. */
export class AudioNegotiation {
  readonly #options: AudioNegotiationOptions
  #version = 0
  #lastBody = ''

  constructor(options: AudioNegotiationOptions) {
    this.#options = options
  }

  /** §5 */
  offer(direction: Direction = 'sendrecv'): string {
    const codecs = this.#options.codecs.map((codec) => ({ codec, payloadType: codec.payloadType }))
    return this.#write([this.#audio(codecs, this.#options.telephoneEvents, direction, 'RTP/AVP')])
  }

  /**
   * §6: exactly one codec and its telephone-event; media that we do not take are refused with port 0. Throws
   * `ProtocolError` with code `sdp.no-common-codec` when no audio is left (SIP 488), `ParseError` for text that is no SDP.
   */
  answer(offer: string): { readonly sdp: string; readonly audio: NegotiatedAudio } {
    const session = parseSdp(offer)
    const chosen = session.media.find((media) => this.#negotiate(session, media) !== undefined)
    const audio = chosen && this.#negotiate(session, chosen)
    if (!audio) throw new ProtocolError('sdp.no-common-codec', 'the offer has no audio that we can take')
    const codec = audio.codecs[0]
    const events = audio.telephoneEvent ? [audio.telephoneEvent] : []
    const answers = session.media.map((media) =>
      media === chosen ? this.#audio([codec], events, audio.direction, media.protocol) : refused(media),
    )
    return { sdp: this.#write(answers), audio: { ...audio, codecs: [codec] } }
  }

  /** §7: reads the answer to our offer. Throws as `answer` does. */
  readAnswer(answer: string): NegotiatedAudio {
    const session = parseSdp(answer)
    const [media] = session.media
    const audio = media && this.#negotiate(session, media)
    if (!audio) throw new ProtocolError('sdp.no-common-codec', 'the answer has no audio that we offered')
    return audio
  }

  #negotiate(session: SessionDescription, media: MediaDescription): NegotiatedAudio | undefined {
    const address = media.connection ?? session.connection
    if (media.type !== 'audio' || media.port === 0 || media.protocol.toUpperCase() !== SUPPORTED_PROTOCOL)
      return undefined
    const [first, ...others] = commonCodecs(media, this.#options.codecs)
    if (!first || address === undefined) return undefined
    return {
      remote: { address, port: media.port },
      codecs: [first, ...others],
      telephoneEvent: telephoneEventFor(media, first.codec.clockRateHz),
      direction: MIRRORED[directionOf(session, media)],
      ptimeMs: ptimeOf(media),
    }
  }

  #audio(
    codecs: readonly { codec: SdpCodec; payloadType: number }[],
    events: readonly TelephoneEvent[],
    direction: Direction,
    protocol: string,
  ): MediaDescription {
    return {
      type: 'audio',
      port: this.#options.local.port,
      protocol,
      formats: [...codecs, ...events].map(({ payloadType }) => String(payloadType)),
      connection: undefined,
      attributes: [
        ...codecAttributes(codecs, events),
        { name: 'ptime', value: String(OUR_PTIME_MS) },
        { name: direction, value: '' },
      ],
    }
  }

  /** RFC 3264 §8: the version grows exactly when the description changes. */
  #write(media: readonly MediaDescription[]): string {
    const { local, sessionId } = this.#options
    const describe = (version: number) =>
      formatSdp({
        origin: { username: 'tandem', sessionId, version: String(version), address: local.address },
        connection: local.address,
        attributes: [],
        media,
      })
    const body = describe(0)
    if (body !== this.#lastBody) this.#version++
    this.#lastBody = body
    return describe(this.#version)
  }
}

/** §6: a refused stream keeps its place, with port 0. */
function refused(media: MediaDescription): MediaDescription {
  return { ...media, port: 0, connection: undefined, attributes: [] }
}
