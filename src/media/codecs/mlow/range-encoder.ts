import type { SymbolCoder } from './symbol-coder.ts'

/** Range encoder of RFC 6716, section 5.1, the part that writes to the front. */
export class RangeEncoder implements SymbolCoder {
  /** The symbols did not fit, or one of them had no place in its table; what was written is of no use. */
  error = false
  #bytes: Uint8Array = new Uint8Array(0)
  #from = 0
  #offset = 0
  #range = 0
  #value = 0
  /** The byte that a carry may still change; -1 before the first. */
  #pending = -1
  /** Bytes of 255 behind it that a carry would turn into 0. */
  #carriers = 0

  /** Begins at `bytes[from]` and never writes past the end of `bytes`. */
  start(bytes: Uint8Array, from: number): void {
    this.error = false
    this.#bytes = bytes
    this.#from = from
    this.#offset = from
    this.#range = 0x80000000
    this.#value = 0
    this.#pending = -1
    this.#carriers = 0
  }

  /** Bits used so far, rounded up, as the decoder counts them; 1 before the first symbol. */
  get tell(): number {
    const bytes = this.#offset - this.#from + this.#carriers + (this.#pending >= 0 ? 1 : 0)
    return 8 * bytes + 1 + Math.clz32(this.#range)
  }

  symbol(cdf: Uint16Array, first: number, entries: number, given: number): number {
    const base = cdf[first]
    const total = cdf[first + entries - 1] - base
    if (!(given >= 0 && given < entries - 1 && total > 0)) {
      this.error = true
      return given
    }
    this.#put(Math.floor(this.#range / total), cdf[first + given] - base, cdf[first + given + 1] - base, total)
    return given
  }

  bits(count: number, given: number): number {
    this.#put(this.#range >>> count, given, given + 1, 1 << count)
    return given
  }

  /**
   * Ends the body and returns its length. Zero bytes at the end are dropped, because a decoder reads zeros there
   * anyway; the first byte stays.
   */
  finish(): number {
    let bits = Math.clz32(this.#range)
    let mask = 0x7fffffff >>> bits
    let end = this.#roundUp(mask)
    if (end + mask >= this.#value + this.#range) {
      bits++
      mask >>>= 1
      end = this.#roundUp(mask)
    }
    for (; bits > 0; bits -= 8) {
      this.#carry(Math.floor(end / 0x800000))
      end = (end * 256) % 0x80000000
    }
    if (this.#pending >= 0 || this.#carriers > 0) this.#carry(0)
    let length = this.#offset - this.#from
    while (length > 1 && this.#bytes[this.#from + length - 1] === 0) length--
    return length
  }

  /** The value raised to the next multiple of `mask + 1`. */
  #roundUp(mask: number): number {
    return Math.ceil(this.#value / (mask + 1)) * (mask + 1)
  }

  #put(unit: number, low: number, high: number, total: number): void {
    if (low > 0) {
      this.#value += this.#range - unit * (total - low)
      this.#range = unit * (high - low)
    } else {
      this.#range -= unit * (total - high)
    }
    while (this.#range <= 0x800000) {
      this.#carry(Math.floor(this.#value / 0x800000))
      this.#value = (this.#value * 256) % 0x80000000
      this.#range *= 256
    }
  }

  /** Takes nine bits: a byte and the carry into the bytes before it. */
  #carry(nineBits: number): void {
    if (nineBits === 255) {
      this.#carriers++
      return
    }
    const carry = nineBits >> 8
    if (this.#pending >= 0) this.#write(this.#pending + carry)
    for (; this.#carriers > 0; this.#carriers--) this.#write(255 + carry)
    this.#pending = nineBits & 255
  }

  #write(byte: number): void {
    if (this.#offset < this.#bytes.length) this.#bytes[this.#offset++] = byte
    else this.error = true
  }
}
