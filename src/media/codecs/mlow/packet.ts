/**
 * How frames lie in a payload: SplitRed (only on calls that negotiated redundancy) around containers around frames.
 * Layouts: docs/protocol/mlow.md. A slice is a view of a payload by offsets, so that parsing allocates nothing.
 */
const CONTAINER_MARK = 0x92
export const MAX_CONTAINER_FRAMES = 8
/** Redundant blocks that a payload may have; senders use one per redundancy level, at most three. */
const MAX_REDUNDANT_BLOCKS = 8
const REDUNDANT_BIT = 0x80

/** The frames of a container, or the one bare frame: frame i is `[starts[i], ends[i])`. */
export class FrameSlices {
  count = 0
  readonly starts = new Uint32Array(MAX_CONTAINER_FRAMES)
  readonly ends = new Uint32Array(MAX_CONTAINER_FRAMES)

  /** Finds the frames in `payload[from .. to)`. What is no sound container counts as one bare frame. */
  parse(payload: Uint8Array, from: number, to: number): void {
    if (payload[from] === CONTAINER_MARK && this.#parseContainer(payload, from + 1, to)) return
    this.count = 1
    this.starts[0] = from
    this.ends[0] = to
  }

  #parseContainer(payload: Uint8Array, from: number, to: number): boolean {
    const count = from < to ? payload[from] : 0
    if (count < 2 || count > MAX_CONTAINER_FRAMES) return false
    let at = from + 1
    for (let i = 0; i < count - 1; i++) {
      if (at >= to) return false
      this.starts[i] = at + 1
      at += 1 + payload[at]
      this.ends[i] = at
    }
    this.starts[count - 1] = at
    this.ends[count - 1] = to
    this.count = count
    return at < to
  }
}

/** The blocks of a SplitRed payload. */
export class SplitRedBlocks {
  /** The main block is `[mainStart, payload length)`. */
  mainStart = 0
  redundantCount = 0
  /** How many packets back the block's audio lies. */
  readonly timeCodes = new Uint8Array(MAX_REDUNDANT_BLOCKS)
  readonly starts = new Uint32Array(MAX_REDUNDANT_BLOCKS)
  readonly ends = new Uint32Array(MAX_REDUNDANT_BLOCKS)

  /** False when the payload does not follow the format; its blocks are then undefined. */
  parse(payload: Uint8Array): boolean {
    let remaining = payload.length
    let at = 0
    let count = 0
    for (;;) {
      if (remaining <= 1) return false
      const header = payload[at]
      if (header < REDUNDANT_BIT) break
      const size = payload[at + 1]
      if (size + 2 >= remaining || count === MAX_REDUNDANT_BLOCKS) return false
      this.timeCodes[count] = header & ~REDUNDANT_BIT
      this.ends[count] = size
      count++
      remaining -= size + 2
      at += 2
    }
    at++
    for (let i = 0; i < count; i++) {
      this.starts[i] = at
      at += this.ends[i]
      this.ends[i] = at
    }
    this.mainStart = at
    this.redundantCount = count
    return true
  }

  /** Number of the block for the packet `packetsBack` before this one, or -1. */
  find(packetsBack: number): number {
    for (let i = 0; i < this.redundantCount; i++) if (this.timeCodes[i] === packetsBack) return i
    return -1
  }
}
