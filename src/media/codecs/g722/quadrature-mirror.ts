import { QMF_TAPS } from './tables.ts'

const TAPS = 2 * QMF_TAPS.length
/** Written twice, one ring apart, so that the newest 24 always lie in a row. */
const RING = TAPS

/** The last 24 samples of a stream, taken two at a time, and the two halves of the filter over them. */
class FilterLine {
  readonly #line = new Int32Array(2 * RING)
  #at = 0
  /** Sums over samples of even and of odd place. */
  even = 0
  odd = 0

  push(first: number, second: number): void {
    const at = this.#at
    this.#line[at] = first
    this.#line[at + RING] = first
    this.#line[at + 1] = second
    this.#line[at + 1 + RING] = second
    this.#at = (at + 2) % RING
    this.#filter(this.#at)
  }

  reset(): void {
    this.#line.fill(0)
  }

  #filter(oldest: number): void {
    const line = this.#line
    let even = 0
    let odd = 0
    for (let i = 0; i < TAPS / 2; i++) {
      const tap = QMF_TAPS[i]
      if ((i & 1) === 0) {
        even += tap * line[oldest + i]
        odd += tap * line[oldest + TAPS - 1 - i]
      } else {
        odd += tap * line[oldest + i]
        even += tap * line[oldest + TAPS - 1 - i]
      }
    }
    this.even = even
    this.odd = odd
  }
}

/** Two samples at 16 kHz → one of each band at 8 kHz (G.722, section 3.1; block 1 of the encoder). */
export class BandSplitter {
  low = 0
  high = 0
  readonly #line = new FilterLine()

  split(first: number, second: number): void {
    const line = this.#line
    line.push(first, second)
    this.low = (line.odd + line.even) >> 14
    this.high = (line.odd - line.even) >> 14
  }

  reset(): void {
    this.#line.reset()
  }
}

/** One sample of each band → two at 16 kHz (G.722, section 4.4). Not yet cut to 16 bits. */
export class BandJoiner {
  first = 0
  second = 0
  readonly #line = new FilterLine()

  join(low: number, high: number): void {
    const line = this.#line
    line.push(low + high, low - high)
    this.first = line.odd >> 11
    this.second = line.even >> 11
  }

  reset(): void {
    this.#line.reset()
  }
}
