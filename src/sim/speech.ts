import { type Random, seededRandom } from '../base/random.ts'

/**
 * Speech for phones that talk: a small formant synthesiser (cascade of resonators after Klatt, 1980), so that nobody's
 * recording is shipped. It has what codecs and intelligibility measures feed on: pitch that moves, formants that
 * glide, fricatives, stops with bursts, nasals, and pauses. Under eight seconds, the same at every run.
 */

const sampleRateHz = 16_000
/** Who says the speech over and over pauses for so long in between. */
export const SPEECH_PAUSE_S = 1
/** Formants and amplitudes move on this grid. */
const stepSamples = 80
/** How fast they move: the share of the remaining way per step of 5 ms. */
const glide = 0.22
const peak = 0.6
/** Noise against voice, so that an s is some 10 dB below a vowel. */
const hissGain = 0.07
const openFormantsHz = [500, 1500, 2500] as const
/** The two highest formants do not move. */
const fixedFormantsHz = [3500, 4400] as const
const bandwidthsHz = [70, 90, 130, 180, 250] as const

interface Sound {
  readonly formantsHz: readonly [number, number, number]
  /** Of the glottal pulses, 0 to 1. */
  readonly voice: number
  /** Of the breath that passes the same resonators. */
  readonly breath: number
  /** Of the noise made in the mouth. */
  readonly hiss: number
  readonly hissHz: number
  readonly hissWidthHz: number
  readonly durationMs: number
}

const quiet = { voice: 0, breath: 0, hiss: 0, hissHz: 4000, hissWidthHz: 1500 }
const vowel = (f1: number, f2: number, f3: number, durationMs = 115): Sound => ({
  ...quiet,
  formantsHz: [f1, f2, f3],
  voice: 1,
  breath: 0.03,
  durationMs,
})
const sonorant = (f1: number, f2: number, f3: number): Sound => ({ ...vowel(f1, f2, f3, 70), voice: 0.45 })
const fricative = (hissHz: number, hissWidthHz: number, hiss: number, voice = 0): Sound => ({
  formantsHz: openFormantsHz,
  voice,
  breath: 0,
  hiss,
  hissHz,
  hissWidthHz,
  durationMs: 95,
})
const closure = (voice: number): Sound => ({ ...quiet, formantsHz: [250, 1400, 2400], voice, durationMs: 55 })
const burst = (hissHz: number, hiss: number): Sound => ({
  ...fricative(hissHz, 1200, hiss),
  breath: 0.15,
  durationMs: 25,
})

/** One letter is one sound; stops are a closure and a burst. `.` is a pause. */
const sounds: Readonly<Record<string, readonly Sound[]>> = {
  a: [vowel(730, 1090, 2440)],
  e: [vowel(530, 1840, 2480)],
  i: [vowel(280, 2250, 2890)],
  o: [vowel(480, 870, 2410)],
  u: [vowel(310, 800, 2240)],
  y: [vowel(290, 1750, 2200)],
  m: [sonorant(270, 1050, 2200)],
  n: [sonorant(280, 1600, 2500)],
  l: [sonorant(360, 1250, 2700)],
  r: [sonorant(430, 1250, 1700)],
  s: [fricative(5400, 1900, 0.5)],
  c: [fricative(2900, 1200, 0.5)],
  f: [fricative(4600, 4500, 0.3)],
  v: [fricative(4300, 4500, 0.12, 0.5)],
  z: [fricative(5200, 1900, 0.25, 0.5)],
  h: [{ ...vowel(600, 1400, 2450, 60), voice: 0, breath: 0.35 }],
  p: [closure(0), burst(900, 0.5)],
  t: [closure(0), burst(4300, 0.7)],
  k: [closure(0), burst(1900, 0.7)],
  b: [closure(0.18), burst(800, 0.25)],
  d: [closure(0.18), burst(3800, 0.3)],
  g: [closure(0.18), burst(1700, 0.3)],
  '.': [{ ...quiet, formantsHz: openFormantsHz, durationMs: 190 }],
}

const text = 'halohirsprict.diprove.vigutferstestdumic.zagbitejaodernain.dankesefynfbisbalt.'

let synthesised: Float32Array | undefined

/** 16 kHz mono in [-1, 1]; the same samples at every call. Not to be written to. */
export function speech(): Float32Array {
  synthesised ??= synthesise(text, seededRandom(0x7a11))
  return synthesised
}

function synthesise(letters: string, random: Random): Float32Array {
  const spoken = [...letters].flatMap((letter) => sounds[letter] ?? [])
  const samples = spoken.map(({ durationMs }) => Math.round((durationMs * sampleRateHz) / 1000))
  const out = new Float32Array(samples.reduce((sum, count) => sum + count, 0))
  const mouth = new Mouth(random)
  let at = 0
  for (const [index, sound] of spoken.entries()) {
    for (let i = 0; i < samples[index]!; i++, at++) {
      if (at % stepSamples === 0) mouth.move(sound, at / out.length)
      out[at] = mouth.next()
    }
  }
  const loudest = out.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
  return out.map((value) => (value * peak) / loudest)
}

/** Larynx, mouth and lips: moves towards one sound after the other and gives a sample at a time. */
class Mouth {
  readonly #random: Random
  readonly #tract = bandwidthsHz.map(() => new Resonator())
  readonly #glottis = new Resonator()
  readonly #teeth = new Resonator()
  readonly #formantsHz = [...openFormantsHz] as [number, number, number]
  #voice = 0
  #breath = 0
  #hiss = 0
  #pitchHz = 120
  #phase = 0
  #previous = 0

  constructor(random: Random) {
    this.#random = random
    this.#glottis.tune(0, 350)
  }

  /** `progress` through the text, 0 to 1: the pitch falls over the whole and swings with the phrases. */
  move(target: Sound, progress: number): void {
    for (const i of [0, 1, 2] as const) this.#formantsHz[i] += glide * (target.formantsHz[i] - this.#formantsHz[i])
    this.#voice += glide * (target.voice - this.#voice)
    this.#breath += 2 * glide * (target.breath - this.#breath)
    this.#hiss += 2 * glide * (target.hiss - this.#hiss)
    this.#pitchHz = 128 - 22 * progress + 20 * Math.sin(2 * Math.PI * 7.3 * progress) + this.#noise()
    for (const [i, hz] of [...this.#formantsHz, ...fixedFormantsHz].entries())
      this.#tract[i]!.tune(hz, bandwidthsHz[i]!)
    this.#teeth.tune(target.hissHz, target.hissWidthHz)
  }

  next(): number {
    const pulse = this.#glottis.filter(this.#pulse())
    const throat = 30 * this.#voice * pulse + this.#breath * this.#noise()
    const voiced = this.#tract.reduce((signal, resonator) => resonator.filter(signal), throat)
    const mixed = voiced + this.#teeth.filter(hissGain * this.#hiss * this.#noise())
    const radiated = mixed - 0.6 * this.#previous
    this.#previous = mixed
    return radiated
  }

  #pulse(): number {
    this.#phase += this.#pitchHz / sampleRateHz
    if (this.#phase < 1) return 0
    this.#phase -= 1
    return 1
  }

  #noise(): number {
    return this.#random.below(0x10000) / 0x8000 - 1
  }
}

/** A two-pole filter with unit gain at 0 Hz. */
class Resonator {
  #a = 1
  #b = 0
  #c = 0
  #last = 0
  #beforeLast = 0

  tune(frequencyHz: number, bandwidthHz: number): void {
    const radius = Math.exp((-Math.PI * bandwidthHz) / sampleRateHz)
    this.#c = -radius * radius
    this.#b = 2 * radius * Math.cos((2 * Math.PI * frequencyHz) / sampleRateHz)
    this.#a = 1 - this.#b - this.#c
  }

  filter(input: number): number {
    const output = this.#a * input + this.#b * this.#last + this.#c * this.#beforeLast
    this.#beforeLast = this.#last
    this.#last = output
    return output
  }
}
