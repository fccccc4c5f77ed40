import { innerProduct } from './inner-product.ts'
import { factoriseSpectrum } from './spectral-factor.ts'
import { noiseCosineMatrix, voicedNoiseFir } from './tables/noise.ts'

const MAX_LENGTH = 160
const SPECTRUM_POINTS = 16
/** Three rows: cos(0), cos(w), cos(2 w) over the points. */
const COSINES = Float64Array.from(noiseCosineMatrix)
const SAMPLE_SCALE = 8.1e-10
/** Smoothing of the noise envelope per sample. */
const VOICED_ENVELOPE = 0.95
const UNVOICED_ENVELOPE = 0.995
/** Decay of the unvoiced noise level when speech becomes voiced. */
const ONSET_DECAY = 0.99
/** Share of the noise in the energy of voiced excitation, in amplitude. */
const VOICED_SHARE = 0.35
/** Noise between pulses stays below this share of the pulse gain. */
const MAX_PULSE_SHARE = 0.5

/** What a subframe's noise depends on. One instance is refilled for every subframe. */
export interface NoiseInput {
  voiced: boolean
  length: number
  pulses: number
  pulseGain: number
  /** Residual energy of the subframe (unvoiced). */
  energy: number
  /** Normalised bitrate of the internal frame. */
  bitrate: number
  /** The two lowest LSFs of the subframe in radians. */
  lowestLsf: number
  secondLsf: number
}

/** The noise that fills the excitation between the pulses (unvoiced) or around the harmonics (voiced). */
export class NoiseGenerator {
  /** State of the random generator. */
  seed = 0
  /** Envelope at the end of the last subframe. */
  lastEnvelope = 0
  envelopeState = 0
  previousVoiced = false
  /** Voiced subframes since the last unvoiced one. */
  sinceUnvoiced = 0
  /** Smoothed autocorrelation of the voiced excitation. */
  readonly correlation = new Float64Array(3)
  /** Last inputs of the shaping filter, newest first; then those of the voiced filter. */
  readonly shapeMemory = new Float64Array(2)
  readonly voicedMemory = new Float64Array(2)
  /** Last input and output of the unvoiced high-pass. */
  readonly unvoicedMemory = new Float64Array(2)

  readonly #envelope = new Float64Array(MAX_LENGTH)
  readonly #voicedPart = new Float64Array(MAX_LENGTH)
  readonly #unvoicedPart = new Float64Array(MAX_LENGTH)
  readonly #spectrum = new Float64Array(SPECTRUM_POINTS)
  readonly #taps = new Float64Array(3)
  /** Over every second pair of the envelope, then over the pairs between them. */
  readonly #sums = new Float64Array(2)
  readonly #squares = new Float64Array(2)
  /** Over all pairs. */
  #envelopeSum = 0
  #envelopeSquares = 0
  #constantLevel = 0
  #envelopeScale = 0

  reset(): void {
    this.seed = 0
    this.lastEnvelope = 0
    this.envelopeState = 0
    this.previousVoiced = false
    this.sinceUnvoiced = 0
    this.correlation.fill(0)
    this.shapeMemory.fill(0)
    this.voicedMemory.fill(0)
    this.unvoicedMemory.fill(0)
  }

  /** Adds the noise of a subframe to its excitation. */
  addTo(excitation: Float64Array, input: NoiseInput): void {
    const { length } = input
    const hasUnvoicedPart = !input.voiced || !this.previousVoiced
    let energyRatio = 1
    if (input.voiced) this.#makeVoiced(length, excitation)
    else energyRatio = this.#makeUnvoiced(input, excitation)
    if (input.voiced || this.previousVoiced) {
      if (!input.voiced) this.#voicedPart.fill(0, 0, length)
      this.#addShaped(length, excitation)
    }
    if (!input.voiced || this.sinceUnvoiced < 2) {
      if (!hasUnvoicedPart) this.#unvoicedPart.fill(0, 0, length)
      this.#addHighpassed(highpassCorner(input, energyRatio), length, excitation)
    } else this.unvoicedMemory.fill(0)
    this.previousVoiced = input.voiced
    this.sinceUnvoiced = input.voiced ? this.sinceUnvoiced + 1 : 0
  }

  #makeVoiced(length: number, excitation: Float64Array): void {
    const part = this.#voicedPart
    const r0 = this.#trackCorrelation(length, excitation)
    this.#random(part, length)
    if (!this.previousVoiced) this.envelopeState = this.lastEnvelope
    this.#followPulses(VOICED_ENVELOPE, length, excitation)
    const envelope = this.#envelope
    for (let n = 0; n < length; n++) part[n] *= envelope[n]
    this.#shape(r0, 1 / (innerProduct(part, 0, part, 0, length) + 1e-12))
    if (!this.previousVoiced) {
      const onset = this.#unvoicedPart
      this.#random(onset, length)
      let level = this.lastEnvelope
      for (let n = 0; n < length; n++) {
        level *= ONSET_DECAY
        onset[n] *= level
      }
    }
    this.lastEnvelope = envelope[length - 1]
  }

  /** Shapes the voiced part with the current taps, passes it through the fixed filter and adds it. */
  #addShaped(length: number, excitation: Float64Array): void {
    const part = this.#voicedPart
    const { shapeMemory, voicedMemory } = this
    const t0 = this.#taps[0]
    const t1 = this.#taps[1]
    const t2 = this.#taps[2]
    const v0 = voicedNoiseFir[0]
    const v1 = voicedNoiseFir[1]
    const v2 = voicedNoiseFir[2]
    let x1 = shapeMemory[0]
    let x2 = shapeMemory[1]
    let z1 = voicedMemory[0]
    let z2 = voicedMemory[1]
    for (let n = 0; n < length; n++) {
      const x = part[n]
      const z = t0 * x + t1 * x1 + t2 * x2
      excitation[n] += v0 * z + v1 * z1 + v2 * z2
      x2 = x1
      x1 = x
      z2 = z1
      z1 = z
    }
    shapeMemory[0] = x1
    shapeMemory[1] = x2
    voicedMemory[0] = z1
    voicedMemory[1] = z2
  }

  /** Updates the smoothed correlation and returns the energy of this subframe. */
  #trackCorrelation(length: number, excitation: Float64Array): number {
    const r0 = innerProduct(excitation, 0, excitation, 0, length) + 1e-12
    const r1 = innerProduct(excitation, 1, excitation, 0, length - 1)
    const r2 = innerProduct(excitation, 2, excitation, 0, length - 2)
    const c = this.correlation
    const step = length === MAX_LENGTH ? 0.4 : 0.16
    c[0] += step * (r0 - c[0])
    c[1] += step * (r1 - c[1])
    c[2] += step * (r2 - c[2])
    return r0
  }

  /** Factorises the spectrum that is high where that of the excitation is low, scaled for the energy `r0`. */
  #shape(r0: number, scale: number): void {
    const c = this.correlation
    const spectrum = this.#spectrum
    const share = (VOICED_SHARE * VOICED_SHARE * r0) / c[0]
    const u0 = share * c[0]
    const u1 = 2 * share * c[1]
    const u2 = 2 * share * c[2]
    let highest = -Infinity
    for (let i = 0; i < SPECTRUM_POINTS; i++) {
      const level = COSINES[i] * u0 + COSINES[SPECTRUM_POINTS + i] * u1 + COSINES[2 * SPECTRUM_POINTS + i] * u2
      spectrum[i] = level
      if (level > highest) highest = level
    }
    for (let i = 0; i < SPECTRUM_POINTS; i++) spectrum[i] = 1.5 * highest - spectrum[i]
    const c0 = innerProduct(COSINES, 0, spectrum, 0, SPECTRUM_POINTS)
    const c1 = innerProduct(COSINES, SPECTRUM_POINTS, spectrum, 0, SPECTRUM_POINTS)
    const c2 = innerProduct(COSINES, 2 * SPECTRUM_POINTS, spectrum, 0, SPECTRUM_POINTS)
    factoriseSpectrum(c0 * scale, c1 * scale, c2 * scale, this.#taps)
  }

  /** Returns the ratio of pulse energy to residual energy. */
  #makeUnvoiced(input: NoiseInput, excitation: Float64Array): number {
    const { length, energy, bitrate } = input
    this.correlation.fill(0)
    this.shapeMemory.fill(0)
    let ratio = 0
    let target = energy
    if (input.pulses > 0) {
      ratio = innerProduct(excitation, 0, excitation, 0, length) / (energy + 1e-20)
      const hardness = 10 + 20 * bitrate
      target = (energy * Math.log(Math.exp(hardness * (1 - ratio)) + 1)) / hardness
      this.#followPulses(UNVOICED_ENVELOPE, length, excitation)
    } else this.#decay(UNVOICED_ENVELOPE, length)
    this.#fitLevel(target / length + 1e-30, length)
    const part = this.#unvoicedPart
    this.#random(part, length)
    const constant = this.#constantLevel
    const slope = this.#envelopeScale
    const envelope = this.#envelope
    if (input.pulses > 0) {
      const limit = MAX_PULSE_SHARE * input.pulseGain
      for (let n = 0; n < length; n++) {
        part[n] = excitation[n] === 0 ? part[n] * Math.min(constant + slope * envelope[n], limit) : 0
      }
      this.lastEnvelope = Math.min(constant + slope * envelope[length - 1], limit)
    } else {
      for (let n = 0; n < length; n++) part[n] *= constant + slope * envelope[n]
      this.lastEnvelope = constant + slope * envelope[length - 1]
    }
    return ratio
  }

  /**
   * Chooses the noise level, a constant plus a multiple of the envelope, so that its mean square is `power` and,
   * where that is possible, it begins at the level at which the last subframe ended.
   */
  #fitLevel(power: number, length: number): void {
    const mean = (2 * this.#envelopeSum) / length
    const square = (2 * this.#envelopeSquares) / length
    const first = this.#envelope[0]
    const last = this.lastEnvelope
    const flat = Math.sqrt(power)
    const scale = Math.sqrt(power / square)
    const scaledFirst = scale * first
    if (last < Math.min(flat, scaledFirst)) {
      this.#constantLevel = flat < scaledFirst ? flat : 0
      this.#envelopeScale = flat < scaledFirst ? 0 : scale
      return
    }
    if (last > Math.max(flat, scaledFirst)) {
      this.#constantLevel = flat > scaledFirst ? flat : 0
      this.#envelopeScale = flat > scaledFirst ? 0 : scale
      return
    }
    this.#constantLevel = 0
    this.#envelopeScale = 0
    const a = square + first * first - 2 * mean * first
    const b = 2 * last * (mean - first)
    const discriminant = b * b - 4 * a * (last * last - power)
    if (discriminant < 1e-35 || a < 1e-25) return
    const root = Math.sqrt(discriminant)
    this.#envelopeScale = (root - b) / (2 * a)
    this.#constantLevel = last - first * this.#envelopeScale
    if (this.#constantLevel >= 0) return
    this.#envelopeScale = (-b - root) / (2 * a)
    this.#constantLevel = last - first * this.#envelopeScale
  }

  /** Envelope that follows the pulses, the same for the two samples of a pair. */
  #followPulses(coefficient: number, length: number, excitation: Float64Array): void {
    const envelope = this.#envelope
    const keep = coefficient * coefficient
    let y = this.envelopeState + 1e-8
    y *= y
    let level = 0
    const sums = this.#sums.fill(0)
    const squares = this.#squares.fill(0)
    for (let n = 0, lane = 0; n < length; n += 2, lane ^= 1) {
      y = keep * y + (1 - keep) * (excitation[n] * excitation[n] + excitation[n + 1] * excitation[n + 1])
      level = Math.sqrt(y)
      envelope[n] = level
      envelope[n + 1] = level
      sums[lane] += level
      squares[lane] += y
    }
    this.envelopeState = level
    this.#envelopeSum = sums[0] + sums[1]
    this.#envelopeSquares = squares[0] + squares[1]
  }

  /** The same without pulses: it only decays. */
  #decay(coefficient: number, length: number): void {
    const envelope = this.#envelope
    let level = this.envelopeState + 1e-8
    let sum = 0
    let squares = 0
    for (let n = 0; n < length; n += 2) {
      level *= coefficient
      envelope[n] = level
      envelope[n + 1] = level
      sum += level
      squares += level * level
    }
    this.envelopeState = level
    this.#envelopeSum = sum
    this.#envelopeSquares = squares
  }

  /** Four samples from every step of a linear congruential generator. */
  #random(out: Float64Array, length: number): void {
    let seed = this.seed
    for (let n = 0; n < length; n += 4) {
      seed = (Math.imul(seed, 196314165) + 907633515) | 0
      out[n] = seed * SAMPLE_SCALE
      out[n + 1] = (seed << 8) * SAMPLE_SCALE
      out[n + 2] = (seed << 16) * SAMPLE_SCALE
      out[n + 3] = (seed << 24) * SAMPLE_SCALE
    }
    this.seed = seed
  }

  /** High-passes the unvoiced part and adds it; two outputs at a time from the one before them, as the core does it. */
  #addHighpassed(cornerHz: number, length: number, excitation: Float64Array): void {
    const part = this.#unvoicedPart
    const k = (6 * cornerHz) / 16000
    const gain = 0.8 * (1 - k / 2)
    const keep = 1 - k
    let x1 = this.unvoicedMemory[0]
    let y = this.unvoicedMemory[1]
    for (let n = 0; n < length; n += 2) {
      const step = gain * (part[n] - x1)
      const nextStep = gain * (part[n + 1] - part[n]) + keep * step
      excitation[n] += step + keep * y
      y = nextStep + keep * keep * y
      excitation[n + 1] += y
      x1 = part[n + 1]
    }
    this.unvoicedMemory[0] = x1
    this.unvoicedMemory[1] = y
  }
}

/** Corner of the high-pass over unvoiced noise: follows the first resonance when that is sharp. */
function highpassCorner(input: NoiseInput, energyRatio: number): number {
  const leastHz = 800 * Math.min(0.6 + 0.4 * energyRatio, 1)
  return Math.min(Math.max(leastHz, resonanceCorner(input.lowestLsf, input.secondLsf)), 1500)
}

/** The corner in Hz that the first resonance asks for: high when its two LSFs are close. */
function resonanceCorner(lowestLsf: number, secondLsf: number): number {
  const resonanceHz = (16000 * (lowestLsf + secondLsf)) / (4 * Math.PI)
  const sharpness = 1 / (1 + Math.exp(3 - 0.2 / (secondLsf - lowestLsf + 1e-30)))
  return 3 * resonanceHz * sharpness
}
