export interface FramerEvents {
  /** One message, or the head of one whose length cannot be believed: then `push` returns false. Valid during the call. */
  onMessage(bytes: Uint8Array): void
  /** RFC 5626 §4.4.1: a double CRLF between messages, to be answered with a single one. */
  onPing(): void
  onPong(): void
}

/** The parser's own bound, so that what is framed can also be read. */
const MAX_HEADER_BYTES = 16_384
const FIRST_CAPACITY = 4096

const CR = 0x0d
const LF = 0x0a

/** RFC 3261 §18.3 over a stream: cuts it into messages by Content-Length, whatever the pieces it comes in. */
export class MessageFramer {
  readonly #events: FramerEvents
  readonly #maxMessageBytes: number
  #buffer = Buffer.allocUnsafe(FIRST_CAPACITY)
  #length = 0
  /** No end of a head before this. */
  #searched = 0
  /** Bytes of the message under way, once its head is there. */
  #needed = 0
  /** The last bytes between messages were one CRLF: the next one makes a ping. */
  #isHalfPing = false

  constructor(maxMessageBytes: number, events: FramerEvents) {
    this.#maxMessageBytes = maxMessageBytes
    this.#events = events
  }

  /** Some of a message has come, but not all. */
  get isWaiting(): boolean {
    return this.#length > 0
  }

  /** False: the stream cannot be followed any more and must be closed. */
  push(chunk: Uint8Array): boolean {
    this.#append(chunk)
    let at = 0
    for (let next = this.#next(at); next !== at; next = this.#next(at)) {
      if (next < 0) return false
      at = next
    }
    this.#drop(at)
    return this.#needed > 0 || this.#length <= MAX_HEADER_BYTES
  }

  #append(chunk: Uint8Array): void {
    const total = this.#length + chunk.length
    if (total > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(total, 2 * this.#buffer.length))
      this.#buffer.copy(larger, 0, 0, this.#length)
      this.#buffer = larger
    }
    this.#buffer.set(chunk, this.#length)
    this.#length = total
  }

  #drop(count: number): void {
    if (count === 0) return
    this.#buffer.copyWithin(0, count, this.#length)
    this.#length -= count
    this.#searched = Math.max(0, this.#searched - count)
    if (this.#length === 0 && this.#buffer.length > MAX_HEADER_BYTES) this.#buffer = Buffer.allocUnsafe(FIRST_CAPACITY)
  }

  /** Where the next message begins; `at` when more bytes are needed; −1 when the stream is lost. */
  #next(at: number): number {
    if (this.#needed === 0) {
      if (at >= this.#length) return at
      if (this.#buffer[at] === CR) return this.#betweenMessages(at)
      this.#isHalfPing = false
      const bodyAt = this.#endOfHead(at)
      if (bodyAt < 0) return at
      const bodyLength = contentLength(this.#buffer.toString('latin1', at, bodyAt))
      if (bodyLength === undefined || bodyAt - at + bodyLength > this.#maxMessageBytes) {
        this.#events.onMessage(this.#buffer.subarray(at, bodyAt))
        return -1
      }
      this.#needed = bodyAt - at + bodyLength
    }
    if (this.#length - at < this.#needed) return at
    const end = at + this.#needed
    this.#needed = 0
    this.#events.onMessage(this.#buffer.subarray(at, end))
    return end
  }

  #betweenMessages(at: number): number {
    if (at + 1 >= this.#length) return at
    if (this.#buffer[at + 1] !== LF) return -1
    this.#isHalfPing = !this.#isHalfPing
    if (this.#isHalfPing) this.#events.onPong()
    else this.#events.onPing()
    return at + 2
  }

  #endOfHead(at: number): number {
    const end = this.#buffer.subarray(0, this.#length).indexOf('\r\n\r\n', Math.max(at, this.#searched - 3), 'latin1')
    if (end < 0) {
      this.#searched = this.#length
      return -1
    }
    this.#searched = 0
    return end + 4
  }
}

const CONTENT_LENGTH = /\r\n(?:content-length|l)[ \t]*:\s*([^\r\n]*?)[ \t]*(?=\r\n)/gi

/** 0 when absent, undefined when it is no number or there are two different ones. */
function contentLength(head: string): number | undefined {
  let length: number | undefined
  for (const [, text] of head.matchAll(CONTENT_LENGTH)) {
    const value = /^[0-9]{1,9}$/.test(text!) ? Number(text) : undefined
    if (value === undefined || (length !== undefined && length !== value)) return undefined
    length = value
  }
  return length ?? 0
}
