import { Fft } from './fft.ts'
import { resampleWhole } from './rational-resample.ts'

/**
 * Short-time objective intelligibility: C. H. Taal, R. C. Hendriks, R. Heusdens, J. Jensen, "A Short-Time Objective
 * Intelligibility Measure for Time-Frequency Weighted Noisy Speech", ICASSP 2010. The constants are the paper's.
 */
const RATE_HZ = 10_000
const FRAME = 256
const HOP = 128
const FFT_SIZE = 512
const BANDS = 15
const LOWEST_CENTRE_HZ = 150
/** 30 frames = 384 ms. */
const SEGMENT_FRAMES = 30
const SILENCE_RANGE_DB = 40
/** The least signal-to-distortion ratio that counts. */
const CLIP_DB = -15
const EPSILON = Number.EPSILON

/** Hann of 256 points without the zeros at its ends. */
const WINDOW = Float64Array.from(
  { length: FRAME },
  (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (n + 1)) / (FRAME + 1)),
)

/** First and end FFT bin of each one-third octave band. */
const BAND_EDGES = Array.from(
  { length: BANDS },
  (_, k) => [binOf(2 ** ((2 * k - 1) / 6)), binOf(2 ** ((2 * k + 1) / 6))] as const,
)

function binOf(ratio: number): number {
  return Math.round((LOWEST_CENTRE_HZ * ratio * FFT_SIZE) / RATE_HZ)
}

/**
 * How much of `reference` is understood in `degraded`: about 0 (nothing) to 1 (all). Both are mono PCM at `sampleRateHz`
 * and aligned in time (see `align.ts`); the longer one is cut. Throws `RangeError` when less than 384 ms of speech is left.
 */
export function stoi(reference: Float32Array, degraded: Float32Array, sampleRateHz: number): number {
  const length = Math.min(reference.length, degraded.length)
  const clean = resampleWhole(reference.subarray(0, length), sampleRateHz, RATE_HZ)
  const heard = resampleWhole(degraded.subarray(0, length), sampleRateHz, RATE_HZ)
  const frames = speechFrames(clean)
  const cleanBands = bandEnvelopes(withoutSilence(clean, frames))
  const heardBands = bandEnvelopes(withoutSilence(heard, frames))
  const segments = cleanBands[0]!.length - SEGMENT_FRAMES + 1
  if (segments < 1) throw new RangeError(`STOI needs 384 ms of speech, ${frames.length} frames of 12.8 ms are left`)
  let sum = 0
  for (let band = 0; band < BANDS; band++) {
    for (let m = 0; m < segments; m++) {
      const x = cleanBands[band]!.subarray(m, m + SEGMENT_FRAMES)
      const y = heardBands[band]!.subarray(m, m + SEGMENT_FRAMES)
      sum += correlation(x, normalisedAndClipped(x, y))
    }
  }
  return sum / (segments * BANDS)
}

/** Start offsets of the frames whose energy is within 40 dB of the loudest. */
function speechFrames(clean: Float64Array): number[] {
  const starts: number[] = []
  const levelsDb: number[] = []
  for (let start = 0; start + FRAME <= clean.length; start += HOP) {
    let energy = 0
    for (let n = 0; n < FRAME; n++) energy += (clean[start + n]! * WINDOW[n]!) ** 2
    starts.push(start)
    levelsDb.push(20 * Math.log10(Math.sqrt(energy) + EPSILON))
  }
  const floorDb = levelsDb.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) - SILENCE_RANGE_DB
  return starts.filter((_, i) => levelsDb[i]! > floorDb)
}

/** The kept frames, windowed, overlapped and added to one signal again. */
function withoutSilence(signal: Float64Array, starts: readonly number[]): Float64Array {
  const out = new Float64Array(starts.length === 0 ? 0 : (starts.length - 1) * HOP + FRAME)
  starts.forEach((start, i) => {
    for (let n = 0; n < FRAME; n++) out[i * HOP + n]! += signal[start + n]! * WINDOW[n]!
  })
  return out
}

/** For each band, the root of its energy in each frame. */
function bandEnvelopes(signal: Float64Array): Float64Array[] {
  const frames = Math.max(0, Math.floor((signal.length - FRAME) / HOP) + 1)
  const envelopes = Array.from({ length: BANDS }, () => new Float64Array(frames))
  const fft = new Fft(FFT_SIZE)
  const real = new Float64Array(FFT_SIZE)
  const imaginary = new Float64Array(FFT_SIZE)
  for (let frame = 0; frame < frames; frame++) {
    real.fill(0)
    imaginary.fill(0)
    for (let n = 0; n < FRAME; n++) real[n] = signal[frame * HOP + n]! * WINDOW[n]!
    fft.forward(real, imaginary)
    BAND_EDGES.forEach(([first, end], band) => {
      let energy = 0
      for (let bin = first; bin < end; bin++) energy += real[bin]! ** 2 + imaginary[bin]! ** 2
      envelopes[band]![frame] = Math.sqrt(energy)
    })
  }
  return envelopes
}

/** `y` at the energy of `x`, cut where it exceeds the clean envelope by more than the clipping ratio allows. */
function normalisedAndClipped(x: Float64Array, y: Float64Array): Float64Array {
  const gain = Math.sqrt(energyOf(x)) / (Math.sqrt(energyOf(y)) + EPSILON)
  const limit = 1 + 10 ** (-CLIP_DB / 20)
  return y.map((value, i) => Math.min(gain * value, limit * x[i]!))
}

function correlation(x: Float64Array, y: Float64Array): number {
  const meanX = x.reduce((a, b) => a + b, 0) / x.length
  const meanY = y.reduce((a, b) => a + b, 0) / y.length
  const dx = x.map((value) => value - meanX)
  const dy = y.map((value) => value - meanY)
  const dot = dx.reduce((sum, value, i) => sum + value * dy[i]!, 0)
  return dot / ((Math.sqrt(energyOf(dx)) + EPSILON) * (Math.sqrt(energyOf(dy)) + EPSILON))
}

function energyOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0)
}
