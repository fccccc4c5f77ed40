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
  /** For block k and output j > 0 the factor e^(-2 pi i jk / length), at index (radix - 1) k + j - 1. */
  readonly twiddleRe: Float64Array
  readonly twiddleIm: Float64Array
}

const SIN_60 = Math.sqrt(3) / 2

/** Mixed-radix (4, 2, 3) self-sorting transform, fixed size, no allocation after construction. */
export class RealFft {
  readonly #size: number
  readonly #stages: readonly Stage[]
  readonly #unpackCos: Float64Array
  readonly #unpackSin: Float64Array
  readonly #re: readonly [Float64Array, Float64Array]
  readonly #im: readonly [Float64Array, Float64Array]

  /** `size` is even and `size / 2` has no prime factor above 3. */
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
    this.#re = [new Float64Array(half), new Float64Array(half)]
    this.#im = [new Float64Array(half), new Float64Array(half)]
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
    for (const stage of this.#stages) {
      const to: 0 | 1 = from === 0 ? 1 : 0
      const butterflies = stage.radix === 4 ? radix4 : stage.radix === 3 ? radix3 : radix2
      butterflies(stage, this.#re[from], this.#im[from], this.#re[to], this.#im[to])
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
    const twiddleRe = new Float64Array(blocks * (radix - 1))
    const twiddleIm = new Float64Array(blocks * (radix - 1))
    for (let k = 0; k < blocks; k++) {
      for (let j = 1; j < radix; j++) {
        const angle = (-2 * Math.PI * k * j) / length
        twiddleRe[k * (radix - 1) + j - 1] = Math.cos(angle)
        twiddleIm[k * (radix - 1) + j - 1] = Math.sin(angle)
      }
    }
    stages.push({ radix, blocks, stride, twiddleRe, twiddleIm })
    length = blocks
    stride *= radix
  }
  return stages
}

function radix2(stage: Stage, xr: Float64Array, xi: Float64Array, yr: Float64Array, yi: Float64Array): void {
  const { blocks, stride, twiddleRe, twiddleIm } = stage
  const step = blocks * stride
  for (let k = 0; k < blocks; k++) {
    const wr = twiddleRe[k]
    const wi = twiddleIm[k]
    const from = k * stride
    const to = 2 * k * stride
    for (let q = 0; q < stride; q++) {
      const i = from + q
      const o = to + q
      const dr = xr[i] - xr[i + step]
      const di = xi[i] - xi[i + step]
      yr[o] = xr[i] + xr[i + step]
      yi[o] = xi[i] + xi[i + step]
      yr[o + stride] = dr * wr - di * wi
      yi[o + stride] = dr * wi + di * wr
    }
  }
}

function radix3(stage: Stage, xr: Float64Array, xi: Float64Array, yr: Float64Array, yi: Float64Array): void {
  const { blocks, stride, twiddleRe, twiddleIm } = stage
  const step = blocks * stride
  for (let k = 0; k < blocks; k++) {
    const w1r = twiddleRe[2 * k]
    const w1i = twiddleIm[2 * k]
    const w2r = twiddleRe[2 * k + 1]
    const w2i = twiddleIm[2 * k + 1]
    const from = k * stride
    const to = 3 * k * stride
    for (let q = 0; q < stride; q++) {
      const i = from + q
      const o = to + q
      const sumRe = xr[i + step] + xr[i + 2 * step]
      const sumIm = xi[i + step] + xi[i + 2 * step]
      const diffRe = SIN_60 * (xr[i + step] - xr[i + 2 * step])
      const diffIm = SIN_60 * (xi[i + step] - xi[i + 2 * step])
      const midRe = xr[i] - 0.5 * sumRe
      const midIm = xi[i] - 0.5 * sumIm
      const r1 = midRe + diffIm
      const i1 = midIm - diffRe
      const r2 = midRe - diffIm
      const i2 = midIm + diffRe
      yr[o] = xr[i] + sumRe
      yi[o] = xi[i] + sumIm
      yr[o + stride] = r1 * w1r - i1 * w1i
      yi[o + stride] = r1 * w1i + i1 * w1r
      yr[o + 2 * stride] = r2 * w2r - i2 * w2i
      yi[o + 2 * stride] = r2 * w2i + i2 * w2r
    }
  }
}

function radix4(stage: Stage, xr: Float64Array, xi: Float64Array, yr: Float64Array, yi: Float64Array): void {
  const { blocks, stride, twiddleRe, twiddleIm } = stage
  const step = blocks * stride
  for (let k = 0; k < blocks; k++) {
    const w1r = twiddleRe[3 * k]
    const w1i = twiddleIm[3 * k]
    const w2r = twiddleRe[3 * k + 1]
    const w2i = twiddleIm[3 * k + 1]
    const w3r = twiddleRe[3 * k + 2]
    const w3i = twiddleIm[3 * k + 2]
    const from = k * stride
    const to = 4 * k * stride
    for (let q = 0; q < stride; q++) {
      const i = from + q
      const o = to + q
      const sum02r = xr[i] + xr[i + 2 * step]
      const sum02i = xi[i] + xi[i + 2 * step]
      const dif02r = xr[i] - xr[i + 2 * step]
      const dif02i = xi[i] - xi[i + 2 * step]
      const sum13r = xr[i + step] + xr[i + 3 * step]
      const sum13i = xi[i + step] + xi[i + 3 * step]
      const dif13r = xr[i + step] - xr[i + 3 * step]
      const dif13i = xi[i + step] - xi[i + 3 * step]
      const r1 = dif02r + dif13i
      const i1 = dif02i - dif13r
      const r2 = sum02r - sum13r
      const i2 = sum02i - sum13i
      const r3 = dif02r - dif13i
      const i3 = dif02i + dif13r
      yr[o] = sum02r + sum13r
      yi[o] = sum02i + sum13i
      yr[o + stride] = r1 * w1r - i1 * w1i
      yi[o + stride] = r1 * w1i + i1 * w1r
      yr[o + 2 * stride] = r2 * w2r - i2 * w2i
      yi[o + 2 * stride] = r2 * w2i + i2 * w2r
      yr[o + 3 * stride] = r3 * w3r - i3 * w3i
      yi[o + 3 * stride] = r3 * w3i + i3 * w3r
    }
  }
}

/**
 * First lags of the autocorrelation that belongs to a power spectrum: an inverse transform of which only a few
 * outputs are wanted. Folding the spectrum at a quarter of the period splits even from odd lags, and again for the
 * lags that are multiples of four, so a lag costs size / 4 or size / 8 products.
 */
export class AutocorrelationFromPower {
  readonly #size: number
  readonly #lags: number
  /** cos(2 pi k lag / size) for the bins that remain after folding, one row per lag. */
  readonly #cosines: readonly Float64Array[]
  readonly #foldedOdd: Float64Array
  readonly #foldedEven: Float64Array
  readonly #foldedSingleEven: Float64Array
  readonly #foldedDoubleEven: Float64Array

  /** `size` (a multiple of 8) is that of the transform; lags 0 .. `lags` - 1 are produced. */
  constructor(size: number, lags: number) {
    this.#size = size
    this.#lags = lags
    const cosines: Float64Array[] = []
    for (let lag = 0; lag < lags; lag++) {
      const row = new Float64Array((lag % 2 === 1 ? size / 4 : size / 8) + 1)
      for (let k = 0; k < row.length; k++) row[k] = Math.cos((2 * Math.PI * ((k * lag) % size)) / size) / size
      cosines.push(row)
    }
    this.#cosines = cosines
    this.#foldedOdd = new Float64Array(size / 4 + 1)
    this.#foldedEven = new Float64Array(size / 4 + 1)
    this.#foldedSingleEven = new Float64Array(size / 8 + 1)
    this.#foldedDoubleEven = new Float64Array(size / 8 + 1)
  }

  /** `power` holds the bins 0 .. size / 2; writes `lags` values into `correlation`. */
  transform(power: Float64Array, correlation: Float64Array): void {
    this.#fold(power)
    const eighth = this.#size >> 3
    const quarter = this.#size >> 2
    for (let lag = 0; lag < this.#lags; lag++) {
      const row = this.#cosines[lag]
      if (lag & 1) correlation[lag] = dotProduct(row, this.#foldedOdd, quarter)
      else correlation[lag] = dotProduct(row, lag & 2 ? this.#foldedSingleEven : this.#foldedDoubleEven, eighth + 1)
    }
  }

  #fold(power: Float64Array): void {
    const half = this.#size >> 1
    const quarter = half >> 1
    const eighth = quarter >> 1
    const even = this.#foldedEven
    const odd = this.#foldedOdd
    // Bins between 0 and size / 2 stand for themselves and their mirror image.
    even[0] = power[0] + power[half]
    odd[0] = power[0] - power[half]
    for (let k = 1; k < quarter; k++) {
      even[k] = 2 * (power[k] + power[half - k])
      odd[k] = 2 * (power[k] - power[half - k])
    }
    even[quarter] = 2 * power[quarter]
    const single = this.#foldedSingleEven
    const double = this.#foldedDoubleEven
    for (let k = 0; k < eighth; k++) {
      single[k] = even[k] - even[quarter - k]
      double[k] = even[k] + even[quarter - k]
    }
    single[eighth] = 0
    double[eighth] = even[eighth]
  }
}

function dotProduct(a: Float64Array, b: Float64Array, count: number): number {
  let sum0 = 0
  let sum1 = 0
  let sum2 = 0
  let sum3 = 0
  let k = 0
  for (; k + 3 < count; k += 4) {
    sum0 += a[k] * b[k]
    sum1 += a[k + 1] * b[k + 1]
    sum2 += a[k + 2] * b[k + 2]
    sum3 += a[k + 3] * b[k + 3]
  }
  for (; k < count; k++) sum0 += a[k] * b[k]
  return sum0 + sum1 + (sum2 + sum3)
}
