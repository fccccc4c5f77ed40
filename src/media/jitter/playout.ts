import type { StoredPacket } from './packet-store.ts'

/** What to play next. The buffer reuses one object; it is valid until the next `pull`. */
export interface Playout {
  /** `frame`: decode `packet`. `conceal`: audio is missing. `silence`: nothing is going on. */
  readonly kind: 'frame' | 'conceal' | 'silence'
  /** For `frame`: what to decode. For `conceal`: the packet after the gap, when the gap is one packet long. */
  readonly packet: StoredPacket | undefined
  /** For `conceal`: what will be played right after it, when it is there already and nothing else is missing. */
  readonly following: StoredPacket | undefined
  /** For `conceal` and `silence`: how much. */
  readonly durationMs: number
  /** The first frame of a stream: the decoder must forget the one before. */
  readonly newStream: boolean
}

/** Missing audio is concealed for this long; what follows is silence. */
const CONCEAL_MS = 200

/** The playout that a jitter buffer gives out, and whether what is missing is concealed or silence by now. */
export class NextPlayout implements Playout {
  kind: Playout['kind'] = 'silence'
  packet: StoredPacket | undefined
  following: StoredPacket | undefined
  durationMs = 0
  newStream = false
  /** The frame before announced a pause: what is missing until the next one is no loss. */
  isPause = false
  /** Since the buffer was made. */
  allConcealedMs = 0
  /** Since the frame before. */
  #concealedMs = 0
  /** Something of this stream has been played. */
  #heard = false

  /** A short interruption, after which playout goes on rather than starts. */
  get isInterrupted(): boolean {
    return this.#concealedMs > 0 && this.#concealedMs < CONCEAL_MS
  }

  /** What is left of a gap that is being concealed; 0 for one too long for that. */
  leftToConcealMs(gapMs: number): number {
    return this.isInterrupted && gapMs <= CONCEAL_MS ? Math.max(0, gapMs - this.#concealedMs) : 0
  }

  /** Another stream. */
  restart(): void {
    this.#heard = false
    this.#concealedMs = 0
    this.isPause = false
  }

  play(packet: StoredPacket, newStream: boolean): void {
    this.kind = 'frame'
    this.packet = packet
    this.durationMs = 0
    this.newStream = newStream
    this.isPause = false
    this.#concealedMs = 0
    this.#heard = true
  }

  /** Nothing is there for `durationMs`. */
  fill(durationMs: number): void {
    const isConcealed = this.#heard && !this.isPause && this.#concealedMs < CONCEAL_MS
    this.kind = isConcealed ? 'conceal' : 'silence'
    this.packet = undefined
    this.following = undefined
    this.durationMs = durationMs
    this.newStream = false
    if (!isConcealed) return
    this.#concealedMs += durationMs
    this.allConcealedMs += durationMs
  }
}
