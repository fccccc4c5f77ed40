import { Fft } from './fft.ts'

const WINDOW_SECONDS = 0.032
const HOP_SHARE = 0.5
const BANDS = 40
const LOWEST_HZ = 60
const HIGHEST_HZ = 7600
/** Frames this far below the loudest are pauses. */
const PAUSE_DB = 45
/** Band powers this far below the loudest band of the loudest frame count as equal: nobody hears them. */
const FLOOR_DB = 70

/**
 * Mel-spectral distance in dB: how far the spectral envelopes of two signals are apart. Both are mono PCM at
 * `sampleRateHz`, aligned in time; the longer one is cut.
 *
 * Frames of 32 ms (Hann window, half overlap) give the powers of 40 triangular bands of equal width on the mel scale
 * 2595 log10(1 + f / 700) from 60 to 7600 Hz, floored 70 dB below the highest band power of the reference. The
 * distance of a frame is the root mean square over the bands of the difference in dB; the result is the mean over
 * the frames whose reference energy is within 45 dB of the loudest. 0 for equal signals or a silent reference.
 */
export function melDistance(reference: Float32Array, degraded: Float32Array, sampleRateHz: number): number {
  const length = Math.min(reference.length, degraded.length)
  const size = 2 ** Math.round(Math.log2(WINDOW_SECONDS * sampleRateHz))
  const bank = melBank(size, sampleRateHz)
  const wanted = bandPowers(reference.subarray(0, length), size, bank)
  const heard = bandPowers(degraded.subarray(0, length), size, bank)
  const loudest = wanted.reduce((most, frame) => Math.max(most, sum(frame)), 0)
  const floor = wanted.reduce((most, frame) => Math.max(most, ...frame), 0) * 10 ** (-FLOOR_DB / 10)
  let total = 0
  let frames = 0
  for (const [i, frame] of wanted.entries()) {
    if (!(sum(frame) > loudest * 10 ** (-PAUSE_DB / 10))) continue
    total += frameDistance(frame, heard[i]!, floor)
    frames += 1
  }
  return frames === 0 ? 0 : total / frames
}

interface MelBand {
  readonly firstBin: number
  readonly weights: Float64Array
}

function frameDistance(a: Float64Array, b: Float64Array, floor: number): number {
  let squares = 0
  for (let band = 0; band < BANDS; band++) {
    const difference = 10 * Math.log10((a[band]! + floor) / (b[band]! + floor))
    squares += difference * difference
  }
  return Math.sqrt(squares / BANDS)
}

function bandPowers(signal: Float32Array, size: number, bank: readonly MelBand[]): Float64Array[] {
  const fft = new Fft(size)
  const hop = size * HOP_SHARE
  const window = Float64Array.from({ length: size }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (n + 0.5)) / size))
  const frames: Float64Array[] = []
  for (let start = 0; start + size <= signal.length; start += hop) {
    const real = Float64Array.from(window, (weight, n) => weight * signal[start + n]!)
    const imaginary = new Float64Array(size)
    fft.forward(real, imaginary)
    frames.push(Float64Array.from(bank, (band) => bandPower(band, real, imaginary)))
  }
  return frames
}

function bandPower(band: MelBand, real: Float64Array, imaginary: Float64Array): number {
  let power = 0
  for (const [i, weight] of band.weights.entries()) {
    const re = real[band.firstBin + i]!
    const im = imaginary[band.firstBin + i]!
    power += weight * (re * re + im * im)
  }
  return power
}

function melBank(size: number, sampleRateHz: number): MelBand[] {
  const low = toMel(LOWEST_HZ)
  const step = (toMel(HIGHEST_HZ) - low) / (BANDS + 1)
  return Array.from({ length: BANDS }, (_, band) => {
    const edges = [0, 1, 2].map((corner) => (toHz(low + (band + corner) * step) * size) / sampleRateHz)
    return triangle(edges[0]!, edges[1]!, edges[2]!)
  })
}

/** A triangle over the bins; the narrowest bands still get the bin next to their centre. */
function triangle(from: number, centre: number, to: number): MelBand {
  const firstBin = Math.min(Math.ceil(from), Math.round(centre))
  const lastBin = Math.max(Math.floor(to), Math.round(centre))
  const weights = Float64Array.from({ length: lastBin - firstBin + 1 }, (_, i) => {
    const bin = firstBin + i
    return Math.max(0, bin <= centre ? (bin - from) / (centre - from) : (to - bin) / (to - centre))
  })
  return { firstBin, weights }
}

function toMel(hz: number): number {
  return 2595 * Math.log10(1 + hz / 700)
}

function toHz(mel: number): number {
  return 700 * (10 ** (mel / 2595) - 1)
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}
