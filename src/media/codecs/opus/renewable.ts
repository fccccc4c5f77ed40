interface Freeable {
  free(): void
}

/**
 * A WebAssembly codec cannot be put back to its first state, only made anew, and that takes a promise. So one fresh
 * instance is kept at hand: `renew` swaps it in at once, and has its successor made. Two calls in the same turn of the
 * event loop act as one.
 */
export class Renewable<T extends Freeable> {
  #current: T
  #spare: T | undefined
  #closed = false
  readonly #make: () => Promise<T>

  static async create<T extends Freeable>(make: () => Promise<T>): Promise<Renewable<T>> {
    return new Renewable(make, await make(), await make())
  }

  private constructor(make: () => Promise<T>, current: T, spare: T) {
    this.#make = make
    this.#current = current
    this.#spare = spare
  }

  get current(): T {
    return this.#current
  }

  renew(): void {
    if (this.#spare === undefined || this.#closed) return
    this.#current.free()
    this.#current = this.#spare
    this.#spare = undefined
    this.#make().then(
      (made) => this.#keep(made),
      () => undefined,
    )
  }

  /** Frees the WebAssembly memory. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#current.free()
    this.#spare?.free()
  }

  #keep(made: T): void {
    if (this.#closed) made.free()
    else this.#spare = made
  }
}
