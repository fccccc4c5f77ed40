import { describe, expect, test } from 'vitest'
import { AdaptiveCodebook, boostedSide } from '../../src/media/codecs/mlow/adaptive-codebook.ts'
import { bitrateByPulses, residualEnergies } from '../../src/media/codecs/mlow/energy.ts'
import { FrameSymbols } from '../../src/media/codecs/mlow/frame-symbols.ts'
import { FrameSyntax } from '../../src/media/codecs/mlow/frame-syntax.ts'
import { HarmonicPostfilter } from '../../src/media/codecs/mlow/harmonic-postfilter.ts'
import { HighpassPostfilter, meanLag } from '../../src/media/codecs/mlow/highpass-postfilter.ts'
import { dequantiseLsf, spaceLsf } from '../../src/media/codecs/mlow/lsf.ts'
import { NoiseGenerator } from '../../src/media/codecs/mlow/noise.ts'
import { RangeDecoder } from '../../src/media/codecs/mlow/range-decoder.ts'
import { acbGainQ14HighRate } from '../../src/media/codecs/mlow/tables/celp.ts'
import { unvoicedPulseGain, voicedPulseGain } from '../../src/media/codecs/mlow/tables/noise.ts'
import { frameDurationMs, frameKind } from '../../src/media/codecs/mlow/toc.ts'
import { ConformanceReport } from './report.ts'
import { findVectorFiles, readVector, readVectorJson, readVectorJsonLines, readVectorPackets } from './vector-files.ts'

const report = new ConformanceReport('MLow decoder stages')

/** Folder name as well as file name: both repositories use the same ones. */
const nameOf = (path: string) => path.split('/').slice(-2).join(' ')

/** Packets that the dumps of a folder were made from (their README). */
const streamOf = (path: string) => {
  const stream = path.includes('/meowcaller/') ? /c_realcapture\.mlow$/ : /c_synthmic\.mlow$/
  return readVectorPackets(findVectorFiles(stream)[0])
}

const worstOf = (expected: ArrayLike<number>, actual: ArrayLike<number>): number =>
  Array.from(expected).reduce((worst, value, i) => Math.max(worst, Math.abs(value - actual[i])), 0)

/** Decodes the internal frames of every coded packet once. */
function decodeFrames(packets: Uint8Array[]): Map<string, FrameSymbols> {
  const frames = new Map<string, FrameSymbols>()
  const decoder = new RangeDecoder()
  const syntax = new FrameSyntax()
  packets.forEach((packet, p) => {
    const kind = frameKind(packet[0])
    if (kind !== 'active' && kind !== 'hangover' && kind !== 'inactive') return
    decoder.start(packet, 1, packet.length)
    syntax.begin(kind === 'inactive', false)
    for (let f = 0; f < 3; f++) {
      const frame = new FrameSymbols()
      syntax.code(decoder, frame)
      frames.set(`${p} ${f}`, frame)
    }
  })
  return frames
}

interface LsfRecord {
  voiced: number
  lowRate: number
  prev_lsf: number[]
  qi: number[]
  qlsf: number[]
}

describe('LSF vector', () => {
  test.each(findVectorFiles(/lsf_quant_io\.json(\.gz)?$/))('%s', (path) => {
    const lsf = new Float32Array(16)
    let worst = 0
    for (const { voiced, lowRate, prev_lsf, qi, qlsf } of readVectorJson<LsfRecord[]>(path)) {
      dequantiseLsf(voiced, lowRate, qi[0], Uint8Array.from(qi.slice(1)), Float32Array.from(prev_lsf), lsf)
      spaceLsf(voiced, lsf)
      worst = Math.max(worst, worstOf(qlsf, lsf))
    }
    report.atMost(nameOf(path), 'largest LSF error in rad', worst, 1e-5)
  })

  interface FrameRecord {
    Stage1: number
    Grid: number
    Stage2: number[]
    Nlsf: number[]
  }

  test.each(findVectorFiles(/\.params\.jsonl\.gz$/))('%s', (path) => {
    const lowRate = path.includes('lowrate') ? 1 : 0
    const lsf = new Float32Array(16)
    let worst = 0
    for (const { intf } of readVectorJsonLines<{ intf: FrameRecord[] | null }>(path)) {
      for (const { Stage1, Grid, Stage2, Nlsf } of intf ?? []) {
        dequantiseLsf(Stage1, lowRate, Grid, Uint8Array.from(Stage2), lsf, lsf)
        spaceLsf(Stage1, lsf)
        worst = Math.max(worst, worstOf(Nlsf, lsf))
      }
    }
    report.atMost(path, 'largest LSF error in rad', worst, 1e-5)
  })
})

describe('normalised bitrate', () => {
  test.each(findVectorFiles(/\.params\.jsonl\.gz$/))('%s', (path) => {
    let worst = 0
    for (const { intf, avgNormBr } of readVectorJsonLines<{ avgNormBr: number; intf: { Subfr: number[] }[] | null }>(
      path,
    )) {
      if (!intf?.length) continue
      const pulses = intf.map(({ Subfr }) => Subfr.reduce((sum, n) => sum + n, 0))
      const mean = pulses.reduce((sum, n) => sum + bitrateByPulses[n]!, 0) / intf.length
      worst = Math.max(worst, Math.abs(mean - avgNormBr))
    }
    report.atMost(path, 'largest error of avgNormBr', worst, 1e-5)
  })
})

interface ExcitationRecord {
  packet: number
  frame: number
  sf: number
  voiced: number
  lags: number[]
  acb_gains: number[]
  nz: [number, number][]
}

/** Excitation of every coded subframe before noise; subframes of noise have none. */
function excite(packets: Uint8Array[], frames: Map<string, FrameSymbols>): Map<string, Float64Array> {
  const codebook = new AdaptiveCodebook()
  const excitations = new Map<string, Float64Array>()
  packets.forEach((packet, p) => {
    const subframes = frameDurationMs(packet[0]) / 5
    for (let s = 0; s < subframes; s++) {
      const frame = frames.get(`${p} ${s >> 2}`)
      const excitation = frame ? exciteSubframe(frame, s & 3, codebook) : new Float64Array(80)
      codebook.append(excitation, 80)
      excitations.set(`${p} ${s >> 2} ${s & 3}`, excitation)
    }
  })
  return excitations
}

function gainPair(frame: FrameSymbols, subframe: number): [centre: number, side: number] {
  const [centre, side] = [0, 1].map((i) => acbGainQ14HighRate[2 * frame.acbGain[subframe] + i] / 16384)
  const boosted = boostedSide(centre, side, bitrateByPulses[frame.pulseCount]!)
  return [centre + 2 * (side - boosted), boosted]
}

function exciteSubframe(frame: FrameSymbols, subframe: number, codebook: AdaptiveCodebook): Float64Array {
  const gain = (frame.voiced ? voicedPulseGain : unvoicedPulseGain)[frame.pulseGain[subframe]]
  const excitation = new Float64Array(80)
  for (let i = 0; i < frame.positionCount; i++) {
    const at = frame.positions[i] - 80 * subframe
    if (at >= 0 && at < 80) excitation[at] = frame.signs[i] * frame.magnitudes[i] * gain
  }
  if (frame.voiced) codebook.predict(frame.lagIndex, 2 * subframe, 80, ...gainPair(frame, subframe), excitation)
  return excitation
}

describe('excitation, lags, gains', () => {
  test.each(findVectorFiles(/exc_pre_lags\.json(\.gz)?$/))('%s', (path) => {
    const packets = streamOf(path)
    const frames = decodeFrames(packets)
    const excitations = excite(packets, frames)
    let worst = 0
    let lagsEqual = 0
    const records = readVectorJson<ExcitationRecord[]>(path)
    for (const { packet, frame: f, sf, voiced, lags, acb_gains, nz } of records) {
      const frame = frames.get(`${packet} ${f}`)!
      const expected = new Float64Array(80)
      for (const [at, value] of nz) expected[at] = value
      worst = Math.max(worst, worstOf(expected, excitations.get(`${packet} ${f} ${sf}`)!))
      if (voiced) worst = Math.max(worst, worstOf(acb_gains, gainPair(frame, sf)))
      const own = [0, 1].map((i) => (frame.voiced ? 32 + frame.lagIndex[2 * sf + i] / 2 : 0))
      if (own.join() === lags.join() && frame.voiced === voiced) lagsEqual++
    }
    report.atMost(nameOf(path), 'largest error of excitation and gain pairs', worst, 2e-5)
    report.allEqual(nameOf(path), 'subframes with equal lags', lagsEqual, records.length)
  })
})

describe('residual energy', () => {
  test.each(findVectorFiles(/gennoise_params_dump\.json(\.gz)?$/))('%s', (path) => {
    const records = readVectorJson<{ nrgres_dbq_Q14: number; nrgres: number }[]>(path)
    const energies = new Float64Array(4)
    const equal = records.filter((r) => {
      residualEnergies(Int32Array.of(r.nrgres_dbq_Q14, 0, 0, 0), energies)
      return Math.fround(r.nrgres) === Math.fround(80 * energies[0]!)
    })
    report.allEqual(nameOf(path), 'equal in single precision', equal.length, records.length)
  })
})

interface NoiseState {
  env_smth: number
  env_last: number
  out_state_uv: number[]
  out_state_v: number[]
  corr_smth: number[]
  shape_state: number[]
  prev_voiced: number
  since_unvoiced: number
  rand_seed: number
}

interface NoiseRecord {
  voiced: number
  sf_pulses: number
  fcbg_idx: number
  nrgres: number
  norm_br: number
  seed_in: number
  seed_out: number
  lsf: number[]
  exc_pre: number[]
  noise: number[]
  ng_in: NoiseState
  ng_out: NoiseState
}

describe('noise', () => {
  test.each(findVectorFiles(/gennoise_vectors\.json(\.gz)?$/))('%s', (path) => {
    const records = readVectorJson<NoiseRecord[]>(path)
    let worst = 0
    let seeds = 0
    for (const record of records) {
      const generator = new NoiseGenerator()
      const before = record.ng_in
      generator.seed = record.seed_in | 0
      generator.envelopeState = before.env_smth
      generator.lastEnvelope = before.env_last
      generator.previousVoiced = before.prev_voiced === 1
      generator.sinceUnvoiced = before.since_unvoiced
      generator.correlation.set(before.corr_smth)
      generator.shapeMemory.set(before.shape_state)
      generator.voicedMemory.set(before.out_state_v)
      generator.unvoicedMemory.set(before.out_state_uv)
      const voiced = record.voiced === 1
      const excitation = Float64Array.from(record.exc_pre)
      const input = {
        voiced,
        length: 80,
        pulses: record.sf_pulses,
        pulseGain: (voiced ? voicedPulseGain : unvoicedPulseGain)[record.fcbg_idx],
        energy: record.nrgres,
        bitrate: record.norm_br,
        lowestLsf: record.lsf[0],
        secondLsf: record.lsf[1],
      }
      generator.addTo(excitation, input)
      const noise = excitation.map((sample, n) => sample - record.exc_pre[n])
      worst = Math.max(worst, worstOf(record.noise, noise))
      if (generator.seed === (record.seed_out | 0)) seeds++
      const after = record.ng_out
      worst = Math.max(worst, Math.abs(generator.envelopeState - after.env_smth))
      worst = Math.max(worst, Math.abs(generator.lastEnvelope - after.env_last))
    }
    report.allEqual(nameOf(path), 'equal seeds', seeds, records.length)
    report.atMost(nameOf(path), 'largest error of noise and envelope', worst, 1e-6)
  })
})

/** Reads fields of a raw dump in order. */
class RawReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(path: string) {
    this.#bytes = readVector(path)
  }

  int(): number {
    this.#at += 4
    return this.#bytes.readInt32LE(this.#at - 4)
  }

  floats(count: number): Float64Array {
    const from = this.#at
    this.#at += 4 * count
    return Float64Array.from({ length: count }, (_, i) => this.#bytes.readFloatLE(from + 4 * i))
  }
}

describe('high-pass postfilter', () => {
  test.each(findVectorFiles(/hp_postfilter_vectors\.raw(\.gz)?$/))('%s', (path) => {
    const reader = new RawReader(path)
    let worst = 0
    const records = reader.int()
    for (let i = 0; i < records; i++) {
      reader.int()
      reader.int()
      const lags = reader.floats(8)
      const filter = new HighpassPostfilter()
      ;[filter.integrator, filter.differentiator] = reader.floats(2)
      filter.memory.set(reader.floats(4))
      ;[filter.lag] = reader.floats(1)
      filter.previous.set(reader.floats(320))
      filter.numerator.set(reader.floats(3))
      filter.denominator.set(reader.floats(3))
      const signal = reader.floats(320)
      const expected = reader.floats(320)
      filter.process(signal, 0, 320, meanLag(lags, 0, 8))
      worst = Math.max(worst, worstOf(expected, signal))
    }
    expect(records).toBeGreaterThan(0)
    report.atMost(nameOf(path), 'largest error', worst, 1 / 32768)
  })
})

/** The dumps leave some packets out. For as long as the filter delays, it still holds what they would have fed it. */
const AFTER_JUMP = { samples: 48, limit: 6e-4 }

describe('harmonic postfilter', () => {
  test.each(findVectorFiles(/harm_postfilter_vectors\.raw(\.gz)?$/))('%s', (path) => {
    const reader = new RawReader(path)
    const filter = new HarmonicPostfilter()
    const actual = new Float32Array(960)
    let worst = 0
    let worstAfterJump = 0
    let packetBefore = -1
    const records = reader.int()
    for (let i = 0; i < records; i++) {
      const packet = reader.int()
      const samples = reader.int()
      const lagCount = reader.int()
      const [bitrate] = reader.floats(1)
      const lags = reader.floats(lagCount)
      const input = reader.floats(samples)
      const expected = reader.floats(samples)
      filter.process(input, samples, lags, bitrate, actual, 0)
      const settled = packet === packetBefore + 1 ? 0 : AFTER_JUMP.samples
      worst = Math.max(worst, worstOf(expected.slice(settled), actual.slice(settled, samples)))
      worstAfterJump = Math.max(worstAfterJump, worstOf(expected.slice(0, settled), actual))
      packetBefore = packet
    }
    report.atMost(nameOf(path), 'largest error', worst, 1 / 32768)
    report.atMost(nameOf(path), 'largest error after a jump', worstAfterJump, AFTER_JUMP.limit)
  })
})
