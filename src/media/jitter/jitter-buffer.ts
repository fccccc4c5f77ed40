import type { RtpHeader } from '../rtp/rtp-packet.ts'
import { ExtendedTimestamp } from '../rtp/serial.ts'
import { CushionWindow } from './cushion-window.ts'
import { DelayTracker } from './delay-tracker.ts'
import { PacketStore, type StoredPacket } from './packet-store.ts'
import { NextPlayout, type Playout } from './playout.ts'
import { StreamFollower } from './stream-follower.ts'

export interface JitterBufferOptions {
  readonly clockRateHz: number
  /** How long a packet usually lasts; followed once packets are played. */
  readonly packetMs: number
  readonly minTargetMs: number
  readonly maxTargetMs: number
}

export interface JitterCounters {
  received: number
  /** Packets that were missing when their time came. */
  lost: number
  /** Came after their time. */
  late: number
  duplicate: number
  /** Thrown away to keep the delay bounded. */
  discarded: number
  concealedMs: number
  /** How often a new SSRC or a restarted sender was taken up. */
  restarts: number
}

/** Packets; at 20 ms this is 640 ms, far more than the largest target. */
const CAPACITY = 32
/** The buffer may hold this much more than the target before packets are thrown away. */
const HEADROOM_MS = 100
/** A resumption after a short gap is not held up for a delay that is this close to the target. */
const RESUME_TOLERANCE_MS = 10
/** A hole in the timestamps longer than this is a new timeline. */
const LONGEST_GAP_MS = 1_000

/**
 * Orders one RTP stream and says when each packet is due. It has no timer: `push` when a packet comes, `pull` when
 * audio is needed. Playout follows the timestamps. While packets are missing with others behind them, time goes on and
 * the gap is concealed; when nothing is there at all, it stands still until packets come again, so late ones are not
 * lost but lengthen the delay, which `excessMs` then asks the player to undo.
 */
export class JitterBuffer {
  readonly #counters = { received: 0, lost: 0, late: 0, duplicate: 0, discarded: 0, restarts: 0 }
  #unitsPerMs: number
  readonly #store = new PacketStore(CAPACITY)
  readonly #delay: DelayTracker
  readonly #time = new ExtendedTimestamp()
  readonly #playout = new NextPlayout()
  readonly #stream = new StreamFollower()
  readonly #cushion = new CushionWindow()
  #packetMs: number

  #playing = false
  #newStream = false
  /** The next sequence number to play, and the timestamp where playout stands. */
  #nextSequence = 0
  /** The highest sequence number that has come. */
  #newest = 0
  #position = 0

  constructor(options: JitterBufferOptions) {
    this.#unitsPerMs = options.clockRateHz / 1000
    this.#packetMs = options.packetMs
    this.#delay = new DelayTracker(options)
  }

  /** A snapshot. */
  get counters(): JitterCounters {
    return { ...this.#counters, concealedMs: this.#playout.allConcealedMs }
  }

  /** How long after its nominal arrival a packet shall be played. */
  get targetMs(): number {
    return this.#delay.targetMs
  }

  get packetMs(): number {
    return this.#packetMs
  }

  get clockRateHz(): number {
    return this.#unitsPerMs * 1000
  }

  /** The timestamps to come are of another clock (a codec changed in mid-stream, RFC 7160): a new timeline. */
  useClock(clockRateHz: number): void {
    this.#unitsPerMs = clockRateHz / 1000
    this.#stream.forget()
  }

  get waitingPackets(): number {
    return this.#store.waiting
  }

  /** The least time that recent packets had to spare, undefined until enough of them have been played. */
  get cushionMs(): number | undefined {
    return this.#cushion.leastMs
  }

  /** By how much the delay is longer (positive) or shorter than the target; undefined while unknown. */
  get excessMs(): number | undefined {
    const cushion = this.cushionMs
    return cushion === undefined ? undefined : cushion - this.targetMs
  }

  /**
   * Takes a packet of `datagram`, whose header has been read. Copies the payload. When the packet before it is missing and
   * it `carriesCopy`, that one has come too, so much later: the delay has to cover it for the copy to be of use.
   * `unreadMs`: it may have lain in our socket for this long.
   */
  push(header: RtpHeader, datagram: Uint8Array, nowMs: number, carriesCopy = false, unreadMs = 0): void {
    const verdict = this.#stream.follow(header, nowMs)
    if (verdict === 'ignored') return
    if (verdict === 'begun') this.#begin(header)
    this.#counters.received++
    this.#counters.restarts = this.#stream.restarts
    const sequence = this.#stream.extended(header)
    if (this.#store.has(sequence)) {
      this.#counters.duplicate++
      return
    }
    const timestamp = this.#time.extend(header.timestamp)
    if (this.#delay.note(nowMs, timestamp / this.#unitsPerMs, this.#packetMs, unreadMs)) this.#cushion.forget()
    if (carriesCopy && sequence > this.#newest + 1) {
      this.#delay.note(nowMs, timestamp / this.#unitsPerMs - this.#packetMs, this.#packetMs, unreadMs)
    }
    this.#newest = Math.max(this.#newest, sequence)
    if (sequence < this.#nextSequence) {
      this.#counters.late++
      return
    }
    this.#makeRoomFor(sequence)
    this.#keep(sequence, timestamp, header, datagram)
  }

  /** Says what comes next when `neededMs` of audio are wanted at `nowMs`. After a `frame`, call `played`. */
  pull(nowMs: number, neededMs: number): Playout {
    let next = this.#store.firstFrom(this.#nextSequence)
    if (!this.#playing) {
      next = this.#withoutBacklog(next, nowMs, neededMs)
      if (!this.#due(next, nowMs, neededMs)) return this.#playout
    }
    if (next === undefined) return this.#starve(neededMs)
    while (this.#cushionOf(next, nowMs) > this.targetMs + HEADROOM_MS) {
      const after = this.#store.firstFrom(next.sequence + 1)
      if (after === undefined) break
      this.#discard(next)
      next = after
    }
    const gapMs = (next.timestamp - this.#position) / this.#unitsPerMs
    if (gapMs > 0.5 && gapMs <= LONGEST_GAP_MS) return this.#bridge(next, gapMs)
    return this.#play(next, nowMs)
  }

  /** How long the frame that was pulled last turned out to be. */
  played(durationMs: number): void {
    this.#packetMs = durationMs
    this.#position += durationMs * this.#unitsPerMs
  }

  /** The frame that was pulled last announced a pause, and stands for `durationMs` itself. */
  paused(durationMs: number): void {
    this.#position += durationMs * this.#unitsPerMs
    this.#playout.isPause = true
  }

  /** A new cut into the timeline by the player (samples added or removed): what was measured before counts no more. */
  forgetCushion(): void {
    this.#cushion.forget()
  }

  #begin(header: RtpHeader): void {
    this.#nextSequence = this.#stream.extended(header) - CAPACITY / 2
    this.#newest = this.#stream.extended(header) - 1
    this.#store.clear()
    this.#delay.restart()
    this.#time.restart(header.timestamp)
    this.#cushion.forget()
    this.#playing = false
    this.#newStream = true
    this.#playout.restart()
  }

  #keep(sequence: number, timestamp: number, header: RtpHeader, datagram: Uint8Array): void {
    const length = header.payloadEnd - header.payloadStart
    const slot = this.#store.place(sequence)
    slot.timestamp = timestamp
    slot.payloadType = header.payloadType
    slot.length = length <= slot.bytes.length ? length : 0
    for (let i = 0; i < slot.length; i++) slot.bytes[i] = datagram[header.payloadStart + i]!
  }

  /** The ring holds CAPACITY numbers from the next one on: older ones have to go. */
  #makeRoomFor(sequence: number): void {
    while (sequence - this.#nextSequence >= CAPACITY) {
      const oldest = this.#store.firstFrom(this.#nextSequence)
      if (oldest !== undefined && oldest.sequence <= sequence - CAPACITY) this.#discard(oldest)
      else this.#passTo(sequence - CAPACITY + 1)
    }
  }

  #discard(packet: StoredPacket): void {
    this.#counters.discarded++
    this.#store.release(packet)
    this.#passTo(packet.sequence)
    this.#nextSequence = packet.sequence + 1
    this.#position = packet.timestamp + this.#packetMs * this.#unitsPerMs
  }

  /** What is missing before `sequence` is lost now, unless the stream only begins. */
  #passTo(sequence: number): void {
    if (!this.#newStream) this.#counters.lost += sequence - this.#nextSequence
    this.#nextSequence = sequence
  }

  /** Time that has gone by since the packet would have come without any queue. */
  #cushionOf(packet: StoredPacket, nowMs: number): number {
    return nowMs - this.#delay.nominalArrivalMs(packet.timestamp / this.#unitsPerMs)
  }

  /** How much audio, from `packet` on, is due. */
  #dueMs(packet: StoredPacket, nowMs: number): number {
    const overdue =
      this.#cushionOf(packet, nowMs) - this.targetMs + (this.#playout.isInterrupted ? RESUME_TOLERANCE_MS : 0)
    return overdue < 0 ? 0 : (Math.floor(overdue / this.#packetMs) + 1) * this.#packetMs
  }

  /** Before playout (re)starts: whatever piled up beyond what is wanted now is too old, or was concealed already. */
  #withoutBacklog(first: StoredPacket | undefined, nowMs: number, neededMs: number): StoredPacket | undefined {
    const kept = Math.max(neededMs, this.#packetMs)
    let next = first
    while (next !== undefined && this.#dueMs(next, nowMs) > kept) {
      const after = this.#store.firstFrom(next.sequence + 1)
      if (after === undefined) break
      this.#discard(next)
      next = after
    }
    return next
  }

  /** Whether playout starts now. If not, the playout says what fills the time until it may. */
  #due(next: StoredPacket | undefined, nowMs: number, neededMs: number): boolean {
    const gapMs = next === undefined ? 0 : this.#restOfGapMs(next)
    const dueMs = next === undefined || gapMs > neededMs ? 0 : this.#dueMs(next, nowMs)
    const waitMs = dueMs === 0 ? neededMs : Math.max(gapMs, neededMs - dueMs)
    if (waitMs > 0.5) {
      this.#playout.fill(waitMs)
      if (gapMs > 0 && gapMs <= waitMs) this.#playout.following = next
      return false
    }
    if (next !== undefined) this.#position = next.timestamp
    this.#playing = true
    return true
  }

  /** How much of the audio before `packet`, which was lost, has not been concealed yet: a loss is no reason to hurry. */
  #restOfGapMs(packet: StoredPacket): number {
    return this.#playout.leftToConcealMs((packet.timestamp - this.#position) / this.#unitsPerMs)
  }

  #starve(neededMs: number): Playout {
    this.#playing = false
    this.#playout.fill(Math.min(neededMs, this.#packetMs))
    return this.#playout
  }

  /** Audio before `next` is missing: `next` waits while time goes on over the gap, a packet at a time. */
  #bridge(next: StoredPacket, gapMs: number): Playout {
    const durationMs = Math.min(gapMs, this.#packetMs)
    const onePacket = gapMs - durationMs < 0.5
    const passed = onePacket ? next.sequence : Math.min(next.sequence, this.#nextSequence + 1)
    this.#playout.fill(durationMs)
    if (onePacket) this.#playout.following = next
    if (onePacket && next.sequence === this.#nextSequence + 1) this.#playout.packet = next
    this.#passTo(passed)
    this.#position += durationMs * this.#unitsPerMs
    return this.#playout
  }

  #play(packet: StoredPacket, nowMs: number): Playout {
    this.#passTo(packet.sequence)
    this.#cushion.note(this.#cushionOf(packet, nowMs))
    this.#store.release(packet)
    this.#nextSequence = packet.sequence + 1
    this.#position = packet.timestamp
    this.#playout.play(packet, this.#newStream)
    this.#newStream = false
    return this.#playout
  }
}
