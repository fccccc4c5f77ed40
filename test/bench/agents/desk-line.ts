import { type Clock, systemClock } from '../../../src/base/clock.ts'
import { systemRandom } from '../../../src/base/random.ts'
import { sdpCodecs } from '../../../src/bridge/mapping/codecs.ts'
import { G711Decoder } from '../../../src/media/codecs/g711/g711.ts'
import { Pacer } from '../../../src/media/pacing/pacer.ts'
import { NO_EXTENSION, newRtpHeader, readRtpPacket, writeRtpHeader } from '../../../src/media/rtp/rtp-packet.ts'
import type { Endpoint, Network, UdpSocket } from '../../../src/net/network.ts'
import { AudioNegotiation } from '../../../src/sip/sdp/offer-answer.ts'
import { REMEMBERED_S } from './recorded-voice.ts'

const FRAME_MS = 20
export const FRAME_BYTES = 160
const RATE_HZ = 8000
const PCMA = 8
const SILENCE = 0xd5
const ADDRESS = '127.0.0.1'

/** The sound of one call at a desk phone: says PCMA that was encoded before, and keeps what it hears as it came. */
export class DeskLine {
  received = 0
  /** The longest time between two packets of the gateway. */
  longestGapMs = 0
  readonly sdp: AudioNegotiation
  readonly #socket: UdpSocket
  readonly #clock: Clock = systemClock
  readonly #words: Uint8Array
  readonly #header = newRtpHeader()
  readonly #heardHeader = newRtpHeader()
  readonly #packet = new Uint8Array(12 + FRAME_BYTES)
  readonly #heard = new Uint8Array(REMEMBERED_S * RATE_HZ)
  readonly #pacer: Pacer
  #position: number
  #firstTimestamp: number | undefined
  /** Frames since the first, missing ones included. */
  #frames = 0
  #lastMs: number | undefined
  #remote: Endpoint | undefined

  /** Says `words`, a whole number of frames, over and over from `position` on. */
  static async open(network: Network, words: Uint8Array, position: number): Promise<DeskLine> {
    let line: DeskLine | undefined
    const onDatagram = (datagram: Uint8Array) => line?.receive(datagram)
    const socket = await network.udp({ address: ADDRESS, port: 0, onDatagram })
    line = new DeskLine(socket, words, position)
    return line
  }

  private constructor(socket: UdpSocket, words: Uint8Array, position: number) {
    this.#socket = socket
    this.#words = words
    this.#position = position
    this.#header.payloadType = PCMA
    this.#header.ssrc = systemRandom.below(2 ** 31)
    this.#pacer = new Pacer({ clock: this.#clock, periodMs: FRAME_MS, onFrame: (skipped) => this.#send(skipped) })
    this.sdp = new AudioNegotiation({
      local: socket.local,
      codecs: sdpCodecs(['PCMA']),
      telephoneEvents: [],
      sessionId: String(systemRandom.below(2 ** 31)),
    })
  }

  talkTo(remote: Endpoint): void {
    this.#remote = remote
    this.#pacer.start()
  }

  receive(datagram: Uint8Array): void {
    const header = this.#heardHeader
    if (!readRtpPacket(datagram, header) || header.payloadType !== PCMA) return
    const nowMs = this.#clock.nowMs()
    if (this.#lastMs !== undefined) this.longestGapMs = Math.max(this.longestGapMs, nowMs - this.#lastMs)
    this.#lastMs = nowMs
    this.received++
    this.#firstTimestamp ??= header.timestamp
    const frame = ((header.timestamp - this.#firstTimestamp) >>> 0) / FRAME_BYTES
    for (; this.#frames < frame; this.#frames++) this.#slot(this.#frames).fill(SILENCE)
    this.#frames = Math.max(this.#frames, frame + 1)
    this.#slot(frame).set(datagram.subarray(header.payloadStart, header.payloadEnd))
  }

  /** Forgets the gaps so far. */
  settle(): void {
    this.longestGapMs = 0
  }

  /** What is remembered, 8 kHz. */
  listen(): Float32Array {
    const decoder = new G711Decoder('pcma')
    const frames = Math.min(this.#frames, this.#heard.length / FRAME_BYTES)
    const pcm = new Float32Array(frames * FRAME_BYTES)
    const frame = new Float32Array(decoder.maxSamples)
    for (let i = 0; i < frames; i++) {
      decoder.decode(this.#slot(this.#frames - frames + i), frame)
      pcm.set(frame.subarray(0, FRAME_BYTES), i * FRAME_BYTES)
    }
    return pcm
  }

  async close(): Promise<void> {
    this.#pacer.stop()
    await this.#socket.close()
  }

  #slot(frame: number): Uint8Array {
    const at = (frame * FRAME_BYTES) % this.#heard.length
    return this.#heard.subarray(at, at + FRAME_BYTES)
  }

  #send(skipped: number): void {
    const header = this.#header
    header.timestamp = (header.timestamp + skipped * FRAME_BYTES) >>> 0
    const start = writeRtpHeader(header, NO_EXTENSION, this.#packet)
    this.#packet.set(this.#words.subarray(this.#position, this.#position + FRAME_BYTES), start)
    if (this.#remote) this.#socket.send(this.#packet, this.#remote)
    this.#position = (this.#position + FRAME_BYTES) % this.#words.length
    header.sequence = (header.sequence + 1) & 0xffff
    header.timestamp = (header.timestamp + FRAME_BYTES) >>> 0
  }
}
