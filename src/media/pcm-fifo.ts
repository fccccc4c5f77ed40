/** Samples waiting between a producer and a consumer with different block sizes. Never grows. */
export class PcmFifo {
  readonly #samples: Float32Array
  #length = 0

  constructor(capacity: number) {
    this.#samples = new Float32Array(capacity)
  }

  get length(): number {
    return this.#length
  }

  /** Appends the first `count` samples of `pcm`; what does not fit is dropped. */
  write(pcm: Float32Array, count: number): void {
    const taken = Math.min(count, this.#samples.length - this.#length)
    for (let i = 0; i < taken; i++) this.#samples[this.#length + i] = pcm[i]!
    this.#length += taken
  }

  writeSilence(count: number): void {
    const end = Math.min(this.#length + count, this.#samples.length)
    this.#samples.fill(0, this.#length, end)
    this.#length = end
  }

  /** Fills `out`; the caller has made sure that there is enough. */
  read(out: Float32Array): void {
    for (let i = 0; i < out.length; i++) out[i] = this.#samples[i]!
    this.#samples.copyWithin(0, out.length, this.#length)
    this.#length -= out.length
  }
}
