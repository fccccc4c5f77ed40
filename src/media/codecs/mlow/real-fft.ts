import { kernelFloats, kernels } from './kernels.ts'

/**
 * Power spectra of real signals and the way back from a power spectrum to its first autocorrelation lags.
 *
 * Sizes are 2N = 2^a * 3^b; a real transform of 2N points runs as a complex one of N points.
 */

interface Stage {
  readonly radix: 2 | 3 | 4
  /** Butterflies per stride: remaining length divided by the radix. */
  readonly blocks: number
  /** Distance between the elements that earlier stages have made independent. */
  readonly stride: number
  /** For block k and output j > 0 the complex factor e^(-2 pi i jk / length), number (radix - 1) k + j - 1. */
  readonly twiddle: Float64Array
}

/** Mixed-radix (4, 2, 3) self-sorting transform of fixed size, in the kernels' memory: one instance serves all users. */
export class RealFft {
  readonly #size: number
  readonly #stages: readonly Stage[]
  readonly #unpackCos: Float64Array
  readonly #unpackSin: Float64Array
  readonly #re: readonly [Float64Array, Float64Array]
  readonly #im: readonly [Float64Array, Float64Array]

  /** `size` is a multiple of 8 and `size / 2` has no prime factor above 3. */
  constructor(size: number) {
    const half = size / 2
    this.#size = size
    this.#stages = planStages(half)
    this.#unpackCos = new Float64Array(half)
    this.#unpackSin = new Float64Array(half)
    for (let k = 0; k < half; k++) {
      this.#unpackCos[k] = Math.cos((2 * Math.PI * k) / size)
      this.#unpackSin[k] = Math.sin((2 * Math.PI * k) / size)
    }
    this.#re = [kernelFloats(half), kernelFloats(half)]
    this.#im = [kernelFloats(half), kernelFloats(half)]
  }

  /** Writes |X[k]|^2 of `signal[0 .. size)` for the bins k = 0 .. size / 2 into `power`. */
  powerSpectrum(signal: Float64Array, power: Float64Array): void {
    const half = this.#size >> 1
    const startRe = this.#re[0]
    const startIm = this.#im[0]
    for (let n = 0; n < half; n++) {
      startRe[n] = signal[2 * n]
      startIm[n] = signal[2 * n + 1]
    }
    const last = this.#runStages()
    const re = this.#re[last]
    const im = this.#im[last]
    const cos = this.#unpackCos
    const sin = this.#unpackSin
    power[0] = (re[0] + im[0]) * (re[0] + im[0])
    power[half] = (re[0] - im[0]) * (re[0] - im[0])
    for (let k = 1, m = half - 1; k <= m; k++, m--) {
      const evenRe = 0.5 * (re[k] + re[m])
      const evenIm = 0.5 * (im[k] - im[m])
      const oddRe = 0.5 * (im[k] + im[m])
      const oddIm = 0.5 * (re[m] - re[k])
      const turnedRe = cos[k] * oddRe + sin[k] * oddIm
      const turnedIm = cos[k] * oddIm - sin[k] * oddRe
      const lowRe = evenRe + turnedRe
      const lowIm = evenIm + turnedIm
      const highRe = evenRe - turnedRe
      const highIm = evenIm - turnedIm
      power[k] = lowRe * lowRe + lowIm * lowIm
      power[m] = highRe * highRe + highIm * highIm
    }
  }

  #runStages(): 0 | 1 {
    let from: 0 | 1 = 0
    for (const { radix, blocks, stride, twiddle } of this.#stages) {
      const to: 0 | 1 = from === 0 ? 1 : 0
      const xr = this.#re[from].byteOffset
      const xi = this.#im[from].byteOffset
      const yr = this.#re[to].byteOffset
      const yi = this.#im[to].byteOffset
      if (stride === 1) kernels.radix4First(blocks, twiddle.byteOffset, xr, xi, yr, yi)
      else if (radix === 4) kernels.radix4(blocks, stride, twiddle.byteOffset, xr, xi, yr, yi)
      else if (radix === 3) kernels.radix3(blocks, stride, twiddle.byteOffset, xr, xi, yr, yi)
      else kernels.radix2(blocks, stride, twiddle.byteOffset, xr, xi, yr, yi)
      from = to
    }
    return from
  }
}

function planStages(points: number): Stage[] {
  const stages: Stage[] = []
  let length = points
  let stride = 1
  while (length > 1) {
    const radix = length % 4 === 0 ? 4 : length % 2 === 0 ? 2 : 3
    const blocks = length / radix
    const twiddle = kernelFloats(2 * blocks * (radix - 1))
    for (let k = 0; k < blocks; k++) {
      for (let j = 1; j < radix; j++) {
        const angle = (-2 * Math.PI * k * j) / length
        const at = 2 * (k * (radix - 1) + j - 1)
        twiddle[at] = Math.cos(angle)
        twiddle[at + 1] = Math.sin(angle)
      }
    }
    stages.push({ radix, blocks, stride, twiddle })
    length = blocks
    stride *= radix
  }
  return stages
}

/**
 * First lags of the autocorrelation that belongs to a power spectrum: an inverse transform of which only a few
 * outputs are wanted. Folding the spectrum at a quarter of the period splits even from odd lags, and again for the
 * lags that are multiples of four, so a lag costs size / 4 or size / 8 products.
 */
export class AutocorrelationFromPower {
  readonly #size: number
  readonly #odd: LagGroup
  readonly #singleEven: LagGroup
  readonly #doubleEven: LagGroup
  readonly #even: Float64Array
  readonly #correlation: Float64Array

  /** `size` (a multiple of 16) is that of the transform; lags 0 .. `lags` - 1 are produced. */
  constructor(size: number, lags: number) {
    this.#size = size
    this.#odd = new LagGroup(size, size / 4, 1, 2, lags)
    this.#singleEven = new LagGroup(size, size / 8 + 2, 2, 4, lags)
    this.#doubleEven = new LagGroup(size, size / 8 + 2, 0, 4, lags)
    this.#even = new Float64Array(size / 4 + 1)
    this.#correlation = kernelFloats(lags)
  }

  /** `power` holds the bins 0 .. size / 2; writes the lags into `correlation`. */
  transform(power: Float64Array, correlation: Float64Array): void {
    this.#fold(power)
    this.#odd.transform(this.#correlation)
    this.#singleEven.transform(this.#correlation)
    this.#doubleEven.transform(this.#correlation)
    correlation.set(this.#correlation)
  }

  #fold(power: Float64Array): void {
    const half = this.#size >> 1
    const quarter = half >> 1
    const eighth = quarter >> 1
    const even = this.#even
    const odd = this.#odd.bins
    // Bins between 0 and size / 2 stand for themselves and their mirror image.
    even[0] = power[0] + power[half]
    odd[0] = power[0] - power[half]
    for (let k = 1; k < quarter; k++) {
      even[k] = 2 * (power[k] + power[half - k])
      odd[k] = 2 * (power[k] - power[half - k])
    }
    even[quarter] = 2 * power[quarter]
    const single = this.#singleEven.bins
    const double = this.#doubleEven.bins
    for (let k = 0; k < eighth; k++) {
      single[k] = even[k] - even[quarter - k]
      double[k] = even[k] + even[quarter - k]
    }
    double[eighth] = even[eighth]
  }
}

/** Lags first, first + step, ... that are sums over the same folded bins. */
class LagGroup {
  /** Folded bins; `length` of them, those without meaning are 0. */
  readonly bins: Float64Array
  readonly #first: number
  readonly #step: number
  readonly #count: number
  /** cos(2 pi k lag / size) / size, one row per lag. */
  readonly #cosines: Float64Array

  constructor(size: number, length: number, first: number, step: number, lags: number) {
    this.#first = first
    this.#step = step
    this.#count = Math.ceil((lags - first) / step)
    this.bins = kernelFloats(length)
    this.#cosines = kernelFloats(length * this.#count)
    for (let r = 0; r < this.#count; r++) {
      const lag = first + r * step
      for (let k = 0; k < length; k++) {
        this.#cosines[r * length + k] = Math.cos((2 * Math.PI * ((k * lag) % size)) / size) / size
      }
    }
  }

  transform(correlation: Float64Array): void {
    const { bins } = this
    const out = correlation.byteOffset + 8 * this.#first
    kernels.multiplyRows(this.#cosines.byteOffset, bins.length, this.#count, bins.byteOffset, out, this.#step)
  }
}
