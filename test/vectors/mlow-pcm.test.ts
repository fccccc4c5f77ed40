import { describe, expect, test } from 'vitest'
import { MlowDecoder } from '../../src/media/codecs/mlow/decoder.ts'
import { SplitRedDecoder } from '../../src/media/codecs/mlow/split-red-decoder.ts'
import { ConformanceReport } from './report.ts'
import {
  findVectorFiles,
  readVectorJsonLines,
  readVectorPackets,
  readVectorPcm16,
  readVectorPcmF32,
} from './vector-files.ts'

const report = new ConformanceReport('MLow decoder')

/** Broken streams: errors that the reference and we round differently. */
const isBroken = (path: string) => /\/x_[^/]*$/.test(path)
/** Samples that stand for a lost packet in the vectors. */
const LOST_SAMPLES = 960

/** Decodes a stream as the vectors do: a lost packet is 960 zeros and leaves the state alone. */
function decodeStream(path: string): Float32Array {
  const mlow = new MlowDecoder()
  const decoder = /\/x_red\d/.test(path) ? new SplitRedDecoder(mlow) : mlow
  const buffer = new Float32Array(decoder.maxSamples)
  const parts: number[] = []
  for (const packet of readVectorPackets(path)) {
    const samples = packet.length === 0 ? LOST_SAMPLES : decoder.decode(packet, buffer)
    for (let n = 0; n < samples; n++) parts.push(packet.length === 0 ? 0 : buffer[n])
  }
  return Float32Array.from(parts)
}

function snrDb(reference: Float32Array, actual: Float32Array): number {
  let signal = 0
  let error = 0
  for (let n = 0; n < reference.length; n++) {
    signal += reference[n] ** 2
    error += (reference[n] - actual[n]) ** 2
  }
  return 10 * Math.log10(signal / error)
}

const peak = (pcm: Float32Array) => pcm.reduce((most, x) => Math.max(most, Math.abs(x)), 0)

describe('decoded PCM against the reference decoder', () => {
  test.each(findVectorFiles(/mlow\/[^/]*\.dec\.f32$/))('%s', (path) => {
    const expected = readVectorPcmF32(path)
    const actual = decodeStream(path.replace('.dec.f32', '.mlow'))
    expect(actual.length).toBe(expected.length)
    if (peak(expected) < 1e-3) {
      const worst = expected.reduce((most, x, n) => Math.max(most, Math.abs(x - actual[n])), 0)
      report.atMost(path, 'largest error', worst, 1e-4)
    } else report.atLeast(path, 'SNR in dB', snrDb(expected, actual), isBroken(path) ? 60 : 70)
  })
})

/** What the original decoder's samples may differ by, and how many must be equal. */
const ORIGINAL_LIMITS = [
  { form: /c_realcapture/, most: 1, equal: 0.97 },
  { form: /c_/, most: 2, equal: 0.85 },
]

describe('decoded PCM against the original decoder', () => {
  test.each(findVectorFiles(/mlow\/[^/]*\.cdec\.s16$/))('%s', (path) => {
    const expected = readVectorPcm16(path)
    const actual = decodeStream(path.replace('.cdec.s16', '.mlow'))
    expect(actual.length).toBe(expected.length)
    let worst = 0
    let equal = 0
    for (let n = 0; n < expected.length; n++) {
      const sample = Math.min(Math.trunc(actual[n] * 32768), 32767)
      const difference = Math.abs(sample - expected[n] * 32768)
      if (difference === 0) equal++
      worst = Math.max(worst, difference)
    }
    const limits = ORIGINAL_LIMITS.find(({ form }) => form.test(path))!
    report.atMost(path, 'largest difference in 16-bit steps', worst, limits.most)
    report.atLeast(path, 'share of equal samples', equal / expected.length, limits.equal)
  })
})

interface TraceRecord {
  samples: number
  seed: number
  energy: number
  envLast: number
  lsf: number[]
}

describe('state after every packet', () => {
  test.each(findVectorFiles(/mlow\/[^/]*\.trace\.jsonl\.gz$/))('%s', (path) => {
    const decoder = new MlowDecoder()
    const buffer = new Float32Array(decoder.maxSamples)
    const records = readVectorJsonLines<TraceRecord>(path)
    const packets = readVectorPackets(path.replace('.trace.jsonl.gz', '.mlow'))
    let seeds = 0
    let samples = 0
    let lsfError = 0
    let levelError = 0
    records.forEach((record, i) => {
      if (decoder.decode(packets[i], buffer) === record.samples) samples++
      const { lsf, energy, seed, noiseLevel } = decoder.renderer
      if (seed === record.seed) seeds++
      for (const [k, value] of record.lsf.entries()) lsfError = Math.max(lsfError, Math.abs(value - lsf[k]))
      const relative = (actual: number, expected: number) => Math.abs(actual - expected) / Math.max(expected, 1e-12)
      levelError = Math.max(levelError, relative(energy[0]!, record.energy), relative(noiseLevel, record.envLast))
    })
    report.allEqual(path, 'sample counts', samples, records.length)
    report.allEqual(path, 'noise seeds', seeds, records.length)
    report.atMost(path, 'largest LSF error in rad', lsfError, 1e-5)
    report.atMost(path, 'largest relative error of noise levels', levelError, 0.01)
  })
})
