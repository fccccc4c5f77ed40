import { ahead16 } from '../../media/rtp/serial.ts'

/** One packet on its way to the decoder. */
export interface ArrivedPacket {
  readonly sequence: number
  readonly timestamp: number
  readonly payload: Uint8Array
  /** Payload type 121: copies of earlier packets are inside. */
  readonly redundant: boolean
}

/** So many newer packets may wait for a missing one: more is delay, and the missing one is lost. */
const MAX_WAITING = 2
/** A jump beyond this is a new beginning. */
const MAX_JUMP = 1000

/** Brings packets into order with the least delay: none at all while they come in order. */
export class ArrivalOrder {
  readonly #release: (packet: ArrivedPacket) => void
  readonly #waiting: ArrivedPacket[] = []
  #next: number | undefined

  constructor(release: (packet: ArrivedPacket) => void) {
    this.#release = release
  }

  push(packet: ArrivedPacket): void {
    const ahead = this.#next === undefined ? 0 : ahead16(packet.sequence, this.#next)
    if (Math.abs(ahead) > MAX_JUMP) this.#restart()
    else if (ahead < 0) return
    this.#waiting.push(packet)
    this.#waiting.sort((a, b) => ahead16(a.sequence, b.sequence))
    if (this.#waiting.length > MAX_WAITING) this.#next = this.#waiting[0]!.sequence
    this.#drain()
  }

  #drain(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (this.#next !== undefined && first.sequence !== this.#next) return
      this.#waiting.shift()
      this.#next = (first.sequence + 1) & 0xffff
      this.#release(first)
    }
  }

  #restart(): void {
    this.#waiting.length = 0
    this.#next = undefined
  }
}
