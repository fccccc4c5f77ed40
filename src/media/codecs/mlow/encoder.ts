import type { AudioEncoder } from '../codec.ts'
import { quantiseEnergy } from './energy-quantizer.ts'
import { ExcitationSearch, type SubframeTarget } from './excitation-search.ts'
import { FRAME_SAMPLES, FRAMES_PER_PACKET, FrameSymbols, MAX_SUBFRAMES, PACKET_SAMPLES } from './frame-symbols.ts'
import { codeComfortNoise, FrameSyntax } from './frame-syntax.ts'
import { InputHighpass } from './input-highpass.ts'
import { InterpolatedPrediction } from './interpolated-prediction.ts'
import { completeKernelMemory } from './kernels.ts'
import { LPC_WINDOW_LEAD, LpcAnalysis } from './lpc-analysis.ts'
import { lpcToLsf } from './lpc-to-lsf.ts'
import { LsfQuantizer, MOST_CANDIDATES } from './lsf-quantizer.ts'
import { LSF_ORDER } from './lsf-tables.ts'
import { NoiseDescription } from './noise-description.ts'
import { MOST_TRACKS, OpenLoopPitch } from './open-loop-pitch.ts'
import {
  PERCEPTUAL_CHUNK_SAMPLES,
  PERCEPTUAL_LAGS,
  PERCEPTUAL_WINDOW_SAMPLES,
  PerceptualModel,
  WEIGHTING_TAPS,
  WeightingFilter,
} from './perceptual.ts'
import { RangeEncoder } from './range-encoder.ts'
import { RateControl } from './rate-control.ts'
import { MAX_REDUNDANCY_BYTES, SplitRedWriter } from './split-red-writer.ts'
import { perceptualEmphasisUnvoiced, perceptualEmphasisVoiced } from './tables/celp.ts'
import { TOC_ACTIVE, TOC_COMFORT_NOISE, TOC_HANGOVER, TOC_INACTIVE, TOC_NO_DATA } from './toc.ts'
import { VoiceActivityDetector } from './voice-activity.ts'
import { VoicingMeasure } from './voicing.ts'
import { WeightedSpeech } from './weighted-speech.ts'

// All modules that work in the kernels' memory are loaded by now.
completeKernelMemory()

const MAX_BODY_BYTES = 512
const CHUNKS_PER_FRAME = 2
/** Samples by which the coded speech lags behind the input: look-ahead of the analyses. */
const LOOKAHEAD = 32
/** Samples of earlier packets that the windows reach back to. */
const HISTORY = PERCEPTUAL_WINDOW_SAMPLES - PERCEPTUAL_CHUNK_SAMPLES - LOOKAHEAD
const SUBFRAME_SAMPLES = FRAME_SAMPLES / MAX_SUBFRAMES
/** Share of the candidates in quantiser and pitch search that each complexity examines, 0 .. 10. */
const SEARCH_SHARE = [0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
const DEFAULT_COMPLEXITY = 10
const LOWEST_BIT_RATE = 6000
const HIGHEST_BIT_RATE = 30000
const DEFAULT_BIT_RATE = 20000

export interface MlowEncoderOptions {
  /** Target in bit/s while someone speaks, 6000 .. 30000; default 20000. */
  readonly bitRate?: number
  /** Discontinuous transmission: pauses become comfort-noise updates and packets without data; default off. */
  readonly dtx?: boolean
  /** 0 (fast) .. 10 (every candidate that the original encoder looks at); default 10. */
  readonly complexity?: number
  /** Redundancy level that the call negotiated: 1 sends every packet again with the next one; default 0. */
  readonly redundancyLevel?: 0 | 1
}

/** MLow, 16 kHz mono, packets of 60 ms; the output lags 32 samples behind the input. See docs/protocol/mlow-encoder.md. */
export class MlowEncoder implements AudioEncoder {
  readonly sampleRateHz = 16000
  readonly frameSamples = PACKET_SAMPLES
  readonly maxPayloadBytes: number

  readonly #dtx: boolean
  readonly #redundancy: SplitRedWriter | null
  readonly #highpass = new InputHighpass()
  readonly #voiceActivity = new VoiceActivityDetector()
  readonly #lpc = new LpcAnalysis()
  readonly #perceptual = new PerceptualModel()
  readonly #weighted = new WeightedSpeech()
  readonly #pitch: OpenLoopPitch
  readonly #voicing = new VoicingMeasure()
  readonly #quantizer: LsfQuantizer
  readonly #prediction = new InterpolatedPrediction()
  readonly #excitation = new ExcitationSearch()
  readonly #rate: RateControl
  readonly #syntax = new FrameSyntax()
  readonly #coder = new RangeEncoder()

  /** High-passed input: what came before the packet, the packet, and zeros for what comes after it. */
  readonly #signal = new Float64Array(HISTORY + PACKET_SAMPLES + LOOKAHEAD)
  readonly #activity = new Float64Array(FRAMES_PER_PACKET)
  readonly #frame = new FrameSymbols()
  readonly #lsf = new Float64Array(LSF_ORDER)
  readonly #quantised = new Float32Array(LSF_ORDER)
  readonly #previousLsf = new Float32Array(LSF_ORDER)
  #started = false
  #previousVoiced = 0
  readonly #noise = new NoiseDescription()
  /** Perceptual autocorrelation of each subframe. */
  readonly #subframePerception: readonly Float64Array[] = Array.from(
    { length: MAX_SUBFRAMES },
    () => new Float64Array(PERCEPTUAL_LAGS),
  )
  /** By voicing. */
  readonly #weightingDesigns = [
    new WeightingFilter(WEIGHTING_TAPS, perceptualEmphasisUnvoiced[0]),
    new WeightingFilter(WEIGHTING_TAPS, perceptualEmphasisVoiced[0]),
  ]
  readonly #target: SubframeTarget = {
    residual: this.#prediction.residual,
    residualStart: 0,
    lpc: this.#prediction.lpc[0],
    weighting: new Float64Array(WEIGHTING_TAPS),
    importance: 0,
    mostPulses: 0,
  }

  constructor(options: MlowEncoderOptions = {}) {
    const bitRate = options.bitRate ?? DEFAULT_BIT_RATE
    if (!(bitRate >= LOWEST_BIT_RATE && bitRate <= HIGHEST_BIT_RATE)) {
      throw new RangeError(`bit rate ${bitRate} is outside ${LOWEST_BIT_RATE} .. ${HIGHEST_BIT_RATE} bit/s`)
    }
    this.#dtx = options.dtx ?? false
    this.#redundancy = options.redundancyLevel === 1 ? new SplitRedWriter() : null
    this.maxPayloadBytes = 1 + MAX_BODY_BYTES + (this.#redundancy === null ? 0 : MAX_REDUNDANCY_BYTES)
    const share = SEARCH_SHARE[options.complexity ?? DEFAULT_COMPLEXITY]
    if (share === undefined) throw new RangeError(`complexity ${options.complexity} is not one of 0 .. 10`)
    this.#quantizer = new LsfQuantizer(bitRate, Math.ceil(share * MOST_CANDIDATES))
    this.#pitch = new OpenLoopPitch(Math.ceil(share * MOST_TRACKS))
    this.#rate = new RateControl(bitRate)
  }

  reset(): void {
    this.#highpass.reset()
    this.#voiceActivity.reset()
    this.#perceptual.reset()
    this.#weighted.reset()
    this.#pitch.reset()
    this.#voicing.reset()
    this.#excitation.reset()
    this.#rate.reset()
    this.#noise.endPause()
    this.#redundancy?.reset()
    this.#previousVoiced = 0
    this.#signal.fill(0)
    this.#started = false
  }

  encode(pcm: Float32Array, out: Uint8Array): number {
    const bytes = this.#encodePacket(pcm, out)
    return this.#redundancy === null ? bytes : this.#redundancy.wrap(out, bytes)
  }

  #encodePacket(pcm: Float32Array, out: Uint8Array): number {
    this.#signal.copyWithin(0, PACKET_SAMPLES, PACKET_SAMPLES + HISTORY)
    this.#highpass.filter(pcm, this.#signal, HISTORY, PACKET_SAMPLES)
    const toc = this.#classify(pcm)
    const codedActive = toc !== TOC_INACTIVE
    if (this.#dtx && !codedActive) return this.#encodeNoise(out)
    this.#noise.endPause()
    out[0] = toc
    this.#coder.start(out, 1)
    this.#syntax.begin(!codedActive, false)
    this.#excitation.forgetPredictors()
    for (let frame = 0; frame < FRAMES_PER_PACKET; frame++) this.#encodeFrame(frame, codedActive)
    const bytes = this.#finishPacket(out)
    this.#rate.packetDone(bytes, codedActive)
    return bytes
  }

  /**
   * Ends the body and returns the packet's length. The coder drops zero bytes at the end; so many stay that no decoder
   * has to count bits behind the last byte.
   */
  #finishPacket(out: Uint8Array): number {
    const bits = this.#coder.tell
    let body = this.#coder.finish()
    while (bits > 8 * body + 7) {
      body += 1
      out[body] = 0
    }
    return 1 + body
  }

  /** Voice activity of the three frames; the packet's first byte follows from it. */
  #classify(pcm: Float32Array): number {
    const detector = this.#voiceActivity
    let active = false
    let hangover = false
    for (let frame = 0; frame < FRAMES_PER_PACKET; frame++) {
      detector.process(pcm, frame * FRAME_SAMPLES)
      this.#activity[frame] = detector.activity
      active ||= detector.active
      hangover ||= detector.hangover
    }
    if (active) return TOC_ACTIVE
    return hangover ? TOC_HANGOVER : TOC_INACTIVE
  }

  /** A pause: a comfort-noise update, or no data while the last one still holds. Returns the packet's length. */
  #encodeNoise(out: Uint8Array): number {
    const noise = this.#noise
    noise.begin()
    for (let frame = 0; frame < FRAMES_PER_PACKET; frame++) {
      this.#analyse(frame, false)
      noise.addFrame(this.#lsf)
    }
    noise.describeSpectrum(this.#quantizer, this.#lpc.a, this.#started ? this.#previousLsf : null)
    this.#filterNoise(noise)
    noise.describeEnergy()
    this.#excitation.reset()
    this.#previousVoiced = 0
    if (!noise.wantsUpdate()) {
      out[0] = TOC_NO_DATA
      return 1
    }
    this.#previousLsf.set(noise.lsf)
    this.#started = true
    out[0] = TOC_COMFORT_NOISE
    this.#coder.start(out, 1)
    codeComfortNoise(this.#coder, noise.symbols)
    return this.#finishPacket(out)
  }

  /** Hands over what a decoder's filter for the noise leaves of the packet. */
  #filterNoise(noise: NoiseDescription): void {
    for (let frame = 0; frame < FRAMES_PER_PACKET; frame++) {
      this.#prediction.filter(this.#signal, HISTORY + frame * FRAME_SAMPLES - LOOKAHEAD, noise.lsf, noise.lsf, false)
      noise.addResidual(this.#prediction.residual)
    }
  }

  /** Prediction, line spectrum, perceptual model and voicing of a frame; returns 1 when it is voiced. */
  #analyse(frame: number, codedActive: boolean): number {
    const isLast = frame === FRAMES_PER_PACKET - 1
    const start = HISTORY + frame * FRAME_SAMPLES
    this.#lpc.analyse(this.#signal, start - LPC_WINDOW_LEAD, isLast)
    lpcToLsf(this.#lpc.a, this.#lsf)
    this.#perceive(start, isLast)
    return this.#decideVoicing(frame, codedActive)
  }

  #encodeFrame(frame: number, codedActive: boolean): void {
    const voiced = this.#analyse(frame, codedActive)
    const symbols = this.#frame
    symbols.voiced = voiced
    if (voiced === 1) {
      symbols.contour = this.#pitch.contour
      symbols.lagIndex.set(this.#pitch.lagIndex)
    }
    this.#quantiseSpectrum(frame, codedActive)
    if (voiced === 0) quantiseEnergy(this.#prediction.residual, symbols)
    this.#searchExcitation(frame, codedActive ? 1 + voiced : 0)
    this.#syntax.code(this.#coder, symbols)
    if (voiced === 1 && frame < FRAMES_PER_PACKET - 1)
      this.#pitch.setPredictor(symbols.lagIndex[7] >> 6, symbols.lagIndex[7])
    else this.#pitch.forgetPredictor()
    this.#previousVoiced = voiced
  }

  /** Perceptual spectrum and weighted speech of the four subframes. */
  #perceive(start: number, isLastFrame: boolean): void {
    this.#weighted.beginFrame()
    for (let chunk = 0; chunk < CHUNKS_PER_FRAME; chunk++) {
      const end = start + (chunk + 1) * PERCEPTUAL_CHUNK_SAMPLES + LOOKAHEAD
      const isLastChunk = isLastFrame && chunk === CHUNKS_PER_FRAME - 1
      this.#perceptual.analyse(this.#signal, end - PERCEPTUAL_WINDOW_SAMPLES, isLastChunk)
      this.#subframePerception[2 * chunk].set(this.#perceptual.firstSubframe)
      this.#subframePerception[2 * chunk + 1].set(this.#perceptual.secondSubframe)
    }
    for (let s = 0; s < MAX_SUBFRAMES; s++) {
      this.#weighted.addSubframe(this.#signal, start - LOOKAHEAD, s, this.#subframePerception[s])
    }
  }

  #decideVoicing(frame: number, codedActive: boolean): number {
    const pitch = this.#pitch
    const voicing = this.#voicing
    voicing.setSpectrum(this.#lpc.power)
    if (codedActive) pitch.search(this.#weighted.samples, voicing)
    else pitch.skip()
    voicing.measure(pitch, this.#activity, frame)
    return codedActive && voicing.strength > 0 ? 1 : 0
  }

  #quantiseSpectrum(frame: number, codedActive: boolean): void {
    const symbols = this.#frame
    const conditional = frame > 0 && symbols.voiced === this.#previousVoiced
    this.#quantizer.quantise(this.#lpc.a, this.#lsf, conditional, this.#previousLsf, symbols, this.#quantised)
    // A decoder that has heard nothing interpolates the first spectrum with itself.
    if (!this.#started) this.#previousLsf.set(this.#quantised)
    this.#started = true
    const start = HISTORY + frame * FRAME_SAMPLES - LOOKAHEAD
    this.#prediction.filter(this.#signal, start, this.#previousLsf, this.#quantised, codedActive)
    symbols.interpolation = this.#prediction.index
    this.#previousLsf.set(this.#quantised)
  }

  #searchExcitation(frame: number, kind: number): void {
    const symbols = this.#frame
    const target = this.#target
    const { voiced } = symbols
    const rate = this.#rate
    rate.beginFrame(kind, this.#voicing, this.#activity, frame)
    target.residual = this.#prediction.residual
    target.mostPulses = rate.mostPulses
    for (let s = 0; s < MAX_SUBFRAMES; s++) {
      this.#weightingDesigns[voiced].design(this.#subframePerception[s], target.weighting)
      target.residualStart = s * SUBFRAME_SAMPLES
      target.lpc = this.#prediction.lpc[s]
      rate.weigh(this.#weighted.energies, s, voiced)
      target.importance = rate.importance
      this.#excitation.search(target, symbols, s)
    }
  }
}
