/**
 * MLow beside libopus on the same speech, single thread: 60 ms of MLow against three frames of 20 ms of Opus (16 kHz
 * mono, VoIP, complexity 5, 24 kbit/s, no FEC), each decoding what it encoded.
 *
 * The clips are cut into pieces of 0.6 s. Every round takes each piece through all four codecs in turn; a piece counts
 * with the least time of all rounds, because other programs only ever add to it. A ratio is that of the sums.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Application, createDecoder, createEncoder } from 'libopus-wasm'
import { MlowDecoder } from '../../src/media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../src/media/codecs/mlow/encoder.ts'
import { findVectorFiles, readVectorPcm16 } from '../vectors/vector-files.ts'
import type { Figures } from './run.ts'

const PACKET_SAMPLES = 960
const OPUS_SAMPLES = 320
const PIECE_PACKETS = 10
const ROUNDS = 30
/** Packets between two readings of the heap: few enough that nothing is collected between them. */
const HEAP_BATCH = 1000
const HEAP_BATCHES = 10

type Task = 'mlowEncode' | 'opusEncode' | 'mlowDecode' | 'opusDecode'
type Work = Readonly<Record<Task, (piece: Piece) => void>>

interface Piece {
  readonly packets: Float32Array[]
  readonly opusFrames: Float32Array[]
  readonly mlow: Uint8Array[]
  opus: Uint8Array[]
  readonly leastMs: Record<Task, number>
}

export async function bench(): Promise<Figures> {
  const pieces = findVectorFiles(/mlow\/(sp_[^/]*|in_synthmic)\.s16$/).flatMap((path) => cut(readVectorPcm16(path)))
  const codecs = await makeCodecs()
  for (let round = 0; round < ROUNDS; round++) for (const piece of pieces) measure(codecs, piece)
  const total = (task: Task) => pieces.reduce((sum, piece) => sum + piece.leastMs[task], 0)
  const microseconds = (task: Task) => round2((1000 * total(task)) / (pieces.length * PIECE_PACKETS))
  return {
    encodeUsPerFrame: microseconds('mlowEncode'),
    decodeUsPerFrame: microseconds('mlowDecode'),
    encodeVsOpus: round2(total('mlowEncode') / total('opusEncode')),
    decodeVsOpus: round2(total('mlowDecode') / total('opusDecode')),
    allocPerFrameBytes: round2(allocationPerPacket(codecs, pieces)),
  }
}

function cut(pcm: Float32Array): Piece[] {
  const samples = PIECE_PACKETS * PACKET_SAMPLES
  const frames = (from: number, length: number) =>
    Array.from({ length: samples / length }, (_, i) => pcm.slice(from + i * length, from + (i + 1) * length))
  return Array.from({ length: Math.floor(pcm.length / samples) }, (_, i) => ({
    packets: frames(i * samples, PACKET_SAMPLES),
    opusFrames: frames(i * samples, OPUS_SAMPLES),
    mlow: [],
    opus: [],
    leastMs: { mlowEncode: Infinity, opusEncode: Infinity, mlowDecode: Infinity, opusDecode: Infinity },
  }))
}

async function makeCodecs(): Promise<Work> {
  const encoder = new MlowEncoder()
  const decoder = new MlowDecoder()
  const room = new Uint8Array(encoder.maxPayloadBytes)
  const pcm = new Float32Array(decoder.maxSamples)
  const opusEncoder = await createEncoder({
    sampleRate: 16000,
    channels: 1,
    frameSize: OPUS_SAMPLES,
    application: Application.Voip,
    complexity: 5,
    bitrate: 24000,
    fec: false,
  })
  const opusDecoder = await createDecoder({ sampleRate: 16000, channels: 1 })
  return {
    mlowEncode: (piece) => {
      const store = piece.mlow.length === 0
      for (let i = 0; i < PIECE_PACKETS; i++) {
        const length = encoder.encode(piece.packets[i]!, room)
        if (store) piece.mlow.push(room.slice(0, length))
      }
    },
    opusEncode: (piece) => {
      piece.opus = piece.opusFrames.map((frame) => opusEncoder.encodeFloat(frame))
    },
    mlowDecode: (piece) => {
      for (let i = 0; i < PIECE_PACKETS; i++) decoder.decode(piece.mlow[i]!, pcm)
    },
    opusDecode: (piece) => {
      for (let i = 0; i < piece.opus.length; i++) opusDecoder.decodeFloat(piece.opus[i]!)
    },
  }
}

function measure(codecs: Work, piece: Piece): void {
  for (const task of ['mlowEncode', 'opusEncode', 'mlowDecode', 'opusDecode'] as const) {
    const begin = performance.now()
    codecs[task](piece)
    piece.leastMs[task] = Math.min(piece.leastMs[task], performance.now() - begin)
  }
}

/** Bytes of heap that encoding and decoding a packet take, the median over batches. */
function allocationPerPacket(codecs: Work, pieces: readonly Piece[]): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const batches = Array.from({ length: HEAP_BATCHES }, () => {
    collect()
    const before = process.memoryUsage().heapUsed
    for (let done = 0, p = 0; done < HEAP_BATCH; done += PIECE_PACKETS, p = (p + 1) % pieces.length) {
      codecs.mlowEncode(pieces[p]!)
      codecs.mlowDecode(pieces[p]!)
    }
    return (process.memoryUsage().heapUsed - before) / HEAP_BATCH
  })
  return batches.sort((a, b) => a - b)[HEAP_BATCHES >> 1]!
}

const round2 = (value: number) => Math.round(100 * value) / 100
