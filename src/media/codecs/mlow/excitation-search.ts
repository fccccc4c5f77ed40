import { AdaptiveCodebook } from './adaptive-codebook.ts'
import type { FrameSymbols } from './frame-symbols.ts'
import { acbGainRateFactor, firstPulseGainRateFactor, nextPulseGainRateFactor } from './gain-rate.ts'
import { kernelFloats, kernels } from './kernels.ts'
import { LSF_ORDER } from './lsf-tables.ts'
import { WEIGHTING_TAPS } from './perceptual.ts'
import { PulseSearch } from './pulse-search.ts'
import { acbGainQ14HighRate } from './tables/celp.ts'
import { impulseResponseWindow32 } from './tables/encoder-filters.ts'
import { unvoicedPulseGain, voicedPulseGain } from './tables/noise.ts'

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

// Buffers of one subframe's search, shared by all instances: nothing in them outlives the call.
const pulses = new PulseSearch()
const lpcFilter = kernelFloats(LSF_ORDER + 1)
const weightingFilter = kernelFloats(RESPONSE)
const residual = kernelFloats(LENGTH)
/** Sixteen zeros and the response of weighting and synthesis filter before it is windowed. */
const rawResponse = kernelFloats(LSF_ORDER + RESPONSE)
/** The response between zeros: 31 samples behind it are read too. */
const response = kernelFloats(RESPONSE + SIDE + 8)
const reversedResponse = kernelFloats(RESPONSE)
/** Autocorrelation of the response as a symmetric filter: lags -31 .. 31. */
const toeplitz = kernelFloats(2 * SIDE + 1)
const correlationLags = kernelFloats(RESPONSE)
/** A subframe between the zeros that the Toeplitz filter reads. */
const padded = kernelFloats(LENGTH + 2 * SIDE + 8)
/** Error of the synthesised speech: the last 31 samples, then what the filter makes of them in this subframe. */
const error = kernelFloats(SIDE + LENGTH + 8)
/** What the errors made so far still cause in this subframe; zeros behind it. */
const ringing = kernelFloats(RESPONSE + SIDE + 8)
const backRinging = kernelFloats(RESPONSE)
const correlated = kernelFloats(LENGTH)
const pulseTarget = kernelFloats(LENGTH)
const centreBasis = kernelFloats(LENGTH)
const sidesBasis = kernelFloats(LENGTH)
const wideCentre = kernelFloats(LENGTH + 2 + 8)
const filteredCentre = kernelFloats(LENGTH)
const filteredSides = kernelFloats(LENGTH)
const excitation = new Float64Array(LENGTH)

/** Energy of the target, and inner products of the adaptive basis with it and with itself. */
const products = new Float64Array(6)
/** The last one: a kernel's result that is no integer needs a box wherever the engine does not inline the call. */
const product = kernelFloats(1)
const TARGET_ENERGY = 0
const CENTRE_TARGET = 1
const SIDES_TARGET = 2
const CENTRE_ENERGY = 3
const SIDES_ENERGY = 4
const CROSS_ENERGY = 5
/** Weighted squared errors without pulses: with each gain pair, and with the chosen one as it counts in the price. */
const errors = new Float64Array(GAIN_PAIRS + 1)
const PRICED = GAIN_PAIRS
/** Of the gains examined so far; a local number would be boxed where the engine keeps it beside a boxed one. */
const leastCost = new Float64Array(1)

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
  #previousAcbGain = NONE
  #previousPulseGain = NONE
  #acbGain = 0

  /** Last 31 samples of the synthesised error. */
  readonly #pastError = new Float64Array(SIDE)
  readonly #signedCounts = new Int8Array(LENGTH)

  reset(): void {
    this.#codebook.reset()
    this.#pastError.fill(0)
    this.forgetPredictors()
  }

  /** The gains of the next subframe are coded without reference to earlier ones. */
  forgetPredictors(): void {
    this.#previousAcbGain = NONE
    this.#previousPulseGain = NONE
  }

  /** Searches subframe `subframe` of `frame` (voicing and lags are set) and enters the result there. */
  search(target: SubframeTarget, frame: FrameSymbols, subframe: number): void {
    for (let n = 0; n < LENGTH; n++) residual[n] = target.residual[target.residualStart + n]
    this.#makeResponse(target)
    this.#makeRinging()
    multiplyToeplitz(residual, correlated.byteOffset)
    for (let n = 0; n < RESPONSE; n++) correlated[n] += backRinging[n]
    this.#measureTarget()
    const voiced = frame.voiced === 1
    if (voiced) this.#searchAdaptive(frame, subframe)
    this.#searchPulses(target, voiced)
    this.#countPulses()
    this.#enterPulses(frame, subframe)
    excitation.fill(0)
    if (voiced) this.#finishVoiced(frame, subframe)
    else this.#finishUnvoiced(frame, subframe)
    this.#codebook.append(excitation, LENGTH)
    this.#updateError()
  }

  /** Response of weighting and synthesis filter to a pulse, and its autocorrelation. */
  #makeResponse({ lpc, weighting }: SubframeTarget): void {
    lpcFilter.set(lpc)
    weightingFilter.set(weighting)
    rawResponse.set(weighting, LSF_ORDER)
    kernels.synthesise(lpcFilter.byteOffset, rawResponse.byteOffset + 8 * LSF_ORDER, RESPONSE)
    for (let n = 0; n < RESPONSE; n++) {
      response[n] = rawResponse[LSF_ORDER + n] * WINDOW[n]
      reversedResponse[SIDE - n] = response[n]
    }
    correlateWithResponse(response, correlationLags)
    for (let lag = 0; lag < RESPONSE; lag++) {
      toeplitz[SIDE + lag] = correlationLags[lag]
      toeplitz[SIDE - lag] = correlationLags[lag]
    }
  }

  /** What the errors made so far still cause in this subframe, and its correlation with the response. */
  #makeRinging(): void {
    error.set(this.#pastError)
    error.fill(0, SIDE)
    const first = error.byteOffset + 8 * SIDE
    kernels.synthesise(lpcFilter.byteOffset, first, RESPONSE)
    kernels.fir(weightingFilter.byteOffset, RESPONSE, first, ringing.byteOffset, RESPONSE)
    correlateWithResponse(ringing, backRinging)
  }

  /** PHI of the centre signal, with one sample more on both sides. */
  #correlateCentre(): void {
    multiplyToeplitz(centreBasis, wideCentre.byteOffset + 8)
    let before = 0
    let behind = 0
    for (let lag = 1; lag <= SIDE; lag++) {
      before += toeplitz[SIDE + lag] * centreBasis[lag - 1]
      behind += toeplitz[SIDE + lag] * centreBasis[LENGTH - lag]
    }
    wideCentre[0] = before
    wideCentre[LENGTH + 1] = behind
    for (let n = 0; n < LENGTH; n++) filteredCentre[n] = wideCentre[n + 1]
  }

  /**
   * PHI of the side signal. Within a lag block it is the sum of the centre signal's neighbours, so its filtered form
   * is a sum of shifted ones; what differs at the ends of the blocks is added sample by sample.
   */
  #correlateSides(): void {
    const centre = centreBasis
    const sides = sidesBasis
    for (let n = 0; n < LENGTH; n++) filteredSides[n] = wideCentre[n] + wideCentre[n + 2]
    addFilteredSample(-1, -centre[0], filteredSides)
    addFilteredSample(0, sides[0] - centre[1], filteredSides)
    for (let n = LAG_BLOCK; n < LENGTH; n += LAG_BLOCK) {
      addFilteredSample(n - 1, sides[n - 1] - centre[n - 2] - centre[n], filteredSides)
      addFilteredSample(n, sides[n] - centre[n - 1] - centre[n + 1], filteredSides)
    }
    addFilteredSample(LENGTH - 1, sides[LENGTH - 1] - centre[LENGTH - 2], filteredSides)
    addFilteredSample(LENGTH, -centre[LENGTH - 1], filteredSides)
  }

  #measureTarget(): void {
    products.fill(0)
    addProduct(TARGET_ENERGY, residual, correlated, LENGTH)
    addProduct(TARGET_ENERGY, backRinging, residual, RESPONSE)
    addProduct(TARGET_ENERGY, ringing, ringing, RESPONSE)
  }

  #searchAdaptive(frame: FrameSymbols, subframe: number): void {
    this.#codebook.basis(frame.lagIndex, 2 * subframe, LENGTH, centreBasis, sidesBasis)
    this.#correlateCentre()
    this.#correlateSides()
    addProduct(CENTRE_ENERGY, centreBasis, filteredCentre, LENGTH)
    addProduct(CROSS_ENERGY, centreBasis, filteredSides, LENGTH)
    addProduct(SIDES_ENERGY, sidesBasis, filteredSides, LENGTH)
    addProduct(CENTRE_TARGET, centreBasis, correlated, LENGTH)
    addProduct(SIDES_TARGET, sidesBasis, correlated, LENGTH)
    leastCost[0] = Number.POSITIVE_INFINITY
    for (let pair = 0; pair < GAIN_PAIRS; pair++) {
      measureError(pair, 1, pair)
      const cost = errors[pair] * acbGainRateFactor(this.#previousAcbGain, pair)
      if (cost < leastCost[0]) {
        leastCost[0] = cost
        this.#acbGain = pair
      }
    }
  }

  #searchPulses(target: SubframeTarget, voiced: boolean): void {
    const centre = voiced ? GAINS[2 * this.#acbGain] : 0
    const sides = voiced ? GAINS[2 * this.#acbGain + 1] : 0
    let left = products[TARGET_ENERGY]
    let priced = left
    if (centre === 0 && sides === 0) {
      pulseTarget.set(correlated)
    } else {
      for (let n = 0; n < LENGTH; n++) {
        pulseTarget[n] = correlated[n] - centre * filteredCentre[n] - sides * filteredSides[n]
      }
      measureError(this.#acbGain, PRICE_SHARE, PRICED)
      left = errors[this.#acbGain]
      priced = errors[PRICED]
    }
    pulses.price = priced / (target.importance + 1e-3)
    pulses.limit = left
    pulses.search(pulseTarget, toeplitz, target.mostPulses)
  }

  #countPulses(): void {
    const counts = this.#signedCounts
    const { order, count } = pulses
    counts.fill(0)
    for (let k = 0; k < count; k++) counts[order[k]] += pulseTarget[order[k]] > 0 ? 1 : -1
  }

  #enterPulses(frame: FrameSymbols, subframe: number): void {
    const counts = this.#signedCounts
    if (subframe === 0) frame.positionCount = 0
    frame.subframePulses[subframe] = pulses.count
    if (pulses.count === 0) return
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
    const { numerator, denominator, count } = pulses
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
    if (pulses.count > 0) {
      const index = this.#chooseGains()
      frame.pulseGain[subframe] = index
      this.#previousPulseGain = index
      gain = voicedPulseGain[index]
    } else this.#previousPulseGain = NONE
    frame.acbGain[subframe] = this.#acbGain
    this.#previousAcbGain = this.#acbGain
    const centreGain = GAINS[2 * this.#acbGain]
    const sidesGain = GAINS[2 * this.#acbGain + 1]
    for (let n = 0; n < LENGTH; n++) excitation[n] = centreGain * centreBasis[n] + sidesGain * sidesBasis[n]
    this.#addPulses(gain)
  }

  /** Pulse gain and gain pair together; returns the index of the former and may change the latter. */
  #chooseGains(): number {
    const { numerator, denominator } = pulses
    const gainDb = Math.min(Math.max(20 * Math.log10(numerator / denominator + 1e-16), -100), 0)
    const lower = Math.min(Math.floor((gainDb + 100) / 3), HIGHEST_GAIN_INDEX_PAIR)
    const pulseCorrelation = pulseDot(this.#signedCounts, correlated)
    const pulseCentre = pulseDot(this.#signedCounts, filteredCentre)
    const pulseSides = pulseDot(this.#signedCounts, filteredSides)
    leastCost[0] = Number.POSITIVE_INFINITY
    let bestIndex = lower
    for (let index = lower; index <= lower + 1; index++) {
      const gain = voicedPulseGain[index]
      const own = gain * (gain * denominator - 2 * pulseCorrelation)
      const gainFactor =
        this.#previousPulseGain === NONE
          ? firstPulseGainRateFactor(index)
          : nextPulseGainRateFactor(this.#previousPulseGain, index)
      for (let pair = 0; pair < GAIN_PAIRS; pair++) {
        const centre = GAINS[2 * pair]
        const sides = GAINS[2 * pair + 1]
        const cross = 2 * gain * (centre * pulseCentre + sides * pulseSides)
        const error = errors[pair] + own + cross
        const cost = error * gainFactor * acbGainRateFactor(this.#previousAcbGain, pair)
        if (cost < leastCost[0]) {
          leastCost[0] = cost
          bestIndex = index
          this.#acbGain = pair
        }
      }
    }
    return bestIndex
  }

  #addPulses(gain: number): void {
    if (gain === 0) return
    for (let n = 0; n < LENGTH; n++) excitation[n] += gain * this.#signedCounts[n]
  }

  /** Synthesises what is left of the residual; its last 31 samples shape the next subframe's target. */
  #updateError(): void {
    error.set(this.#pastError)
    for (let n = 0; n < LENGTH; n++) error[SIDE + n] = residual[n] - excitation[n]
    kernels.synthesise(lpcFilter.byteOffset, error.byteOffset + 8 * SIDE, LENGTH)
    for (let n = 0; n < SIDE; n++) this.#pastError[n] = error[LENGTH + n]
  }
}

function addProduct(at: number, a: Float64Array, b: Float64Array, count: number): void {
  kernels.multiplyRows(a.byteOffset, count, 1, b.byteOffset, product.byteOffset, 1)
  products[at] += product[0]
}

/** Error with the gains of `pair`, taken `share` times, to `errors[at]`. */
function measureError(pair: number, share: number, at: number): void {
  const centre = share * GAINS[2 * pair]
  const sides = share * GAINS[2 * pair + 1]
  errors[at] =
    products[TARGET_ENERGY] +
    centre * (centre * products[CENTRE_ENERGY] + 2 * sides * products[CROSS_ENERGY] - 2 * products[CENTRE_TARGET]) +
    sides * (sides * products[SIDES_ENERGY] - 2 * products[SIDES_TARGET])
}

/** out[i] = sum over n >= i of response[n - i] x[n] for 32 values; `x` has zeros behind its 32. */
function correlateWithResponse(x: Float64Array, out: Float64Array): void {
  kernels.fir(reversedResponse.byteOffset, RESPONSE, x.byteOffset + 8 * SIDE, out.byteOffset, RESPONSE)
}

/** PHI x, the symmetric Toeplitz matrix of the response's autocorrelation times 80 samples, to `outPointer`. */
function multiplyToeplitz(x: Float64Array, outPointer: number): void {
  padded.set(x, SIDE)
  kernels.fir(toeplitz.byteOffset, 2 * SIDE + 1, padded.byteOffset + 8 * 2 * SIDE, outPointer, LENGTH)
}

/** Adds what a sample of `value` at `position` contributes to PHI x. */
function addFilteredSample(position: number, value: number, out: Float64Array): void {
  const last = Math.min(position + SIDE, LENGTH - 1)
  for (let n = Math.max(position - SIDE, 0); n <= last; n++) out[n] += value * toeplitz[SIDE + n - position]
}

function pulseDot(counts: Int8Array, x: Float64Array): number {
  let sum = 0
  for (let n = 0; n < LENGTH; n++) sum += counts[n] * x[n]
  return sum
}
