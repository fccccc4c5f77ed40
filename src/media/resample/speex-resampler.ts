import createSpeexModule, { type SpeexModule } from '@echogarden/speex-resampler-wasm/simd'
import { TandemError } from '../../base/errors.ts'

/** 0 to 10. At 3 aliases are below −80 dB and the delay of 8↔16 kHz is 3 ms. */
const QUALITY = 3
const BYTES_PER_FLOAT = 4

let loading: Promise<SpeexModule> | undefined

/**
 * A stream of mono PCM at another rate. Allocates nothing per call; owns WebAssembly memory, so `close` it.
 * The output lags `delaySamples` (at `toHz`) behind the input.
 */
export class SpeexResampler {
  readonly fromHz: number
  readonly toHz: number
  readonly delaySamples: number
  readonly #module: SpeexModule
  readonly #maxInput: number
  readonly #maxOutput: number
  readonly #counts: number
  readonly #input: number
  readonly #output: number
  /** 0 once closed. */
  #state: number

  /** `maxInputSamples` is the most that one call of `process` may bring. */
  static async create(fromHz: number, toHz: number, maxInputSamples: number): Promise<SpeexResampler> {
    loading ??= createSpeexModule()
    return new SpeexResampler(await loading, fromHz, toHz, maxInputSamples)
  }

  private constructor(module: SpeexModule, fromHz: number, toHz: number, maxInputSamples: number) {
    this.fromHz = fromHz
    this.toHz = toHz
    this.#module = module
    this.#maxInput = maxInputSamples
    this.#maxOutput = Math.ceil((maxInputSamples * toHz) / fromHz) + 1
    // One block: two counts, then the input, then the output.
    this.#counts = module._malloc(BYTES_PER_FLOAT * (2 + this.#maxInput + this.#maxOutput))
    this.#input = this.#counts + 2 * BYTES_PER_FLOAT
    this.#output = this.#input + this.#maxInput * BYTES_PER_FLOAT
    this.#state = this.#counts === 0 ? 0 : module._speex_resampler_init(1, fromHz, toHz, QUALITY, this.#counts)
    if (this.#state === 0) {
      module._free(this.#counts)
      throw new TandemError('media.resampler', `no resampler from ${fromHz} to ${toHz} Hz`)
    }
    this.delaySamples = module._speex_resampler_get_output_latency(this.#state)
  }

  /**
   * Takes the first `samples` of `input` and writes what they give, `samples · toHz / fromHz` on average (exactly, when
   * that is whole), to `out` at `outStart`. Returns the number of samples written.
   */
  process(input: Float32Array, samples: number, out: Float32Array, outStart = 0): number {
    if (samples > this.#maxInput) throw new RangeError(`${samples} samples, at most ${this.#maxInput} were announced`)
    const module = this.#module
    const inputAt = this.#input / BYTES_PER_FLOAT
    const outputAt = this.#output / BYTES_PER_FLOAT
    const countsAt = this.#counts / BYTES_PER_FLOAT
    for (let i = 0; i < samples; i++) module.HEAPF32[inputAt + i] = input[i]!
    module.HEAPU32[countsAt] = samples
    module.HEAPU32[countsAt + 1] = this.#maxOutput
    module._speex_resampler_process_float(
      this.#state,
      0,
      this.#input,
      this.#counts,
      this.#output,
      this.#counts + BYTES_PER_FLOAT,
    )
    const written = module.HEAPU32[countsAt + 1]!
    for (let i = 0; i < written; i++) out[outStart + i] = module.HEAPF32[outputAt + i]!
    return written
  }

  reset(): void {
    this.#module._speex_resampler_reset_mem(this.#state)
  }

  close(): void {
    if (this.#state === 0) return
    this.#module._speex_resampler_destroy(this.#state)
    this.#module._free(this.#counts)
    this.#state = 0
  }
}
