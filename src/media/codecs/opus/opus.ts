import {
  Application,
  createDecoder,
  createEncoder,
  type OpusDecoderHandle,
  type OpusEncoderHandle,
  type SampleRate,
  Signal,
} from 'libopus-wasm'
import type { AudioDecoder, AudioEncoder } from '../codec.ts'
import { Renewable } from './renewable.ts'

/** RFC 6716, section 3.4: a packet of one frame is at most this long, and voice never needs more. */
export const MAX_OPUS_BYTES = 1276
/** The longest packet, 120 ms. */
const MAX_PACKET_S = 0.12
/** What libopus counts loss concealment in. */
const CONCEALMENT_STEP_S = 0.0025

export interface OpusEncoderOptions {
  readonly sampleRateHz: SampleRate
  /** 2.5, 5, 10, 20, 40 or 60. */
  readonly frameMs: number
  readonly bitrate: number
  /** 0 to 10; 1 takes about a third of the time of 5. */
  readonly complexity: number
  /** In-band redundancy for this loss; 0 sends none. */
  readonly expectedLossPercent: number
  readonly dtx: boolean
}

/** PCM to Opus (RFC 6716), mono, tuned for voice. Owns WebAssembly memory: `close` it. */
export class OpusEncoder implements AudioEncoder {
  readonly sampleRateHz: number
  readonly frameSamples: number
  readonly maxPayloadBytes = MAX_OPUS_BYTES
  readonly #codec: Renewable<OpusEncoderHandle>

  static async create(options: OpusEncoderOptions): Promise<OpusEncoder> {
    const frameSize = (options.sampleRateHz / 1000) * options.frameMs
    const make = () =>
      createEncoder({
        sampleRate: options.sampleRateHz,
        channels: 1,
        frameSize,
        application: Application.Voip,
        signal: Signal.Voice,
        bitrate: options.bitrate,
        complexity: options.complexity,
        fec: options.expectedLossPercent > 0,
        packetLossPercent: options.expectedLossPercent,
        dtx: options.dtx,
      })
    return new OpusEncoder(options.sampleRateHz, frameSize, await Renewable.create(make))
  }

  private constructor(sampleRateHz: number, frameSamples: number, codec: Renewable<OpusEncoderHandle>) {
    this.sampleRateHz = sampleRateHz
    this.frameSamples = frameSamples
    this.#codec = codec
  }

  encode(pcm: Float32Array, out: Uint8Array): number {
    const payload = this.#codec.current.encodeFloat(pcm, ENCODE_OPTIONS)
    out.set(payload)
    return payload.length
  }

  reset(): void {
    this.#codec.renew()
  }

  close(): void {
    this.#codec.close()
  }
}

const ENCODE_OPTIONS = { maxPacketBytes: MAX_OPUS_BYTES }

/** Opus to mono PCM at any of its five rates. Owns WebAssembly memory: `close` it. */
export class OpusDecoder implements AudioDecoder {
  readonly sampleRateHz: number
  readonly maxSamples: number
  readonly #codec: Renewable<OpusDecoderHandle>
  readonly #frameOptions: { decodeFec: boolean; frameSize: number } = { decodeFec: false, frameSize: 0 }

  static async create(sampleRateHz: SampleRate): Promise<OpusDecoder> {
    return new OpusDecoder(
      sampleRateHz,
      await Renewable.create(() => createDecoder({ sampleRate: sampleRateHz, channels: 1 })),
    )
  }

  private constructor(sampleRateHz: number, codec: Renewable<OpusDecoderHandle>) {
    this.sampleRateHz = sampleRateHz
    this.maxSamples = sampleRateHz * MAX_PACKET_S
    this.#codec = codec
  }

  decode(payload: Uint8Array, out: Float32Array): number {
    if (payload.length === 0) return 0
    try {
      return copyInto(out, this.#codec.current.decodeFloat(payload))
    } catch {
      return 0
    }
  }

  conceal(samples: number, out: Float32Array): number {
    const step = this.sampleRateHz * CONCEALMENT_STEP_S
    const whole = Math.min(Math.ceil(samples / step) * step, this.maxSamples)
    const written = copyInto(out, this.#codec.current.decodePacketLossFloat(whole).subarray(0, samples))
    out.fill(0, written, samples)
    return samples
  }

  /** The lost frame of `samples` samples before `next`, from the redundancy that `next` carries; 0 when that fails. */
  recover(next: Uint8Array, samples: number, out: Float32Array): number {
    this.#frameOptions.decodeFec = true
    this.#frameOptions.frameSize = samples
    try {
      return copyInto(out, this.#codec.current.decodeFloat(next, this.#frameOptions))
    } catch {
      return 0
    }
  }

  reset(): void {
    this.#codec.renew()
  }

  close(): void {
    this.#codec.close()
  }
}

function copyInto(out: Float32Array, pcm: Float32Array): number {
  out.set(pcm)
  return pcm.length
}
