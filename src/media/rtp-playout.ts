import type { Clock } from '../base/clock.ts'
import { type AudioSource, BRIDGE_RATE_HZ } from './audio-source.ts'
import { ByteViews } from './byte-views.ts'
import type { AudioDecoder } from './codecs/codec.ts'
import { JitterBuffer, type JitterBufferOptions, type JitterCounters } from './jitter/jitter-buffer.ts'
import { Loudness } from './jitter/loudness.ts'
import { MAX_PAYLOAD_BYTES, type StoredPacket } from './jitter/packet-store.ts'
import type { Playout } from './jitter/playout.ts'
import { TimeStretch } from './jitter/time-stretch.ts'
import { PcmFifo } from './pcm-fifo.ts'
import type { SpeexResampler } from './resample/speex-resampler.ts'
import { ReceptionStatistics } from './rtp/reception-statistics.ts'
import type { RtpHeader } from './rtp/rtp-packet.ts'

/** How one payload type becomes 16 kHz; `resampler` only for decoders at another rate. */
export interface DecodingPath {
  readonly decoder: AudioDecoder
  /** Of its timestamps. */
  readonly clockRateHz: number
  /** Each packet holds a copy of the one before it, for `recover`. */
  readonly carriesCopies?: boolean
  /** Comfort noise: the sender pauses, and until it speaks again this is what is heard. */
  readonly isPause?: boolean
  readonly resampler: SpeexResampler | undefined
}

export interface RtpPlayoutOptions {
  readonly clock: Clock
  readonly jitter: JitterBufferOptions
  /**
   * By payload type: all that were negotiated, at any time. The first one also conceals until something has been heard.
   * Those that are added later decode to 120 ms at most.
   */
  readonly paths: ReadonlyMap<number, DecodingPath>
}

export interface PlayoutStats extends JitterCounters {
  readonly jitterMs: number
  /** The delay that the jitter asks for. */
  readonly targetMs: number
  /** Time that every recent packet had to spare; undefined until enough have come. */
  readonly cushionMs: number | undefined
  /** Audio decoded and not yet pulled. */
  readonly heldMs: number
  readonly resamplerMs: number
  /** Payloads that no decoder took. */
  readonly refused: number
  /** Lost packets of which the next one held a copy. */
  readonly recovered: number
}

const MS = BRIDGE_RATE_HZ / 1000
/** No decoder is above the bridge's rate. */
const LONGEST_PACKET_MS = 120
/** The largest block that is pulled at once. */
const LARGEST_BLOCK_MS = 120
/** No splice for less than this. */
const SMALLEST_SPLICE_MS = 5
/** Beyond this the delay is corrected within speech too. */
const TOO_LONG_MS = 25
const TOO_SHORT_MS = 15
/** One splice within speech in this time: a tenth of the pace is not noticed. */
const SPEECH_SPLICE_EVERY_MS = 100
/** Who has not pulled for longer than this does not listen. */
const LONGEST_STANDSTILL_MS = 1000
/** A pull takes one packet or three; more rounds than this mean that nothing comes of it. */
const MAX_ROUNDS = 64

/** RTP packets → jitter buffer → decode or conceal → 16 kHz → splice to hold the delay → whoever pulls. */
export class RtpPlayout implements AudioSource {
  readonly reception: ReceptionStatistics
  readonly #clock: Clock
  readonly #jitter: JitterBuffer
  readonly #paths: ReadonlyMap<number, DecodingPath>
  readonly #payload = new ByteViews(MAX_PAYLOAD_BYTES)
  readonly #decoded: Float32Array
  readonly #resampled: Float32Array
  readonly #fifo: PcmFifo
  readonly #stretch = new TimeStretch(BRIDGE_RATE_HZ)
  readonly #loudness = new Loudness()
  #path: DecodingPath
  #refused = 0
  #refusedMs = 0
  #recovered = 0
  /** What the jitter buffer took for concealed and a copy restored. */
  #recoveredMs = 0
  /** What was left over when the current pull began, and how much it wants. */
  #leftOver = 0
  #wanted = 0
  #sinceSpliceMs = 0
  #nextPullMs = Number.POSITIVE_INFINITY

  constructor(options: RtpPlayoutOptions) {
    const [first] = options.paths.values()
    if (first === undefined) throw new RangeError('no payload type to decode')
    this.#path = first
    this.#paths = options.paths
    this.#clock = options.clock
    this.#jitter = new JitterBuffer(options.jitter)
    this.reception = new ReceptionStatistics(options.jitter.clockRateHz)
    const longest = [...options.paths.values()].map(({ decoder }) => (decoder.maxSamples * 1000) / decoder.sampleRateHz)
    const longestMs = Math.max(LONGEST_PACKET_MS, ...longest)
    // Room for a splice behind the longest packet.
    const splice = this.#stretch.maxChange
    this.#decoded = new Float32Array(longestMs * MS + splice)
    this.#resampled = new Float32Array(longestMs * MS + splice)
    this.#fifo = new PcmFifo((longestMs + LARGEST_BLOCK_MS) * MS + splice)
  }

  /** Whether audio of this payload type can be played. */
  plays(payloadType: number): boolean {
    return this.#paths.has(payloadType)
  }

  /** Takes a packet in clear, its header already read; the payload is copied. */
  push(header: RtpHeader, datagram: Uint8Array): void {
    const nowMs = this.#clock.nowMs()
    const path = this.#paths.get(header.payloadType)
    const clockRateHz = path?.clockRateHz
    if (clockRateHz !== undefined && clockRateHz !== this.#jitter.clockRateHz) {
      this.#jitter.useClock(clockRateHz)
      this.reception.useClock(clockRateHz)
    }
    this.reception.note(header, nowMs)
    this.#jitter.push(header, datagram, nowMs, path?.carriesCopies, this.#standstillMs(nowMs))
  }

  pull(out: Float32Array, lateMs = 0): void {
    const dueMs = this.#clock.nowMs() - lateMs
    this.#nextPullMs = dueMs + out.length / MS
    this.#leftOver = this.#fifo.length
    this.#wanted = out.length
    for (let round = 0; this.#fifo.length < out.length && round < MAX_ROUNDS; round++) {
      this.#take(this.#jitter.pull(dueMs, (out.length - this.#fifo.length) / MS))
    }
    if (this.#fifo.length < out.length) this.#fifo.writeSilence(out.length - this.#fifo.length)
    this.#fifo.read(out)
  }

  /** A snapshot; makes an object, so not for every packet. */
  stats(): PlayoutStats {
    const resampler = this.#path.resampler
    const { counters } = this.#jitter
    return {
      ...counters,
      concealedMs: counters.concealedMs + this.#refusedMs - this.#recoveredMs,
      jitterMs: this.reception.jitterMs,
      targetMs: this.#jitter.targetMs,
      cushionMs: this.#jitter.cushionMs,
      heldMs: this.#fifo.length / MS,
      resamplerMs: resampler === undefined ? 0 : (resampler.delaySamples / resampler.toHz) * 1000,
      refused: this.#refused,
      recovered: this.#recovered,
    }
  }

  /** Pulls are made on our own clock: while one is overdue, it is this process that is late and not the network. */
  #standstillMs(nowMs: number): number {
    const overdueMs = nowMs - this.#nextPullMs
    return overdueMs > 0 && overdueMs < LONGEST_STANDSTILL_MS ? overdueMs : 0
  }

  #take(playout: Playout): void {
    switch (playout.kind) {
      case 'frame':
        this.#decode(playout.packet!, playout.newStream)
        break
      case 'conceal':
        this.#conceal(playout.durationMs, playout.packet, playout.following)
        break
      case 'silence':
        if (this.#path.isPause) this.#continuePause(playout.durationMs)
        else this.#fifo.writeSilence(Math.round(playout.durationMs * MS))
        break
    }
  }

  #decode(packet: StoredPacket, newStream: boolean): void {
    this.#path = this.#paths.get(packet.payloadType) ?? this.#path
    const { decoder } = this.#path
    if (newStream) decoder.reset()
    const samples = this.#paths.has(packet.payloadType) ? decoder.decode(this.#view(packet), this.#decoded) : 0
    if (samples === 0) {
      const durationMs = this.#jitter.packetMs
      this.#refused++
      this.#refusedMs += durationMs
      this.#jitter.played(durationMs)
      this.#conceal(durationMs, undefined, undefined)
      return
    }
    const durationMs = (samples * 1000) / decoder.sampleRateHz
    if (this.#path.isPause) this.#jitter.paused(durationMs)
    else this.#jitter.played(durationMs)
    this.#deliver(samples, true)
  }

  #continuePause(durationMs: number): void {
    const { decoder } = this.#path
    const samples = Math.min(Math.round((durationMs * decoder.sampleRateHz) / 1000), decoder.maxSamples)
    this.#deliver(decoder.conceal(samples, this.#decoded), false)
  }

  /** `next`, if there is one, may carry a copy of what is missing; `following` is what comes right after. */
  #conceal(durationMs: number, next: StoredPacket | undefined, following: StoredPacket | undefined): void {
    const { decoder } = this.#path
    const samples = Math.min(Math.round((durationMs * decoder.sampleRateHz) / 1000), decoder.maxSamples)
    const recovered = next === undefined ? 0 : this.#recover(next, samples)
    if (recovered > 0) {
      this.#recovered++
      this.#recoveredMs += durationMs
    }
    this.#deliver(recovered > 0 ? recovered : this.#continue(following, samples), false)
  }

  /** What stands for lost audio, with an eye on what follows where the decoder has one. */
  #continue(following: StoredPacket | undefined, samples: number): number {
    const path = following && this.#paths.get(following.payloadType)
    if (path?.decoder.concealBefore && path.resampler === this.#path.resampler) {
      return path.decoder.concealBefore(this.#view(following!), samples, this.#decoded)
    }
    return this.#path.decoder.conceal(samples, this.#decoded)
  }

  /** Copies are read as the payload type of their packet says, which need not be that of the lost one. */
  #recover(next: StoredPacket, samples: number): number {
    const path = this.#paths.get(next.payloadType)
    if (path === undefined || path.resampler !== this.#path.resampler) return 0
    return path.decoder.recover?.(this.#view(next), samples, this.#decoded) ?? 0
  }

  #view(packet: StoredPacket): Uint8Array {
    const { bytes } = this.#payload
    for (let i = 0; i < packet.length; i++) bytes[i] = packet.bytes[i]!
    return this.#payload.first(packet.length)
  }

  /** Brings what was decoded to 16 kHz and to the right length, and queues it. */
  #deliver(samples: number, spliceable: boolean): void {
    const { resampler } = this.#path
    const pcm = resampler === undefined ? this.#decoded : this.#resampled
    const count = resampler === undefined ? samples : resampler.process(this.#decoded, samples, this.#resampled)
    this.#fifo.write(pcm, spliceable ? this.#splice(pcm, count) : count)
  }

  /**
   * Takes out or puts in a few milliseconds when the delay is off. What is left over from the last pull is delay without
   * use and can go; beyond it, a splice costs or gives whole packets' (or pulls') worth of cushion at once, so the delay
   * may be that much over the target before it is touched.
   */
  #splice(pcm: Float32Array, samples: number): number {
    const quiet = this.#loudness.isQuiet(pcm, samples)
    this.#sinceSpliceMs += samples / MS
    const excessMs = this.#jitter.excessMs
    if (excessMs === undefined) return samples
    if (excessMs < -SMALLEST_SPLICE_MS && (quiet || excessMs < -TOO_SHORT_MS)) {
      this.#jitter.forgetCushion()
      return this.#stretch.lengthen(pcm, samples)
    }
    const stepMs = Math.min(this.#jitter.packetMs, this.#wanted / MS)
    const spare = excessMs >= stepMs + SMALLEST_SPLICE_MS
    const removable = (excessMs >= 0 ? this.#leftOver : 0) + (spare ? this.#stretch.maxChange : 0)
    const urgent = excessMs >= stepMs + TOO_LONG_MS && this.#sinceSpliceMs >= SPEECH_SPLICE_EVERY_MS
    if (removable < SMALLEST_SPLICE_MS * MS || !(quiet || urgent)) return samples
    const left = this.#stretch.shorten(pcm, samples, removable)
    this.#leftOver = Math.max(0, this.#leftOver - (samples - left))
    this.#sinceSpliceMs = 0
    return left
  }
}
