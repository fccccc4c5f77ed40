import { describe, expect, test } from 'vitest'
import { codeEnergy, codeUnvoicedGains } from '../../src/media/codecs/mlow/energy-syntax.ts'
import { FrameSymbols } from '../../src/media/codecs/mlow/frame-symbols.ts'
import { codeComfortNoise, FrameSyntax } from '../../src/media/codecs/mlow/frame-syntax.ts'
import { acbGainCdfHighRate } from '../../src/media/codecs/mlow/pitch-tables.ts'
import { RangeDecoder } from '../../src/media/codecs/mlow/range-decoder.ts'
import { RangeEncoder } from '../../src/media/codecs/mlow/range-encoder.ts'
import type { SymbolCoder } from '../../src/media/codecs/mlow/symbol-coder.ts'
import { pitchContourRank } from '../../src/media/codecs/mlow/tables/pitch.ts'
import { frameKind, isLowRate } from '../../src/media/codecs/mlow/toc.ts'
import { ConformanceReport } from './report.ts'
import { findVectorFiles, readVectorJson, readVectorJsonLines, readVectorPackets } from './vector-files.ts'

interface FrameRecord {
  Stage1: number
  Grid: number
  Stage2: number[]
  Extra: number
  Subfr: number[]
  Pulses: [number, number][] | null
  Voiced: boolean
  Acbg: number[]
  Fcbg: number[]
  NrgQ14: number[]
  Lags: number[]
  Err: number
  Tell: number
}

interface PacketRecord {
  toc: number
  len: number
  intf: FrameRecord[] | null
}

interface TraceRecord {
  sid: { Grid: number; Stage2: number[]; GainMean: number; GainShape: number; EnergyQ14: number[]; Tell: number } | null
}

const report = new ConformanceReport('MLow symbols')
const frames = [new FrameSymbols(), new FrameSymbols(), new FrameSymbols()]
const syntax = new FrameSyntax()
const decoder = new RangeDecoder()

/** Symbols in the form of the vectors. */
function recordOf(frame: FrameSymbols, subframes: number): FrameRecord {
  const pulses = [...frame.positions.subarray(0, frame.positionCount)].map((position, i): [number, number] => [
    position,
    frame.magnitudes[i] * frame.signs[i],
  ])
  const lags = [...frame.lagIndex].map((index) => (frame.voiced ? 32 + index / 2 : 0))
  const perSubframe = (values: ArrayLike<number>) => [...Array.from(values).slice(0, subframes)]
  return {
    Stage1: frame.voiced,
    Grid: frame.centroid,
    Stage2: [...frame.stage2],
    Extra: frame.interpolation,
    Subfr: perSubframe(frame.subframePulses),
    Pulses: pulses,
    Voiced: frame.voiced === 1,
    Acbg: perSubframe(frame.acbGain),
    Fcbg: perSubframe(frame.pulseGain),
    NrgQ14: perSubframe(frame.energyQ14),
    Lags: lags,
    Err: decoder.error ? 1 : 0,
    Tell: decoder.tell,
  }
}

function expectedRecord(frame: FrameRecord, subframes: number): FrameRecord {
  return {
    Stage1: frame.Stage1,
    Grid: frame.Grid,
    Stage2: frame.Stage2,
    Extra: frame.Extra,
    Subfr: frame.Subfr.slice(0, subframes),
    Pulses: frame.Pulses ?? [],
    Voiced: frame.Voiced,
    Acbg: frame.Acbg.slice(0, subframes),
    Fcbg: frame.Fcbg.slice(0, subframes),
    NrgQ14: frame.NrgQ14.slice(0, subframes),
    Lags: frame.Lags,
    Err: frame.Err,
    Tell: frame.Tell,
  }
}

function beginPacket(packet: Uint8Array): void {
  syntax.begin(frameKind(packet[0]) === 'inactive', isLowRate(packet[0]))
  decoder.start(packet, 1, packet.length)
}

describe('every symbol, Err and Tell', () => {
  test.each(findVectorFiles(/mlow\/.*\.params\.jsonl\.gz$/))('%s', (path) => {
    const packets = readVectorPackets(path.replace('.params.jsonl.gz', '.mlow'))
    let equal = 0
    let total = 0
    let tocs = 0
    const records = readVectorJsonLines<PacketRecord>(path)
    records.forEach((record, i) => {
      const packet = packets[i]
      if ((packet[0] ?? -1) === record.toc) tocs++
      if (!record.intf?.length) return
      const subframes = isLowRate(packet[0]) ? 2 : 4
      beginPacket(packet)
      for (const [f, expected] of record.intf.entries()) {
        syntax.code(decoder, frames[f])
        const actual = recordOf(frames[f], subframes)
        total++
        if (JSON.stringify(actual) === JSON.stringify(expectedRecord(expected, subframes))) equal++
      }
    })
    report.allEqual(path, 'first bytes', tocs, records.length)
    report.allEqual(path, 'frames with equal symbols, Err, Tell', equal, total)
  })
})

describe('comfort-noise updates', () => {
  const traces = findVectorFiles(/mlow\/c_.*\.trace\.jsonl\.gz$/)

  test('one of the streams has some', () => {
    let equal = 0
    let total = 0
    for (const path of traces) {
      const packets = readVectorPackets(path.replace('.trace.jsonl.gz', '.mlow'))
      for (const [i, { sid }] of readVectorJsonLines<TraceRecord>(path).entries()) {
        if (sid === null) continue
        decoder.start(packets[i], 1, packets[i].length)
        codeComfortNoise(decoder, frames[0])
        const { centroid, stage2, energyMean, energyShape, energyQ14 } = frames[0]
        const actual = [centroid, [...stage2], energyMean, energyShape, [...energyQ14], decoder.tell]
        const expected = [sid.Grid, sid.Stage2, sid.GainMean, sid.GainShape, sid.EnergyQ14, sid.Tell]
        total++
        if (JSON.stringify(actual) === JSON.stringify(expected)) equal++
      }
    }
    report.allEqual('c_*', 'comfort-noise updates with equal symbols and Tell', equal, total)
  })
})

describe('decoded and encoded again, the packets of the original codec come back', () => {
  test.each(findVectorFiles(/mlow\/c_[^/]*\.mlow$/))('%s', (path) => {
    const encoder = new RangeEncoder()
    const body = new Uint8Array(513)
    let equal = 0
    let total = 0
    for (const packet of readVectorPackets(path)) {
      const kind = frameKind(packet[0])
      if (kind === 'no-data') continue
      beginPacket(packet)
      encoder.start(body, 0)
      if (kind === 'comfort-noise') {
        codeComfortNoise(decoder, frames[0])
        codeComfortNoise(encoder, frames[0])
      } else {
        for (const frame of frames) syntax.code(decoder, frame)
        syntax.begin(kind === 'inactive', false)
        for (const frame of frames) syntax.code(encoder, frame)
      }
      total++
      if (Buffer.compare(packet.subarray(1), body.subarray(0, encoder.finish())) === 0 && !encoder.error) equal++
    }
    report.allEqual(path, 'packets with equal bytes', equal, total)
  })
})

interface StageRecord {
  frame: string
}

/** Decodes the first internal frame of each record's packet and compares what the record holds of it. */
function compareFirstFrames<T extends StageRecord>(path: string, agree: (record: T, packet: Uint8Array) => boolean) {
  const records = readVectorJson<T[]>(path)
  let equal = 0
  for (const record of records) {
    const packet = new Uint8Array(Buffer.from(record.frame, 'hex'))
    beginPacket(packet)
    syntax.code(decoder, frames[0])
    if (agree(record, packet)) equal++
  }
  report.allEqual(path, 'first frames', equal, records.length)
}

const same = (actual: ArrayLike<number>, expected: number[]) => Array.from(actual).join() === expected.join()

describe('known answers for the first frame of a packet', () => {
  test.each(findVectorFiles(/lsf_vectors\.json$/))('%s', (path) => {
    compareFirstFrames<StageRecord & { stage1: number; grid: number; stage2: number[]; extra: number }>(
      path,
      (record) => {
        const [frame] = frames
        return (
          frame.voiced === record.stage1 &&
          frame.centroid === record.grid &&
          frame.interpolation === record.extra &&
          same(frame.stage2, record.stage2)
        )
      },
    )
  })

  test.each(findVectorFiles(/pulse_vectors\.json$/))('%s', (path) => {
    compareFirstFrames<StageRecord & { subfr: number[]; pulses: { pos: number; val: number }[] }>(path, (record) => {
      const { Subfr, Pulses } = recordOf(frames[0], 4)
      return (
        same(Subfr, record.subfr) &&
        same(
          (Pulses ?? []).flat(),
          (record.pulses ?? []).flatMap(({ pos, val }) => [pos, val]),
        )
      )
    })
  })

  test.each(findVectorFiles(/pitch_vectors\.json$/))('%s', (path) => {
    compareFirstFrames<PitchRecord>(path, (record) => {
      const [frame] = frames
      const pulseGain = [...frame.pulseGain].map((index, s) => (frame.subframePulses[s] > 0 ? index : -1))
      return (
        pitchContourRank[frame.contour] - 1 === record.lag &&
        frame.contour === record.contour &&
        same(frame.acbGain, record.gain_idx) &&
        same(pulseGain, record.filt_idx) &&
        same(frame.lagIndex.subarray(0, 4), record.int_lag_q6)
      )
    })
  })

  test.each(findVectorFiles(/gains_vectors\.json$/))('%s', (path) => {
    const records = readVectorJson<(StageRecord & { gain_q: number[]; nrg_res: number[] })[]>(path)
    let equal = 0
    for (const record of records) {
      const packet = new Uint8Array(Buffer.from(record.frame, 'hex'))
      beginPacket(packet)
      expect(() => syntax.code(beforePitchBlock, frames[0])).toThrow(PitchBlockReached)
      codeEnergy(decoder, frames[0], 0)
      codeUnvoicedGains(decoder, frames[0], 0)
      if (same(frames[0].energyQ14, record.gain_q) && same(frames[0].pulseGain, record.nrg_res)) equal++
    }
    report.allEqual(path, 'gain blocks in place of pitch blocks', equal, records.length)
  })
})

interface PitchRecord extends StageRecord {
  lag: number
  contour: number
  gain_idx: number[]
  filt_idx: number[]
  int_lag_q6: number[]
}

class PitchBlockReached extends Error {}

/** Reads until the pitch block: the gain records read the energy block there, whatever the voicing. */
const beforePitchBlock: SymbolCoder = {
  symbol(cdf, first, entries) {
    if (cdf === acbGainCdfHighRate) throw new PitchBlockReached()
    return decoder.symbol(cdf, first, entries)
  },
  bits: (count) => decoder.bits(count),
}
