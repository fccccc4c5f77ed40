import type { AudioDecoder, AudioEncoder } from '../codec.ts'
import { WaveformContinuation } from '../concealment/waveform-continuation.ts'
import { toLinear16 } from '../g711/companding.ts'
import { BandJoiner, BandSplitter } from './quadrature-mirror.ts'
import { HIGHER_BAND, LOWER_BAND, SubBand, saturate } from './sub-band.ts'
import {
  HIGH_DECISION,
  HIGH_LEVELS,
  HIGH_LOG_STEPS,
  LOW_CODES,
  LOW_DECISIONS,
  LOW_LEVELS_4,
  LOW_LEVELS_6,
  LOW_LOG_STEPS,
} from './tables.ts'

const RATE_HZ = 16_000
/** 120 ms: the longest packet that is worth a buffer. */
const MAX_SAMPLES = 1920
const FULL_SCALE = 32768
/** What the bands are cut to before they are joined. */
const BAND_LIMIT = 16383

/** 16 kHz PCM to G.722 at 64 kbit/s (RTP payload type 9, RFC 3551): a byte for every two samples. */
export class G722Encoder implements AudioEncoder {
  readonly sampleRateHz = RATE_HZ
  readonly frameSamples: number
  readonly maxPayloadBytes: number
  readonly #splitter = new BandSplitter()
  readonly #lower = new SubBand(LOWER_BAND)
  readonly #higher = new SubBand(HIGHER_BAND)

  constructor(frameSamples = 320) {
    this.frameSamples = frameSamples
    this.maxPayloadBytes = frameSamples >> 1
  }

  encode(pcm: Float32Array, out: Uint8Array): number {
    const bytes = this.maxPayloadBytes
    for (let i = 0; i < bytes; i++) {
      this.#splitter.split(toLinear16(pcm[2 * i]), toLinear16(pcm[2 * i + 1]))
      out[i] = (this.#encodeHigh(this.#splitter.high) << 6) | this.#encodeLow(this.#splitter.low)
    }
    return bytes
  }

  reset(): void {
    this.#splitter.reset()
    this.#lower.reset()
    this.#higher.reset()
  }

  /** QUANTL: 6 bits, of which the upper four move the predictor. */
  #encodeLow(sample: number): number {
    const band = this.#lower
    const difference = saturate(sample - band.prediction)
    const magnitude = difference < 0 ? ~difference : difference
    let interval = 1
    while (interval < LOW_DECISIONS.length && magnitude >= (LOW_DECISIONS[interval] * band.step) >> 12) interval++
    const code = difference < 0 ? LOW_CODES.negative[interval] : LOW_CODES.positive[interval]
    updateLow(band, code)
    return code
  }

  /** QUANTH: 2 bits. */
  #encodeHigh(sample: number): number {
    const band = this.#higher
    const difference = saturate(sample - band.prediction)
    const magnitude = difference < 0 ? ~difference : difference
    const isOuter = magnitude >= (HIGH_DECISION * band.step) >> 12
    const code = difference < 0 ? (isOuter ? 0 : 1) : isOuter ? 2 : 3
    updateHigh(band, code)
    return code
  }
}

/** G.722 to 16 kHz PCM; any length up to 120 ms. */
export class G722Decoder implements AudioDecoder {
  readonly sampleRateHz = RATE_HZ
  readonly maxSamples = MAX_SAMPLES
  readonly #joiner = new BandJoiner()
  readonly #lower = new SubBand(LOWER_BAND)
  readonly #higher = new SubBand(HIGHER_BAND)
  readonly #continuation = new WaveformContinuation(RATE_HZ)

  decode(payload: Uint8Array, out: Float32Array): number {
    const samples = 2 * payload.length
    if (samples > MAX_SAMPLES) return 0
    for (let i = 0; i < payload.length; i++) {
      this.#decodeCode(payload[i])
      out[2 * i] = saturate(this.#joiner.first) / FULL_SCALE
      out[2 * i + 1] = saturate(this.#joiner.second) / FULL_SCALE
    }
    this.#continuation.heard(out, samples)
    return samples
  }

  conceal(samples: number, out: Float32Array): number {
    this.#continuation.conceal(samples, out)
    return samples
  }

  reset(): void {
    this.#joiner.reset()
    this.#lower.reset()
    this.#higher.reset()
    this.#continuation.reset()
  }

  #decodeCode(code: number): void {
    const [lower, higher] = [this.#lower, this.#higher]
    const lowCode = code & 63
    const highCode = code >> 6
    const low = bandSample(lower.prediction + ((lower.step * LOW_LEVELS_6[lowCode]) >> 15))
    const high = bandSample(higher.prediction + ((higher.step * HIGH_LEVELS[highCode]) >> 15))
    updateLow(lower, lowCode)
    updateHigh(higher, highCode)
    this.#joiner.join(low, high)
  }
}

function updateLow(band: SubBand, code: number): void {
  const upper = code >> 2
  band.update((band.step * LOW_LEVELS_4[upper]) >> 15, LOW_LOG_STEPS[upper])
}

function updateHigh(band: SubBand, code: number): void {
  band.update((band.step * HIGH_LEVELS[code]) >> 15, HIGH_LOG_STEPS[code])
}

function bandSample(value: number): number {
  return value > BAND_LIMIT ? BAND_LIMIT : value < -BAND_LIMIT - 1 ? -BAND_LIMIT - 1 : value
}
