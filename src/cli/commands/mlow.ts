import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { Command } from 'commander'
import { ConfigError } from '../../base/errors.ts'
import type { AudioDecoder } from '../../media/codecs/codec.ts'
import { MlowDecoder } from '../../media/codecs/mlow/decoder.ts'
import { MlowEncoder } from '../../media/codecs/mlow/encoder.ts'
import { SplitRedDecoder } from '../../media/codecs/mlow/split-red-decoder.ts'
import { inspect } from '../inspection/packets.ts'

/** Samples of the packet that a lost one stood for. */
const PACKET_SAMPLES = 960
/** From encoder to decoder: 32 and 48 samples. */
const CODEC_DELAY_SAMPLES = 80

export function mlowCommand(): Command {
  return new Command('mlow')
    .description('decode and encode MLow files: per packet a 16-bit little-endian length and its bytes, 0 = lost')
    .addCommand(
      new Command('decode')
        .description('packets to 16 kHz mono 32-bit float samples')
        .argument('<in.mlow>', 'packets')
        .argument('<out.f32>', 'little-endian samples in [-1, 1], 48 samples late')
        .option('--red <level>', 'redundancy level: above 0 the packets are SplitRed', parseLevel, 0)
        .option('--conceal', 'conceal lost packets; otherwise 960 zeros stand for each', false)
        .action(decodeFile),
    )
    .addCommand(
      new Command('encode')
        .description('16 kHz mono signed 16-bit samples to packets of 60 ms')
        .argument('<in.s16>', 'little-endian samples; zeros fill the last packet')
        .argument('<out.mlow>', 'packets')
        .action(encodeFile),
    )
    .addCommand(
      new Command('inspect')
        .description('a picture of what is in a stream: waveform, spectrum, packet and frame types, pitch, bits')
        .argument('<file>', 'packets (.mlow), or samples (.s16) to encode first and show beside what comes out')
        .requiredOption('--png <out.png>', 'where to write it')
        .action(inspectFile),
    )
}

function parseLevel(text: string): number {
  if (!/^[0-9]$/.test(text)) throw new ConfigError('usage.red', `--red ${text}: must be a digit`)
  return Number(text)
}

function decodeFile(from: string, to: string, options: { red: number; conceal: boolean }): void {
  const packets = readPackets(from)
  const mlow = new MlowDecoder()
  const decoder = options.red > 0 ? new SplitRedDecoder(mlow) : mlow
  const pcm = new Float32Array(decoder.maxSamples)
  let refused = 0
  writeFile(to, (write) => {
    for (const [i, packet] of packets.entries()) {
      let samples = decoder.decode(packet, pcm)
      if (samples === 0) {
        if (packet.length > 0) refused++
        samples = options.conceal ? repairLoss(decoder, packets[i + 1], pcm) : PACKET_SAMPLES
        if (!options.conceal) pcm.fill(0, 0, samples)
      }
      write(littleEndianFloats(pcm.subarray(0, samples)))
    }
  })
  if (refused > 0) console.error(`${from}: ${refused} packets do not follow the format`)
  if (mlow.unsupportedFrames > 0) console.error(`${from}: ${mlow.unsupportedFrames} frames of an unknown kind`)
}

/** The copy that the next packet carries, or else concealment. */
function repairLoss(decoder: AudioDecoder, next: Uint8Array | undefined, pcm: Float32Array): number {
  const samples = next === undefined ? 0 : (decoder.recover?.(next, PACKET_SAMPLES, pcm) ?? 0)
  return samples > 0 ? samples : decoder.conceal(PACKET_SAMPLES, pcm)
}

function encodeFile(from: string, to: string): void {
  const pcm = readSamples(from)
  writeFile(to, (write) => {
    encodeSamples(pcm, (packet) => {
      write(Uint8Array.of(packet.length & 255, packet.length >> 8))
      write(packet)
    })
  })
}

/** Encodes `pcm`, its last packet filled up with zeros; `take` keeps no packet. */
function encodeSamples(pcm: Float32Array, take: (packet: Uint8Array) => void): void {
  const encoder = new MlowEncoder()
  const frame = new Float32Array(encoder.frameSamples)
  const packet = new Uint8Array(encoder.maxPayloadBytes)
  for (let at = 0; at < pcm.length; at += frame.length) {
    frame.fill(0)
    frame.set(pcm.subarray(at, at + frame.length))
    take(packet.subarray(0, encoder.encode(frame, packet)))
  }
}

async function inspectFile(from: string, options: { png: string }): Promise<void> {
  const samples = from.endsWith('.s16') ? readSamples(from) : undefined
  const packets = samples === undefined ? readPackets(from) : []
  if (samples !== undefined) encodeSamples(samples, (packet) => packets.push(packet.slice()))
  const inspection = inspect(packets)
  const input = samples && delayed(samples, inspection.pcm.length)
  // Loaded only here: the canvas is by far the largest library of the program.
  const { drawChart } = await import('../inspection/chart.ts')
  const picture = drawChart({ ...inspection, title: basename(from), input })
  writeFile(options.png, (write) => write(picture))
}

/** What a decoder would give if the codec did nothing but delay. */
function delayed(samples: Float32Array, length: number): Float32Array {
  const out = new Float32Array(length)
  out.set(samples.subarray(0, Math.max(length - CODEC_DELAY_SAMPLES, 0)), Math.min(CODEC_DELAY_SAMPLES, length))
  return out
}

function readSamples(path: string): Float32Array {
  const bytes = readFile(path)
  if (bytes.length % 2 !== 0) {
    throw new ConfigError('usage.pcm', `${path}: ${bytes.length} bytes, an even number is needed for 16-bit samples`)
  }
  return Float32Array.from({ length: bytes.length / 2 }, (_, n) => bytes.readInt16LE(2 * n) / 32768)
}

function readPackets(path: string): Uint8Array[] {
  const bytes = readFile(path)
  const packets: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + 2 <= bytes.length ? at + 2 + bytes.readUInt16LE(at) : Number.POSITIVE_INFINITY
    if (end > bytes.length) {
      throw new ConfigError('usage.mlow', `${path}: packet ${packets.length} at byte ${at} runs over the end`)
    }
    packets.push(bytes.subarray(at + 2, end))
    at = end
  }
  return packets
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw fileError(path, error)
  }
}

function writeFile(path: string, produce: (write: (bytes: Uint8Array) => void) => void): void {
  let file: number
  try {
    file = openSync(path, 'w')
  } catch (error) {
    throw fileError(path, error)
  }
  try {
    produce((bytes) => writeSync(file, bytes))
  } finally {
    closeSync(file)
  }
}

function fileError(path: string, error: unknown): ConfigError {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  return new ConfigError('usage.file', `${path}: ${reason}`, {}, { cause: error })
}

function littleEndianFloats(pcm: Float32Array): Uint8Array {
  const out = Buffer.alloc(4 * pcm.length)
  pcm.forEach((sample, n) => {
    out.writeFloatLE(sample, 4 * n)
  })
  return out
}
