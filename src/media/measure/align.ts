import { Fft } from './fft.ts'

/**
 * By how many samples `recorded` lags behind `reference` (negative: leads): the peak of their cross-correlation, looked
 * for within ±`maxDelaySamples`. Both at the same rate. 0 when one of them is silent.
 */
export function estimateDelay(reference: Float32Array, recorded: Float32Array, maxDelaySamples: number): number {
  const size = powerOfTwoFrom(reference.length + recorded.length)
  const fft = new Fft(size)
  const a = spectrum(reference, fft)
  const b = spectrum(recorded, fft)
  const real = new Float64Array(size)
  const imaginary = new Float64Array(size)
  for (let k = 0; k < size; k++) {
    real[k] = b.real[k]! * a.real[k]! + b.imaginary[k]! * a.imaginary[k]!
    // The conjugate, so that one more forward transform gives the inverse one.
    imaginary[k] = b.real[k]! * a.imaginary[k]! - b.imaginary[k]! * a.real[k]!
  }
  fft.forward(real, imaginary)
  let best = 0
  for (let delay = -maxDelaySamples; delay <= maxDelaySamples; delay++) {
    if (real[delay & (size - 1)]! > real[best & (size - 1)]!) best = delay
  }
  return best
}

/** `recorded` moved so that it lies over `reference`: same length, zeros where nothing was recorded. */
export function alignTo(reference: Float32Array, recorded: Float32Array, delaySamples: number): Float32Array {
  return reference.map((_, i) => recorded[i + delaySamples] ?? 0)
}

function spectrum(signal: Float32Array, fft: Fft): { real: Float64Array; imaginary: Float64Array } {
  const real = new Float64Array(fft.size)
  const imaginary = new Float64Array(fft.size)
  real.set(signal)
  fft.forward(real, imaginary)
  return { real, imaginary }
}

function powerOfTwoFrom(least: number): number {
  let size = 2
  while (size < least) size *= 2
  return size
}
