import { pulseBudget20ms } from './tables/pulses.ts'
import { rateModel, rateOnePulseThreshold } from './tables/rate.ts'
import type { VoicingMeasure } from './voicing.ts'

/** Row of the rate tables for 60 ms packets at the high internal rate. */
const PAYLOAD_60_MS = 2
const MODEL_COEFFICIENTS = 8
const MODEL_ROW = (PAYLOAD_60_MS * 2 + 1) * MODEL_COEFFICIENTS
const THRESHOLD = rateOnePulseThreshold[PAYLOAD_60_MS * 2 + 1]
const HIGHEST_MODELLED_RATE = 30000
const SUBFRAMES = 4
/** Pulses of the model per unit of the scale. */
const SCALE_PULSES = 16
const ENERGY_SMOOTHING = 0.6
const VOICING_CHANGE_BOOST = 1.1
/** 0.8 (0.9 + 0.3 sigmoid(-2)): the share of unvoiced frames without a pronounced temporal structure. */
const UNVOICED_SHARE = 0.8 * (0.9 + 0.3 / (1 + Math.exp(2)))
const ACTIVITY_SHARE = 0.17
const FEEDBACK = 0.18
/** Limit of the feedback's product: a pause would let it run away, and speech after it would pay for a minute. */
const ADAPTATION_RANGE = 4
const LOW_RATE_LIMIT = 9000
const PACKET_SECONDS = 0.06

/** Pulses per 20 ms that fit `bitRate`, by a fitted model. */
function pulsesPerFrame(bitRate: number): number {
  if (bitRate < THRESHOLD) return 1
  const rate = Math.min(bitRate, HIGHEST_MODELLED_RATE) / 1000
  const k = rateModel.subarray(MODEL_ROW, MODEL_ROW + MODEL_COEFFICIENTS)
  const polynomial = k[0] + rate * (k[1] + rate * (k[2] + rate * (k[3] + rate * k[4])))
  return Math.max(polynomial + k[5] * Math.exp((rate - k[6]) * k[7]), 1)
}

/** How many pulses a subframe may have and what they must achieve, so that packets come out near the bit rate. */
export class RateControl {
  /** Pulses that a subframe of the frame may have at most. */
  mostPulses = 0
  /** Weight of the subframe against the price of pulses. */
  importance = 0

  readonly #highestMostPulses: number
  readonly #scale: number
  readonly #targetBytes: number
  readonly #dampVoiced: boolean
  #adaptation = 1
  #overshoot = 0
  #smoothedEnergy = 0
  #previousVoiced = 0
  #strength = 0
  #activity = 0

  /** `bitRate` in bit/s, 60 ms packets. */
  constructor(bitRate: number) {
    const pulses = pulsesPerFrame(bitRate)
    const q = pulses / SCALE_PULSES
    this.#scale = 26 * q * (1 + 0.4 * Math.log(q) ** 2)
    this.#highestMostPulses = 1 + Math.round((1.5 * pulses) / SUBFRAMES)
    this.#targetBytes = (bitRate * PACKET_SECONDS) / 8
    this.#dampVoiced = bitRate <= LOW_RATE_LIMIT
  }

  reset(): void {
    this.#adaptation = 1
    this.#overshoot = 0
    this.#smoothedEnergy = 0
    this.#previousVoiced = 0
  }

  /**
   * Sets `mostPulses`. `kind`: 0 background, 1 unvoiced, 2 voiced; `activities[frame]` is the voice activity of the
   * frame, `voicing` its voicing measure.
   */
  beginFrame(kind: number, voicing: VoicingMeasure, activities: Float64Array, frame: number): void {
    this.#strength = voicing.strength
    this.#activity = activities[frame]
    const wanted = Math.round(this.#highestMostPulses * (0.5 + 0.5 * Math.sqrt(this.#activity + 1e-12)))
    this.mostPulses = Math.min(wanted, pulseBudget20ms[kind] / SUBFRAMES)
  }

  /** Sets `importance` of subframe `subframe`; `energies` are those of the frame's weighted speech. */
  weigh(energies: Float64Array, subframe: number, voiced: number): void {
    const energy = energies[subframe]
    const nextEnergy = energies[Math.min(subframe + 1, SUBFRAMES - 1)]
    const strength = this.#strength
    this.#smoothedEnergy += ENERGY_SMOOTHING * (energy - this.#smoothedEnergy)
    let importance = (energy + 0.01 * nextEnergy) / (this.#smoothedEnergy + 0.02 * nextEnergy + 1e-12)
    if (voiced === 0) importance *= UNVOICED_SHARE
    else if (this.#dampVoiced) importance = Math.sqrt(importance)
    if (voiced !== this.#previousVoiced) importance *= VOICING_CHANGE_BOOST
    this.#previousVoiced = voiced
    importance *= 0.9 + 0.3 / (1 + 25 * strength * strength)
    importance *= 1 - ACTIVITY_SHARE + ACTIVITY_SHARE * Math.sqrt(this.#activity + 1e-12)
    this.importance = importance * this.#adaptation * this.#scale
  }

  /** Learns the length of a packet, first byte included; only speech moves the measure of excess. */
  packetDone(bytes: number, codedActive: boolean): void {
    if (codedActive) this.#overshoot = (bytes - (this.#targetBytes - 1)) / this.#targetBytes
    const adapted = this.#adaptation * (1 - FEEDBACK * this.#overshoot)
    this.#adaptation = Math.min(Math.max(adapted, 1 / ADAPTATION_RANGE), ADAPTATION_RANGE)
  }
}
