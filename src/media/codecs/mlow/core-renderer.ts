import { bitrateByPulses, LOWEST_BITRATE, residualEnergies } from './energy.ts'
import { FRAME_SAMPLES, type FrameSymbols, LAGS_PER_FRAME, MAX_SUBFRAMES, PACKET_SAMPLES } from './frame-symbols.ts'
import { interpolateLsf } from './lsf.ts'
import { LSF_ORDER } from './lsf-tables.ts'
import { type Renderer, RUNAWAY_LEVEL } from './renderer.ts'
import * as core from './rendering-core.ts'
import { acbGainQ14HighRate, acbGainQ14LowRate } from './tables/celp.ts'
import { lsfInterpolationWeights2, lsfInterpolationWeights4 } from './tables/lsf.ts'
import { unvoicedPulseGain, voicedPulseGain } from './tables/noise.ts'

const { SUBFRAME_VALUES, PULSES, GAIN, ENERGY, CENTRE, SIDE } = core
const NOISE_SUBFRAME = FRAME_SAMPLES / MAX_SUBFRAMES

/**
 * Rendering in WebAssembly. The one core of the process is lent to a renderer from `begin` to `end`, its state being
 * copied in and out; all else is written where the core reads it.
 */
export class CoreRenderer implements Renderer {
  readonly lsf = new Float32Array(LSF_ORDER)
  readonly energy = new Float64Array(1)
  readonly bitrate = new Float64Array(1)
  readonly lags = core.lags
  readonly #state = new Float64Array(core.state.length)
  /** Per sample, of the subframes of an unvoiced frame. */
  readonly #energies = new Float64Array(MAX_SUBFRAMES)
  #started = false

  get started(): boolean {
    return this.#started
  }

  get ranAway(): boolean {
    return core.rendering.isWithin(RUNAWAY_LEVEL) === 0
  }

  get seed(): number {
    return this.#state[core.SEED]
  }

  get noiseLevel(): number {
    return this.#state[core.NOISE_LEVEL]
  }

  reset(): void {
    this.lsf.fill(0)
    this.energy[0] = 0
    this.#state.fill(0)
    core.state.fill(0)
    this.#started = false
  }

  begin(): void {
    core.state.set(this.#state)
  }

  end(): void {
    this.#state.set(core.state)
  }

  startFrom(lsf: Float32Array): void {
    this.#started = true
    this.lsf.set(lsf)
  }

  codedFrame(frame: FrameSymbols, lsf: Float32Array, lowRate: boolean, at: number): void {
    if (!this.#started) this.startFrom(lsf)
    const subframes = lowRate ? MAX_SUBFRAMES / 2 : MAX_SUBFRAMES
    core.bitrate[0] = bitrateByPulses[frame.pulseCount]
    residualEnergies(frame.energyQ14, this.#energies)
    for (let s = 0; s < subframes; s++) this.#setSubframe(frame, lsf, lowRate, subframes, s)
    this.lsf.set(core.lsf[subframes - 1])
    placePulses(frame, FRAME_SAMPLES / subframes)
    for (let i = 0; i < LAGS_PER_FRAME; i++) core.lagIndex[i] = frame.lagIndex[i]
    core.rendering.codedFrame(at, frame.voiced, lowRate ? 1 : 0)
  }

  noiseSubframe(at: number): void {
    core.bitrate[0] = LOWEST_BITRATE
    core.subframes[PULSES] = 0
    core.subframes[ENERGY] = this.energy[0]
    core.lsf[0].set(this.lsf)
    core.rendering.noiseSubframe(at)
  }

  repeatedSubframe(lagIndex: Int16Array, level: Float64Array, pulses: number, at: number): void {
    core.bitrate[0] = bitrateByPulses[pulses]
    core.level[0] = level[0]
    for (let i = 0; i < 2; i++) core.lagIndex[i] = lagIndex[i]
    core.lsf[0].set(this.lsf)
    core.rendering.repeatedSubframe(at)
  }

  silence(): void {
    core.signal.fill(0)
  }

  postfilter(samples: number, out: Float32Array, at: number): void {
    core.bitrate[0] = this.bitrate[0]
    core.rendering.postfilter(samples)
    if (samples === PACKET_SAMPLES) out.set(core.pcm, at)
    else for (let n = 0; n < samples; n++) out[at + n] = core.pcm[n]
  }

  #setSubframe(frame: FrameSymbols, lsf: Float32Array, lowRate: boolean, subframes: number, s: number): void {
    const own = core.lsf[s]
    const weights = lowRate ? lsfInterpolationWeights2 : lsfInterpolationWeights4
    interpolateLsf(this.lsf, lsf, weights, frame.interpolation * subframes + s, own)
    const values = core.subframes
    const at = s * SUBFRAME_VALUES
    const pulses = frame.subframePulses[s]
    values[at + PULSES] = pulses
    if (frame.voiced === 1) {
      const gains = lowRate ? acbGainQ14LowRate : acbGainQ14HighRate
      values[at + CENTRE] = gains[2 * frame.acbGain[s]] / 16384
      values[at + SIDE] = gains[2 * frame.acbGain[s] + 1] / 16384
      values[at + GAIN] = pulses === 0 ? 0 : voicedPulseGain[frame.pulseGain[s]]
      return
    }
    const energy = this.#energies[s]
    this.energy[0] = energy * NOISE_SUBFRAME
    values[at + ENERGY] = (energy * FRAME_SAMPLES) / subframes
    values[at + GAIN] = pulses === 0 ? 0 : unvoicedPulseGain[frame.pulseGain[s]]
  }
}

function placePulses(frame: FrameSymbols, length: number): void {
  const { positions, magnitudes, signs, positionCount } = frame
  const { excitation, subframes } = core
  excitation.fill(0)
  let gain = 0
  for (let i = 0, end = 0, s = -1; i < positionCount; i++) {
    const position = positions[i]
    while (position >= end) {
      end += length
      gain = subframes[++s * SUBFRAME_VALUES + GAIN]
    }
    excitation[position] = signs[i] * magnitudes[i] * gain
  }
}
