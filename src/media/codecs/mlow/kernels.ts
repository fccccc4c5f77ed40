import { bytesFromBase64 } from './tables/base64.ts'
import { kernelsBase64 } from './tables/kernels-binary.ts'

/**
 * Inner loops in WebAssembly with SIMD (source: assembly/kernels/). Arguments named as pointers are byte offsets of
 * buffers that `kernelFloats` made. The functions keep nothing between calls, and all encoders of a process share the
 * buffers, which modules lay out once while they load: what is in them counts only until the call into the codec returns.
 */
interface Kernels {
  fir(filter: number, taps: number, x: number, out: number, count: number): void
  synthesise(a: number, x: number, count: number): void
  multiplyRows(rows: number, length: number, count: number, vector: number, out: number, outStep: number): void
  correlateLags(x: number, lag: number, count: number, length: number, out: number): void
  doubleResolution(
    kernel: number,
    correlation: number,
    energy: number,
    count: number,
    weight: number,
    outCorrelation: number,
    outEnergy: number,
    outMerit: number,
  ): void
  bestPulse(magnitude: number, overlap: number, count: number, numerator: number, denominator: number): number
  addBestPulses(
    magnitude: number,
    sign: number,
    twice: number,
    overlap: number,
    from: number,
    to: number,
    price: number,
    limit: number,
    trail: number,
  ): number
  bestSum(a: number, b: number, c: number, d: number, count: number): number
  maxima(rows: number, length: number, count: number, out: number): void
  meanEnergies(roots: number, here: number, scale: number, count: number, out: number): void
  windowRoots(x: number, count: number, width: number, least: number, out: number): void
  addSigned(x: number, sign: number, response: number, count: number): void
  schur(forward: number, backward: number, order: number, a: number): void
  radix4First(blocks: number, twiddle: number, xr: number, xi: number, yr: number, yi: number): void
  radix4(blocks: number, stride: number, twiddle: number, xr: number, xi: number, yr: number, yi: number): void
  radix3(blocks: number, stride: number, twiddle: number, xr: number, xi: number, yr: number, yi: number): void
  radix2(blocks: number, stride: number, twiddle: number, xr: number, xi: number, yr: number, yi: number): void
}

// The part of the global that this file uses; Node's type package leaves it to the browser's.
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { exports: Record<string, unknown> }
}

const instance = new WebAssembly.Instance(new WebAssembly.Module(bytesFromBase64(kernelsBase64)))

export const kernels = instance.exports as unknown as Kernels

const memory = instance.exports.memory as { readonly buffer: ArrayBuffer }
/** The first bytes stay free, so that no buffer has the address 0. */
let nextByte = 1024

let complete = false

/** A buffer of `count` zeros in the kernels' memory, for the life of the process: to be made while a module loads. */
export function kernelFloats(count: number): Float64Array {
  if (complete) throw new Error('memory of the MLow kernels is laid out while modules load, not for each codec')
  const buffer = new Float64Array(memory.buffer, nextByte, count)
  nextByte += 16 * Math.ceil((8 * count) / 16)
  return buffer
}

/** From here on `kernelFloats` refuses: what asked once per codec would use up the memory over the calls of a gateway. */
export function completeKernelMemory(): void {
  complete = true
}
