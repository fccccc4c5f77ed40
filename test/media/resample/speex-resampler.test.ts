import { afterEach, describe, expect, it } from 'vitest'
import { estimateDelay } from '../../../src/media/measure/align.ts'
import { SpeexResampler } from '../../../src/media/resample/speex-resampler.ts'
import { memoryGrowths, openAndClose } from '../wasm-growth.ts'

const open: SpeexResampler[] = []
afterEach(() => {
  for (const resampler of open.splice(0)) resampler.close()
})

async function create(fromHz: number, toHz: number, maxInput = fromHz / 50) {
  const resampler = await SpeexResampler.create(fromHz, toHz, maxInput)
  open.push(resampler)
  return resampler
}

const tone = (rateHz: number, hz: number, samples = rateHz) =>
  Float32Array.from({ length: samples }, (_, n) => 0.5 * Math.sin((2 * Math.PI * hz * n) / rateHz))

function run(resampler: SpeexResampler, input: Float32Array, piece: number): Float32Array {
  const out = new Float32Array(Math.ceil((input.length * resampler.toHz) / resampler.fromHz) + 8)
  let written = 0
  for (let at = 0; at + piece <= input.length; at += piece) {
    written += resampler.process(input.subarray(at, at + piece), piece, out, written)
  }
  return out.subarray(0, written)
}

const levelDb = (pcm: Float32Array) => 10 * Math.log10(pcm.reduce((sum, x) => sum + x * x, 0) / pcm.length)
const RATES = [
  [8000, 16000],
  [16000, 8000],
  [48000, 16000],
  [16000, 48000],
] as const

describe.each(RATES)('SpeexResampler %i → %i Hz', (fromHz, toHz) => {
  it('gives exactly the samples of the other rate in every call, with the delay that it states', async () => {
    const resampler = await create(fromHz, toHz)
    const out = new Float32Array(toHz / 50)
    expect(resampler.process(tone(fromHz, 440, fromHz / 50), fromHz / 50, out)).toBe(toHz / 50)
    resampler.reset()
    const chirp = (rateHz: number) =>
      Float32Array.from({ length: rateHz / 2 }, (_, n) =>
        Math.sin(2 * Math.PI * (300 + (2000 * n) / rateHz) * (n / rateHz)),
      )
    const heard = run(resampler, chirp(fromHz), fromHz / 50)
    expect(estimateDelay(chirp(toHz), heard, toHz / 20)).toBe(resampler.delaySamples)
    expect(resampler.delaySamples / toHz).toBeLessThanOrEqual(0.003)
  })

  it('keeps the level in the pass band', async () => {
    const heard = run(await create(fromHz, toHz), tone(fromHz, 1000), fromHz / 50)
    expect(levelDb(heard.subarray(toHz / 10))).toBeCloseTo(levelDb(tone(toHz, 1000)), 1)
  })

  it('does not depend on how the input is cut', async () => {
    const input = tone(fromHz, 700, fromHz / 5)
    const whole = run(await create(fromHz, toHz), input, fromHz / 50)
    expect(run(await create(fromHz, toHz), input, fromHz / 100)).toEqual(whole)
  })
})

describe('SpeexResampler', () => {
  it('keeps what 8 kHz cannot carry 60 dB down', async () => {
    const heard = run(await create(16000, 8000), tone(16000, 5500), 320)
    expect(levelDb(heard.subarray(400)) - levelDb(tone(16000, 5500))).toBeLessThan(-60)
  })

  it('starts anew after a reset', async () => {
    const resampler = await create(8000, 16000)
    const input = tone(8000, 500, 1600)
    const first = run(resampler, input, 160).slice()
    resampler.reset()
    expect(run(resampler, input, 160)).toEqual(first)
  })

  it('refuses more input than announced, and closes twice', async () => {
    const resampler = await create(8000, 16000, 160)
    expect(() => resampler.process(new Float32Array(161), 161, new Float32Array(400))).toThrow(RangeError)
    resampler.close()
    resampler.close()
  })

  it('names rates that cannot be', async () => {
    await expect(SpeexResampler.create(0, 16000, 160)).rejects.toThrow('no resampler from 0 to 16000 Hz')
  })
})

it('thousands of resamplers, opened and closed, need the memory of those that were open at once', async () => {
  const input = tone(8000, 500, 1920)
  const out = new Float32Array(6000)
  const open = async (i: number) => {
    const [fromHz, toHz] = RATES[i % RATES.length]
    const resampler = await SpeexResampler.create(fromHz, toHz, input.length)
    resampler.process(input, input.length, out)
    resampler.reset()
    return resampler
  }
  expect(await memoryGrowths(() => openAndClose(2000, open))).toBeGreaterThan(0)
  const growths = await memoryGrowths(async () => {
    for (let round = 0; round < 4; round++) await openAndClose(2000, open)
  })
  expect(growths).toBe(0)
})
