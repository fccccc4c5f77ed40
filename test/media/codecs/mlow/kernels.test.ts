import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { kernelFloats, kernels } from '../../../../src/media/codecs/mlow/kernels.ts'
import { predictionFrom } from '../../../../src/media/codecs/mlow/linear-prediction.ts'
import { AutocorrelationFromPower, RealFft } from '../../../../src/media/codecs/mlow/real-fft.ts'
import * as twin from './kernel-twins.ts'

const ROUNDING = 1e-11
let seed = 7

function random(): number {
  seed = (Math.imul(1664525, seed) + 1013904223) >>> 0
  return seed / 2 ** 31 - 1
}

/** A buffer of the kernels with noise in it. */
function noise(count: number): Float64Array {
  return fill(kernelFloats(count))
}

function fill(buffer: Float64Array): Float64Array {
  for (let n = 0; n < buffer.length; n++) buffer[n] = random()
  return buffer
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length)
  for (let n = 0; n < expected.length; n++) {
    const limit = ROUNDING * Math.max(1, Math.abs(expected[n]))
    expect(Math.abs(actual[n] - expected[n]), `value ${n}`).toBeLessThanOrEqual(limit)
  }
}

describe('the compiled kernels do what their twins say', () => {
  it.each([
    [17, 80],
    [32, 32],
    [63, 80],
    [17, 87],
  ])('fir, %i taps, %i values', (taps, count) => {
    const filter = noise(taps)
    const x = noise(taps + count + 8)
    const out = kernelFloats(count + 8)
    kernels.fir(filter.byteOffset, taps, x.byteOffset + 8 * (taps - 1), out.byteOffset, count)
    expectClose(out.subarray(0, count), twin.fir(filter, x, taps - 1, count))
  })

  it('synthesise', () => {
    const a = noise(17)
    for (let i = 0; i < 17; i++) a[i] = i === 0 ? 1 : a[i] * 0.05
    const x = noise(96)
    const expected = twin.synthesise(a, x, 16, 80)
    kernels.synthesise(a.byteOffset, x.byteOffset + 128, 80)
    expectClose(x.subarray(16), expected)
  })

  it.each([32, 74, 80])('multiplyRows, %i values', (length) => {
    const rows = noise(3 * length)
    const vector = noise(length)
    const out = kernelFloats(6)
    const expected = [0, 1, 2].map((r) => twin.dot(rows.slice(r * length, (r + 1) * length), vector))
    kernels.multiplyRows(rows.byteOffset, length, 3, vector.byteOffset, out.byteOffset, 2)
    expectClose([out[0], out[2], out[4]], expected)
  })

  it('correlateLags', () => {
    const x = noise(240)
    const out = kernelFloats(160)
    kernels.correlateLags(x.byteOffset + 8 * 200, 10, 160, 40, out.byteOffset)
    expectClose(out, twin.correlateLags(x, 200, 10, 160, 40))
  })

  it('doubleResolution', () => {
    const kernel = noise(4)
    const c = noise(40)
    const e = noise(40)
    for (let n = 0; n < 40; n++) e[n] = 1 + Math.abs(e[n])
    const [outC, outE, outMerit] = [kernelFloats(64), kernelFloats(64), kernelFloats(64)]
    const from = 8 * 4
    kernels.doubleResolution(
      kernel.byteOffset,
      c.byteOffset + from,
      e.byteOffset + from,
      32,
      3,
      outC.byteOffset,
      outE.byteOffset,
      outMerit.byteOffset,
    )
    const { correlation, energy } = twin.doubleResolution(kernel, c, e, 4, 32)
    expectClose(outC, correlation)
    expectClose(outE, energy)
    expectClose(
      outMerit,
      correlation.map((value, n) => (3 * value) / energy[n]),
    )
  })

  it('bestPulse and bestSum find the first of the largest', () => {
    for (let round = 0; round < 200; round++) {
      const magnitude = kernelFloats(80).map(() => Math.abs(Math.round(8 * random())))
      const inKernel = kernelFloats(80)
      const overlap = kernelFloats(80)
      inKernel.set(magnitude)
      const best = kernels.bestPulse(inKernel.byteOffset, overlap.byteOffset, 80, 1, 2)
      expect(best).toBe(twin.bestPulse(magnitude, overlap, 1, 2))
      const zeros = overlap.byteOffset
      expect(kernels.bestSum(zeros, inKernel.byteOffset, zeros, zeros, 64)).toBe(
        magnitude.subarray(0, 64).indexOf(Math.max(...magnitude.subarray(0, 64))),
      )
      seed += round
    }
  })

  it('addBestPulses', () => {
    const response = Float64Array.from({ length: 32 }, (_, n) => 0.9 ** n * Math.cos(0.7 * n))
    const target = Float64Array.from({ length: 80 }, random)
    const magnitude = kernelFloats(80)
    const sign = kernelFloats(81)
    const twice = kernelFloats(128)
    const overlap = kernelFloats(82)
    const trail = kernelFloats(60)
    magnitude.set(target.map(Math.abs))
    sign.set(target.map((value) => (value > 0 ? 1 : -1)))
    for (let lag = -31; lag <= 31; lag++) {
      twice[31 + lag] = 2 * response[Math.abs(lag)]
      twice[64 + 31 + lag] = -2 * response[Math.abs(lag)]
    }
    const run = (limit: number) => {
      overlap.fill(0)
      const pointers = [magnitude, sign, twice, overlap].map((buffer) => buffer.byteOffset)
      return kernels.addBestPulses(
        pointers[0],
        pointers[1],
        pointers[2],
        pointers[3],
        1,
        20,
        0.1,
        limit,
        trail.byteOffset,
      )
    }
    expect(run(Number.POSITIVE_INFINITY)).toBe(20)
    expectClose(trail, twin.addBestPulses(target, response, 20).flat())
    expect(run(0.05)).toBe(0)
  })

  it('schur agrees with Levinson', () => {
    for (const order of [16, 31]) {
      const correlation = twin.autocorrelation(fill(new Float64Array(200)), order + 1)
      const a = new Float64Array(order + 1)
      predictionFrom(correlation, 1, a)
      const expected = twin.levinson(correlation, order)
      for (let i = 0; i <= order; i++) expect(a[i]).toBeCloseTo(expected[i], 8)
    }
  })

  it('meanEnergies', () => {
    const roots = noise(60)
    const out = kernelFloats(34)
    kernels.meanEnergies(roots.byteOffset + 8 * 50, 0.7, 0.125, 33, out.byteOffset)
    expectClose(out.subarray(0, 33), twin.meanEnergies(roots, 50, 0.7, 0.125, 33))
  })

  it('windowRoots and maxima', () => {
    const x = noise(100)
    const out = kernelFloats(81)
    kernels.windowRoots(x.byteOffset, 100, 20, 6, out.byteOffset)
    expectClose(out, twin.windowRoots(x, 20, 6))
    const most = kernelFloats(3)
    kernels.maxima(x.byteOffset, 32, 3, most.byteOffset)
    expectClose(
      most,
      [0, 1, 2].map((r) => Math.max(...x.subarray(32 * r, 32 * r + 32))),
    )
  })

  it.each([512, 576])('power spectrum and autocorrelation of %i points', (size) => {
    const x = fill(new Float64Array(size))
    const power = new Float64Array(size / 2 + 1)
    const lags = new Float64Array(33)
    new RealFft(size).powerSpectrum(x, power)
    expectClose(power, twin.powerSpectrum(x))
    new AutocorrelationFromPower(size, 33).transform(power, lags)
    expectClose(lags, twin.autocorrelation(x, 33))
  })
})

it('the committed binary is that of the committed source', () => {
  const script = resolve(import.meta.dirname, '../../../../scripts/build-kernels.mjs')
  expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow()
}, 60_000)
