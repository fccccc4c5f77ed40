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
import { type AgreedCrypto, agreedCrypto, type Crypto, cryptoAttribute, cryptosOf, offeredCryptos } from './crypto.ts'
import {
  type Attribute,
  attribute,
  formatSdp,
  type MediaDescription,
  parseSdp,
  type SessionDescription,
} from './sdp.ts'

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
  /** RTCP goes over RTP's port (RFC 5761). */
  readonly rtcpMux: boolean
  /** SRTP with these keys; undefined for RTP in clear. */
  readonly crypto: AgreedCrypto | undefined
}

/** SRTP by SDES (RFC 4568), whose keys are in the SDP itself. */
export interface SrtpSide {
  /**
   * `accept`: when the far end offers it; `optional`: offered on an RTP/AVP line, which the far end may take or not;
   * `required`: RTP/SAVP and nothing else.
   */
  readonly policy: 'accept' | 'optional' | 'required'
  /** Key and salt of what we send, 30 bytes. Undefined where it could be read on its way: then there is no SRTP. */
  readonly key: Uint8Array | undefined
}

export interface AudioNegotiationOptions {
  readonly local: Endpoint
  /** In order of preference; only for offers, an answer keeps the far end's order. */
  readonly codecs: readonly SdpCodec[]
  /** Payload types of telephone-event in offers, one per clock rate in use. */
  readonly telephoneEvents: readonly TelephoneEvent[]
  /** Decimal digits, unique per call (RFC 4566 §5.2). */
  readonly sessionId: string
  /** Left out: keys are neither given nor taken. */
  readonly srtp?: SrtpSide | undefined
}

const PLAIN = 'RTP/AVP'
const SECURE = 'RTP/SAVP'
const OUR_PTIME_MS = 20
const RTCP_MUX = 'rtcp-mux'

/** The SDP of one call, offers and answers both ways: RFC 3264 for one audio stream. */
export class AudioNegotiation {
  readonly #options: AudioNegotiationOptions
  /** What the last offer and answer came to, for offers to come. */
  #agreed: (Pick<NegotiatedAudio, 'crypto' | 'rtcpMux'> & { readonly protocol: string }) | undefined
  /** What our last offer had in it: a fork may have offered, and been answered, before another fork answers ours. */
  #offered = { keys: false, mux: false }
  #version = 0
  #lastBody = ''

  constructor(options: AudioNegotiationOptions) {
    this.#options = options
  }

  /** §5 */
  offer(direction: Direction = 'sendrecv'): string {
    const codecs = this.#options.codecs.map((codec) => ({ codec, payloadType: codec.payloadType }))
    const { telephoneEvents, srtp } = this.#options
    const wantsKeys = this.#agreed ? this.#agreed.crypto !== undefined : srtp !== undefined && srtp.policy !== 'accept'
    const protocol = this.#agreed?.protocol ?? (srtp?.policy === 'required' ? SECURE : PLAIN)
    const cryptos = wantsKeys && srtp?.key ? offeredCryptos(srtp.key).map(cryptoAttribute) : []
    const mux = this.#agreed?.rtcpMux === true
    this.#offered = { keys: cryptos.length > 0, mux }
    const extras = [...cryptos, ...muxAttribute(mux)]
    return this.#write([this.#audio(codecs, telephoneEvents, direction, protocol, OUR_PTIME_MS, extras)])
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
    const extras = [...this.#cryptoAnswer(chosen), ...muxAttribute(audio.rtcpMux)]
    this.#agreed = { ...audio, protocol: chosen.protocol }
    const answers = session.media.map((media) =>
      media === chosen
        ? this.#audio([codec], events, audio.direction, media.protocol, audio.ptimeMs, extras)
        : refused(media),
    )
    return { sdp: this.#write(answers), audio: { ...audio, codecs: [codec] } }
  }

  /** §7: reads the answer to our offer. Throws as `answer` does. */
  readAnswer(answer: string): NegotiatedAudio {
    const session = parseSdp(answer)
    const [media] = session.media
    const audio = media && this.#negotiate(session, media)
    if (!audio) throw new ProtocolError('sdp.no-common-codec', 'the answer has no audio that we offered')
    // Only what was offered can have been taken (RFC 4568 §7.1.3, RFC 5761 §5.1.1).
    const crypto = this.#offered.keys ? audio.crypto : undefined
    const rtcpMux = audio.rtcpMux && this.#offered.mux
    if (media.protocol.toUpperCase() === SECURE && crypto === undefined)
      throw new ProtocolError('sdp.no-common-codec', 'the answer has keys that nobody asked for')
    this.#agreed = { crypto, rtcpMux, protocol: media.protocol }
    return { ...audio, crypto, rtcpMux }
  }

  #negotiate(session: SessionDescription, media: MediaDescription): NegotiatedAudio | undefined {
    const address = media.connection ?? session.connection
    if (media.type !== 'audio' || media.port === 0 || !this.#isAllowed(media)) return undefined
    const crypto = this.#cryptoOf(media)
    const [first, ...others] = commonCodecs(media, this.#options.codecs)
    if (!first || address === undefined) return undefined
    return {
      remote: { address, port: media.port },
      codecs: [first, ...others],
      telephoneEvent: telephoneEventFor(media, first.codec.clockRateHz),
      direction: MIRRORED[directionOf(session, media)],
      ptimeMs: ptimeOf(media),
      rtcpMux: attribute(media.attributes, RTCP_MUX) !== undefined,
      crypto: crypto && this.#options.srtp?.key && agreedCrypto(crypto, this.#options.srtp.key),
    }
  }

  /** RTP/SAVP needs keys that we can use; RTP/AVP may come without. */
  #isAllowed(media: MediaDescription): boolean {
    const protocol = media.protocol.toUpperCase()
    const isSecure = this.#cryptoOf(media) !== undefined
    return (
      (protocol === SECURE && isSecure) ||
      (protocol === PLAIN && (isSecure || this.#options.srtp?.policy !== 'required'))
    )
  }

  /** RFC 4568 §5.1.2: the first line that we can use. */
  #cryptoOf(media: MediaDescription): Crypto | undefined {
    return this.#options.srtp?.key && cryptosOf(media.attributes)[0]
  }

  #cryptoAnswer(media: MediaDescription): Attribute[] {
    const { srtp } = this.#options
    const crypto = this.#cryptoOf(media)
    return crypto && srtp?.key ? [cryptoAttribute({ ...crypto, key: srtp.key })] : []
  }

  #audio(
    codecs: readonly { codec: SdpCodec; payloadType: number }[],
    events: readonly TelephoneEvent[],
    direction: Direction,
    protocol: string,
    ptimeMs: number,
    extras: readonly Attribute[],
  ): MediaDescription {
    return {
      type: 'audio',
      port: this.#options.local.port,
      protocol,
      formats: [...codecs, ...events].map(({ payloadType }) => String(payloadType)),
      connection: undefined,
      attributes: [
        ...codecAttributes(codecs, events),
        { name: 'ptime', value: String(ptimeMs) },
        { name: direction, value: '' },
        ...extras,
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

const muxAttribute = (muxed: boolean): Attribute[] => (muxed ? [{ name: RTCP_MUX, value: '' }] : [])

/** §6: a refused stream keeps its place, with port 0. */
function refused(media: MediaDescription): MediaDescription {
  return { ...media, port: 0, connection: undefined, attributes: [] }
}
