import { AdaptiveCodebook, boostedSide } from './adaptive-codebook.ts'
import { bitrateByPulses, residualEnergies } from './energy.ts'
import { FRAME_SAMPLES, type FrameSymbols, MAX_SUBFRAMES } from './frame-symbols.ts'
import { LowRateFilters } from './low-rate-filters.ts'
import { lsfToLpc } from './lpc.ts'
import { interpolateLsf } from './lsf.ts'
import { LSF_ORDER } from './lsf-tables.ts'
import { NoiseGenerator } from './noise.ts'
import { SynthesisFilter } from './synthesis-filter.ts'
import { acbGainQ14HighRate, acbGainQ14LowRate } from './tables/celp.ts'
import { lsfInterpolationWeights2, lsfInterpolationWeights4 } from './tables/lsf.ts'
import { unvoicedPulseGain, voicedPulseGain } from './tables/noise.ts'

/** Longest subframe. */
const MAX_LENGTH = 160

/**
 * From the parameters of an internal frame to its samples before the postfilters. Holds all that carries over from
 * one subframe to the next.
 */
export class Synthesis {
  /** LSF vector of the last subframe. */
  readonly lsf = new Float32Array(LSF_ORDER)
  /** Residual energy of the last unvoiced subframe of 80 samples. */
  readonly energy = new Float64Array(1)
  readonly noise = new NoiseGenerator()
  readonly #codebook = new AdaptiveCodebook()
  readonly #filter = new SynthesisFilter()
  readonly #lowRateFilters = new LowRateFilters()
  #started = false

  readonly #excitation = new Float64Array(MAX_LENGTH)
  /** Per sample, of the subframes of an unvoiced frame. */
  readonly #energies = new Float64Array(MAX_SUBFRAMES)
  readonly #subframeLsf = new Float32Array(LSF_ORDER)
  readonly #a = new Float64Array(LSF_ORDER + 1)
  readonly #input = {
    voiced: false,
    length: 0,
    pulses: 0,
    pulseGain: 0,
    energy: 0,
    bitrate: 0,
    lowestLsf: 0,
    secondLsf: 0,
  }

  reset(): void {
    this.lsf.fill(0)
    this.energy[0] = 0
    this.noise.reset()
    this.#codebook.reset()
    this.#filter.reset()
    this.#lowRateFilters.reset()
    this.#started = false
  }

  /** Whether all memory is finite and within `limit`; some gain pairs of the low rate can make it grow beyond any. */
  isWithin(limit: number): boolean {
    return this.#codebook.isWithin(limit) && this.#filter.isWithin(limit)
  }

  /** Synthesises the internal frame `frame` with the LSF vector `lsf` into `out[at .. at + 320)`. */
  codedFrame(frame: FrameSymbols, lsf: Float32Array, lowRate: boolean, out: Float64Array, at: number): void {
    if (!this.#started) this.startFrom(lsf)
    const subframes = lowRate ? MAX_SUBFRAMES / 2 : MAX_SUBFRAMES
    const length = FRAME_SAMPLES / subframes
    const weights = lowRate ? lsfInterpolationWeights2 : lsfInterpolationWeights4
    const voiced = frame.voiced === 1
    const bitrate = bitrateByPulses[frame.pulseCount]
    residualEnergies(frame.energyQ14, this.#energies)
    let pulse = 0
    for (let s = 0; s < subframes; s++) {
      interpolateLsf(this.lsf, lsf, weights, frame.interpolation * subframes + s, this.#subframeLsf)
      const pulses = frame.subframePulses[s]
      const gain = pulses === 0 ? 0 : (voiced ? voicedPulseGain : unvoicedPulseGain)[frame.pulseGain[s]]
      pulse = this.#placePulses(frame, pulse, s * length, length, gain)
      if (voiced) this.#voicedExcitation(frame, s, length, bitrate, lowRate)
      else {
        const energy = this.#energies[s] * length
        this.energy[0] = lowRate ? energy / 2 : energy
        this.#unvoicedExcitation(length, pulses, gain, energy, bitrate, lowRate)
      }
      if (lowRate && voiced) this.#lowRateFilters.tilt(this.#excitation, length)
      else this.#lowRateFilters.skipTilt(this.#excitation, length)
      this.#synthesise(length, out, at + s * length)
    }
    this.lsf.set(this.#subframeLsf)
  }

  /** Synthesises 80 samples of comfort noise with the LSF vector `this.lsf` and the residual energy `this.energy[0]`. */
  noiseSubframe(bitrate: number, out: Float64Array, at: number): void {
    const length = FRAME_SAMPLES / MAX_SUBFRAMES
    this.#subframeLsf.set(this.lsf)
    this.#excitation.fill(0, 0, length)
    this.#unvoicedExcitation(length, 0, 0, this.energy[0], bitrate, false)
    this.#lowRateFilters.skipTilt(this.#excitation, length)
    this.#synthesise(length, out, at)
  }

  /**
   * Synthesises 80 samples that repeat the past excitation at the lags `lagIndex[0..1]`, scaled by `level`, with the
   * LSF vector `this.lsf` and the noise of a frame of `pulses` pulses.
   */
  repeatedSubframe(lagIndex: Int16Array, level: number, pulses: number, out: Float64Array, at: number): void {
    const length = FRAME_SAMPLES / MAX_SUBFRAMES
    const excitation = this.#excitation
    this.#subframeLsf.set(this.lsf)
    excitation.fill(0, 0, length)
    this.#lowRateFilters.skipPulses()
    this.#codebook.predict(lagIndex, 0, length, 1, 0, excitation)
    this.#codebook.append(excitation, length)
    for (let n = 0; n < length; n++) excitation[n] *= level
    this.#addNoise(true, length, 0, 0, 0, bitrateByPulses[pulses])
    this.#lowRateFilters.skipTilt(excitation, length)
    this.#synthesise(length, out, at)
  }

  /** Makes `lsf` the vector before the first one. */
  startFrom(lsf: Float32Array): void {
    this.#started = true
    this.lsf.set(lsf)
  }

  get started(): boolean {
    return this.#started
  }

  /** Writes the pulses of a subframe, from number `pulse` on; returns the number of the next subframe's first. */
  #placePulses(frame: FrameSymbols, pulse: number, from: number, length: number, gain: number): number {
    const excitation = this.#excitation
    const { positions, magnitudes, signs, positionCount } = frame
    excitation.fill(0, 0, length)
    let i = pulse
    for (; i < positionCount && positions[i] < from + length; i++) {
      excitation[positions[i] - from] = signs[i] * magnitudes[i] * gain
    }
    return i
  }

  #voicedExcitation(frame: FrameSymbols, s: number, length: number, bitrate: number, lowRate: boolean): void {
    const excitation = this.#excitation
    const lagsPerSubframe = length / 40
    const firstLag = s * lagsPerSubframe
    const gains = lowRate ? acbGainQ14LowRate : acbGainQ14HighRate
    const centre = gains[2 * frame.acbGain[s]] / 16384
    const side = boostedSide(centre, gains[2 * frame.acbGain[s] + 1] / 16384, bitrate)
    if (lowRate) {
      const lastLag = 32 + (frame.lagIndex[firstLag + lagsPerSubframe - 1] >> 1)
      this.#lowRateFilters.sharpen(excitation, length, lastLag)
    }
    this.#lowRateFilters.skipPulses()
    // The boost keeps f0 = g0 + 2 g1.
    const boostedCentre = centre + 2 * (gains[2 * frame.acbGain[s] + 1] / 16384 - side)
    this.#codebook.predict(frame.lagIndex, firstLag, length, boostedCentre, side, excitation)
    this.#codebook.append(excitation, length)
    this.#addNoise(true, length, frame.subframePulses[s], 0, 0, bitrate)
  }

  #unvoicedExcitation(
    length: number,
    pulses: number,
    gain: number,
    energy: number,
    bitrate: number,
    lowRate: boolean,
  ): void {
    this.#codebook.append(this.#excitation, length)
    if (lowRate && pulses > 0) this.#lowRateFilters.shapePulses(this.#excitation, length)
    else this.#lowRateFilters.skipPulses()
    this.#addNoise(false, length, pulses, gain, energy, bitrate)
  }

  #addNoise(voiced: boolean, length: number, pulses: number, pulseGain: number, energy: number, bitrate: number): void {
    const input = this.#input
    input.voiced = voiced
    input.length = length
    input.pulses = pulses
    input.pulseGain = pulseGain
    input.energy = energy
    input.bitrate = bitrate
    input.lowestLsf = this.#subframeLsf[0]
    input.secondLsf = this.#subframeLsf[1]
    this.noise.addTo(this.#excitation, input)
  }

  #synthesise(length: number, out: Float64Array, at: number): void {
    lsfToLpc(this.#subframeLsf, this.#a)
    this.#filter.process(this.#a, this.#excitation, length, out, at)
  }
}
