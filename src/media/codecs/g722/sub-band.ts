import { ANTILOG } from './tables.ts'

const ZEROS = 6
/** The leakage factors of G.722, section 3.6.3, in 32768ths. */
const SECOND_POLE_LEAK = 32512
const LEAK = 32640
const LARGEST_SECOND_POLE = 12288
const LARGEST_POLE_SUM = 15360

/** One band's constants. */
export interface SubBandForm {
  /** Of the step's logarithm (G.722, section 3.5). */
  readonly largestLog: number
  /** Log units per octave are 2048; this many octaves above the table the step is the table's entry. */
  readonly antilogShift: number
  readonly firstStep: number
}

export const LOWER_BAND: SubBandForm = { largestLog: 18432, antilogShift: 8, firstStep: 32 }
export const HIGHER_BAND: SubBandForm = { largestLog: 22528, antilogShift: 10, firstStep: 8 }

/**
 * What encoder and decoder of one band have in common: the step that adapts, and the predictor of two poles and six
 * zeros (G.722, section 6.2, blocks 3L/3H and 4L/4H). All numbers are 16-bit integers, and saturate as such.
 */
export class SubBand {
  /** The step, in units of the signal times 4 and up. */
  step: number
  /** What the next sample is expected to be. */
  prediction = 0
  readonly #form: SubBandForm
  #log = 0
  #zerosPrediction = 0
  /** The last two reconstructed samples and the last two sums of difference and zeros' prediction. */
  #r1 = 0
  #r2 = 0
  #p1 = 0
  #p2 = 0
  #a1 = 0
  #a2 = 0
  /** Quantised differences, the newest first, and the weights of the zeros. */
  readonly #differences = new Int32Array(ZEROS)
  readonly #b = new Int32Array(ZEROS)

  constructor(form: SubBandForm) {
    this.#form = form
    this.step = form.firstStep
  }

  /** Takes the quantised difference of this sample, and by how much the step's logarithm moves after it. */
  update(difference: number, logStep: number): void {
    this.#adaptStep(logStep)
    const r = saturate(this.prediction + difference)
    const p = saturate(this.#zerosPrediction + difference)
    this.#adaptPoles(p)
    this.#adaptZeros(difference)
    this.#r2 = this.#r1
    this.#r1 = r
    this.#p2 = this.#p1
    this.#p1 = p
    this.#predict()
  }

  reset(): void {
    this.step = this.#form.firstStep
    this.prediction = 0
    this.#log = 0
    this.#zerosPrediction = 0
    this.#r1 = 0
    this.#r2 = 0
    this.#p1 = 0
    this.#p2 = 0
    this.#a1 = 0
    this.#a2 = 0
    this.#differences.fill(0)
    this.#b.fill(0)
  }

  /** LOGSCL, SCALEL; LOGSCH, SCALEH. */
  #adaptStep(logStep: number): void {
    const { largestLog, antilogShift } = this.#form
    const log = ((this.#log * 127) >> 7) + logStep
    this.#log = log < 0 ? 0 : log > largestLog ? largestLog : log
    const mantissa = ANTILOG[(this.#log >> 6) & 31]
    const shift = antilogShift - (this.#log >> 11)
    this.step = (shift < 0 ? mantissa << -shift : mantissa >> shift) << 2
  }

  /** UPPOL2, UPPOL1: a sign-sign gradient, held inside the triangle where the filter is stable. */
  #adaptPoles(p: number): void {
    const agrees1 = sameSign(p, this.#p1)
    const scaled = saturate(4 * this.#a1)
    const first = agrees1 ? saturate(-scaled) : scaled
    const second = sameSign(p, this.#p2) ? 128 : -128
    this.#a2 = limit(second + (first >> 7) + ((this.#a2 * SECOND_POLE_LEAK) >> 15), LARGEST_SECOND_POLE)
    const moved = saturate((agrees1 ? 192 : -192) + ((this.#a1 * LEAK) >> 15))
    this.#a1 = limit(moved, saturate(LARGEST_POLE_SUM - this.#a2))
  }

  /** UPZERO, and the delay line behind it. */
  #adaptZeros(difference: number): void {
    const [b, differences] = [this.#b, this.#differences]
    const stride = difference === 0 ? 0 : 128
    for (let i = 0; i < ZEROS; i++) {
      const move = sameSign(difference, differences[i]) ? stride : -stride
      b[i] = saturate(move + ((b[i] * LEAK) >> 15))
    }
    differences.copyWithin(1, 0, ZEROS - 1)
    differences[0] = difference
  }

  /** FILTEP, FILTEZ, PREDIC. */
  #predict(): void {
    const [b, differences] = [this.#b, this.#differences]
    const poles = saturate(((this.#a1 * saturate(2 * this.#r1)) >> 15) + ((this.#a2 * saturate(2 * this.#r2)) >> 15))
    let zeros = 0
    for (let i = ZEROS - 1; i >= 0; i--) zeros += (b[i] * saturate(2 * differences[i])) >> 15
    this.#zerosPrediction = saturate(zeros)
    this.prediction = saturate(poles + this.#zerosPrediction)
  }
}

export function saturate(value: number): number {
  return value > 32767 ? 32767 : value < -32768 ? -32768 : value
}

function limit(value: number, most: number): number {
  return value > most ? most : value < -most ? -most : value
}

/** Zero counts as positive. */
function sameSign(a: number, b: number): boolean {
  return a < 0 === b < 0
}
