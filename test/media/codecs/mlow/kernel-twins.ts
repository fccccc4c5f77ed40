/**
 * The kernels of src/media/codecs/mlow/assembly/kernels once more, in plain TypeScript on arrays: what they mean,
 * without pointers and pairs. `x` and the like begin `at` samples into their array.
 */

export function fir(filter: Float64Array, x: Float64Array, at: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, n) => {
    let sum = 0
    for (let i = 0; i < filter.length; i++) sum += filter[i] * x[at + n - i]
    return sum
  })
}

export function synthesise(a: Float64Array, x: Float64Array, at: number, count: number): Float64Array {
  const y = x.slice()
  for (let n = at; n < at + count; n++) for (let i = 1; i <= 16; i++) y[n] -= a[i] * y[n - i]
  return y.slice(at, at + count)
}

export function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, n) => sum + value * b[n], 0)
}

export function correlateLags(x: Float64Array, at: number, lag: number, count: number, length: number): Float64Array {
  return Float64Array.from({ length: count }, (_, j) => {
    let sum = 0
    for (let k = 0; k < length; k++) sum += x[at + k] * x[at + k - lag - j]
    return sum
  })
}

export function doubleResolution(kernel: Float64Array, c: Float64Array, e: Float64Array, at: number, count: number) {
  const correlation = new Float64Array(2 * count)
  const energy = new Float64Array(2 * count)
  for (let n = 0; n < count; n++) {
    correlation[2 * n] = c[at + n]
    energy[2 * n] = e[at + n]
    for (let i = 0; i < 4; i++) correlation[2 * n + 1] += kernel[i] * (c[at + n - i] + c[at + n + 1 + i])
    energy[2 * n + 1] = (e[at + n] + e[at + n + 1]) / 2
  }
  return { correlation, energy }
}

export function bestPulse(magnitude: Float64Array, overlap: Float64Array, numerator: number, denominator: number) {
  const merits = magnitude.map((value, n) => (numerator + value) ** 2 / (denominator + overlap[n]))
  return merits.indexOf(Math.max(...merits))
}

/** Positions, numerators and denominators of the pulses one after the other. */
export function addBestPulses(target: Float64Array, response: Float64Array, count: number): number[][] {
  const magnitude = target.map(Math.abs)
  const sign = target.map((value) => (value > 0 ? 1 : -1))
  const lag = (n: number) => (Math.abs(n) < 32 ? response[Math.abs(n)] : 0)
  const pulses: number[] = []
  const trail: number[][] = []
  let numerator = 0
  let denominator = 1e-16
  for (let number = 0; number < count; number++) {
    const overlap = sign.map((s, n) => 2 * s * pulses.reduce((sum, p) => sum + sign[p] * lag(n - p), 0))
    const position = bestPulse(magnitude, overlap, numerator, denominator + response[0])
    numerator += magnitude[position]
    denominator += response[0] + overlap[position]
    pulses.push(position)
    trail.push([position, numerator, denominator])
  }
  return trail
}

/** Prediction polynomial by Levinson's recursion, which reaches the kernel's result on another way. */
export function levinson(correlation: Float64Array, order: number): Float64Array {
  let a = new Float64Array(order + 1)
  a[0] = 1
  let energy = correlation[0]
  for (let m = 1; m <= order; m++) {
    let sum = 0
    for (let i = 0; i < m; i++) sum += a[i] * correlation[m - i]
    const reflection = -sum / energy
    a = a.map((value, i) => (i <= m ? value + reflection * a[m - i] : value))
    energy *= 1 - reflection * reflection
  }
  return a
}

export function windowRoots(x: Float64Array, width: number, least: number): Float64Array {
  return Float64Array.from({ length: x.length - width + 1 }, (_, n) =>
    Math.sqrt(Math.max(dot(x.slice(n, n + width), x.slice(n, n + width)), least)),
  )
}

export function meanEnergies(roots: Float64Array, at: number, here: number, scale: number, count: number) {
  return Float64Array.from({ length: count }, (_, j) => scale * (roots[at - j] + here) ** 2)
}

export function powerSpectrum(x: Float64Array): Float64Array {
  return Float64Array.from({ length: x.length / 2 + 1 }, (_, k) => {
    const angle = (n: number) => (2 * Math.PI * ((k * n) % x.length)) / x.length
    const re = x.reduce((sum, value, n) => sum + value * Math.cos(angle(n)), 0)
    const im = x.reduce((sum, value, n) => sum + value * Math.sin(angle(n)), 0)
    return re * re + im * im
  })
}

export function autocorrelation(x: Float64Array, lags: number): Float64Array {
  return Float64Array.from({ length: lags }, (_, lag) =>
    x.reduce((sum, value, n) => sum + value * x[(n + lag) % x.length], 0),
  )
}
