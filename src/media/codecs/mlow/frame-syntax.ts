import { codeEnergy, codeUnvoicedGains } from './energy-syntax.ts'
import type { FrameSymbols } from './frame-symbols.ts'
import { LSF_CENTROIDS, LSF_ORDER, lsfStage2Cdf, lsfStage2CdfStart, lsfStage2List } from './lsf-tables.ts'
import { PitchSyntax } from './pitch-syntax.ts'
import { codePulses } from './pulse-syntax.ts'
import type { SymbolCoder } from './symbol-coder.ts'
import { lsfCentroidCdf, lsfCentroidConditionalCdf, lsfInterpolationCdf, lsfVoicingCdf } from './tables/lsf.ts'

const CENTROID_ENTRIES = LSF_CENTROIDS + 1
const CONDITIONAL_CENTROID_ENTRIES = LSF_CENTROIDS + 2

/**
 * The order of the symbols in a packet, for reading and writing alike: with a reader the frame is filled, with a
 * writer it is written. Nothing carries over from one packet to the next.
 */
export class FrameSyntax {
  /** Whether the frame coded last had the voicing of the one before it, so that it may refer to it. */
  conditional = false
  readonly #pitch = new PitchSyntax()
  #short = false
  #lowRate = 0
  #frame = 0
  #previousVoiced = 0

  /** Begins a packet. `short`: the syntax of coded-inactive packets, without voicing and interpolation. */
  begin(short: boolean, lowRate: boolean): void {
    this.#short = short
    this.#lowRate = lowRate ? 1 : 0
    this.#frame = 0
    this.#previousVoiced = 0
  }

  /** Codes the next internal frame of the packet. */
  code(coder: SymbolCoder, frame: FrameSymbols): void {
    this.#codeVoicing(coder, frame)
    this.conditional = this.#frame > 0 && frame.voiced === this.#previousVoiced
    if (!this.conditional) this.#pitch.forget()
    codeLsf(coder, frame, this.conditional, this.#lowRate)
    frame.interpolation = this.#short ? 0 : coder.symbol(lsfInterpolationCdf, 0, 3, frame.interpolation)
    codePulses(coder, frame, this.#short ? 0 : 1 + frame.voiced, this.#lowRate)
    if (frame.voiced === 1) {
      this.#pitch.code(coder, frame, this.#lowRate)
      frame.energyQ14.fill(0)
    } else {
      codeEnergy(coder, frame, this.#lowRate)
      codeUnvoicedGains(coder, frame, this.#lowRate)
      frame.acbGain.fill(0)
    }
    this.#previousVoiced = frame.voiced
    this.#frame++
  }

  #codeVoicing(coder: SymbolCoder, frame: FrameSymbols): void {
    if (this.#short) {
      frame.voiced = 0
      return
    }
    const row = this.#frame === 0 ? 0 : 1 + this.#previousVoiced
    frame.voiced = coder.symbol(lsfVoicingCdf, row * 3, 3, frame.voiced)
  }
}

/** The body of a comfort-noise update: spectrum and energy of an unvoiced frame. */
export function codeComfortNoise(coder: SymbolCoder, frame: FrameSymbols): void {
  frame.voiced = 0
  codeLsf(coder, frame, false, 0)
  codeEnergy(coder, frame, 0)
}

function codeLsf(coder: SymbolCoder, frame: FrameSymbols, conditional: boolean, lowRate: number): void {
  const { voiced, stage2 } = frame
  frame.centroid = conditional
    ? coder.symbol(
        lsfCentroidConditionalCdf,
        voiced * CONDITIONAL_CENTROID_ENTRIES,
        CONDITIONAL_CENTROID_ENTRIES,
        frame.centroid,
      )
    : coder.symbol(lsfCentroidCdf, voiced * CENTROID_ENTRIES, CENTROID_ENTRIES, frame.centroid)
  const list = lsfStage2List(voiced, lowRate, frame.centroid)
  for (let k = 0; k < LSF_ORDER; k++) {
    const first = lsfStage2CdfStart[list + k]
    stage2[k] = coder.symbol(lsfStage2Cdf, first, lsfStage2CdfStart[list + k + 1] - first, stage2[k])
  }
}
