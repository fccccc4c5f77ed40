import type { Clock } from '../base/clock.ts'
import { ProtocolError } from '../base/errors.ts'
import { type Random, randomHex } from '../base/random.ts'
import { type AudioSource, silence } from '../media/audio-source.ts'
import { ListeningSource } from '../media/dtmf/listening-source.ts'
import { HoldTone } from '../media/hold-tone.ts'
import type { PortRange } from '../media/rtp/port-range.ts'
import type { SipCodecName } from '../media/sip-codecs.ts'
import { type SipAgreement, SipMedia, type SipMediaStats } from '../media/sip-media.ts'
import type { Network } from '../net/network.ts'
import { AudioNegotiation, type NegotiatedAudio, type SrtpSide } from '../sip/sdp/offer-answer.ts'
import type { Session } from '../sip/sip-engine.ts'
import { agreedCodec, sdpCodecs, telephoneEvents } from './mapping/codecs.ts'
import { RtpSockets } from './rtp-sockets.ts'

type OnDigit = (digit: string, durationMs: number) => void

export interface SipAudioSettings {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  /** Where RTP sockets are bound. */
  readonly address: string
  readonly ports: PortRange
  readonly codecs: readonly SipCodecName[]
  readonly srtp: 'off' | SrtpSide['policy']
  /** SRTP keys may stand in SDP that anybody on the way can read. */
  readonly allowInsecureSrtp: boolean
  /** What the other side hears while the PBX holds the call and sends nothing. */
  readonly holdSound: 'silence' | 'tone'
  /** Digits that are heard in what we send are sent as telephone events too. */
  readonly detectDtmf: boolean
}

/** What SDP has to know of the way it goes. */
type Signalling = Pick<Session, 'localAddress' | 'isSecure'>

/** AES-128 key and salt (RFC 4568, section 6.2). */
const SRTP_KEY_BYTES = 30

/** An address that stands for "nowhere": the old form of hold (RFC 3264, section 8.4). */
const NOWHERE = new Set(['0.0.0.0', '::'])

/** The audio of one SIP call: sockets, SDP and media. Made with its sockets; sound begins when SDP has settled on a codec. */
export class SipAudio implements AudioSource {
  readonly #settings: SipAudioSettings
  readonly #sockets: RtpSockets
  readonly #onDigit: OnDigit
  #negotiation: AudioNegotiation | undefined
  #media: SipMedia | undefined
  #source: AudioSource = silence
  #agreed: NegotiatedAudio | undefined
  #holdSound: AudioSource | undefined
  #startedAtMs: number | undefined
  #isClosed = false
  #change: Promise<void> = Promise.resolve()

  /** Throws `TandemError` `media.no-port`. */
  static async open(settings: SipAudioSettings, onDigit: OnDigit): Promise<SipAudio> {
    return new SipAudio(settings, await RtpSockets.open(settings.network, settings.address, settings.ports), onDigit)
  }

  private constructor(settings: SipAudioSettings, sockets: RtpSockets, onDigit: OnDigit) {
    this.#settings = settings
    this.#sockets = sockets
    this.#onDigit = onDigit
  }

  /** The direction that was agreed on last, from our side. */
  get direction(): NegotiatedAudio['direction'] {
    return this.#agreed?.direction ?? 'sendrecv'
  }

  pull(out: Float32Array, lateMs?: number): void {
    const source = this.#holdSound ?? this.#media?.audio ?? silence
    source.pull(out, lateMs)
  }

  listenTo(source: AudioSource): void {
    const onDigit = (digit: string, durationMs: number) => void this.sendDigit(digit, durationMs)
    this.#source = this.#settings.detectDtmf ? new ListeningSource(source, onDigit) : source
    this.#media?.listenTo(this.#source)
  }

  /** False when the digit cannot be sent as a telephone event. */
  sendDigit(digit: string, durationMs: number): boolean {
    return this.#media?.sendDigit(digit, durationMs) ?? false
  }

  /** For an INVITE: none that went before it, to somebody else or over another way, says anything of this one's address and keys. */
  firstOffer(signalling: Signalling): string {
    this.#negotiation = undefined
    return this.offer(signalling)
  }

  /** Always for both directions: it is the far end that holds, and an offer that it asks for is how it resumes (RFC 6337). */
  offer(signalling: Signalling): string {
    return this.#sdp(signalling).offer()
  }

  /** The answer to an offer. `use` is the caller’s next step. Throws as `AudioNegotiation.answer`. */
  answer(signalling: Signalling, offer: string): { readonly sdp: string; readonly audio: NegotiatedAudio } {
    return this.#sdp(signalling).answer(offer)
  }

  /** The answer to `offer`, which must have been made. Throws as `AudioNegotiation.readAnswer`. */
  readAnswer(answer: string): NegotiatedAudio {
    if (!this.#negotiation) throw new ProtocolError('sdp.no-offer', 'an answer to no offer')
    return this.#negotiation.readAnswer(answer)
  }

  /** Begins to receive and send, or follows what was agreed on anew. A new offer may come before the first is in use. */
  use(audio: NegotiatedAudio): Promise<void> {
    const remote = NOWHERE.has(audio.remote.address) ? (this.#agreed?.remote ?? audio.remote) : audio.remote
    this.#agreed = { ...audio, remote }
    this.#noteHold()
    const agreement = sipAgreement(this.#agreed)
    const change = this.#change.then(() => this.#use(agreement))
    this.#change = change.catch(() => undefined)
    return change
  }

  async #use(agreement: SipAgreement): Promise<void> {
    if (this.#isClosed) return
    if (this.#media) return this.#media.renegotiate(agreement)
    const media = await SipMedia.create({
      clock: this.#settings.clock,
      random: this.#settings.random,
      agreement,
      onDigit: this.#onDigit,
      sendRtp: (datagram, to) => this.#sockets.sendRtp(datagram, to),
      sendRtcp: (datagram, to) => this.#sockets.sendRtcp(datagram, to),
    })
    if (this.#isClosed) return media.close()
    this.#media = media
    this.#sockets.receive(
      (datagram, from) => media.receiveRtp(datagram, from),
      (datagram, from) => media.receiveRtcp(datagram, from),
    )
    media.listenTo(this.#source)
    if (this.#startedAtMs !== undefined) media.start()
  }

  /** Sends from now on, or as soon as SDP has settled on a codec: the call is answered. */
  start(): void {
    const wasStarted = this.#startedAtMs !== undefined
    this.#startedAtMs = this.#settings.clock.nowMs()
    if (!wasStarted) this.#media?.start()
  }

  /** How long the far end has sent neither RTP nor RTCP, while it should; 0 when it need not. */
  silentMs(): number {
    if (this.#startedAtMs === undefined || !this.#media || !this.direction.includes('recv')) return 0
    const { lastRtpMs, lastRtcpMs } = this.#media.stats().session
    return this.#settings.clock.nowMs() - Math.max(this.#startedAtMs, lastRtpMs, lastRtcpMs)
  }

  stats(): SipMediaStats | undefined {
    return this.#media?.stats()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#media?.close()
    await this.#sockets.close()
  }

  /** A far end that sends nothing cannot be heard: a sound of ours takes its place. */
  #noteHold(): void {
    if (this.direction.includes('recv')) this.#holdSound = undefined
    else this.#holdSound ??= this.#settings.holdSound === 'tone' ? new HoldTone() : silence
  }

  /** Made when the local address is known, which for a call of ours is when its route is. */
  #sdp({ localAddress, isSecure }: Signalling): AudioNegotiation {
    const { srtp, allowInsecureSrtp, random } = this.#settings
    const key = isSecure || allowInsecureSrtp ? () => random.bytes(SRTP_KEY_BYTES) : () => undefined
    this.#negotiation ??= new AudioNegotiation({
      local: { address: localAddress, port: this.#sockets.port },
      codecs: sdpCodecs(this.#settings.codecs),
      telephoneEvents: telephoneEvents(this.#settings.codecs),
      srtp: srtp === 'off' ? undefined : { policy: srtp, key: key() },
      sessionId: String(Number.parseInt(randomHex(6, this.#settings.random), 16)),
    })
    return this.#negotiation
  }
}

function sipAgreement(audio: NegotiatedAudio): SipAgreement {
  const { remote, codecs, telephoneEvent, direction, ptimeMs, rtcpMux, crypto } = audio
  const [first, ...others] = codecs
  return {
    remote,
    codecs: [agreedCodec(first), ...others.map(agreedCodec)],
    events: telephoneEvent,
    packetMs: ptimeMs,
    maySend: direction.includes('send'),
    rtcpMux,
    keys: crypto,
  }
}
