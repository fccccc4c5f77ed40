import { quantiseSteadyEnergy } from './energy-quantizer.ts'
import { FRAME_SAMPLES, FrameSymbols, PACKET_SAMPLES } from './frame-symbols.ts'
import type { LsfQuantizer } from './lsf-quantizer.ts'
import { LSF_ORDER } from './lsf-tables.ts'
import { comfortNoiseLsfBlend } from './tables/noise.ts'

/** Share of the way to an update's spectrum that the decoder goes. */
const LSF_BLEND = comfortNoiseLsfBlend[comfortNoiseLsfBlend.length - 1]
/** Updates in a row at the start of a pause: each moves the spectrum 30 % of the way. */
const OPENING_UPDATES = 4
/** Packets without data between two updates at most. */
const MOST_GAPS = 5
/** Change of the energy symbol, about 1 dB each, that calls for an update. */
const NOTICEABLE_ENERGY_STEP = 2

/** Background noise as comfort-noise updates describe it: mean spectrum and energy of a packet, and when to say so. */
export class NoiseDescription {
  /** Symbols of the update. */
  readonly symbols = new FrameSymbols()
  /** LSF vector that a decoder has after the update. */
  readonly lsf = new Float32Array(LSF_ORDER)
  readonly #mean = new Float64Array(LSF_ORDER)
  readonly #quantised = new Float32Array(LSF_ORDER)
  /** Energy of the residuals since `begin`, in the end per sample. */
  readonly #energy = new Float64Array(1)
  #frames = 0
  #updates = 0
  #gaps = 0
  #sentEnergy = 0

  /** Speech was sent; the next pause begins with updates. */
  endPause(): void {
    this.#updates = 0
    this.#gaps = 0
  }

  begin(): void {
    this.#mean.fill(0)
    this.#energy[0] = 0
    this.#frames = 0
  }

  addFrame(lsf: Float64Array): void {
    this.#frames += 1
    for (let k = 0; k < LSF_ORDER; k++) this.#mean[k] += (lsf[k] - this.#mean[k]) / this.#frames
  }

  /**
   * Chooses the spectrum symbols. `a` is the packet's last prediction polynomial, `from` the decoder's LSF vector, null
   * when it has heard nothing yet and will take the update's as it is.
   */
  describeSpectrum(quantizer: LsfQuantizer, a: Float64Array, from: Float32Array | null): void {
    this.symbols.voiced = 0
    quantizer.quantise(a, this.#mean, false, this.#quantised, this.symbols, this.#quantised)
    const start = from ?? this.#quantised
    for (let k = 0; k < LSF_ORDER; k++) this.lsf[k] = start[k] + LSF_BLEND * (this.#quantised[k] - start[k])
  }

  /** Takes in what the filter of `lsf` leaves of a frame, 320 samples. */
  addResidual(residual: Float64Array): void {
    let energy = this.#energy[0]
    for (let n = 0; n < FRAME_SAMPLES; n++) energy += residual[n] * residual[n]
    this.#energy[0] = energy
  }

  /** Chooses the energy symbols for the residuals of the packet's three frames. */
  describeEnergy(): void {
    this.#energy[0] /= PACKET_SAMPLES
    quantiseSteadyEnergy(this.#energy, this.symbols)
  }

  /** Whether this packet needs an update; otherwise it may go without data. */
  wantsUpdate(): boolean {
    const change = Math.abs(this.symbols.energyMean - this.#sentEnergy)
    const wanted = this.#updates < OPENING_UPDATES || this.#gaps >= MOST_GAPS || change >= NOTICEABLE_ENERGY_STEP
    if (wanted) {
      this.#updates += 1
      this.#gaps = 0
      this.#sentEnergy = this.symbols.energyMean
    } else this.#gaps += 1
    return wanted
  }
}
