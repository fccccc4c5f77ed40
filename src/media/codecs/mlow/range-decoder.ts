import type { SymbolCoder } from './symbol-coder.ts'

/** The likely symbols stand in front: so many are tried in order, the rest is searched by halving. */
const LINEAR_SEARCH = 16

/**
 * Range decoder of RFC 6716, section 4.1, the part that reads from the front. Bytes past the end read as zero.
 * Never throws: a table without a symbol sets `error` and gives 0.
 */
export class RangeDecoder implements SymbolCoder {
  error = false
  #bytes: Uint8Array = new Uint8Array(0)
  #offset = 0
  #end = 0
  /** The byte of which one bit is still unread. */
  #pending = 0
  /** Up to 2^31; kept as a signed integer, which engines hold unboxed. */
  #range = 0
  #value = 0
  #bitsRead = 0

  /** Begins at `bytes[from]` and ends before `bytes[end]`; `bytes` is read in place until the next `start`. */
  start(bytes: Uint8Array, from: number, end: number): void {
    this.error = false
    this.#bytes = bytes
    this.#offset = from
    this.#end = end
    this.#pending = this.#next()
    this.#range = 128
    this.#value = 127 - (this.#pending >> 1)
    this.#bitsRead = 9
    this.#normalise()
  }

  /** Bits used so far, rounded up; 1 before the first symbol. */
  get tell(): number {
    return this.#bitsRead - (32 - Math.clz32(this.#range))
  }

  /**
   * Symbol k ends where `value` is no longer below `unit * (total - cdf[k + 1])`: that comparison finds it without a
   * second division, and the products on both sides of it are the new value and range.
   */
  symbol(cdf: Uint16Array, first: number, entries: number): number {
    const last = first + entries - 1
    const end = cdf[last]
    const total = end - cdf[first]
    if (!(total > 0)) {
      this.error = true
      return 0
    }
    const value = this.#value
    const unit = ((this.#range >>> 0) / total) >>> 0
    const linearEnd = Math.min(first + LINEAR_SEARCH, last)
    let at = first
    let below = this.#range
    let above = Math.imul(unit, end - cdf[at + 1])
    while (value < above && at < linearEnd) {
      below = above
      at++
      above = Math.imul(unit, end - cdf[at + 1])
    }
    if (value < above) {
      let beyond = last
      while (beyond - at > 1) {
        const middle = (at + beyond) >> 1
        if (value < Math.imul(unit, end - cdf[middle])) at = middle
        else beyond = middle
      }
      below = Math.imul(unit, end - cdf[at])
      above = Math.imul(unit, end - cdf[at + 1])
    }
    this.#take(value - above, (below - above) | 0)
    return at - first
  }

  bits(count: number): number {
    const total = 1 << count
    const unit = this.#range >>> count
    const symbol = Math.max(total - ((this.#value / unit) >>> 0) - 1, 0)
    const above = Math.imul(unit, total - symbol - 1)
    this.#take(this.#value - above, (symbol > 0 ? unit : this.#range - above) | 0)
    return symbol
  }

  #take(value: number, range: number): void {
    this.#value = value
    this.#range = range
    if (range >>> 0 <= 0x800000) this.#normalise()
  }

  #normalise(): void {
    while (this.#range >>> 0 <= 0x800000) {
      this.#bitsRead += 8
      this.#range <<= 8
      const old = this.#pending
      this.#pending = this.#next()
      const byte = (((old << 8) | this.#pending) >> 1) & 255
      this.#value = ((this.#value << 8) + (255 - byte)) & 0x7fffffff
    }
  }

  #next(): number {
    return this.#offset < this.#end ? this.#bytes[this.#offset++] : 0
  }
}
