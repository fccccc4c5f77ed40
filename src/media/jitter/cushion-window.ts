/** Packets over which the smallest cushion counts; they span a 60 ms block of 20 ms packets twice. */
const PACKETS = 8

/** The time that recent packets had to spare when they were played. */
export class CushionWindow {
  readonly #cushionsMs = new Float64Array(PACKETS)
  #count = 0

  note(cushionMs: number): void {
    this.#cushionsMs[this.#count % PACKETS] = cushionMs
    this.#count++
  }

  forget(): void {
    this.#count = 0
  }

  /** Undefined until there are enough packets. */
  get leastMs(): number | undefined {
    if (this.#count < PACKETS) return undefined
    let least = this.#cushionsMs[0]!
    for (let i = 1; i < PACKETS; i++) least = Math.min(least, this.#cushionsMs[i]!)
    return least
  }
}
