import { PACKET_SAMPLES } from './frame-symbols.ts'
import { innerProduct } from './inner-product.ts'
import { harmonicLowpassFir } from './tables/postfilter.ts'

/** Samples of one lag and of one block of the filter. */
const BLOCK = 40
/** Centre of the kernel; with a block, the delay of the filter. */
const KERNEL_DELAY = 8
const TAPS = 17
/** Reach of the longest lag behind the delayed block. */
const HISTORY = 360
const MAX_STRENGTH = 0.6438
/** Longer lags are filtered less. */
const LAG_SLOPE = 0.0579
/** So are signals on which many bits were spent. */
const BITRATE_SLOPE = 0.4734

/**
 * Non-recursive comb filter that strengthens the harmonics of voiced speech with the period before and after,
 * where after has arrived. Delays by 48 samples.
 */
export class HarmonicPostfilter {
  /** The last 360 samples, then the packet. */
  readonly #signal = new Float64Array(HISTORY + PACKET_SAMPLES)
  /** The correction before its low-pass: memory, then a block. */
  readonly #correction = new Float64Array(TAPS - 1 + BLOCK)
  readonly #neighbours = new Float64Array(BLOCK)
  readonly #kernel = new Float64Array(KERNEL_DELAY + 1)
  #lastLag = 0
  #ringing = false

  reset(): void {
    this.#signal.fill(0)
    this.#correction.fill(0)
    this.#lastLag = 0
    this.#ringing = false
  }

  /**
   * Filters `samples` (a multiple of 40) samples of `input` into `out[at ...]`, clamped to [-1, 1]. `lags` holds one
   * lag in samples per block, 0 where there is none; `bitrate` is the packet's mean normalised bitrate.
   */
  process(
    input: Float64Array,
    samples: number,
    lags: Float64Array,
    bitrate: number,
    out: Float32Array,
    at: number,
  ): void {
    const signal = this.#signal
    for (let n = 0; n < samples; n++) signal[HISTORY + n] = input[n]
    const weight = 1 - BITRATE_SLOPE * bitrate
    const blocks = samples / BLOCK
    for (let k = 0; k < blocks; k++) {
      const start = HISTORY + BLOCK * (k - 1)
      const lag = Math.floor(this.#lastLag + 0.5)
      const filtered = lag > 0 && this.#correct(start, HISTORY + samples, lag, weight)
      if (filtered || this.#ringing) {
        if (!filtered) this.#correction.fill(0, TAPS - 1)
        this.#lowpass(start - KERNEL_DELAY, out, at + BLOCK * k)
        this.#correction.copyWithin(0, BLOCK, BLOCK + TAPS - 1)
      } else copyClamped(signal, start - KERNEL_DELAY, BLOCK, out, at + BLOCK * k)
      this.#ringing = filtered
      this.#lastLag = lags[k]
    }
    signal.copyWithin(0, samples, samples + HISTORY)
  }

  /** Computes the correction of the block at `start`; false where the neighbouring periods do not resemble it. */
  #correct(start: number, end: number, lag: number, weight: number): boolean {
    const signal = this.#signal
    const neighbours = this.#neighbours
    const ahead = Math.min(end - start - lag, BLOCK)
    for (let n = 0; n < ahead; n++) neighbours[n] = signal[start + n - lag] + signal[start + n + lag]
    for (let n = Math.max(ahead, 0); n < BLOCK; n++) neighbours[n] = signal[start + n - lag] + signal[start + n]
    const xy = innerProduct(signal, start, neighbours, 0, BLOCK)
    const xx = innerProduct(signal, start, signal, start, BLOCK)
    const yy = innerProduct(neighbours, 0, neighbours, 0, BLOCK)
    if (!(xy > 0)) return false
    const likeness = (0.5 * xy) / Math.max(xx, 0.25 * yy)
    const strength = MAX_STRENGTH * likeness * (1 - (LAG_SLOPE * (lag - 32)) / 288)
    const correction = this.#correction
    for (let n = 0; n < BLOCK; n++) {
      correction[TAPS - 1 + n] = strength * (0.5 * neighbours[n] - signal[start + n])
    }
    const row = TAPS * (Math.floor(2500 / Math.max(lag + 30, 80)) - 7)
    for (let i = 0; i <= KERNEL_DELAY; i++) this.#kernel[i] = harmonicLowpassFir[row + i] * weight
    return true
  }

  /** Adds the low-passed correction (symmetric kernel) to the block at `from`. */
  #lowpass(from: number, out: Float32Array, at: number): void {
    const signal = this.#signal
    const d = this.#correction
    const kernel = this.#kernel
    const k0 = kernel[0]
    const k1 = kernel[1]
    const k2 = kernel[2]
    const k3 = kernel[3]
    const k4 = kernel[4]
    const k5 = kernel[5]
    const k6 = kernel[6]
    const k7 = kernel[7]
    const k8 = kernel[8]
    // Two samples at a time share the loads.
    for (let n = 0; n < BLOCK; n += 2) {
      const d0 = d[n + 0]
      const d1 = d[n + 1]
      const d2 = d[n + 2]
      const d3 = d[n + 3]
      const d4 = d[n + 4]
      const d5 = d[n + 5]
      const d6 = d[n + 6]
      const d7 = d[n + 7]
      const d8 = d[n + 8]
      const d9 = d[n + 9]
      const d10 = d[n + 10]
      const d11 = d[n + 11]
      const d12 = d[n + 12]
      const d13 = d[n + 13]
      const d14 = d[n + 14]
      const d15 = d[n + 15]
      const d16 = d[n + 16]
      const d17 = d[n + 17]
      const outer0 = k0 * (d0 + d16) + k1 * (d1 + d15) + k2 * (d2 + d14)
      const middle0 = k3 * (d3 + d13) + k4 * (d4 + d12) + k5 * (d5 + d11)
      const inner0 = k6 * (d6 + d10) + k7 * (d7 + d9) + k8 * d8
      const outer1 = k0 * (d1 + d17) + k1 * (d2 + d16) + k2 * (d3 + d15)
      const middle1 = k3 * (d4 + d14) + k4 * (d5 + d13) + k5 * (d6 + d12)
      const inner1 = k6 * (d7 + d11) + k7 * (d8 + d10) + k8 * d9
      out[at + n] = clamp(signal[from + n] + (outer0 + middle0 + inner0))
      out[at + n + 1] = clamp(signal[from + n + 1] + (outer1 + middle1 + inner1))
    }
  }
}

function copyClamped(signal: Float64Array, from: number, count: number, out: Float32Array, at: number): void {
  for (let n = 0; n < count; n++) out[at + n] = clamp(signal[from + n])
}

function clamp(sample: number): number {
  if (sample > 1) return 1
  return sample < -1 ? -1 : sample
}
