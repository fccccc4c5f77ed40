import { ProtocolError } from '../../base/errors.ts'

/** `WA`, protocol 6, dictionary 3: the first four bytes of a client's stream. */
const intro = Buffer.from([0x57, 0x41, 6, 3])
const lengthBytes = 3
/** Far above any stanza a client of ours sends (the first pre-key upload is about 35 kB). */
const maxFrameBytes = 1 << 20

/** Cuts a client's byte stream into frames: the intro once, then a 3-byte big-endian length before each frame. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0)
  #introSeen = false

  static readonly intro: Uint8Array = intro

  /** The frames that are complete after these bytes. */
  push(bytes: Uint8Array): Uint8Array[] {
    this.#pending = Buffer.concat([this.#pending, bytes])
    const frames: Uint8Array[] = []
    if (!this.#takeIntro()) return frames
    for (let frame = this.#takeFrame(); frame; frame = this.#takeFrame()) frames.push(frame)
    return frames
  }

  #takeIntro(): boolean {
    if (this.#introSeen) return true
    if (this.#pending.length < intro.length) return false
    if (!this.#pending.subarray(0, intro.length).equals(intro)) {
      throw new ProtocolError('frame.intro', 'stream does not begin with WA, 6, 3')
    }
    this.#pending = this.#pending.subarray(intro.length)
    this.#introSeen = true
    return true
  }

  #takeFrame(): Uint8Array | undefined {
    if (this.#pending.length < lengthBytes) return undefined
    const length = this.#pending.readUIntBE(0, lengthBytes)
    if (length > maxFrameBytes) {
      throw new ProtocolError('frame.size', `frame of ${length} bytes, at most ${maxFrameBytes} allowed`)
    }
    const end = lengthBytes + length
    if (this.#pending.length < end) return undefined
    const frame = this.#pending.subarray(lengthBytes, end)
    this.#pending = this.#pending.subarray(end)
    return frame
  }
}

export function frameOf(message: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(lengthBytes + message.length)
  frame.writeUIntBE(message.length, 0, lengthBytes)
  frame.set(message, lengthBytes)
  return frame
}
