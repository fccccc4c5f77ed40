const ZERO_CROSSINGS = 32
/** Kaiser window shape for about 80 dB of stop-band attenuation. */
const KAISER_BETA = 8

/**
 * The whole signal at another rate, without delay: a Kaiser-windowed sinc around every output sample. For measurements;
 * the call path has `resample/speex-resampler.ts`.
 */
export function resampleWhole(signal: Float32Array, fromHz: number, toHz: number): Float64Array {
  if (fromHz === toHz) return Float64Array.from(signal)
  const phases = toHz / commonDivisor(fromHz, toHz)
  const kernels = Array.from({ length: phases }, (_, phase) =>
    kernel(((phase * fromHz) / toHz) % 1, Math.min(1, toHz / fromHz)),
  )
  const reach = kernels[0]!.length >> 1
  const out = new Float64Array(Math.ceil((signal.length * toHz) / fromHz))
  for (let i = 0; i < out.length; i++) {
    const taps = kernels[i % phases]!
    const first = Math.floor((i * fromHz) / toHz) - reach
    const end = Math.min(taps.length, signal.length - first)
    let sum = 0
    for (let j = Math.max(0, -first); j < end; j++) sum += signal[first + j]! * taps[j]!
    out[i] = sum
  }
  return out
}

/** The taps for an output sample that lies `fraction` of an input sample behind the middle tap. */
function kernel(fraction: number, cutoff: number): Float64Array {
  const halfWidth = ZERO_CROSSINGS / cutoff
  const reach = Math.ceil(halfWidth) + 1
  return Float64Array.from({ length: 2 * reach + 1 }, (_, j) => {
    const distance = fraction + reach - j
    return Math.abs(distance) > halfWidth ? 0 : cutoff * sinc(cutoff * distance) * kaiser(distance / halfWidth)
  })
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b)
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
}

function kaiser(x: number): number {
  return besselI0(KAISER_BETA * Math.sqrt(Math.max(0, 1 - x * x))) / besselI0(KAISER_BETA)
}

function besselI0(x: number): number {
  const quarterSquare = (x * x) / 4
  let term = 1
  let sum = 1
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= quarterSquare / (k * k)
    sum += term
  }
  return sum
}
