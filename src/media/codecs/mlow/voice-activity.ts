import { int16, lin2log, saturate16, sigmoidQ15, smlawb, smulwb } from './fixed-point.ts'
import {
  vadAllpassCoefQ16,
  vadInitialInverseNoiseLevel,
  vadInitialNoiseBias,
  vadInitialNoiseLevel,
} from './tables/vad.ts'

const FRAME_SAMPLES = 320
const BANDS = 4
const ENERGY_PARTS = 4
const SPLITS = 3
const [oddCoef, evenCoef] = vadAllpassCoefQ16
const INT32_MAX = 0x7fffffff
const MAX_NOISE_LEVEL = 0xffffff
const NOISE_COUNTER_START = 15
/** Frames after which the noise tracker no longer adapts faster because it is young. */
const NOISE_COUNTER_END = 1000
const ACTIVITY_SCALE = 256
const ACTIVITY_THRESHOLD = 12
const HANGOVER_MS = 60
const FRAME_MS = 20

/**
 * The voice activity detector of SILK (RFC 6716) in its 32-bit fixed point, with the measure and the hangover that
 * MLow makes of it. One call per 20 ms of 16 kHz input, before any filtering.
 */
export class VoiceActivityDetector {
  /** Probability of speech in the last frame, 0 .. 255/256. */
  activity = 0
  /** The last frame holds speech. */
  active = false
  /** The last frame does not, but follows one that does closely enough to be coded as if. */
  hangover = false

  readonly #signal = new Int32Array(FRAME_SAMPLES)
  readonly #bands: readonly Int32Array[] = [40, 40, 80, 160].map((samples) => new Int32Array(samples))
  readonly #low160 = new Int32Array(160)
  readonly #low80 = new Int32Array(80)
  readonly #splitState = new Int32Array(2 * SPLITS)
  #lowBandHistory = 0
  readonly #carriedEnergy = new Float64Array(BANDS)
  readonly #energy = new Float64Array(BANDS)
  readonly #noiseLevel = new Float64Array(BANDS)
  readonly #inverseNoiseLevel = new Float64Array(BANDS)
  #noiseCounter = NOISE_COUNTER_START
  #hangoverLeftMs = HANGOVER_MS

  constructor() {
    this.reset()
  }

  reset(): void {
    this.activity = 0
    this.active = false
    this.hangover = false
    this.#splitState.fill(0)
    this.#lowBandHistory = 0
    this.#carriedEnergy.fill(0)
    this.#noiseLevel.set(vadInitialNoiseLevel)
    this.#inverseNoiseLevel.set(vadInitialInverseNoiseLevel)
    this.#noiseCounter = NOISE_COUNTER_START
    this.#hangoverLeftMs = HANGOVER_MS
  }

  /** Judges `pcm[start .. start + 320)`, samples in [-1, 1]. */
  process(pcm: Float32Array, start: number): void {
    const silent = this.#readFrame(pcm, start)
    this.#splitBands()
    for (let band = 0; band < BANDS; band++) this.#measureEnergy(band)
    this.#trackNoise()
    const quality = this.#signalToNoise()
    const measure = Math.min(sigmoidQ15(smulwb(45000, quality) - 128) >> 7, ACTIVITY_SCALE - 1)
    this.activity = measure / ACTIVITY_SCALE
    this.active = !silent && measure > ACTIVITY_THRESHOLD
    this.hangover = !this.active && this.#hangoverLeftMs > 0
    if (this.active) this.#hangoverLeftMs = HANGOVER_MS
    else if (this.hangover) this.#hangoverLeftMs -= FRAME_MS
  }

  /** Takes the frame over as 16-bit samples; true when all of them are zero. */
  #readFrame(pcm: Float32Array, start: number): boolean {
    let magnitudes = 0
    for (let n = 0; n < FRAME_SAMPLES; n++) {
      const scaled = pcm[start + n] * 32768
      const sample = saturate16(scaled < 0 ? -Math.round(-scaled) : Math.round(scaled))
      this.#signal[n] = sample
      magnitudes |= sample
    }
    return magnitudes === 0
  }

  /** 0-1, 1-2, 2-4 and 4-8 kHz by halving the low band three times; the lowest loses its DC. */
  #splitBands(): void {
    const state = this.#splitState
    const [lowest, low, middle, high] = this.#bands
    splitInTwo(this.#signal, state, 0, this.#low160, high)
    splitInTwo(this.#low160, state, 2, this.#low80, middle)
    splitInTwo(this.#low80, state, 4, lowest, low)
    let history = this.#lowBandHistory
    for (let n = 0; n < lowest.length; n++) {
      const input = smulwb(59310, lowest[n])
      const output = saturate16(history - input)
      history = smlawb(input, 53084, output)
      lowest[n] = output
    }
    this.#lowBandHistory = history
  }

  #measureEnergy(band: number): void {
    const samples = this.#bands[band]
    const partLength = samples.length / ENERGY_PARTS
    let energy = this.#carriedEnergy[band]
    let n = 0
    for (let part = 0; part < ENERGY_PARTS; part++) {
      let sum = 0
      for (const end = n + partLength; n < end; n++) {
        const x = samples[n] >> 3
        sum += x * x
      }
      if (part < ENERGY_PARTS - 1) {
        energy = saturatedSum(energy, sum)
      } else {
        energy = saturatedSum(energy, sum >> 1)
        this.#carriedEnergy[band] = sum
      }
    }
    this.#energy[band] = energy
  }

  #trackNoise(): void {
    let leastCoef = 0
    if (this.#noiseCounter < NOISE_COUNTER_END) {
      leastCoef = Math.trunc(32767 / ((this.#noiseCounter >> 4) + 1))
      this.#noiseCounter += 1
    }
    for (let band = 0; band < BANDS; band++) {
      const level = this.#noiseLevel[band]
      const energy = saturatedSum(this.#energy[band], vadInitialNoiseBias[band])
      const inverse = Math.trunc(INT32_MAX / energy)
      let coef: number
      if (energy > 8 * level) coef = 128
      else if (energy < level) coef = 1024
      else coef = smulwb(Math.floor((inverse * level) / 65536), 2048)
      if (coef < leastCoef) coef = leastCoef
      const inverseLevel = this.#inverseNoiseLevel[band]
      const smoothed = smlawb(inverseLevel, inverse - inverseLevel, coef)
      this.#inverseNoiseLevel[band] = smoothed
      this.#noiseLevel[band] = Math.min(Math.trunc(INT32_MAX / smoothed), MAX_NOISE_LEVEL)
    }
  }

  /** Root mean square over the bands of the ratio of energy to noise in 3/128 octaves. */
  #signalToNoise(): number {
    let sum = 0
    for (let band = 0; band < BANDS; band++) {
      const energy = this.#energy[band]
      const level = this.#noiseLevel[band]
      if (energy - level <= 0) continue
      const ratio = energy < 0x800000 ? (energy * 256) / (level + 1) : energy / (Math.floor(level / 256) + 1)
      const octaves = int16(lin2log(Math.trunc(ratio)) - 8 * 128)
      sum += octaves * octaves
    }
    return int16(3 * squareRootApprox(Math.trunc(sum / BANDS)))
  }
}

/** Halves the rate with two first-order all-passes; their states are `state[at]` and `state[at + 1]`. */
function splitInTwo(input: Int32Array, state: Int32Array, at: number, low: Int32Array, high: Int32Array): void {
  let state0 = state[at]
  let state1 = state[at + 1]
  const pairs = input.length >> 1
  for (let k = 0; k < pairs; k++) {
    const even = input[2 * k] << 10
    const y0 = even - state0
    const x0 = smlawb(y0, y0, evenCoef)
    const out0 = state0 + x0
    state0 = even + x0
    const odd = input[2 * k + 1] << 10
    const x1 = smulwb(odd - state1, oddCoef)
    const out1 = state1 + x1
    state1 = odd + x1
    low[k] = saturate16((((out1 + out0) >> 10) + 1) >> 1)
    high[k] = saturate16((((out1 - out0) >> 10) + 1) >> 1)
  }
  state[at] = state0
  state[at + 1] = state1
}

function saturatedSum(a: number, b: number): number {
  return Math.min(a + b, INT32_MAX)
}

/** SILK's square root by the leading bits, about 1 % exact. */
function squareRootApprox(x: number): number {
  if (x <= 0) return 0
  const leadingZeros = Math.clz32(x)
  const shift = 24 - leadingZeros
  const fraction = (shift >= 0 ? x >>> shift : x << -shift) & 127
  const base = ((leadingZeros & 1) === 1 ? 32768 : 46214) >> (leadingZeros >> 1)
  return smlawb(base, base, 213 * fraction)
}
