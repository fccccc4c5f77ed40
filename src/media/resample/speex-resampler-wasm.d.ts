/** The Emscripten module of @echogarden/speex-resampler-wasm 0.3.0, as far as it is used. Pointers are byte offsets. */
declare module '@echogarden/speex-resampler-wasm/simd' {
  export interface SpeexModule {
    /** A new view whenever the memory grows: read it anew for each use. */
    readonly HEAPF32: Float32Array
    readonly HEAPU32: Uint32Array
    _malloc(bytes: number): number
    _free(pointer: number): void
    /** `quality` 0 to 10. Returns the state, 0 when out of memory. */
    _speex_resampler_init(channels: number, fromHz: number, toHz: number, quality: number, error: number): number
    _speex_resampler_destroy(state: number): void
    /** Reads and replaces the sample counts behind `inputCount` and `outputCount`. Returns 0, or an error number. */
    _speex_resampler_process_float(
      state: number,
      channel: number,
      input: number,
      inputCount: number,
      output: number,
      outputCount: number,
    ): number
    _speex_resampler_get_output_latency(state: number): number
    _speex_resampler_reset_mem(state: number): number
  }
  export default function createSpeexModule(): Promise<SpeexModule>
}
