import type { AudioDecoder } from '../codec.ts'
import { ComfortNoise, NOISE_SUBFRAME } from './comfort-noise.ts'
import { Concealment } from './concealment.ts'
import { CoreRenderer } from './core-renderer.ts'
import { bitrateByPulses, LOWEST_BITRATE } from './energy.ts'
import { FRAME_SAMPLES, FRAMES_PER_PACKET, FrameSymbols, LAGS_PER_FRAME, PACKET_SAMPLES } from './frame-symbols.ts'
import { codeComfortNoise, FrameSyntax } from './frame-syntax.ts'
import { dequantiseLsf, spaceLsf } from './lsf.ts'
import { LSF_ORDER } from './lsf-tables.ts'
import { FrameSlices, MAX_CONTAINER_FRAMES } from './packet.ts'
import { RangeDecoder } from './range-decoder.ts'
import type { Renderer } from './renderer.ts'
import { frameKind, frameSamples, isLowRate, MAX_FRAME_SAMPLES } from './toc.ts'

const SAMPLE_RATE_HZ = 16000
const SAMPLES_PER_LAG = FRAME_SAMPLES / LAGS_PER_FRAME

/**
 * Decoder of MLow payloads (docs/protocol/mlow.md): 16 kHz mono, 60 ms packets; comfort noise and concealment of lost
 * packets; 48 samples of delay. Start reading at `#decodeCoded`.
 */
export class MlowDecoder implements AudioDecoder {
  readonly sampleRateHz = SAMPLE_RATE_HZ
  readonly maxSamples = MAX_CONTAINER_FRAMES * MAX_FRAME_SAMPLES
  /** Frames of a kind that is not decoded here (standard Opus, other rates); silence of their duration stands for them. */
  unsupportedFrames = 0
  /** From frames to samples, with all that carries over from packet to packet but for comfort noise and concealment. */
  readonly renderer: Renderer

  readonly #slices = new FrameSlices()
  readonly #symbols = new RangeDecoder()
  readonly #syntax = new FrameSyntax()
  readonly #frames = Array.from({ length: FRAMES_PER_PACKET }, () => new FrameSymbols())
  readonly #lsf = Array.from({ length: FRAMES_PER_PACKET }, () => new Float32Array(LSF_ORDER))
  readonly #comfortNoise = new ComfortNoise()
  readonly #concealment = new Concealment()
  readonly #concealed = new Float32Array(PACKET_SAMPLES)

  constructor(renderer: Renderer = new CoreRenderer()) {
    this.renderer = renderer
  }

  reset(): void {
    this.renderer.reset()
    this.#comfortNoise.reset()
    this.#concealment.reset()
  }

  decode(payload: Uint8Array, out: Float32Array): number {
    if (payload.length === 0) return 0
    const slices = this.#slices
    slices.parse(payload, 0, payload.length)
    let samples = 0
    this.renderer.begin()
    for (let i = 0; i < slices.count; i++) {
      samples += this.#decodeFrame(payload, slices.starts[i], slices.ends[i], out, samples)
    }
    this.renderer.end()
    return samples
  }

  /** Comfort noise goes on for `samples`, a packet's at most: what a packet without data stands for in a call. */
  proceed(samples: number, out: Float32Array): number {
    this.renderer.begin()
    this.#proceedWithNoise(samples, out, 0)
    this.renderer.end()
    return samples
  }

  /**
   * Noise goes on after comfort noise, for as long as it is asked to. After speech the last sound goes on and fades
   * into the background.
   */
  conceal(samples: number, out: Float32Array): number {
    this.renderer.begin()
    for (let done = 0; done < samples; ) {
      const wanted = Math.min(samples - done, PACKET_SAMPLES)
      const subframes = Math.ceil(wanted / NOISE_SUBFRAME)
      this.#concealment.render(this.renderer, this.#comfortNoise, subframes)
      this.renderer.postfilter(subframes * NOISE_SUBFRAME, this.#concealed, 0)
      for (let n = 0; n < wanted; n++) out[done + n] = this.#concealed[n]
      done += wanted
    }
    this.renderer.end()
    return samples
  }

  /**
   * As `conceal`, when `next` is there already: the last 20 ms are the first of `next`, played ahead of their time, so that
   * spectrum, pitch and level lead to what follows.
   */
  concealBefore(next: Uint8Array, samples: number, out: Float32Array): number {
    const ahead = samples - FRAME_SAMPLES
    if (ahead < 0 || samples > PACKET_SAMPLES || ahead % NOISE_SUBFRAME !== 0) return this.conceal(samples, out)
    const slices = this.#slices
    slices.parse(next, 0, next.length)
    const from = slices.starts[0]
    const kind = from < slices.ends[0] ? frameKind(next[from]) : 'unsupported'
    if (kind !== 'active' && kind !== 'hangover' && kind !== 'inactive') return this.conceal(samples, out)
    const { renderer } = this
    renderer.begin()
    this.#concealment.render(renderer, this.#comfortNoise, ahead / NOISE_SUBFRAME)
    this.#symbols.start(next, from + 1, slices.ends[0])
    this.#syntax.begin(kind === 'inactive', isLowRate(next[from]))
    this.#decodeInternalFrame(0, isLowRate(next[from]), ahead)
    renderer.bitrate[0] = bitrateByPulses[this.#frames[0].pulseCount]
    this.#stopRunaway()
    renderer.postfilter(samples, this.#concealed, 0)
    renderer.end()
    for (let n = 0; n < samples; n++) out[n] = this.#concealed[n]
    return samples
  }

  #decodeFrame(payload: Uint8Array, from: number, to: number, out: Float32Array, at: number): number {
    if (from >= to) return 0
    const toc = payload[from]
    const kind = frameKind(toc)
    this.#symbols.start(payload, from + 1, to)
    switch (kind) {
      case 'active':
      case 'hangover':
      case 'inactive':
        return this.#decodeCoded(kind === 'inactive', isLowRate(toc), out, at)
      case 'comfort-noise':
        return this.#decodeComfortNoise(out, at)
      case 'no-data':
        return this.#proceedWithNoise(frameSamples(payload, from, to), out, at)
      default:
        return this.#skip(payload, from, to, out, at)
    }
  }

  #decodeCoded(inactive: boolean, lowRate: boolean, out: Float32Array, at: number): number {
    const { renderer } = this
    this.#syntax.begin(inactive, lowRate)
    renderer.bitrate[0] = 0
    for (let f = 0; f < FRAMES_PER_PACKET; f++) {
      this.#decodeInternalFrame(f, lowRate, f * FRAME_SAMPLES)
      renderer.bitrate[0] += bitrateByPulses[this.#frames[f].pulseCount] / FRAMES_PER_PACKET
    }
    this.#stopRunaway()
    this.#concealment.afterCoded(this.#frames[FRAMES_PER_PACKET - 1], inactive, renderer)
    renderer.postfilter(PACKET_SAMPLES, out, at)
    return PACKET_SAMPLES
  }

  /** Reads internal frame `f` of the packet and renders it at sample `at`. */
  #decodeInternalFrame(f: number, lowRate: boolean, at: number): void {
    const { renderer } = this
    const frame = this.#frames[f]
    this.#syntax.code(this.#symbols, frame)
    const previous = this.#lsf[f === 0 ? 0 : f - 1]
    dequantiseLsf(frame.voiced, lowRate ? 1 : 0, frame.centroid, frame.stage2, previous, this.#lsf[f])
    spaceLsf(frame.voiced, this.#lsf[f])
    renderer.codedFrame(frame, this.#lsf[f], lowRate, at)
    const block = at / SAMPLES_PER_LAG
    for (let i = 0; i < LAGS_PER_FRAME; i++) {
      renderer.lags[block + i] = frame.voiced === 1 ? 32 + frame.lagIndex[i] / 2 : 0
    }
  }

  #stopRunaway(): void {
    if (!this.renderer.ranAway) return
    this.renderer.reset()
    this.renderer.silence()
  }

  #decodeComfortNoise(out: Float32Array, at: number): number {
    const frame = this.#frames[0]
    const lsf = this.#lsf[0]
    codeComfortNoise(this.#symbols, frame)
    dequantiseLsf(0, 0, frame.centroid, frame.stage2, lsf, lsf)
    spaceLsf(0, lsf)
    this.#comfortNoise.update(this.renderer, frame, lsf, PACKET_SAMPLES / NOISE_SUBFRAME)
    return this.#finishNoise(PACKET_SAMPLES, out, at)
  }

  #proceedWithNoise(samples: number, out: Float32Array, at: number): number {
    this.#comfortNoise.proceed(this.renderer, samples / NOISE_SUBFRAME)
    return this.#finishNoise(samples, out, at)
  }

  #finishNoise(samples: number, out: Float32Array, at: number): number {
    const { renderer } = this
    renderer.lags.fill(0)
    renderer.bitrate[0] = LOWEST_BITRATE
    this.#concealment.afterNoise(renderer)
    renderer.postfilter(samples, out, at)
    return samples
  }

  /** Silence of the duration that the first byte names, all state left alone. */
  #skip(payload: Uint8Array, from: number, to: number, out: Float32Array, at: number): number {
    this.unsupportedFrames++
    const samples = frameSamples(payload, from, to)
    out.fill(0, at, at + samples)
    return samples
  }
}
