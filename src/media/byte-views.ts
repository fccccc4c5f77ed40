/**
 * One buffer and its views by length, each made once: a codec wants a `Uint8Array` of the payload's very length, and
 * making one per packet would be the only allocation of the path.
 */
export class ByteViews {
  readonly bytes: Uint8Array
  readonly #views: (Uint8Array | undefined)[]

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity)
    this.#views = new Array<Uint8Array | undefined>(capacity + 1).fill(undefined)
  }

  /** The first `length` bytes. */
  first(length: number): Uint8Array {
    const known = this.#views[length]
    if (known !== undefined) return known
    const view = this.bytes.subarray(0, length)
    this.#views[length] = view
    return view
  }
}
