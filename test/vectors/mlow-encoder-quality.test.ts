import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MlowDecoder } from '../../src/media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../src/media/codecs/mlow/encoder.ts'
import { melDistance } from '../../src/media/measure/mel-distance.ts'
import { segmentalSnr } from '../../src/media/measure/segmental-snr.ts'
import { stoi } from '../../src/media/measure/stoi.ts'
import { ConformanceReport } from './report.ts'
import { findVectorFiles, readVectorPackets, readVectorPcm16 } from './vector-files.ts'

const report = new ConformanceReport('MLow encoder: quality')
const RATE_HZ = 16000
/** Encoder look-ahead 32 samples, decoder postfilter 48. */
const CODEC_DELAY = 80
const PACKET_MS = 60

interface Quality {
  kbps: number
  snrDb: number
  melDb: number
  stoi: number
}

function encode(pcm: Float32Array): Uint8Array[] {
  const encoder = new MlowEncoder()
  const out = new Uint8Array(encoder.maxPayloadBytes)
  const packets: Uint8Array[] = []
  for (let at = 0; at + encoder.frameSamples <= pcm.length; at += encoder.frameSamples) {
    packets.push(out.slice(0, encoder.encode(pcm.subarray(at, at + encoder.frameSamples), out)))
  }
  return packets
}

function decode(packets: readonly Uint8Array[], length: number): Float32Array {
  const decoder = new MlowDecoder()
  const buffer = new Float32Array(decoder.maxSamples)
  const pcm = new Float32Array(length)
  let at = 0
  for (const packet of packets) {
    const samples = decoder.decode(packet, buffer)
    pcm.set(buffer.subarray(0, samples), at)
    at += samples
  }
  return pcm
}

function judge(pcm: Float32Array, packets: readonly Uint8Array[]): Quality {
  const heard = decode(packets, pcm.length).subarray(CODEC_DELAY)
  const bytes = packets.reduce((sum, packet) => sum + packet.length, 0)
  return {
    kbps: (bytes * 8) / (packets.length * PACKET_MS),
    snrDb: segmentalSnr(pcm, heard, RATE_HZ),
    melDb: melDistance(pcm, heard, RATE_HZ),
    stoi: stoi(pcm, heard, RATE_HZ),
  }
}

function mean(qualities: readonly Quality[]): Quality {
  const average = (of: (quality: Quality) => number) => qualities.reduce((sum, q) => sum + of(q), 0) / qualities.length
  return {
    kbps: average((q) => q.kbps),
    snrDb: average((q) => q.snrDb),
    melDb: average((q) => q.melDb),
    stoi: average((q) => q.stoi),
  }
}

function row(name: string, { kbps, snrDb, melDb, stoi }: Quality): string {
  const cells = [kbps.toFixed(2), snrDb.toFixed(2), melDb.toFixed(3), stoi.toFixed(4)]
  return name.padEnd(28) + cells.map((cell) => cell.padStart(12)).join('')
}

describe('decoded speech beside that of other encoders', () => {
  const clips = findVectorFiles(/mlow\/(sp_|in_)[^/]*\.s16$/)
  const heading = ['kbit/s', 'segSNR dB', 'mel dB', 'STOI'].map((title) => title.padStart(12)).join('')
  const rows = [`stream${' '.repeat(22)}${heading}`]
  const ours: Quality[] = []
  const rust: Quality[] = []
  const go: Quality[] = []

  it.each(clips)('%s', (path) => {
    const pcm = readVectorPcm16(path)
    const name = basename(path, '.s16')
    const entries = [
      { label: `${name} ours`, list: ours, packets: encode(pcm) },
      { label: `${name} Rust`, list: rust, packets: readVectorPackets(path.replace('.s16', '.mlow')) },
      { label: `${name} Go`, list: go, packets: readVectorPackets(path.replace('.s16', '.go.mlow')) },
    ]
    for (const { label, list, packets } of entries) {
      const quality = judge(pcm, packets)
      list.push(quality)
      rows.push(row(label, quality))
    }
  })

  it('on the mean: at least as good as both at 20 kbit/s or less', () => {
    rows.push(row('mean ours', mean(ours)), row('mean Rust', mean(rust)), row('mean Go', mean(go)))
    console.log(rows.join('\n'))
    expect(ours).toHaveLength(clips.length)
    for (const [name, other] of [
      ['Rust', mean(rust)],
      ['Go', mean(go)],
    ] as const) {
      report.atMost('mean', 'kbit/s', mean(ours).kbps, 20)
      report.atLeast(`mean against ${name}`, 'segmental SNR in dB', mean(ours).snrDb, other.snrDb)
      report.atMost(`mean against ${name}`, 'mel distance in dB', mean(ours).melDb, other.melDb)
      report.atLeast(`mean against ${name}`, 'STOI', mean(ours).stoi, other.stoi)
    }
  })
})

describe('against the original encoder on its own input', () => {
  it.each(findVectorFiles(/mlow\/c_synth[^/]*\.mlow$/))('%s', (path) => {
    const pcm = readVectorPcm16(path.replace(/c_(synth[^/]*)\.mlow$/, 'in_$1.s16'))
    const ours = judge(pcm, encode(pcm))
    const original = judge(pcm, readVectorPackets(path))
    console.log([row('ours', ours), row('original', original)].join('\n'))
    report.atMost(path, 'kbit/s above the original', ours.kbps - original.kbps, 0.1)
    report.atLeast(path, 'STOI minus the original', ours.stoi - original.stoi, -0.01)
    report.atMost(path, 'mel distance minus the original', ours.melDb - original.melDb, 0.2)
  })
})
