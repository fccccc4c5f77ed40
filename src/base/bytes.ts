import { timingSafeEqual } from 'node:crypto'
import { ParseError } from './errors.ts'

/** Reads big-endian fields from the front; reading past the end is a `ParseError` that gives both numbers. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #what: string
  #offset = 0

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes
    this.#what = what
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset
  }

  u8(): number {
    return this.#bytes[this.#need(1)]!
  }

  u16(): number {
    const at = this.#need(2)
    return (this.#bytes[at]! << 8) | this.#bytes[at + 1]!
  }

  u32(): number {
    const at = this.#need(4)
    const b = this.#bytes
    return ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0
  }

  /** A view, not a copy. */
  take(count: number): Uint8Array {
    const at = this.#need(count)
    return this.#bytes.subarray(at, at + count)
  }

  #need(count: number): number {
    if (count > this.remaining) {
      throw new ParseError('parse.truncated', `${this.#what}: ${count} bytes needed, ${this.remaining} left`)
    }
    const at = this.#offset
    this.#offset += count
    return at
  }
}

/** Writes big-endian fields into a growing buffer. Not for hot paths. */
export class ByteWriter {
  #bytes = new Uint8Array(64)
  #length = 0

  u8(value: number): this {
    this.#grow(1)
    this.#bytes[this.#length++] = value
    return this
  }

  u16(value: number): this {
    return this.u8(value >>> 8).u8(value)
  }

  u32(value: number): this {
    return this.u16(value >>> 16).u16(value)
  }

  raw(bytes: Uint8Array): this {
    this.#grow(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  get length(): number {
    return this.#length
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #grow(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const bigger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count))
    bigger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = bigger
  }
}

/** Equality whose time does not depend on the content. Lengths are not secret. */
export function equalConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
