import { describe, expect, it } from 'vitest'
import { MlowEncoder } from '../../src/media/codecs/mlow/encoder.ts'
import { FrameSymbols } from '../../src/media/codecs/mlow/frame-symbols.ts'
import { FrameSyntax } from '../../src/media/codecs/mlow/frame-syntax.ts'
import { RangeDecoder } from '../../src/media/codecs/mlow/range-decoder.ts'
import { TOC_INACTIVE } from '../../src/media/codecs/mlow/toc.ts'
import { ConformanceReport } from './report.ts'
import { findVectorFiles, readVectorJsonLines, readVectorPackets, readVectorPcm16 } from './vector-files.ts'

const report = new ConformanceReport('MLow encoder: packets')
const FRAMES = 3

function encodeClip(path: string): Uint8Array[] {
  const encoder = new MlowEncoder()
  const pcm = readVectorPcm16(path)
  const out = new Uint8Array(encoder.maxPayloadBytes)
  const packets: Uint8Array[] = []
  for (let at = 0; at + encoder.frameSamples <= pcm.length; at += encoder.frameSamples) {
    packets.push(out.slice(0, encoder.encode(pcm.subarray(at, at + encoder.frameSamples), out)))
  }
  return packets
}

/** The symbols of a coded packet, and whether a decoder read them without an error and within the packet. */
function readPacket(packet: Uint8Array) {
  const coder = new RangeDecoder()
  const syntax = new FrameSyntax()
  coder.start(packet, 1, packet.length)
  syntax.begin(packet[0] === TOC_INACTIVE, false)
  const frames = Array.from({ length: FRAMES }, () => {
    const frame = new FrameSymbols()
    syntax.code(coder, frame)
    return frame
  })
  const sound = !coder.error && coder.tell <= 8 * (packet.length - 1) + 7
  return { frames, sound }
}

describe('every packet decodes without error within its length', () => {
  it.each(findVectorFiles(/mlow\/[^/]*\.s16$/).filter((path) => !path.endsWith('.cdec.s16')))('%s', (path) => {
    const packets = encodeClip(path)
    report.allEqual(path, 'sound packets', packets.filter((packet) => readPacket(packet).sound).length, packets.length)
    const bytes = packets.reduce((sum, packet) => sum + packet.length, 0)
    report.atMost(path, 'kbit/s', (bytes * 8) / (packets.length * 60), 20)
  })
})

interface InternalFrame {
  Extra: number
  Voiced: boolean
  NrgQ14: number[]
  Lags: number[]
}

interface PacketRecord {
  toc: number
  intf: InternalFrame[]
}

/**
 * The original encoder's streams on clips whose input is here. Its single decisions, down to the energies, are met;
 * its pulses only as long as both rate controls have seen the same packets.
 */
const ORIGINALS = findVectorFiles(/mlow\/c_synth[^/]*\.params\.jsonl(\.gz)?$/)

describe('decisions of the original encoder', () => {
  it.each(ORIGINALS)('%s', (path) => {
    const clip = path.replace(/c_(synth[^/]*?)\.params\.jsonl(\.gz)?$/, 'in_$1.s16')
    const records = readVectorJsonLines<PacketRecord>(path)
    const packets = encodeClip(clip)
    const read = packets.map(readPacket)
    expect(packets).toHaveLength(records.length)
    report.allEqual(
      path,
      'packet types',
      count(records, (record, p) => packets[p][0] === record.toc),
      records.length,
    )

    const pairs = records.flatMap((record, p) =>
      record.intf.map((frame, f) => ({ theirs: frame, ours: read[p].frames[f] })),
    )
    report.allEqual(
      path,
      'voicing',
      count(pairs, ({ theirs, ours }) => (theirs.Voiced ? 1 : 0) === ours.voiced),
      pairs.length,
    )
    report.allEqual(
      path,
      'interpolation',
      count(pairs, ({ theirs, ours }) => theirs.Extra === ours.interpolation),
      pairs.length,
    )
    const voiced = pairs.filter(({ theirs }) => theirs.Voiced)
    const sameLags = count(voiced, ({ theirs, ours }) =>
      theirs.Lags.every((lag, i) => lag === 32 + ours.lagIndex[i] / 2),
    )
    report.allEqual(path, 'lags', sameLags, voiced.length)
    const unvoiced = pairs.filter(({ theirs }) => !theirs.Voiced)
    const sameEnergies = count(unvoiced, ({ theirs, ours }) => theirs.NrgQ14.every((e, i) => e === ours.energyQ14[i]))
    report.allEqual(path, 'residual energies', sameEnergies, unvoiced.length)

    const theirBytes = readVectorPackets(path.replace(/\.params\.jsonl(\.gz)?$/, '.mlow'))
    const same = count(theirBytes, (packet, p) => Buffer.from(packet).equals(packets[p]))
    report.atLeast(path, 'identical packets', same, 30)
    const ourTotal = packets.reduce((sum, packet) => sum + packet.length, 0)
    const theirTotal = theirBytes.reduce((sum, packet) => sum + packet.length, 0)
    report.atMost(path, 'difference of length in %', 100 * Math.abs(ourTotal / theirTotal - 1), 0.5)
  })
})

function count<T>(items: readonly T[], holds: (item: T, index: number) => boolean): number {
  return items.filter(holds).length
}
