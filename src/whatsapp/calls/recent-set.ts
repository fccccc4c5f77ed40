/** Remembers the last `capacity` keys added. */
export class RecentSet {
  readonly #keys = new Set<string>()
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  has(key: string): boolean {
    return this.#keys.has(key)
  }

  /** False when the key was there already. */
  add(key: string): boolean {
    if (this.#keys.has(key)) return false
    this.#keys.add(key)
    if (this.#keys.size > this.#capacity) {
      const [oldest] = this.#keys
      this.#keys.delete(oldest!)
    }
    return true
  }

  /** False when the key was not there. */
  delete(key: string): boolean {
    return this.#keys.delete(key)
  }
}
