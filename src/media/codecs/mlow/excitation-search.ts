import { AdaptiveCodebook } from './adaptive-codebook.ts'
import type { FrameSymbols } from './frame-symbols.ts'
import { acbGainRateFactor, firstPulseGainRateFactor, nextPulseGainRateFactor } from './gain-rate.ts'
import { LSF_ORDER } from './lsf-tables.ts'
import { WEIGHTING_TAPS } from './perceptual.ts'
import { PulseSearch } from './pulse-search.ts'
import { acbGainQ14HighRate } from './tables/celp.ts'
import { impulseResponseWindow32 } from './tables/encoder-filters.ts'
import { unvoicedPulseGain, voicedPulseGain } from './tables/noise.ts'
import { filterForward } from './weighted-speech.ts'

const LENGTH = 80
const RESPONSE = WEIGHTING_TAPS
const SIDE = RESPONSE - 1
const GAIN_PAIRS = acbGainQ14HighRate.length / 2
const NONE = -1
/** Samples of one lag. */
const LAG_BLOCK = 40
const WINDOW = Float64Array.from(impulseResponseWindow32)
/** Gain pairs (centre, sides), linear. */
const GAINS = Float64Array.from(acbGainQ14HighRate, (gain) => gain / 16384)
/** Share of the adaptive contribution that counts in the price of pulses. */
const PRICE_SHARE = 0.9
const HIGHEST_GAIN_INDEX_PAIR = 32

/** What the search needs to know about a subframe. */
export interface SubframeTarget {
  /** LPC residual of the frame's coded speech; the subframe starts at `residualStart`. */
  residual: Float64Array
  residualStart: number
  /** 17 prediction coefficients, the leading 1 included. */
  lpc: Float64Array
  /** 32 coefficients of the weighting filter, the leading 1 included. */
  weighting: Float64Array
  importance: number
  mostPulses: number
}

/**
 * Chooses adaptive-codebook gains, pulses and pulse gain of a subframe so that the synthesised speech comes close to
 * the input, weighted as the ear does. Follows the decoder's excitation and filter state from subframe to subframe.
 */
export class ExcitationSearch {
  readonly #codebook = new AdaptiveCodebook()
  readonly #pulses = new PulseSearch()
  #previousAcbGain = NONE
  #previousPulseGain = NONE
  #acbGain = 0

  readonly #residual = new Float64Array(LENGTH)
  /** Sixteen zeros and the response before it is windowed. */
  readonly #rawResponse = new Float64Array(LSF_ORDER + RESPONSE)
  readonly #response = new Float64Array(RESPONSE)
  /** Autocorrelation of the response as a symmetric filter: lags -31 .. 31. */
  readonly #toeplitz = new Float64Array(2 * SIDE + 1)
  readonly #padded = new Float64Array(LENGTH + 2 * SIDE + 4)
  /** Error of the synthesised speech: the last 31 samples, then the ringing of the filter. */
  readonly #error = new Float64Array(SIDE + RESPONSE)
  readonly #ringing = new Float64Array(RESPONSE)
  readonly #backRinging = new Float64Array(RESPONSE)
  readonly #correlated = new Float64Array(LENGTH)
  readonly #target = new Float64Array(LENGTH)
  readonly #centre = new Float64Array(LENGTH)
  readonly #sides = new Float64Array(LENGTH)
  readonly #wideCentre = new Float64Array(LENGTH + 2)
  readonly #filteredCentre = new Float64Array(LENGTH)
  readonly #filteredSides = new Float64Array(LENGTH)
  readonly #excitation = new Float64Array(LENGTH)
  readonly #signedCounts = new Int8Array(LENGTH)
  readonly #synthesisError = new Float64Array(LSF_ORDER + LENGTH)

  // Inner products of the adaptive basis with itself and with the target.
  #centreEnergy = 0
  #sidesEnergy = 0
  #crossEnergy = 0
  #centreTarget = 0
  #sidesTarget = 0
  #targetEnergy = 0

  reset(): void {
    this.#codebook.reset()
    this.#error.fill(0)
    this.#synthesisError.fill(0)
    this.forgetPredictors()
  }

  /** The gains of the next subframe are coded without reference to earlier ones. */
  forgetPredictors(): void {
    this.#previousAcbGain = NONE
    this.#previousPulseGain = NONE
  }

  /** Searches subframe `subframe` of `frame` (voicing and lags are set) and enters the result there. */
  search(target: SubframeTarget, frame: FrameSymbols, subframe: number): void {
    const residual = this.#residual
    for (let n = 0; n < LENGTH; n++) residual[n] = target.residual[target.residualStart + n]
    this.#makeResponse(target)
    this.#makeRinging(target)
    this.#correlate(residual, this.#correlated)
    for (let n = 0; n < RESPONSE; n++) this.#correlated[n] += this.#backRinging[n]
    this.#measureTarget()
    const voiced = frame.voiced === 1
    if (voiced) this.#searchAdaptive(frame, subframe)
    const centre = voiced ? GAINS[2 * this.#acbGain] : 0
    const sides = voiced ? GAINS[2 * this.#acbGain + 1] : 0
    this.#searchPulses(target, centre, sides)
    this.#countPulses()
    this.#enterPulses(frame, subframe)
    this.#excitation.fill(0)
    if (voiced) this.#finishVoiced(frame, subframe)
    else this.#finishUnvoiced(frame, subframe)
    this.#codebook.append(this.#excitation, LENGTH)
    this.#updateError(target)
  }

  /** Response of weighting and synthesis filter to a pulse, and its autocorrelation. */
  #makeResponse(target: SubframeTarget): void {
    const { lpc, weighting } = target
    const raw = this.#rawResponse
    raw.set(weighting, LSF_ORDER)
    synthesise(lpc, raw, LSF_ORDER, RESPONSE)
    const h = this.#response
    for (let n = 0; n < RESPONSE; n++) h[n] = raw[LSF_ORDER + n] * WINDOW[n]
    for (let lag = 0; lag < RESPONSE; lag++) {
      let sum = 0
      for (let n = lag; n < RESPONSE; n++) sum += h[n] * h[n - lag]
      this.#toeplitz[SIDE + lag] = sum
      this.#toeplitz[SIDE - lag] = sum
    }
  }

  /** What the errors made so far still cause in this subframe, and its correlation with the response. */
  #makeRinging(target: SubframeTarget): void {
    const { lpc, weighting } = target
    const error = this.#error
    error.fill(0, SIDE)
    synthesise(lpc, error, SIDE, RESPONSE)
    const z = this.#ringing
    filterForward(weighting, error, SIDE, RESPONSE, z, 0)
    const h = this.#response
    for (let i = 0; i < RESPONSE; i++) {
      let sum = 0
      for (let n = i; n < RESPONSE; n++) sum += h[n - i] * z[n]
      this.#backRinging[i] = sum
    }
  }

  /** `out` = PHI x, the symmetric Toeplitz matrix of the response's autocorrelation times 80 samples. */
  #correlate(x: Float64Array, out: Float64Array): void {
    this.#padded.set(x, SIDE)
    filterForward(this.#toeplitz, this.#padded, 2 * SIDE, LENGTH, out, 0)
  }

  /** PHI of the centre signal, with one sample more on both sides. */
  #correlateCentre(): void {
    const wide = this.#wideCentre
    this.#padded.set(this.#centre, SIDE)
    filterForward(this.#toeplitz, this.#padded, 2 * SIDE, LENGTH, wide, 1)
    const toeplitz = this.#toeplitz
    let before = 0
    let behind = 0
    for (let lag = 1; lag <= SIDE; lag++) {
      before += toeplitz[SIDE + lag] * this.#centre[lag - 1]
      behind += toeplitz[SIDE + lag] * this.#centre[LENGTH - lag]
    }
    wide[0] = before
    wide[LENGTH + 1] = behind
    for (let n = 0; n < LENGTH; n++) this.#filteredCentre[n] = wide[n + 1]
  }

  /**
   * PHI of the side signal. Within a lag block it is the sum of the centre signal's neighbours, so its filtered form
   * is a sum of shifted ones; what differs at the ends of the blocks is added sample by sample.
   */
  #correlateSides(): void {
    const wide = this.#wideCentre
    const out = this.#filteredSides
    const centre = this.#centre
    const sides = this.#sides
    for (let n = 0; n < LENGTH; n++) out[n] = wide[n] + wide[n + 2]
    this.#addResponse(-1, -centre[0], out)
    this.#addResponse(0, sides[0] - centre[1], out)
    for (let n = LAG_BLOCK; n < LENGTH; n += LAG_BLOCK) {
      this.#addResponse(n - 1, sides[n - 1] - centre[n - 2] - centre[n], out)
      this.#addResponse(n, sides[n] - centre[n - 1] - centre[n + 1], out)
    }
    this.#addResponse(LENGTH - 1, sides[LENGTH - 1] - centre[LENGTH - 2], out)
    this.#addResponse(LENGTH, -centre[LENGTH - 1], out)
  }

  /** Adds what a sample of `value` at `position` contributes to PHI x. */
  #addResponse(position: number, value: number, out: Float64Array): void {
    const toeplitz = this.#toeplitz
    const last = Math.min(position + SIDE, LENGTH - 1)
    for (let n = Math.max(position - SIDE, 0); n <= last; n++) out[n] += value * toeplitz[SIDE + n - position]
  }

  #measureTarget(): void {
    const residual = this.#residual
    const z = this.#ringing
    let energy = dot(residual, this.#correlated)
    for (let n = 0; n < RESPONSE; n++) energy += this.#backRinging[n] * residual[n] + z[n] * z[n]
    this.#targetEnergy = energy
  }

  #searchAdaptive(frame: FrameSymbols, subframe: number): void {
    const centre = this.#centre
    const sides = this.#sides
    this.#codebook.basis(frame.lagIndex, 2 * subframe, LENGTH, centre, sides)
    this.#correlateCentre()
    this.#correlateSides()
    this.#centreEnergy = dot(centre, this.#filteredCentre)
    this.#crossEnergy = dot(centre, this.#filteredSides)
    this.#sidesEnergy = dot(sides, this.#filteredSides)
    this.#centreTarget = dot(centre, this.#correlated)
    this.#sidesTarget = dot(sides, this.#correlated)
    let best = Number.POSITIVE_INFINITY
    for (let pair = 0; pair < GAIN_PAIRS; pair++) {
      const error = this.#adaptiveError(GAINS[2 * pair], GAINS[2 * pair + 1])
      const cost = error * acbGainRateFactor(this.#previousAcbGain, pair)
      if (cost < best) {
        best = cost
        this.#acbGain = pair
      }
    }
  }

  /** Weighted squared error with these gains and no pulses. */
  #adaptiveError(centre: number, sides: number): number {
    return (
      this.#targetEnergy +
      centre * (centre * this.#centreEnergy + 2 * sides * this.#crossEnergy - 2 * this.#centreTarget) +
      sides * (sides * this.#sidesEnergy - 2 * this.#sidesTarget)
    )
  }

  #searchPulses(target: SubframeTarget, centre: number, sides: number): void {
    const d = this.#target
    const correlated = this.#correlated
    let left = this.#targetEnergy
    let priced = left
    if (centre === 0 && sides === 0) {
      d.set(correlated)
    } else {
      for (let n = 0; n < LENGTH; n++) {
        d[n] = correlated[n] - centre * this.#filteredCentre[n] - sides * this.#filteredSides[n]
      }
      left = this.#adaptiveError(centre, sides)
      priced = this.#adaptiveError(PRICE_SHARE * centre, PRICE_SHARE * sides)
    }
    const price = priced / (target.importance + 1e-3)
    this.#pulses.search(d, this.#toeplitz, price, left, target.mostPulses)
  }

  #countPulses(): void {
    const counts = this.#signedCounts
    const { order, count } = this.#pulses
    counts.fill(0)
    for (let k = 0; k < count; k++) counts[order[k]] += this.#target[order[k]] > 0 ? 1 : -1
  }

  #enterPulses(frame: FrameSymbols, subframe: number): void {
    const counts = this.#signedCounts
    if (subframe === 0) frame.positionCount = 0
    frame.subframePulses[subframe] = this.#pulses.count
    if (this.#pulses.count === 0) return
    let at = frame.positionCount
    for (let n = 0; n < LENGTH; n++) {
      if (counts[n] === 0) continue
      frame.positions[at] = subframe * LENGTH + n
      frame.magnitudes[at] = Math.abs(counts[n])
      frame.signs[at] = Math.sign(counts[n])
      at += 1
    }
    frame.positionCount = at
  }

  #finishUnvoiced(frame: FrameSymbols, subframe: number): void {
    const { numerator, denominator, count } = this.#pulses
    this.forgetPredictors()
    frame.acbGain[subframe] = 0
    frame.pulseGain[subframe] = 0
    if (count === 0) return
    const gainDb = 20 * Math.log10(numerator / denominator + 1e-16)
    const index = Math.round(Math.min(Math.max(gainDb, -90), 0) + 90)
    frame.pulseGain[subframe] = index
    this.#addPulses(unvoicedPulseGain[index])
  }

  #finishVoiced(frame: FrameSymbols, subframe: number): void {
    frame.pulseGain[subframe] = 0
    let gain = 0
    if (this.#pulses.count > 0) {
      const index = this.#chooseGains()
      frame.pulseGain[subframe] = index
      this.#previousPulseGain = index
      gain = voicedPulseGain[index]
    } else this.#previousPulseGain = NONE
    frame.acbGain[subframe] = this.#acbGain
    this.#previousAcbGain = this.#acbGain
    const centre = this.#centre
    const sides = this.#sides
    const centreGain = GAINS[2 * this.#acbGain]
    const sidesGain = GAINS[2 * this.#acbGain + 1]
    for (let n = 0; n < LENGTH; n++) this.#excitation[n] = centreGain * centre[n] + sidesGain * sides[n]
    this.#addPulses(gain)
  }

  /** Pulse gain and gain pair together; returns the index of the former and may change the latter. */
  #chooseGains(): number {
    const { numerator, denominator } = this.#pulses
    const gainDb = Math.min(Math.max(20 * Math.log10(numerator / denominator + 1e-16), -100), 0)
    const lower = Math.min(Math.floor((gainDb + 100) / 3), HIGHEST_GAIN_INDEX_PAIR)
    const pulseTarget = pulseDot(this.#signedCounts, this.#correlated)
    const pulseCentre = pulseDot(this.#signedCounts, this.#filteredCentre)
    const pulseSides = pulseDot(this.#signedCounts, this.#filteredSides)
    let best = Number.POSITIVE_INFINITY
    let bestIndex = lower
    for (let index = lower; index <= lower + 1; index++) {
      const gain = voicedPulseGain[index]
      const own = gain * (gain * denominator - 2 * pulseTarget)
      const gainFactor =
        this.#previousPulseGain === NONE
          ? firstPulseGainRateFactor(index)
          : nextPulseGainRateFactor(this.#previousPulseGain, index)
      for (let pair = 0; pair < GAIN_PAIRS; pair++) {
        const centre = GAINS[2 * pair]
        const sides = GAINS[2 * pair + 1]
        const cross = 2 * gain * (centre * pulseCentre + sides * pulseSides)
        const error = this.#adaptiveError(centre, sides) + own + cross
        const cost = error * gainFactor * acbGainRateFactor(this.#previousAcbGain, pair)
        if (cost < best) {
          best = cost
          bestIndex = index
          this.#acbGain = pair
        }
      }
    }
    return bestIndex
  }

  #addPulses(gain: number): void {
    if (gain === 0) return
    for (let n = 0; n < LENGTH; n++) this.#excitation[n] += gain * this.#signedCounts[n]
  }

  /** Synthesises what is left of the residual; its last 31 samples shape the next subframe's target. */
  #updateError(target: SubframeTarget): void {
    const error = this.#synthesisError
    for (let n = 0; n < LENGTH; n++) error[LSF_ORDER + n] = this.#residual[n] - this.#excitation[n]
    synthesise(target.lpc, error, LSF_ORDER, LENGTH)
    for (let n = 0; n < SIDE; n++) this.#error[n] = error[LSF_ORDER + LENGTH - SIDE + n]
    error.copyWithin(0, LENGTH)
  }
}

/**
 * Runs `x[from .. from + count)` through 1 / A in place; the 16 samples before are the filter's memory. The newest
 * output comes last into the sum, so that the rest of it need not wait.
 */
function synthesise(a: Float64Array, x: Float64Array, from: number, count: number): void {
  for (let n = from; n < from + count; n++) {
    const early =
      a[16] * x[n - 16] + a[15] * x[n - 15] + a[14] * x[n - 14] + a[13] * x[n - 13] + a[12] * x[n - 12]
    const middle = a[11] * x[n - 11] + a[10] * x[n - 10] + a[9] * x[n - 9] + a[8] * x[n - 8] + a[7] * x[n - 7]
    const late = a[6] * x[n - 6] + a[5] * x[n - 5] + a[4] * x[n - 4] + a[3] * x[n - 3] + a[2] * x[n - 2]
    x[n] = x[n] - (early + middle) - late - a[1] * x[n - 1]
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum0 = 0
  let sum1 = 0
  for (let n = 0; n < LENGTH; n += 2) {
    sum0 += a[n] * b[n]
    sum1 += a[n + 1] * b[n + 1]
  }
  return sum0 + sum1
}

function pulseDot(counts: Int8Array, x: Float64Array): number {
  let sum = 0
  for (let n = 0; n < LENGTH; n++) sum += counts[n] * x[n]
  return sum
}
