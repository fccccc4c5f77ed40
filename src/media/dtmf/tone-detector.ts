import { BRIDGE_RATE_HZ } from '../audio-source.ts'
import { digitOfTones, HIGH_GROUP_HZ, LOW_GROUP_HZ } from './tone-frequencies.ts'

/** Windows of 20 ms, each half over the one before: narrow enough to refuse 3.5 % beside a tone (Q.24), wide enough for 1 %. */
const WINDOW_SAMPLES = 320
const HOP_SAMPLES = WINDOW_SAMPLES / 2
const HOP_MS = (HOP_SAMPLES * 1000) / BRIDGE_RATE_HZ
/** Windows in a row that begin a digit, and that end it. A tone of 50 ms always fills three. */
const HITS = 3
const MISSES = 3

/** Of the two tones together, against full scale: about −40 dBm0. */
const LEAST_POWER = 1e-5
/** The share of all power that the two tones have; what else there is in a voice is its end. */
const LEAST_PURITY = 0.6
/** Q.24: the high tone may be 4 dB louder than the low one, or 8 dB softer; a codec adds to that. */
const MOST_NORMAL_TWIST = 10 ** 0.6
const MOST_REVERSE_TWIST = 10 ** 1.0
/** Against every other tone of its group. */
const LEAST_LEAD = 10 ** 0.8

/** One frequency's filter after Goertzel, over one window. */
class Resonator {
  readonly #coefficient: number
  #s1 = 0
  #s2 = 0

  constructor(frequencyHz: number) {
    this.#coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / BRIDGE_RATE_HZ)
  }

  take(sample: number): void {
    const s0 = sample + this.#coefficient * this.#s1 - this.#s2
    this.#s2 = this.#s1
    this.#s1 = s0
  }

  /** The mean square of a steady tone of this frequency. */
  power(): number {
    const squared = this.#s1 * this.#s1 + this.#s2 * this.#s2 - this.#coefficient * this.#s1 * this.#s2
    this.#s1 = 0
    this.#s2 = 0
    return (2 * squared) / (WINDOW_SAMPLES * WINDOW_SAMPLES)
  }
}

/**
 * Hears digits in 16 kHz audio (ITU-T Q.24), for a far end that can send them only as sound. Each is reported once, when
 * it has ended.
 */
export class ToneDetector {
  readonly #onDigit: (digit: string, durationMs: number) => void
  readonly #low = LOW_GROUP_HZ.map((frequencyHz) => new Resonator(frequencyHz))
  readonly #high = HIGH_GROUP_HZ.map((frequencyHz) => new Resonator(frequencyHz))
  readonly #lowPower = new Float64Array(LOW_GROUP_HZ.length)
  readonly #highPower = new Float64Array(HIGH_GROUP_HZ.length)
  readonly #window = new Float32Array(WINDOW_SAMPLES)
  #filled = 0
  /** The digit that the last windows agree on, how many of them, and whether it is one by now. */
  #candidate = ''
  #hits = 0
  #digit = ''
  #windows = 0
  #misses = 0

  constructor(onDigit: (digit: string, durationMs: number) => void) {
    this.#onDigit = onDigit
  }

  feed(pcm: Float32Array): void {
    for (let i = 0; i < pcm.length; i++) {
      this.#window[this.#filled++] = pcm[i]!
      if (this.#filled < WINDOW_SAMPLES) continue
      this.#note(this.#heard())
      this.#window.copyWithin(0, HOP_SAMPLES)
      this.#filled = WINDOW_SAMPLES - HOP_SAMPLES
    }
  }

  #note(heard: string): void {
    this.#hits = heard !== '' && heard === this.#candidate ? this.#hits + 1 : 1
    this.#candidate = heard
    if (this.#digit !== '') return this.#goOn(heard)
    if (heard === '' || this.#hits < HITS) return
    this.#digit = heard
    this.#windows = HITS
    this.#misses = 0
  }

  /** Codecs tear small holes into tones: a digit has ended when several windows lack it. */
  #goOn(heard: string): void {
    if (heard === this.#digit) {
      this.#windows += this.#misses + 1
      this.#misses = 0
      return
    }
    if (++this.#misses < MISSES) return
    const durationMs = Math.round((this.#windows + 1) * HOP_MS)
    const digit = this.#digit
    this.#digit = ''
    this.#onDigit(digit, durationMs)
  }

  /** The digit of this window, '' for none. */
  #heard(): string {
    const total = this.#measure()
    const row = strongest(this.#lowPower)
    const column = strongest(this.#highPower)
    const [low, high] = [this.#lowPower[row]!, this.#highPower[column]!]
    if (low + high < LEAST_POWER || low + high < LEAST_PURITY * total) return ''
    if (high > MOST_NORMAL_TWIST * low || low > MOST_REVERSE_TWIST * high) return ''
    if (!leads(this.#lowPower, row) || !leads(this.#highPower, column)) return ''
    return digitOfTones(row, column)
  }

  /** Runs the filters; the mean square of the whole window. */
  #measure(): number {
    let total = 0
    for (let i = 0; i < WINDOW_SAMPLES; i++) {
      const sample = this.#window[i]!
      total += sample * sample
      for (let k = 0; k < this.#low.length; k++) this.#low[k]!.take(sample)
      for (let k = 0; k < this.#high.length; k++) this.#high[k]!.take(sample)
    }
    for (let k = 0; k < this.#low.length; k++) this.#lowPower[k] = this.#low[k]!.power()
    for (let k = 0; k < this.#high.length; k++) this.#highPower[k] = this.#high[k]!.power()
    return total / WINDOW_SAMPLES
  }
}

function strongest(powers: Float64Array): number {
  let best = 0
  for (let i = 1; i < powers.length; i++) if (powers[i]! > powers[best]!) best = i
  return best
}

function leads(powers: Float64Array, best: number): boolean {
  for (let i = 0; i < powers.length; i++) {
    if (i !== best && powers[i]! * LEAST_LEAD > powers[best]!) return false
  }
  return true
}
