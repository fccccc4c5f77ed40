import type { Clock } from '../../base/clock.ts'
import { systemRandom } from '../../base/random.ts'
import { G711Decoder, G711Encoder } from '../../media/codecs/g711/g711.ts'
import { Pacer } from '../../media/pacing/pacer.ts'
import { NO_EXTENSION, newRtpHeader, readRtpPacket, writeRtpHeader } from '../../media/rtp/rtp-packet.ts'
import type { Endpoint, Network, UdpSocket } from '../../net/network.ts'
import { SPEECH_PAUSE_S } from '../../sim/speech.ts'

export const PHONE_RATE_HZ = 8000
const FRAME_MS = 20
const FRAME_SAMPLES = (PHONE_RATE_HZ * FRAME_MS) / 1000
const PCMA = 8
const LONGEST_RECORDING_SAMPLES = 120 * PHONE_RATE_HZ

/** What a phone heard: sample n arrived at `startedAtMs` + n / 8 when nothing was held up. */
export interface PhoneRecording {
  readonly startedAtMs: number | undefined
  readonly pcm: Float32Array
}

/**
 * The sound of the scripted desk phone: PCMA in 20 ms packets, sent on a clock of its own; what comes is put where its
 * timestamp says, without a jitter buffer, so that nothing but the gateway shapes the recording.
 */
export class PhoneMedia {
  readonly #clock: Clock
  readonly #socket: UdpSocket
  readonly #encoder = new G711Encoder('pcma')
  readonly #decoder = new G711Decoder('pcma')
  readonly #header = newRtpHeader()
  readonly #heardHeader = newRtpHeader()
  readonly #packet = new Uint8Array(12 + FRAME_SAMPLES)
  readonly #heard = new Float32Array(LONGEST_RECORDING_SAMPLES)
  readonly #frame = new Float32Array(FRAME_SAMPLES)
  #heardSamples = 0
  #firstTimestamp: number | undefined
  #heardFromMs: number | undefined
  #speech: Float32Array = new Float32Array(0)
  #position = 0
  #spokeFromMs: number | undefined
  readonly #pacer: Pacer
  #remote: Endpoint = { address: '127.0.0.1', port: 0 }

  static async open(network: Network, clock: Clock): Promise<PhoneMedia> {
    let media: PhoneMedia | undefined
    const onDatagram = (datagram: Uint8Array) => media?.receive(datagram)
    const socket = await network.udp({ address: '127.0.0.1', port: 0, onDatagram })
    media = new PhoneMedia(socket, clock)
    return media
  }

  private constructor(socket: UdpSocket, clock: Clock) {
    this.#socket = socket
    this.#clock = clock
    this.#pacer = new Pacer({
      clock,
      periodMs: FRAME_MS,
      isSelfSufficient: true,
      onFrame: (skipped) => this.#speak(skipped),
    })
    this.#header.payloadType = PCMA
    this.#header.ssrc = systemRandom.below(2 ** 31)
    this.#header.sequence = systemRandom.below(2 ** 15)
    this.#header.marker = true
  }

  get port(): number {
    return this.#socket.local.port
  }

  /** Where the gateway wants its RTP. */
  get remote(): Endpoint {
    return this.#remote
  }

  /** When the first sample of the speech was sent. */
  get spokeFromMs(): number | undefined {
    return this.#spokeFromMs
  }

  /** From now on packets go to `remote`: `speech` (8 kHz) over and over, with pauses in between. */
  send(remote: Endpoint, speech: Float32Array): void {
    this.#remote = remote
    this.#speech = speech
    this.#position = 0
    this.#spokeFromMs = undefined
    this.#pacer.stop()
    this.#pacer.start()
  }

  recording(): PhoneRecording {
    return { startedAtMs: this.#heardFromMs, pcm: this.#heard.slice(0, this.#heardSamples) }
  }

  async close(): Promise<void> {
    this.#pacer.stop()
    await this.#socket.close()
  }

  receive(datagram: Uint8Array): void {
    const header = this.#heardHeader
    if (!readRtpPacket(datagram, header) || header.payloadType !== PCMA) return
    this.#heardFromMs ??= this.#clock.nowMs()
    this.#firstTimestamp ??= header.timestamp
    const at = (header.timestamp - this.#firstTimestamp) >>> 0
    const payload = datagram.subarray(header.payloadStart, header.payloadEnd)
    if (payload.length > FRAME_SAMPLES || at + payload.length > this.#heard.length) return
    this.#decoder.decode(payload, this.#frame)
    this.#heard.set(this.#frame.subarray(0, payload.length), at)
    this.#heardSamples = Math.max(this.#heardSamples, at + payload.length)
  }

  #speak(skippedFrames: number): void {
    this.#spokeFromMs ??= this.#clock.nowMs()
    this.#position += skippedFrames * FRAME_SAMPLES
    this.#header.timestamp = (this.#header.timestamp + skippedFrames * FRAME_SAMPLES) >>> 0
    const round = this.#speech.length + SPEECH_PAUSE_S * PHONE_RATE_HZ
    for (let i = 0; i < FRAME_SAMPLES; i++) this.#frame[i] = this.#speech[this.#position++ % round] ?? 0
    const start = writeRtpHeader(this.#header, NO_EXTENSION, this.#packet)
    this.#encoder.encode(this.#frame, this.#packet.subarray(start))
    this.#socket.send(this.#packet, this.#remote)
    this.#header.marker = false
    this.#header.sequence = (this.#header.sequence + 1) & 0xffff
    this.#header.timestamp = (this.#header.timestamp + FRAME_SAMPLES) >>> 0
  }
}
